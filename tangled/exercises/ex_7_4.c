#include "exercise.h"

/*
 * Centred RMSProp.                                          eq:rmsprop
 *   theta, a, s [n] are changed:  s = v - a^2, the variance;  g [n]
 *   theta <- theta - rate g / (sqrt(s) + epsilon)
 */
void centred_rmsprop_step(size_t n, double theta[], const double g[],
                          double a[], double s[], double rate, double beta,
                          double epsilon)
{
    EX_TODO();
}
