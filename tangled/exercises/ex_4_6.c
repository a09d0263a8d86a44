#include "exercise.h"
#define REAL double
#include "glm.h"

/*
 * The b for which the mean of logistic(z_i + b) is share, to rounding.
 *   z[m], m > 0; 0 < share < 1                          eq:newton-root
 */
double balancing_shift(size_t m, const double z[], double share)
{
    EX_TODO();
#if 0
    double b = 0;
    for (int k = 0; k < 100; k++) {
        double f = -share, slope = 0;
        for (size_t i = 0; i < m; i++) {
            const double p = logistic(z[i] + b);
            f += p / (double)m;
            slope += p * (1 - p) / (double)m;
        }
        b -= f / slope;
    }
    return b;
#endif
}
