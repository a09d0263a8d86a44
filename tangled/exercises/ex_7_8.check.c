#include "exercise.h"
#define REAL double
#include "optim.h"

void margin_step(tensor W, tensor G, double r[], double c[], double rate,
                 double beta2, double epsilon);

static struct arena memory;
enum { M = 3, N = 5, MN = M * N };
static const double rate = 0.03, beta2 = 0.85, epsilon = 1e-3;

static tensor normal(gsl_rng *random, double deviation)
{
    return tensor_normal(&memory, random, 0.1, deviation, SHAPE(M, N));
}

/* What the step must be, from the margins of RMSProp's whole matrix V. */
static void by_margins(tensor W, tensor G, tensor V, double r[], double c[])
{
    double all = 0;
    memset(r, 0, M * sizeof *r);
    memset(c, 0, N * sizeof *c);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++) {
            const double g = AT(G, i, j);
            AT(V, i, j) = beta2 * AT(V, i, j) + (1 - beta2) * g * g;
            r[i] += AT(V, i, j) / N;
            c[j] += AT(V, i, j) / M;
            all += AT(V, i, j) / MN;
        }
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++)
            AT(W, i, j) -= rate * AT(G, i, j)
                / ((all > 0 ? sqrt(r[i] / all * c[j]) : 0) + epsilon);
}

/* Some steps on gradients of random sizes; the first `idle` are 0. */
static void walk(unsigned long seed, size_t steps, size_t idle)
{
    gsl_rng *random = random_new(seed);
    const tensor W = normal(random, 1.2), want = tensor_clone(&memory, W);
    const tensor V = tensor_zeros(&memory, SHAPE(M, N));
    double r[M] = { 0 }, c[N] = { 0 }, want_r[M], want_c[N];
    for (size_t t = 1; t <= steps; t++) {
        const tensor G = normal(random, t > idle ? exp(sin((double)t)) : 0);
        for (size_t k = 0; k < MN; k++)
            G.data[k] *= t > idle && k / N != 1;
        const tensor before = tensor_clone(&memory, G);
        ex_case("step %zu of a (3, 5) matrix, row 1 without gradients", t);
        margin_step(W, G, r, c, rate, beta2, epsilon);
        by_margins(want, before, V, want_r, want_c);
        if (t <= idle)
            continue;
        ex_close("r", 1, M, r, want_r, 0.0, 1e-12);
        ex_close("c", 1, N, c, want_c, 0.0, 1e-12);
        ex_close("W", M, N, W.data, want.data, 0.0, 1e-11);
        ex_unchanged("G", MN, G.data, before.data);
    }
    gsl_rng_free(random);
}

static void steps(void)
{
    walk(781, 6, 0);
}

static void idle(void)
{
    walk(782, 5, 2);
}

/* Squares of rank one: RMSProp itself. */
static void rank_one(void)
{
    static const double a[M] = { 0.2, 3.1, 1.4 };
    static const double b[N] = { 1.9, 0.01, 0.7, 12, 0.4 };
    gsl_rng *random = random_new(783);
    const tensor W = normal(random, 1.2), want = tensor_clone(&memory, W);
    const tensor G = tensor_zeros(&memory, SHAPE(M, N));
    double r[M] = { 0 }, c[N] = { 0 }, v[MN] = { 0 };
    for (size_t t = 1; t <= 12; t++) {
        const double size = gsl_ran_gaussian(random, 1);
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < N; j++)
                AT(G, i, j) = (random_uniform(random) < 0.5 ? -1 : 1)
                              * size * a[i] * b[j];
        margin_step(W, G, r, c, rate, beta2, epsilon);
        rmsprop_step(MN, want.data, G.data, v, rate, beta2, epsilon);
        ex_case("gradients +-a_i b_j, step %zu", t);
        ex_close("W, compared with RMSProp", M, N, W.data, want.data, 0.0,
                 1e-11);
    }
    gsl_rng_free(random);
}

/* Transposed views of the same numbers take the same step. */
static void views(void)
{
    gsl_rng *random = random_new(784);
    const tensor W = normal(random, 1.2), want = tensor_clone(&memory, W);
    const tensor V = tensor_zeros(&memory, SHAPE(M, N));
    double r[N] = { 0 }, c[M] = { 0 }, want_r[M], want_c[N];
    ex_case("W and G are transposed views, (5, 3)");
    for (int t = 0; t < 3; t++) {
        const tensor G = normal(random, 0.6);
        margin_step(tensor_transpose(W), tensor_transpose(G), r, c, rate,
                    beta2, epsilon);
        by_margins(want, G, V, want_r, want_c);
    }
    ex_close("r", 1, N, r, want_c, 0.0, 1e-12);
    ex_close("c", 1, M, c, want_r, 0.0, 1e-12);
    ex_close("W", M, N, W.data, want.data, 0.0, 1e-11);
    gsl_rng_free(random);
}

EX_MAIN("7.8",
    { "some steps", "eq:rmsprop", steps },
    { "after steps without gradients", "eq:rmsprop", idle },
    { "squares of rank one", "eq:rmsprop", rank_one },
    { "transposed views", "eq:rmsprop", views })
