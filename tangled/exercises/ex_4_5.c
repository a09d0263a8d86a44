#include "exercise.h"

/*
 * Does the logistic loss of one feature have a finite minimum?
 *   x[m]  the feature, not all values equal
 *   y[m]  each 0 or 1                                   eq:separable
 */
bool loss_has_minimum(size_t m, const double x[], const double y[])
{
    EX_TODO();
}
