#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * The standard deviation to expect of y - x^T theta for a new sample.
 *   X (m,n), y (m): the training data; x (n): the new sample, x[0] = 1
 * Works in *a.                                         eq:standard-error
 */
double prediction_deviation(struct arena *a, tensor X, tensor y, tensor x)
{
    const size_t m = X.shape[0], n = X.shape[1];
    const tensor Z = tensor_clone(a, X);
    const tensor theta = tensor_empty(a, SHAPE(n));
    const tensor error = tensor_empty(a, SHAPE(n));
    for (size_t i = 0; i < m; i++)
        for (size_t j = 1; j < n; j++)
            AT(Z, i, j) -= AT(x, j);
    linear_solve_qr(a, Z, y, theta);
    const double s = linear_errors(a, Z, y, theta, error);
    return hypot(s, AT(error, 0));
}
