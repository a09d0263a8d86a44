#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * The rate at which the step -rate g lowers the loss most. eq:descent-bound
 * X (m,n), g (n) the gradient; 0 if g is zero.  Works in *a.
 */
double best_rate_along(struct arena *a, tensor X, tensor g)
{
    const size_t m = X.shape[0], n = X.shape[1];
    const tensor z = tensor_empty(a, SHAPE(m));
    double length = 0, curvature = 0;
    linear_predict(X, g, z);
    for (size_t j = 0; j < n; j++)
        length += AT(g, j) * AT(g, j);
    for (size_t i = 0; i < m; i++)
        curvature += AT(z, i) * AT(z, i) / (double)m;
    return curvature > 0 ? length / curvature : 0;
}
