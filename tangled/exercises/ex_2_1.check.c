#include "exercise.h"

double cube_quotient_error(bool central, double x, double h);

static double cube(double x)
{
    return x * x * x;
}

/* Steps so large that rounding does not matter. */
static const double point[] = { 1.37, -0.82, 2.385, 0.0, -3.14 };
static const double step[] = { 0.5, 0.31, 0.125, 0.0625, -0.44 };

static void forward(void)
{
    for (size_t k = 0; k < 5; k++) {
        const double x = point[k], h = step[k];
        ex_case("x = %g, h = %g", x, h);
        ex_close_to("the error of the forward quotient",
                    cube_quotient_error(false, x, h),
                    (cube(x + h) - cube(x)) / h - 3 * x * x, 1e-12, 1e-12);
    }
}

static void central(void)
{
    for (size_t k = 0; k < 5; k++) {
        const double x = point[k], h = step[k];
        ex_case("x = %g, h = %g", x, h);
        ex_close_to("the error of the central quotient",
                    cube_quotient_error(true, x, h),
                    (cube(x + h) - cube(x - h)) / (2 * h) - 3 * x * x,
                    1e-12, 1e-12);
    }
}

/* What half of a small step leaves of the error. */
static void halved(void)
{
    const double x = 1.37, h = 1e-5;
    ex_case("x = %g, h = %g", x, h);
    ex_close_to("forward: the error at h over the error at h/2",
                cube_quotient_error(false, x, h)
                / cube_quotient_error(false, x, h / 2), 2.0, 0.0, 1e-5);
    ex_close_to("central: the error at h over the error at h/2",
                cube_quotient_error(true, x, h)
                / cube_quotient_error(true, x, h / 2), 4.0, 0.0, 1e-9);
}

EX_MAIN("2.1",
    { "the forward quotient", "eq:forward-difference", forward },
    { "the central quotient", "eq:central-difference", central },
    { "half the step", "eq:difference-error", halved })
