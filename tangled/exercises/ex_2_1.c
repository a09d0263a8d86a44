#include "exercise.h"

/*
 * The quotient of x^3 with step h, minus the derivative 3 x^2, in exact
 * arithmetic; the forward or the central one.
 */
double cube_quotient_error(bool central, double x, double h)
{
    EX_TODO();
}
