#include "exercise.h"

/*
 * Does the logistic loss of one feature have a finite minimum?
 *   x[m]  the feature, not all values equal
 *   y[m]  each 0 or 1                                   eq:separable
 */
bool loss_has_minimum(size_t m, const double x[], const double y[])
{
    double low[2] = { INFINITY, INFINITY };
    double high[2] = { -INFINITY, -INFINITY };
    for (size_t i = 0; i < m; i++) {
        const int c = y[i] > 0.5;
        low[c] = fmin(low[c], x[i]);
        high[c] = fmax(high[c], x[i]);
    }
    return high[0] > low[1] && high[1] > low[0];
}
