#include "exercise.h"
#define REAL double
#include "softmax.h"

/*
 * The loss of images with weights, and its gradient.     eq:softmax-nll
 *   L = sum_i weight_i ( lse(z_i) - z_{i,y_i} ) / sum_i weight_i
 *   Z, dZ (B,K); label[B], weight[B]; dZ is overwritten and may be Z
 */
double weighted_nll_gradient(tensor Z, const int label[],
                             const double weight[], tensor dZ)
{
    EX_TODO();
#if 0
    const size_t B = Z.shape[0], K = Z.shape[1];
    double sum = 0;
    for (size_t i = 0; i < B; i++) {
        const double *z = matrix_row(Z, i);
        double *d = matrix_row(dZ, i);
        const size_t y = (size_t)label[i];
        const double lse = softmax_row(K, z, d);
        sum += weight[i] * (lse - z[y]);
        d[y] -= 1;
        for (size_t k = 0; k < K; k++)
            d[k] *= weight[i] / (double)B;
    }
    return sum / (double)B;
#endif
}
