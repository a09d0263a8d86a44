#include "exercise.h"

/*
 * The largest |r| over all eigenvalues from low to high.
 *   r^2 - (1 + beta - rate lambda) r + beta = 0      eq:momentum-matrix
 */
double ball_rate(double rate, double beta, double low, double high)
{
    const double b = fmax(fabs(1 + beta - rate * low),
                          fabs(1 + beta - rate * high));
    const double d = b * b - 4 * beta;
    return d > 0 ? (b + sqrt(d)) / 2 : sqrt(beta);
}
