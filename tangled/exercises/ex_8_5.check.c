#include "exercise.h"
#define REAL double
#include "train.h"

double plateau_rate(double rate, double factor, size_t patience,
                    double least, size_t n, const double v[]);

/* After how many epochs of these has the rate been lowered how often? */
static void compare(size_t patience, double least, size_t n,
                    const double v[], const int lowered[])
{
    for (size_t e = 0; e <= n; e++) {
        ex_case("patience %zu, least %g, %zu epochs", patience, least, e);
        ex_close_to("the rate",
                    plateau_rate(0.3, 0.7, patience, least, e, v),
                    0.3 * pow(0.7, lowered[e]), 0.0, 1e-12);
    }
}

static void scripted(void)
{
    static const double v[] = { 2.3, 1.9, 1.95, 1.9, 1.7, 1.8, 1.71, 1.7 };
    compare(2, 0, 8, v, (const int[]){ 0, 0, 0, 0, 1, 1, 1, 2, 2 });
    compare(3, 0, 8, v, (const int[]){ 0, 0, 0, 0, 0, 0, 0, 0, 1 });
    compare(1, 0, 8, v, (const int[]){ 0, 0, 0, 1, 2, 2, 3, 4, 5 });
}

/* Improvements of 0.25, which are too small; then one that is not. */
static void small(void)
{
    static const double v[] = { 4, 3.75, 3.5, 3.25, 3.25, 2.75, 2.5 };
    compare(2, 0.5, 7, v, (const int[]){ 0, 0, 0, 1, 1, 1, 2, 2 });
    compare(2, 0.25, 7, v, (const int[]){ 0, 0, 0, 0, 0, 1, 1, 1 });
    compare(1, 1.5, 7, v, (const int[]){ 0, 0, 1, 2, 3, 4, 5, 6 });
}

static void no_numbers(void)
{
    const double v[] = { NAN, 1.5, NAN, NAN, 1.4, INFINITY, 1.6, 1.45 };
    compare(2, 0, 8, v, (const int[]){ 0, 0, 0, 0, 1, 1, 1, 2, 2 });
    compare(1, 0, 8, v, (const int[]){ 0, 1, 1, 2, 3, 3, 4, 5, 6 });
}

/* Long noise: the chapter's own watcher, put back each time it stops. */
static void noise(void)
{
    static double v[300];
    gsl_rng *r = random_new(85);
    for (size_t e = 0; e < 300; e++)
        v[e] = 2 / (1 + 0.1 * (double)e) + gsl_ran_gaussian(r, 0.1);
    gsl_rng_free(r);
    for (size_t patience = 1; patience < 9; patience++) {
        struct stopper s = stopper_new(patience, 0.01);
        double rate = 0.3;
        for (size_t e = 0; e < 300; e++) {
            stopper_take(&s, e + 1, v[e]);
            if (stopper_says_stop(&s))
                rate *= 0.9, s.waited = 0;
        }
        ex_case("300 noisy epochs, patience %zu, least 0.01", patience);
        ex_close_to("the rate",
                    plateau_rate(0.3, 0.9, patience, 0.01, 300, v), rate,
                    0.0, 1e-9);
    }
}

EX_MAIN("8.5",
    { "a few epochs, with ties", "eq:early-stopping", scripted },
    { "improvements that are too small", "eq:early-stopping", small },
    { "values that are no numbers", "eq:early-stopping", no_numbers },
    { "many epochs", "eq:early-stopping", noise })
