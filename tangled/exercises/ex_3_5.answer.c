#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * e_i = y_i - the prediction for row i by a fit to all other rows.
 *   X (m,n), y (m); overwrites e (m).                     eq:projection
 * Works in *a.
 */
void left_out_errors(struct arena *a, tensor X, tensor y, tensor e)
{
    const tensor P = linear_hat(a, X);
    linear_predict(P, y, e);
    for (size_t i = 0; i < y.shape[0]; i++)
        AT(e, i) = (AT(y, i) - AT(e, i)) / (1 - AT(P, i, i));
}
