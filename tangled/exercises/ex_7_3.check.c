#include "exercise.h"
#define REAL double
#include "tensor.h"

void adamax_step(size_t n, double theta[], const double g[], double m[],
                 double u[], double rate, double beta1, double beta2,
                 size_t t);

enum { N = 5, STEPS = 40 };

/* theta after each step: without m and u, from all gradients so far. */
static void by_sums(size_t steps, const double g[][N], double rate,
                    double beta1, double beta2, double theta[][N])
{
    for (size_t t = 1; t <= steps; t++)
        for (size_t i = 0; i < N; i++) {
            double top = 0, weights = 0, most = 0;
            for (size_t k = 1; k <= t; k++) {
                const double age = (double)(t - k);
                top += pow(beta1, age) * g[k - 1][i];
                weights += pow(beta1, age);
                most = fmax(most, pow(beta2, age) * fabs(g[k - 1][i]));
            }
            theta[t][i] = theta[t - 1][i]
                          - (most > 0 ? rate * top / weights / most : 0);
        }
}

static const double start[N] = { 1.4, -0.6, 0.31, 2.7, -3.3 };

static void compare(size_t steps, const double g[][N], double beta2)
{
    double theta[N], m[N] = { 0 }, u[N] = { 0 };
    static double want[STEPS + 1][N];
    memcpy(theta, start, sizeof theta);
    memcpy(want[0], start, sizeof start);
    by_sums(steps, g, 0.013, 0.87, beta2, want);
    for (size_t t = 1; t <= steps; t++) {
        double before[N], moved[N], way[N];
        memcpy(before, theta, sizeof before);
        adamax_step(N, theta, g[t - 1], m, u, 0.013, 0.87, beta2, t);
        for (size_t i = 0; i < N; i++) {
            moved[i] = theta[i] - before[i];
            way[i] = want[t][i] - want[t - 1][i];
        }
        ex_case("step %zu with beta1 = 0.87, beta2 = %g", t, beta2);
        ex_close("the step of theta", 1, N, moved, way, 1e-14, 1e-9);
    }
    ex_close("theta", 1, N, theta, want[steps], 0.0, 1e-11);
}

static void first(void)
{
    static const double g[1][N] = { { 3.1, -0.002, 917, -1, 1e-20 } };
    static const double want[N] = { -0.013, 0.013, -0.013, 0.013, -0.013 };
    double theta[N] = { 0 }, m[N] = { 0 }, u[N] = { 0 };
    ex_case("step 1, rate 0.013");
    adamax_step(N, theta, g[0], m, u, 0.013, 0.87, 0.96, 1);
    ex_close("the step of theta", 1, N, theta, want, 0.0, 1e-12);
}

static void many(void)
{
    static double g[STEPS][N];
    gsl_rng *r = random_new(73);
    for (size_t t = 0; t < STEPS; t++)
        for (size_t i = 0; i < N; i++)
            g[t][i] = gsl_ran_gaussian(r, 0.01 * pow(9, (double)i))
                      - 0.02;
    gsl_rng_free(r);
    compare(STEPS, g, 0.96);
    compare(STEPS, g, 0.999);
}

/* Parameters that wait for their first gradient, and one without any. */
static void zeros(void)
{
    static double g[12][N];
    for (size_t t = 0; t < 12; t++) {
        g[t][0] = t < 4 ? 0 : 0.3 + 0.1 * (double)t;
        g[t][1] = t % 3 == 0 ? -2.2 : 0;
        g[t][3] = t == 6 ? 41 : 0;
        g[t][4] = cos((double)t);
    }
    compare(12, g, 0.93);
}

EX_MAIN("7.3",
    { "the first step", "eq:adam-first", first },
    { "forty steps", "eq:adam-moments", many },
    { "gradients that are zero", "eq:adam", zeros })
