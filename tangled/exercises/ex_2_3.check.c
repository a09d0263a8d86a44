#include "exercise.h"
#include <float.h>

double second_difference(double f(double), double x);

static double minus_sin(double x)
{
    return -sin(x);
}

static double minus_cos(double x)
{
    return -cos(x);
}

static double cubic(double x)
{
    return x * x * x - 2 * x + 0.3;
}

static double cubic_second(double x)
{
    return 6 * x;
}

/* exp(-x^2/2) and its second derivative */
static double bell(double x)
{
    return exp(-x * x / 2);
}

static double bell_second(double x)
{
    return (x * x - 1) * exp(-x * x / 2);
}

/* Compare at eight points from 0.4 to 1.1. */
static void compare(const char *name, double f(double),
                    double second(double))
{
    for (int i = 0; i < 8; i++) {
        const double x = 0.4037 + 0.1 * i;
        ex_case("%s at x = %g", name, x);
        ex_close_to("the second derivative", second_difference(f, x),
                    second(x), 5e-8, 0.0);
    }
}

static void waves(void)
{
    compare("sin", sin, minus_sin);
    compare("cos", cos, minus_cos);
}

static void bells(void)
{
    compare("exp(-x^2/2)", bell, bell_second);
}

static void polynomials(void)
{
    compare("x^3 - 2x + 0.3", cubic, cubic_second);
}

EX_MAIN("2.3",
    { "sine and cosine", "eq:central-difference", waves },
    { "a bell", "eq:best-h", bells },
    { "a cubic", "eq:difference-error", polynomials })
