#include "exercise.h"
#define REAL double
#include "glm.h"

/*
 * The theta of least Poisson loss with mu_i = t_i e^(x_i^T theta).
 *   X (m,n) with a column of ones, y (m) counts, t (m) times; theta (n)
 * Works in *a.                                    eq:glm-loss, eq:newton
 */
void fit_rates(struct arena *a, tensor X, tensor y, tensor t, tensor theta)
{
    const size_t m = X.shape[0], n = X.shape[1];
    const tensor W = tensor_empty(a, SHAPE(m, n));
    const tensor d = tensor_empty(a, SHAPE(n));
    const tensor eta = tensor_empty(a, SHAPE(m));
    const tensor u = tensor_empty(a, SHAPE(m));
    for (size_t j = 0; j < n; j++)
        AT(theta, j) = 0;
    AT(theta, 0) = log(tensor_item(tensor_sum(a, y, ALL))
                       / tensor_item(tensor_sum(a, t, ALL)));
    for (int k = 0; k < 50; k++) {
        linear_predict(X, theta, eta);
        for (size_t i = 0; i < m; i++) {
            const double mu = AT(t, i) * exp(AT(eta, i));
            for (size_t j = 0; j < n; j++)
                AT(W, i, j) = sqrt(mu) * AT(X, i, j);
            AT(u, i) = (AT(y, i) - mu) / sqrt(mu);
        }
        if (linear_solve_qr(a, W, u, d))
            descent_step(theta, theta, -1, d);
    }
}
