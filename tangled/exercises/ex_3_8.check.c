#include "exercise.h"
#define REAL double
#include "linear.h"

void mirror_triangle(struct arena *a, size_t n, tensor A);

static struct arena memory;

static tensor draw(unsigned long seed, size_t m, size_t q)
{
    gsl_rng *r = random_new(seed);
    const tensor A = tensor_normal(&memory, r, 0.35, 1.8, SHAPE(m, q));
    gsl_rng_free(r);
    return A;
}

/* A^T A: all lengths and angles of the columns. */
static tensor products(tensor A)
{
    return tensor_matmul(&memory, tensor_transpose(A), A);
}

/* No length and no angle may change; zeros below the diagonal. */
static void check_triangle(size_t n, tensor A)
{
    const size_t m = A.shape[0], q = A.shape[1];
    const tensor want = products(A);
    ex_case("A of shape %s, n = %zu", TENSOR_SHAPE(A), n);
    mirror_triangle(&memory, n, A);
    ex_close("A^T A", q, q, products(A).data, want.data, 1e-12, 1e-12);
    for (size_t j = 0; j < n; j++)
        for (size_t i = j + 1; i < m; i++)
            if (!ex_true(fabs(AT(A, i, j)) <= 1e-12,
                         "A[%zu][%zu] lies below the diagonal and is zero",
                         i, j))
                return;
}

static void triangles(void)
{
    check_triangle(3, draw(107, 7, 3));
    check_triangle(4, draw(109, 5, 6));
    check_triangle(4, draw(113, 4, 4));
    check_triangle(2, draw(127, 9, 5));
}

/* [X y] becomes [R z; 0 rest]: R theta = z, |rest| is the residual's. */
static void solution(void)
{
    const size_t m = 11, n = 4;
    const tensor X = draw(131, m, n), y = draw(137, m, 1);
    const tensor flat = tensor_select(y, 1, 0);
    const tensor A = tensor_cat(&memory, X, y, 1);
    const tensor want = tensor_empty(&memory, SHAPE(n));
    const tensor s = tensor_empty(&memory, SHAPE(n));
    const tensor r = tensor_empty(&memory, SHAPE(m));
    double theta[4], rest = 0;
    linear_solve_svd(&memory, X, flat, 0, want, s);
    mirror_triangle(&memory, n, A);
    for (size_t j = n; j-- > 0; ) {
        theta[j] = AT(A, j, n);
        for (size_t k = j + 1; k < n; k++)
            theta[j] -= AT(A, j, k) * theta[k];
        theta[j] /= AT(A, j, j);
    }
    for (size_t i = n; i < m; i++)
        rest += AT(A, i, n) * AT(A, i, n);
    ex_case("[X y] with X of shape (11, 4)");
    ex_close("theta", 1, n, theta, want.data, 1e-11, 1e-11);
    ex_close_to("the squares of the residual", rest,
                22 * linear_loss(X, flat, want, 0, r), 0.0, 1e-11);
}

/* Columns that are almost a triangle already. */
static void nearly_there(void)
{
    for (int side = -1; side <= 1; side += 2) {
        const tensor A = draw(139, 6, 4);
        for (size_t j = 0; j < 2; j++)
            for (size_t i = 0; i < 6; i++)
                AT(A, i, j) = i == j ? side * (2.5 + (double)j)
                            : i > j ? 1e-9 * (double)(3 + i) : 0.75;
        check_triangle(2, A);
    }
}

static void zeros(void)
{
    const tensor A = draw(149, 6, 4), B = draw(151, 5, 3);
    for (size_t i = 0; i < 6; i++)
        AT(A, i, 1) = 0;
    check_triangle(3, A);
    for (size_t i = 0; i < 5; i++)
        AT(B, i, 0) = 0;
    check_triangle(2, B);
}

EX_MAIN("3.8",
    { "a triangle, with all lengths kept", "eq:qr-solve", triangles },
    { "the least squares of [X y]", "eq:qr-solve", solution },
    { "columns that are almost there", "eq:qr-solve", nearly_there },
    { "columns of zeros", "eq:qr-solve", zeros })
