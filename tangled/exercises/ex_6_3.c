#include "exercise.h"

/*
 * Parity of n bits by n hidden units.                   eq:xor-network
 *   y = sum_k v[k] max(0, x_1 + ... + x_n + b[k]);  b[n], v[n]
 */
void parity_weights(size_t n, double b[], double v[])
{
    EX_TODO();
}
