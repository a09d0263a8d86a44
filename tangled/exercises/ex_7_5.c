#include "exercise.h"

/*
 * Step t = 1, 2, ... of a running average of the parameters.
 *   mean[n] <- sum_i beta^(t-i) theta_i / sum_i beta^(t-i)  eq:adam-bias
 *   0 <= beta <= 1;  theta[n] are those of step t
 */
void follow_average(size_t n, double mean[], const double theta[],
                    double beta, size_t t)
{
    EX_TODO();
}
