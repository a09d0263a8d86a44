#include "exercise.h"

/*
 * p = softmax(z / temperature), or its limit, for K logits.  eq:softmax
 *   temperature >= 0, INFINITY included;  p[K] may be z
 */
void tempered_softmax(size_t K, const double z[], double temperature,
                      double p[])
{
    double m = z[0], sum = 0;
    for (size_t k = 1; k < K; k++)
        m = fmax(m, z[k]);
    for (size_t k = 0; k < K; k++) {
        p[k] = z[k] < m ? exp((z[k] - m) / temperature) : 1;
        sum += p[k];
    }
    for (size_t k = 0; k < K; k++)
        p[k] /= sum;
}
