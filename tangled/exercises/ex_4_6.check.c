#include "exercise.h"
#define REAL double
#include "glm.h"

double balancing_shift(size_t m, const double z[], double share);

static double mean(size_t m, const double z[], double b)
{
    double sum = 0;
    for (size_t i = 0; i < m; i++)
        sum += logistic(z[i] + b);
    return sum / (double)m;
}

/* Compute the share from a known b, and ask for b. */
static void recover(size_t m, const double z[], double b)
{
    const double share = mean(m, z, b);
    ex_case("%zu scores, the first %g, share %.6g", m, z[0], share);
    ex_close_to("b", balancing_shift(m, z, share), b, 1e-9, 1e-9);
}

static void moderate(void)
{
    const double z[7] = { 0.4, -1.3, 2.2, 0.05, -0.7, 1.6, -2.45 };
    recover(7, z, 0.85);
    recover(7, z, -1.2);
    recover(7, z, 3.75);
    recover(3, z, -4.5);
}

/* A single score: the logarithm of the odds of the share, less z. */
static void single(void)
{
    const double z[4] = { 1.75, 40, -300, 5000 };
    for (size_t i = 0; i < 4; i++) {
        ex_case("the score %g alone, share 0.2", z[i]);
        ex_close_to("b", balancing_shift(1, z + i, 0.2), -log(4) - z[i],
                    1e-12, 1e-12);
    }
}

static void far_away(void)
{
    const double z[3] = { 6, 7, 9 }, wide[4] = { -12.5, 30, 2.5, -41 };
    double many[200];
    recover(3, z, -11.3);
    recover(3, z, -18.25);
    recover(4, wide, 13.5);
    recover(4, wide, -29.4);
    recover(4, wide, 44.5);
    gsl_rng *r = random_new(269);
    for (size_t i = 0; i < 200; i++)
        many[i] = 25 + gsl_ran_gaussian(r, 9.0);
    gsl_rng_free(r);
    recover(200, many, -31.75);
    recover(200, many, -55.5);
    recover(200, many, -8.125);
}

/* For the intercept alone, eq:logistic-gradient says the same. */
static void as_a_fit(void)
{
    static struct arena memory;
    const double zeros[9] = { 0 }, y[9] = { 0, 1, 0, 0, 1, 0, 0, 0, 0 };
    struct glm M = glm_new(&memory, &bernoulli,
                           tensor_ones(&memory, SHAPE(9, 1)),
                           tensor_from(&memory, 9, y, SHAPE(9)), 0);
    glm_fit(&M);
    ex_case("nine scores of 0, share 2/9");
    ex_close_to("b", balancing_shift(9, zeros, 2.0 / 9), AT(M.theta, 0),
                1e-12, 1e-12);
}

EX_MAIN("4.6",
    { "moderate scores", "eq:newton-root", moderate },
    { "a single score", "eq:logistic", single },
    { "scores far from 0", "eq:newton-root", far_away },
    { "the intercept of a fit", "eq:logistic-gradient", as_a_fit })
