#include "exercise.h"
#define REAL double
#include "tensor.h"

void centred_rmsprop_step(size_t n, double theta[], const double g[],
                          double a[], double s[], double rate, double beta,
                          double epsilon);

enum { STEPS = 1200 };

/*
 * The average of t gradients and its variance, from their weights; the
 * zero at the start has the weight that is left.
 */
static double variance(size_t t, const double g[], double beta, double *a)
{
    double sum = 0;
    *a = 0;
    for (size_t i = 1; i <= t; i++)
        *a += (1 - beta) * pow(beta, (double)(t - i)) * g[i - 1];
    for (size_t i = 1; i <= t; i++)
        sum += (1 - beta) * pow(beta, (double)(t - i))
               * (g[i - 1] - *a) * (g[i - 1] - *a);
    return sum + pow(beta, (double)t) * *a * *a;
}

/* Steps of one parameter on given gradients. */
static void follow(size_t steps, const double g[], double beta)
{
    double theta = 0, a = 0, s = 0, moved = 0, want_a;
    for (size_t t = 1; t <= steps; t++) {
        const double before = theta;
        centred_rmsprop_step(1, &theta, &g[t - 1], &a, &s, 0.02, beta,
                             1e-6);
        moved = theta - before;
        if (t > 3 && t % 25 != 0)
            continue;
        const double want = variance(t, g, beta, &want_a);
        ex_case("step %zu, beta = %g, all gradients near %g", t, beta,
                g[0]);
        ex_close_to("a", a, want_a, 0.0, 1e-12);
        ex_close_to("s", s, want, 0.0, 1e-7);
        ex_close_to("the step", moved,
                    -0.02 * g[t - 1] / (sqrt(want) + 1e-6), 0.0, 1e-7);
    }
}

static void few(void)
{
    static const double g[] = { 1.7, -0.4, 2.9, 0.02, -3.3 };
    follow(5, g, 0.9);
    follow(5, g, 0.6);
}

/* The same gradient again and again: s is known in closed form. */
static void steady(void)
{
    double theta = 0, a = 0, s = 0;
    const double g = 1000.3;
    for (int t = 1; t <= 350; t++) {
        const double keep = pow(0.9, t);
        centred_rmsprop_step(1, &theta, &g, &a, &s, 0.02, 0.9, 1e-6);
        ex_case("step %d, beta = 0.9, all gradients 1000.3", t);
        ex_close_to("s", s, g * g * keep * (1 - keep), 0.0, 1e-9);
    }
    ex_close_to("a", a, g, 0.0, 1e-12);
}

static void large_mean(void)
{
    static double g[STEPS];
    gsl_rng *r = random_new(74);
    for (size_t t = 0; t < STEPS; t++)
        g[t] = 2e6 + gsl_ran_gaussian(r, 0.7);
    gsl_rng_free(r);
    follow(STEPS, g, 0.95);
}

/* Several parameters at once. */
static void vector(void)
{
    static const double g[2][4] = { { 1.5, -2, 0.1, 7 }, { 1, 3, 0.2, 7 } };
    double theta[4] = { 4, 5, 6, 7 }, a[4] = { 0 }, s[4] = { 0 };
    double want_s[4], want_a[4];
    for (int t = 0; t < 2; t++)
        centred_rmsprop_step(4, theta, g[t], a, s, 0.1, 0.8, 1e-3);
    for (size_t i = 0; i < 4; i++) {
        const double own[2] = { g[0][i], g[1][i] };
        want_s[i] = variance(2, own, 0.8, &want_a[i]);
    }
    ex_case("two steps of four parameters");
    ex_close("s", 1, 4, s, want_s, 0.0, 1e-12);
    ex_close("a", 1, 4, a, want_a, 0.0, 1e-12);
}

EX_MAIN("7.4",
    { "a few steps", "eq:rmsprop", few },
    { "a gradient that stays the same", "eq:rmsprop", steady },
    { "noise around a large mean", "eq:rmsprop", large_mean },
    { "four parameters", "eq:rmsprop", vector })
