#include "exercise.h"
#define REAL double
#include "tensor.h"

double leaky_half_width(double epsilon, size_t inputs);

static double leak(double epsilon, double z)
{
    return z > 0 ? z : epsilon * z;
}

static void known(void)
{
    ex_case("epsilon = 0, 200 inputs: He's rule");
    ex_close_to("r", leaky_half_width(0.0, 200), sqrt(3 * 2 / 200.0), 0.0,
                1e-12);
    ex_case("epsilon = 1, 31 inputs: LeCun's rule");
    ex_close_to("r", leaky_half_width(1.0, 31), sqrt(3 / 31.0), 0.0, 1e-12);
    ex_case("epsilon = -1, 31 inputs: the absolute value");
    ex_close_to("r", leaky_half_width(-1.0, 31), sqrt(3 / 31.0), 0.0,
                1e-12);
}

/* E[f(z)^2] for a standard normal z, by Simpson's rule on both sides. */
static double mean_square(double epsilon)
{
    const double h = 0.005, scale = h / 3 / sqrt(2 * acos(-1));
    double sum = 0;
    for (int i = -2400; i <= 2400; i++) {
        const double z = h * i, a = leak(epsilon, z);
        const int weight = i % 2 != 0 ? 4 : abs(i) == 2400 ? 1 : 2;
        sum += weight * a * a * exp(-z * z / 2);
    }
    return scale * sum;
}

static void integrals(void)
{
    static const double epsilon[] = { 0.01, 0.1, 0.3, -0.25, 2.4 };
    static const size_t inputs[] = { 784, 64, 513, 3, 100 };
    for (size_t i = 0; i < 5; i++) {
        const double s2 = 1 / ((double)inputs[i] * mean_square(epsilon[i]));
        ex_case("epsilon = %g, %zu inputs", epsilon[i], inputs[i]);
        ex_close_to("r", leaky_half_width(epsilon[i], inputs[i]),
                    sqrt(3 * s2), 0.0, 1e-9);
    }
}

/* One layer of many units: the mean square goes through unchanged. */
static void layer(void)
{
    enum { INPUTS = 40, UNITS = 20000 };
    static const double epsilon[] = { 0.0, 0.1, 0.5, -0.7 };
    double x[INPUTS], before = 0;
    gsl_rng *r = random_new(62);
    for (size_t i = 0; i < INPUTS; i++) {
        x[i] = gsl_ran_gaussian(r, 1.3) + 0.4;
        before += x[i] * x[i] / INPUTS;
    }
    for (size_t e = 0; e < 4; e++) {
        const double half = leaky_half_width(epsilon[e], INPUTS);
        double after = 0;
        for (size_t j = 0; j < UNITS; j++) {
            double z = 0;
            for (size_t i = 0; i < INPUTS; i++)
                z += x[i] * half * (2 * random_uniform(r) - 1);
            after += pow(leak(epsilon[e], z), 2) / UNITS;
        }
        ex_case("a layer of %d units, epsilon = %g", UNITS, epsilon[e]);
        ex_close_to("the mean square behind it", after, before, 0.0, 0.06);
    }
    gsl_rng_free(r);
}

EX_MAIN("6.2",
    { "rules that you know", "eq:xavier", known },
    { "the mean square by integration", "eq:he", integrals },
    { "a wide layer", "eq:variance-forward", layer })
