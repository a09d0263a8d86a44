#include "exercise.h"
#define REAL double
#include "glm.h"

double counts_from_one(double eta, double *mean, double *variance);

static struct arena memory;

/* Add up the probabilities, and the moments with them. */
static void sums(void)
{
    for (double eta = -7.25; eta < 3.6; eta += 1.35) {
        double all = 0, first = 0, second = 0, term = 1;
        double mean = ex_unset(), variance = ex_unset();
        for (int y = 1; y <= 400; y++) {
            term *= exp(eta) / y;
            all += term, first += y * term;
        }
        first /= all, term = 1;
        for (int y = 1; y <= 400; y++) {
            term *= exp(eta) / y;
            second += (y - first) * (y - first) * term / all;
        }
        const double A = counts_from_one(eta, &mean, &variance);
        ex_case("eta = %g", eta);
        ex_close_to("A", A, log(all), 1e-12, 1e-12);
        ex_close_to("the mean", mean, first, 1e-12, 1e-12);
        ex_close_to("the variance", variance, second, 1e-12, 1e-11);
    }
}

/* A' is the mean, A'' the variance. */
static void moments(void)
{
    double low[2], high[2], at[2];
    for (double eta = -3.5; eta < 5; eta += 0.95) {
        const double h = 1e-5;
        const double more = counts_from_one(eta + h, &high[0], &high[1]);
        const double less = counts_from_one(eta - h, &low[0], &low[1]);
        counts_from_one(eta, &at[0], &at[1]);
        ex_case("eta = %g", eta);
        ex_close_to("the mean", at[0], (more - less) / (2 * h), 1e-8, 1e-7);
        ex_close_to("the variance", at[1], (high[0] - low[0]) / (2 * h),
                    1e-8, 1e-7);
        ex_true(at[0] > 1, "the mean of counts from 1 on exceeds 1");
    }
}

static void compare(double eta, double A, double mean, double variance)
{
    double m = ex_unset(), v = ex_unset();
    ex_case("eta = %g", eta);
    ex_close_to("A", counts_from_one(eta, &m, &v), A, 1e-12, 1e-12);
    ex_close_to("the mean", m, mean, 1e-12, 1e-12);
    ex_close_to("the variance", v, variance, 1e-12, 1e-12);
}

/* Far to the left only 1 remains, far to the right Poisson's family. */
static void far_out(void)
{
    compare(-30, -30 + exp(-30) / 2, 1 + exp(-30) / 2, exp(-30) / 2);
    compare(-600, -600, 1, 0);
    compare(8.25, exp(8.25), exp(8.25), exp(8.25));
    compare(600, exp(600), exp(600), exp(600));
}

static double normaliser(double eta)
{
    double m, v;
    return counts_from_one(eta, &m, &v);
}
static double mean(double eta)
{
    double m = 0, v;
    counts_from_one(eta, &m, &v);
    return m;
}
static double variance(double eta)
{
    double m, v = 0;
    counts_from_one(eta, &m, &v);
    return v;
}
static double best(double y)
{
    return 0 * y;
}
static bool valid(double y)
{
    return y >= 1 && y <= floor(y);
}
static bool recedes(double y, double s, double tolerance)
{
    return y > 1 ? fabs(s) <= tolerance : s <= tolerance;
}

/* At the optimum the means add up to the counts, in each group. */
static void fit(void)
{
    static const struct family family = { .name = "counts from 1",
        .normaliser = normaliser, .mean = mean, .variance = variance,
        .best = best, .valid = valid, .recedes = recedes };
    const tensor X = tensor_from(&memory, VALUES(1, 0, 1, 0, 1, 0, 1, 0,
        1, 1, 1, 1, 1, 1), SHAPE(7, 2));
    const tensor y = tensor_from(&memory, VALUES(1, 3, 2, 1, 4, 2, 5),
                                 SHAPE(7));
    struct glm M = glm_new(&memory, &family, X, y, 0);
    ex_case("two groups, with the means 7/4 and 11/3");
    ex_true(glm_fit(&M) == GLM_DONE, "glm_fit converges");
    ex_close_to("the mean of the first group", mean(AT(M.theta, 0)), 1.75,
                0.0, 1e-10);
    ex_close_to("the mean of the second group",
                mean(AT(M.theta, 0) + AT(M.theta, 1)), 11.0 / 3, 0.0,
                1e-10);
    const double mu = exp(AT(M.theta, 0));
    ex_close_to("mu (1 + 1/(e^mu - 1)) in the first group",
                mu * (1 + 1 / expm1(mu)), 1.75, 0.0, 1e-10);
}

EX_MAIN("4.8",
    { "the sums over all counts", "eq:family-moments", sums },
    { "mean and variance as derivatives", "eq:family-moments", moments },
    { "eta from -600 to 600", "eq:family-poisson", far_out },
    { "a fit with this family", "eq:glm-gradient", fit })
