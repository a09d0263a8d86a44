#include "exercise.h"
#define REAL double
#include "softmax.h"

void gradient_gather(size_t n, double mean[], size_t *seen,
                     const double part[], size_t rows);

enum { N = 6, ROWS = 40 };
static double row[ROWS][N];

/* The mean of rows first .. first + count - 1; NaN if there are none. */
static void mean_of(size_t first, size_t count, double mean[N])
{
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t k = 0; k < count; k++)
            sum += row[first + k][i];
        mean[i] = count > 0 ? sum / (double)count : NAN;
    }
}

static void gather(size_t pieces, const size_t size[])
{
    double mean[N], part[N], before[N], want[N];
    size_t seen = 0;
    gsl_rng *r = random_new(84);
    for (size_t k = 0; k < ROWS * N; k++)
        row[k / N][k % N] = gsl_ran_gaussian(r, 2.3) + (double)(k % N) + 1;
    gsl_rng_free(r);
    ex_fill(N, mean);
    for (size_t p = 0; p < pieces; p++) {
        mean_of(seen, size[p], part);
        memcpy(before, part, sizeof part);
        mean_of(0, seen + size[p], want);
        const size_t sum = seen + size[p];
        gradient_gather(N, mean, &seen, part, size[p]);
        ex_case("piece %zu, of %zu rows", p + 1, size[p]);
        if (!ex_equal("*seen", seen, sum))
            return;
        if (sum > 0)
            ex_close("mean", 1, N, mean, want, 0.0, 1e-12);
        ex_unchanged("part", N, part, before);
    }
}

static void equal(void)
{
    gather(4, (const size_t[]){ 8, 8, 8, 8 });
}

static void unequal(void)
{
    gather(5, (const size_t[]){ 7, 7, 7, 7, 3 });
    gather(6, (const size_t[]){ 1, 12, 2, 9, 1, 15 });
}

static void empty(void)
{
    gather(6, (const size_t[]){ 0, 5, 0, 0, 9, 2 });
}

/* Softmax regression: pieces of 16 rows against the whole batch. */
static void model(void)
{
    static const int label[16] = { 2, 0, 1, 1, 2, 0, 2, 2, 1, 0, 1, 2, 0, 1,
                                   1, 0 };
    static const size_t size[] = { 5, 5, 5, 1 };
    struct arena memory = { 0 };
    gsl_rng *r = random_new(841);
    struct softmax s = softmax_new(&memory, 4, 3, 16);
    const tensor X = tensor_normal(&memory, r, 0.3, 1.2, SHAPE(16, 4));
    const size_t n = s.model.theta.shape[0];
    double mean[20];
    size_t seen = 0;
    for (size_t i = 0; i < n; i++)
        s.model.theta.data[i] = gsl_ran_gaussian(r, 0.7);
    gsl_rng_free(r);
    ex_fill(n, mean);
    for (size_t p = 0; p < 4; p++) {
        softmax_loss(&s, tensor_rows(X, seen, size[p]), label + seen);
        const size_t sum = seen + size[p];
        gradient_gather(n, mean, &seen, s.model.grad.data, size[p]);
        ex_case("softmax regression, 16 rows as 5 + 5 + 5 + 1");
        if (!ex_equal("*seen", seen, sum))
            return;
    }
    softmax_loss(&s, X, label);
    ex_close("mean", 1, n, mean, s.model.grad.data, 1e-14, 1e-11);
    arena_free(&memory);
}

EX_MAIN("8.4",
    { "pieces of one size", "eq:mean-of-batches", equal },
    { "pieces of several sizes", "eq:mean-of-batches", unequal },
    { "empty pieces", "eq:mean-of-batches", empty },
    { "the gradient of a model", "eq:mean-of-batches", model })
