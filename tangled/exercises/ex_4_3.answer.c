#include "exercise.h"
#define REAL double
#include "glm.h"

/*
 * The logistic loss for labels s of -1 and +1, and its gradient.
 *   L = 1/m sum_i log(1 + e^(-s_i z_i)),  z = X theta
 *   X (m,n), s (m), theta (n); overwrites g (n).         eq:logistic-loss
 * Works in *a.
 */
double signed_label_loss(struct arena *a, tensor X, tensor s, tensor theta,
                         tensor g)
{
    const size_t m = X.shape[0];
    const tensor r = tensor_empty(a, SHAPE(m));
    double loss = 0;
    linear_predict(X, theta, r);
    for (size_t i = 0; i < m; i++) {
        const double margin = AT(s, i) * AT(r, i);
        loss += softplus(-margin);
        AT(r, i) = -AT(s, i) * logistic(-margin);
    }
    linear_gradient(X, r, theta, 0, g);
    return loss / (double)m;
}
