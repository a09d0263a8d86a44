#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * The covariances of z_j = b_j + sum_i r_i / (1 - p) a_i w_ij.
 *   a[I], W (I,J), V (J,J) overwritten; 0 <= p < 1     eq:dropout-sum
 */
void dropout_covariance(double p, const double a[], tensor W, tensor V)
{
    EX_TODO();
}
