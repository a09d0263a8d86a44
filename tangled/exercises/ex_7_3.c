#include "exercise.h"

/*
 * AdaMax, step number t = 1, 2, ...           eq:adam-moments, eq:adam
 *   theta, m, u [n] are changed; g [n] is the gradient
 */
void adamax_step(size_t n, double theta[], const double g[], double m[],
                 double u[], double rate, double beta1, double beta2,
                 size_t t)
{
    EX_TODO();
}
