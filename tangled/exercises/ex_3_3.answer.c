#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * The mean of Huber's loss of width c > 0, which is returned, and its
 * gradient by theta.
 *   X (m,n), y (m), theta (n); overwrites g (n).  Works in *a.
 */
double huber_gradient(struct arena *a, tensor X, tensor y, tensor theta,
                      double c, tensor g)
{
    const size_t m = X.shape[0];
    const tensor r = tensor_empty(a, SHAPE(m));
    double loss = 0;
    linear_predict(X, theta, r);
    for (size_t i = 0; i < m; i++) {
        const double e = AT(r, i) - AT(y, i), size = fabs(e);
        loss += size <= c ? e * e / 2 : c * (size - c / 2);
        AT(r, i) = size <= c ? e : copysign(c, e);
    }
    linear_gradient(X, r, theta, 0, g);
    return loss / (double)m;
}
