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
    const tensor z = tensor_empty(a, SHAPE(X.shape[0]));
    const tensor u = tensor_empty(a, SHAPE(X.shape[0]));
    linear_predict(X, theta, z);
    linear_predict(X, v, u);
    for (size_t i = 0; i < X.shape[0]; i++)
        AT(u, i) *= logistic(AT(z, i)) * logistic(-AT(z, i));
    linear_gradient(X, u, v, ridge, Hv);
}
