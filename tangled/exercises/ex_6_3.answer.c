#include "exercise.h"

/*
 * Parity of n bits by n hidden units.                   eq:xor-network
 *   y = sum_k v[k] max(0, x_1 + ... + x_n + b[k]);  b[n], v[n]
 */
void parity_weights(size_t n, double b[], double v[])
{
    for (size_t k = 0; k < n; k++) {
        b[k] = -(double)k;
        v[k] = k == 0 ? 1 : k % 2 == 1 ? -2 : 2;
    }
}
