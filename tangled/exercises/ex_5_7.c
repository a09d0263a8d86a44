#include "exercise.h"

/*
 * Solve (diag p - p p^T) s = g for the s whose entries sum to 0.
 *   p[K] > 0, of sum 1; g[K] of sum 0; s[K]      eq:softmax-hessian
 */
void softmax_newton_step(size_t K, const double p[], const double g[],
                         double s[])
{
    EX_TODO();
}
