#include "exercise.h"
#define REAL double
#include "glm.h"

/*
 * H v for the logistic loss at theta, without forming H.
 *   H = 1/m X^T V X + ridge D,  V = diag( p_i (1 - p_i) )
 *   X (m,n), theta (n), v (n); overwrites Hv (n).     eq:logistic-hessian
 * Works in *a.
 */
void curvature_times(struct arena *a, tensor X, tensor theta, double ridge,
                     tensor v, tensor Hv)
{
    EX_TODO();
}
