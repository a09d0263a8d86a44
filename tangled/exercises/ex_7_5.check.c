#include "exercise.h"
#define REAL double
#include "tensor.h"

void follow_average(size_t n, double mean[], const double theta[],
                    double beta, size_t t);

enum { N = 4, STEPS = 60 };
static double place[STEPS][N];

/* A random walk, away from 0. */
static void wander(unsigned long seed)
{
    gsl_rng *r = random_new(seed);
    for (size_t t = 0; t < STEPS; t++)
        for (size_t i = 0; i < N; i++)
            place[t][i] = gsl_ran_gaussian(r, 0.3)
                          + (t > 0 ? place[t - 1][i] : 2.6 + (double)i);
    gsl_rng_free(r);
}

static void compare(double beta)
{
    double mean[N], want[N];
    ex_fill(N, mean);
    for (size_t t = 1; t <= STEPS; t++) {
        double sum = 0;
        for (size_t k = 1; k <= t; k++)
            sum += pow(beta, (double)(t - k));
        for (size_t i = 0; i < N; i++) {
            want[i] = 0;
            for (size_t k = 1; k <= t; k++)
                want[i] += pow(beta, (double)(t - k)) * place[k - 1][i];
            want[i] /= sum;
        }
        ex_case("beta = %g, t = %zu", beta, t);
        follow_average(N, mean, place[t - 1], beta, t);
        ex_close("mean", 1, N, mean, want, 0.0, 1e-11);
    }
}

static void forgetting(void)
{
    wander(751);
    compare(0.9);
    compare(0.58);
}

static void extremes(void)
{
    wander(752);
    compare(1);
    compare(0);
    compare(0.999);
}

/* Half a walk that stands still, and an average of both halves. */
static void still(void)
{
    static const double rest[N] = { 0.7, -3.1, 1e6, 0.3 };
    double mean[N];
    ex_fill(N, mean);
    for (size_t t = 1; t <= 300; t++) {
        follow_average(N, mean, rest, 0.97, t);
        ex_case("a walk that stands still, t = %zu", t);
        ex_close("mean", 1, N, mean, rest, 0.0, 1e-15);
    }
}

EX_MAIN("7.5",
    { "averages that forget", "eq:adam-bias", forgetting },
    { "the plain mean, and the last place", "eq:adam-bias", extremes },
    { "a walk that stands still", "eq:adam-bias", still })
