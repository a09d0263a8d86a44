#include "exercise.h"
#include <gsl/gsl_randist.h>

void accuracy_interval(size_t right, size_t n, double z, double *low,
                       double *high);

/* Between the measured share and `end` (0 or 1), the last a that fits. */
static double last_fit(double share, double n, double z, double end)
{
    double in = share, out = end;
    for (int i = 0; i < 200; i++) {
        const double a = (in + out) / 2;
        const bool fits = fabs(share - a) <= z * sqrt(a * (1 - a) / n);
        *(fits ? &in : &out) = a;
    }
    return in;
}

static void compare(size_t right, size_t n, double z)
{
    const double share = (double)right / (double)n;
    double low = ex_unset(), high = ex_unset();
    accuracy_interval(right, n, z, &low, &high);
    ex_case("%zu of %zu right, z = %g", right, n, z);
    ex_close_to("high", high, last_fit(share, (double)n, z, 1), 0.0, 1e-9);
    ex_close_to("low", low, last_fit(share, (double)n, z, 0), 0.0, 1e-9);
}

static void usual(void)
{
    compare(353, 360, 1.96);
    compare(9788, 10000, 1.96);
    compare(7, 19, 2.6);
    compare(1, 3, 0.4);
}

/* No right answer, no wrong one. */
static void extremes(void)
{
    double low = ex_unset(), high = ex_unset();
    ex_case("360 of 360 right, z = 1.96");
    accuracy_interval(360, 360, 1.96, &low, &high);
    ex_close_to("low", low, 360 / (360 + 1.96 * 1.96), 0.0, 1e-12);
    ex_close_to("high", high, 1, 0.0, 1e-12);
    ex_case("0 of 40 right, z = 2.4");
    low = high = ex_unset();
    accuracy_interval(0, 40, 2.4, &low, &high);
    ex_close_to("high", high, 2.4 * 2.4 / (40 + 2.4 * 2.4), 0.0, 1e-12);
    ex_close_to("low", low, 0, 1e-12, 0.0);
}

/* How often is the truth inside?  Summed over all outcomes. */
static void coverage(void)
{
    double inside = 0;
    for (int i = 1; i < 200; i++)
        for (unsigned k = 0; k <= 50; k++) {
            double low = ex_unset(), high = ex_unset();
            const double a = i / 200.0;
            accuracy_interval(k, 50, 1.96, &low, &high);
            if (low <= a && a <= high)
                inside += gsl_ran_binomial_pdf(k, a, 50) / 199;
        }
    ex_case("50 images, z = 1.96, all true a alike");
    ex_close_to("how often the truth is inside", inside, 0.95, 0.01, 0.0);
}

EX_MAIN("8.2",
    { "some accuracies", "eq:accuracy-deviation", usual },
    { "all right, and all wrong", "eq:accuracy-deviation", extremes },
    { "how often it is true", "eq:accuracy-deviation", coverage })
