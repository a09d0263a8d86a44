#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * The covariances of z_j = b_j + sum_i r_i / (1 - p) a_i w_ij.
 *   a[I], W (I,J), V (J,J) overwritten; 0 <= p < 1     eq:dropout-sum
 */
void dropout_covariance(double p, const double a[], tensor W, tensor V)
{
    const size_t I = W.shape[0], J = W.shape[1];
    for (size_t j = 0; j < J; j++)
        for (size_t k = 0; k < J; k++) {
            double sum = 0;
            for (size_t i = 0; i < I; i++)
                sum += a[i] * a[i] * AT(W, i, j) * AT(W, i, k);
            AT(V, j, k) = p / (1 - p) * sum;
        }
}
