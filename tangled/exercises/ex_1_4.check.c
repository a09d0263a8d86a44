#include "exercise.h"
#define REAL double
#include "tensor.h"

tensor matrix_diagonal(tensor A, ptrdiff_t k);

static struct arena memory;

static tensor numbers(unsigned long seed, size_t m, size_t n)
{
    gsl_rng *r = random_new(seed);
    const tensor A = tensor_normal(&memory, r, 0.3, 2.0, SHAPE(m, n));
    gsl_rng_free(r);
    return A;
}

/* Compare all diagonals of A, and some that miss it. */
static void compare(const char *name, tensor A)
{
    const ptrdiff_t m = (ptrdiff_t)A.shape[0], n = (ptrdiff_t)A.shape[1];
    for (ptrdiff_t k = -m - 1; k <= n + 1; k++) {
        const tensor v = matrix_diagonal(A, k);
        size_t len = 0;
        for (ptrdiff_t i = 0; i < m; i++)
            len += i + k >= 0 && i + k < n;
        ex_case("diagonal %td of %s %s", k, name, TENSOR_SHAPE(A));
        if (!ex_equal_int("the rank", v.rank, 1)
            || !ex_equal("the length", v.shape[0], len))
            return;
        for (size_t i = 0; i < len; i++) {
            const size_t row = i + (size_t)(k < 0 ? -k : 0);
            const size_t column = i + (size_t)(k > 0 ? k : 0);
            if (!ex_true(&AT(v, i) == &AT(A, row, column),
                         "element %zu is A[%zu][%zu]", i, row, column))
                return;
        }
    }
}

static void contiguous(void)
{
    compare("a matrix", numbers(3, 4, 6));
    compare("a matrix", numbers(4, 7, 3));
}

static void views(void)
{
    const tensor A = numbers(5, 9, 11);
    const tensor part = tensor_slice(tensor_slice(A, 0, 1, 8, 2), 1, 2,
                                     END, 3);
    compare("a transpose", tensor_transpose(A));
    compare("a slice", part);
    compare("the transpose of a slice", tensor_transpose(part));
}

/* trace(A B) = sum_ij A_ij B_ji */
static void trace(void)
{
    const tensor A = numbers(6, 4, 7), B = numbers(7, 7, 4);
    const tensor v = matrix_diagonal(tensor_matmul(&memory, A, B), 0);
    const tensor P = tensor_mul(&memory, A, tensor_transpose(B));
    if (!ex_equal_int("the rank", v.rank, 1))
        return;
    ex_close_to("the sum of the diagonal",
                tensor_item(tensor_sum(&memory, v, ALL)),
                tensor_item(tensor_sum(&memory, P, ALL)), 1e-12, 1e-12);
}

EX_MAIN("1.4",
    { "all diagonals of two matrices", "eq:offset", contiguous },
    { "all diagonals of three views", "eq:offset", views },
    { "the trace of a product", "eq:matmul", trace })
