#include "exercise.h"
#define REAL double
#include "tensor.h"

bool view_overlaps(struct arena *a, tensor t);

static struct arena memory;
static real cells[400];

static void judge(const char *name, tensor t, bool want)
{
    ex_case("%s, shape %s, strides (%zu, %zu, %zu, %zu)", name,
            TENSOR_SHAPE(t), t.stride[0], t.stride[1], t.stride[2],
            t.stride[3]);
    ex_true(view_overlaps(&memory, t) == want, "%s",
            want ? "two indices share a cell, so the answer is true"
                 : "each index has its own cell, so the answer is false");
}

/* A tensor of rank 2 with strides of its own. */
static tensor strided(size_t m, size_t n, size_t s, size_t u)
{
    tensor t = tensor_wrap(cells, SHAPE(m, n));
    t.stride[0] = s, t.stride[1] = u;
    return t;
}

static void views(void)
{
    const tensor X = tensor_wrap(cells, SHAPE(2, 3, 4, 5));
    const tensor A = tensor_wrap(cells, SHAPE(6, 7));
    judge("four axes", X, false);
    judge("two axes swapped", tensor_swap(X, 1, 3), false);
    judge("a slice", tensor_slice(X, 2, 1, END, 2), false);
    judge("a transpose", tensor_transpose(A), false);
    judge("a row for every row",
          tensor_broadcast(tensor_select(A, 0, 2), 2, A.shape), true);
    judge("a number", tensor_wrap(cells, SCALAR), false);
}

static void interleaved(void)
{
    judge("strides", strided(3, 4, 3, 2), true);
    judge("strides", strided(3, 4, 9, 2), false);
    judge("strides", strided(3, 3, 2, 3), false);
    judge("strides", strided(2, 5, 3, 2), false);
    judge("strides", strided(4, 5, 5, 4), false);
    judge("strides", strided(5, 6, 5, 4), true);
    judge("strides", strided(3, 3, 1, 1), true);
}

static void ones_and_none(void)
{
    judge("one row", strided(1, 5, 0, 1), false);
    judge("one column", strided(4, 1, 6, 0), false);
    judge("no rows", strided(0, 3, 0, 0), false);
    judge("no columns", strided(3, 0, 1, 0), false);
    judge("one cell many times", strided(1, 5, 3, 0), true);
}

/* Compare all pairs of positions. */
static bool by_pairs(tensor t)
{
    size_t at[64], n = 0;
    for (size_t i = 0; i < t.shape[0]; i++)
        for (size_t j = 0; j < t.shape[1]; j++)
            for (size_t k = 0; k < t.shape[2]; k++)
                at[n++] = i * t.stride[0] + j * t.stride[1]
                          + k * t.stride[2];
    for (size_t p = 0; p < n; p++)
        for (size_t q = 0; q < p; q++)
            if (at[p] == at[q])
                return true;
    return false;
}

static void at_random(void)
{
    gsl_rng *r = random_new(11);
    for (int trial = 0; trial < 400; trial++) {
        tensor t = tensor_wrap(cells, SHAPE(1, 1, 1));
        for (int d = 0; d < 3; d++) {
            t.shape[d] = 1 + gsl_rng_uniform_int(r, 4);
            t.stride[d] = gsl_rng_uniform_int(r, 20);
        }
        t.offset = 5;
        judge("at random", t, by_pairs(t));
    }
    gsl_rng_free(r);
}

EX_MAIN("1.5",
    { "views of this chapter", "eq:offset", views },
    { "strides that interleave", "eq:offset", interleaved },
    { "axes of size 1 and 0", "eq:offset", ones_and_none },
    { "four hundred random views", "eq:offset", at_random })
