#include "exercise.h"
#define REAL double
#include "softmax.h"

/*
 * dz = J^T dy for y = log softmax(z), K logits.       eq:p-minus-y-tape
 *   z[K] logits; dy[K]; dz[K] is overwritten and may be dy
 */
void log_softmax_rule(size_t K, const double z[], const double dy[],
                      double dz[])
{
    const double lse = log_sum_exp(K, z);
    double sum = 0;
    for (size_t i = 0; i < K; i++)
        sum += dy[i];
    for (size_t j = 0; j < K; j++)
        dz[j] = dy[j] - exp(z[j] - lse) * sum;
}
