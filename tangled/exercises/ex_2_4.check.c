#include "exercise.h"
#define REAL double
#include "dual.h"

typedef scalar tape_function(struct scalar_tape *t, size_t n,
                             const scalar x[]);
void full_hessian(struct arena *a, tape_function *f, size_t n,
                  const double x[], double H[]);

static struct arena memory;

/* x0^2 x1 + exp(x1 x2), three numbers */
static scalar three(struct scalar_tape *t, size_t n, const scalar x[])
{
    (void)n;
    return scalar_add(t, scalar_mul(t, scalar_power(t, x[0], 2), x[1]),
                      scalar_exp(t, scalar_mul(t, x[1], x[2])));
}

static void by_hand(void)
{
    const double x[3] = { 1.37, -0.82, 0.61 };
    const double e = exp(x[1] * x[2]), m = (1 + x[1] * x[2]) * e;
    const double want[9] = { 2 * x[1], 2 * x[0], 0,
                             2 * x[0], x[2] * x[2] * e, m,
                             0, m, x[1] * x[1] * e };
    double H[9];
    ex_fill(9, H);
    full_hessian(&memory, three, 3, x, H);
    ex_close("H", 3, 3, H, want, 1e-13, 1e-12);
}

/* 1/2 sum_ij A_ij x_i x_j: its Hessian is the symmetric part of A */
enum { SIZE = 6 };
static double A[SIZE * SIZE];

static scalar quadratic(struct scalar_tape *t, size_t n, const scalar x[])
{
    scalar sum = scalar_input(t, dual_constant(0));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const dual half = dual_constant(A[i * n + j] / 2);
            sum = scalar_add(t, sum, scalar_mul(t, scalar_input(t, half),
                             scalar_mul(t, x[i], x[j])));
        }
    return sum;
}

static void quadratic_form(void)
{
    double x[SIZE], H[SIZE * SIZE], want[SIZE * SIZE];
    gsl_rng *r = random_new(5);
    for (size_t i = 0; i < SIZE * SIZE; i++)
        A[i] = gsl_ran_gaussian(r, 1.3);
    for (size_t i = 0; i < SIZE; i++)
        x[i] = gsl_ran_gaussian(r, 2.0);
    gsl_rng_free(r);
    for (size_t i = 0; i < SIZE; i++)
        for (size_t j = 0; j < SIZE; j++)
            want[i * SIZE + j] = (A[i * SIZE + j] + A[j * SIZE + i]) / 2;
    ex_fill(SIZE * SIZE, H);
    full_hessian(&memory, quadratic, SIZE, x, H);
    ex_close("H", SIZE, SIZE, H, want, 1e-12, 1e-12);
}

/* sum_i sigmoid(x_i / x_(i+1)) + log(x_0) sin(x_1 x_2) of four numbers */
static scalar mixed(struct scalar_tape *t, size_t n, const scalar x[])
{
    scalar sum = scalar_mul(t, scalar_log(t, x[0]),
                            scalar_sin(t, scalar_mul(t, x[1], x[2])));
    for (size_t i = 0; i + 1 < n; i++)
        sum = scalar_add(t, sum, scalar_sigmoid(t,
                         scalar_div(t, x[i], x[i + 1])));
    return sum;
}

/* The gradient of `mixed`, by an ordinary sweep. */
static void gradient(const double x[4], double g[4])
{
    struct scalar_tape t = { .arena = &memory };
    scalar X[4];
    for (size_t i = 0; i < 4; i++)
        X[i] = scalar_input(&t, dual_constant(x[i]));
    scalar_sweep(&t, mixed(&t, 4, X));
    for (size_t i = 0; i < 4; i++)
        g[i] = scalar_adjoint(&t, X[i]).a;
}

static void against_differences(void)
{
    const double x[4] = { 1.7, 0.83, 2.41, -1.39 }, h = 6e-6;
    double mine[4], H[16], want[16], up[4], down[4];
    for (size_t j = 0; j < 4; j++) {
        memcpy(mine, x, sizeof mine);
        mine[j] = x[j] + h;
        gradient(mine, up);
        mine[j] = x[j] - h;
        gradient(mine, down);
        for (size_t i = 0; i < 4; i++)
            want[i * 4 + j] = (up[i] - down[i]) / (2 * h);
    }
    memcpy(mine, x, sizeof mine);
    ex_fill(16, H);
    full_hessian(&memory, mixed, 4, mine, H);
    ex_close("H", 4, 4, H, want, 1e-8, 1e-8);
    ex_unchanged("x", 4, mine, x);
}

EX_MAIN("2.4",
    { "three variables, by hand", "eq:hessian-vector", by_hand },
    { "a quadratic form", "eq:hessian-vector", quadratic_form },
    { "differences of gradients", "eq:hessian-vector",
      against_differences })
