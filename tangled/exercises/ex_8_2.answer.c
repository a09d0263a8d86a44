#include "exercise.h"

/*
 * All a with (right/n - a)^2 <= z^2 a (1 - a) / n, from *low to *high.
 *                                                 eq:accuracy-deviation
 */
void accuracy_interval(size_t right, size_t n, double z, double *low,
                       double *high)
{
    const double a = (double)right / (double)n, q = z * z / (double)n;
    const double root = sqrt(q * a * (1 - a) + q * q / 4);
    *low = (a + q / 2 - root) / (1 + q);
    *high = (a + q / 2 + root) / (1 + q);
}
