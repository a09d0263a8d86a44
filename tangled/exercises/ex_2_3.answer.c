#include "exercise.h"
#include <float.h>

/* f''(x) by differences, for f, f'''' and x of about size 1. */
double second_difference(double f(double), double x)
{
    const double h = sqrt(sqrt(24 * DBL_EPSILON));
    const double hi = x + h, lo = x - h, step = (hi - lo) / 2;
    return (f(hi) - 2 * f(x) + f(lo)) / (step * step);
}
