#include "exercise.h"

/*
 * The largest |r| over all eigenvalues from low to high.
 *   r^2 - (1 + beta - rate lambda) r + beta = 0      eq:momentum-matrix
 */
double ball_rate(double rate, double beta, double low, double high)
{
    EX_TODO();
}
