/*
 * Tests of chapter 6: elementary.h, the exponentials of float and double,
 * against the library's in the next higher precision.
 */
#include "../tangled/tap.h"

#define REAL double
#include "../tangled/elementary.h"

static void exponential(void)
{
    double split[40], whole[40], largest = 0;
    for (int i = 0; i < 40; i++) {
        const double x = -40.3 + 2.0691 * i;
        const double k = floor(x / log(2) + 0.5), r = x - k * log(2);
        split[i] = ldexp(exp(r), (int)k), whole[i] = exp(x);
        largest = fmax(largest, fabs(r));
    }
    ok_all_close(40, split, whole, 0, 1e-14,
                 "[eq:exp-split] exp(x) = 2^k exp(r)");
    ok(largest <= log(2) / 2 && largest > 0.3,
       "[eq:exp-split] |r| is at most half of ln 2");
    double worst = 0;
    size_t n = 0;
    for (float x = -87.3F; x <= 88.3F; x += 0.00037F, n++) {
        const double want = exp((double)x);
        worst = fmax(worst, fabs((double)exp_float(x) - want) / want);
    }
    ok(worst < 1.2e-7 && n > 400000,
       "[eq:exp-split] exp_float: relative error %.1e at %zu numbers",
       worst, n);                       /* measured: 7.8e-8 to 1.02e-7 */
    worst = 0;
    for (float x = 1e-30F; x < 80; x *= 1.00037F) {
        const double down = fabs((double)expm1_float(-x)
                                 / expm1(-(double)x) - 1);
        const double up = fabs((double)expm1_float(x)
                               / expm1((double)x) - 1);
        worst = fmax(worst, fmax(down, up));
    }
    ok(worst < 2.4e-7, "[eq:exp-split] expm1_float: relative error %.1e",
       worst);                          /* measured: 1.5e-7 */
    ok(exp_float(0) == 1 && expm1_float(0) == 0, "exact at 0");
    ok(isnan(exp_float(NAN)), "exp_float passes NaN on");
    ok(exp_float(88.4F) == INFINITY && exp_float(INFINITY) == INFINITY
       && exp_float(-87.4F) == 0 && exp_float(-INFINITY) == 0,
       "exp_float ends in infinity and in zero");
    ok(expm1_float(-INFINITY) == -1 && isfinite(expm1_float(INFINITY))
       && isnan(expm1_float(NAN)), "expm1_float stays finite");
}

static void exponential_in_double(void)
{
    double worst = 0, worst1 = 0;
    for (double x = -708.29; x <= 709.39; x += 0.0071238) {
        const long double want = expl(x);
        worst = fmax(worst, (double)fabsl(exp_double(x) / want - 1));
    }
    for (double x = 1e-200; x < 700; x *= 1.00371) {
        const long double up = expm1l(x), down = expm1l(-x);
        worst1 = fmax(worst1, (double)fabsl(expm1_double(x) / up - 1));
        worst1 = fmax(worst1, (double)fabsl(expm1_double(-x) / down - 1));
    }
    ok(worst < 2.4e-16, "[eq:exp-split] exp_double: relative error %.2e",
       worst);
    ok(worst1 < 5.5e-16, "[eq:exp-split] expm1_double: relative error %.1e",
       worst1);
    ok(exp_double(0) == 1 && expm1_double(0) == 0, "exact at 0");
    ok(exp_double(709.5) == INFINITY && exp_double(INFINITY) == INFINITY
       && exp_double(-708.4) == 0 && exp_double(-INFINITY) == 0
       && isnan(exp_double(NAN)), "exp_double where a double ends, and NaN");
    ok(expm1_double(-INFINITY) == -1 && isfinite(expm1_double(INFINITY))
       && isnan(expm1_double(NAN)), "expm1_double stays finite");
}

/* P(r) = sum_j (12 - j)! / (j! (6 - j)!) r^j */
static double pade(double r)
{
    double sum = 0;
    for (int j = 0; j <= 6; j++)
        sum += tgamma(13 - j) / tgamma(j + 1) / tgamma(7 - j) * pow(r, j);
    return sum;
}

static void exponential_quotient(void)
{
    const double c[] = { 665280, 332640, 75600, 10080, 840, 42, 1 };
    for (int i = -3; i <= 3; i++) {
        const double r = 0.7 * i;
        double sum = 0;
        for (int j = 6; j >= 0; j--)
            sum = sum * r + c[j];
        ok_close(sum, pade(r), 0, 1e-14, "[eq:exp-quotient] P(%.1f)", r);
        const double error = sum / pade(-r) / exp(r) - 1;
        const double said = pow(720, 2) / tgamma(13) / tgamma(14)
                            * pow(r, 13);
        ok(fabs(error) < 1.1 * fabs(said) + 1e-15,
           "[eq:exp-quotient] error %.1e at %.1f", error, r);
        if (fabs(r) > 1)
            ok(fabs(error) > 0.8 * fabs(said), "and not much less");
    }
}

/* begin bound */
/* The relative error of the series up to r^n/n!, in double. */
static double taylor_error(double r, int n)
{
    double sum = 0, term = 1;
    for (int j = 0; j <= n; j++) {
        sum += term;
        term *= r / (j + 1);
    }
    return fabs(exp(r) - sum) / exp(r);
}

static void exponential_bound(void)
{
    for (int n = 2; n <= 7; n++) {
        const double half = log(2) / 2;
        double bound = sqrt(2), worst = 0;
        for (int j = 1; j <= n + 1; j++)
            bound *= half / j;
        for (int i = -100; i <= 100; i++)
            worst = fmax(worst, taylor_error(half * i / 100, n));
        ok(worst <= bound && worst > 0.6 * bound,
           "[eq:exp-bound] degree %d: error %.2e, bound %.2e", n, worst,
           bound);                      /* measured: 0.83 to 0.94 of it */
    }
}
/* end bound */

int main(void)
{
    TAP_RUN(exponential);
    TAP_RUN(exponential_in_double);
    TAP_RUN(exponential_bound);
    TAP_RUN(exponential_quotient);
    return tap_done();
}
