#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * Train on the rows 0..k-1, predict the others.  eq:ridge-solve
 *   X (m,n) without a column of ones, y (m); overwrites p (m-k).
 * Works in *a.
 */
void predict_held_out(struct arena *a, tensor X, tensor y, size_t k,
                      double ridge, tensor p)
{
    const size_t m = X.shape[0], n = X.shape[1];
    const tensor train = tensor_rows(X, 0, k);
    const struct scaling s = scaling_fit(a, train);
    const tensor Z = with_ones(a, scaling_apply(a, &s, X));
    const tensor theta = tensor_empty(a, SHAPE(n + 1));
    linear_solve_cholesky(a, tensor_rows(Z, 0, k), tensor_rows(y, 0, k),
                          ridge, theta);
    linear_predict(tensor_rows(Z, k, m - k), theta, p);
#if 0
    const size_t m = X.shape[0], n = X.shape[1];
    const struct scaling s = scaling_fit(a, X);
    const tensor Z = with_ones(a, scaling_apply(a, &s, X));
    const tensor theta = tensor_empty(a, SHAPE(n + 1));
    linear_solve_cholesky(a, tensor_rows(Z, 0, k), tensor_rows(y, 0, k),
                          ridge, theta);
    linear_predict(tensor_rows(Z, k, m - k), theta, p);
#endif
}
