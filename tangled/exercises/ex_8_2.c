#include "exercise.h"

/*
 * All a with (right/n - a)^2 <= z^2 a (1 - a) / n, from *low to *high.
 *                                                 eq:accuracy-deviation
 */
void accuracy_interval(size_t right, size_t n, double z, double *low,
                       double *high)
{
    EX_TODO();
}
