#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * The length of the gradient by W and b of each sample's own loss.
 *   X (B,I); dZ (B,O), of the mean loss; pull[B]  eq:dense-one-gradient
 */
void sample_pulls(tensor X, tensor dZ, double pull[])
{
    const size_t B = X.shape[0];
    for (size_t n = 0; n < B; n++) {
        double xx = 1, dd = 0;
        for (size_t i = 0; i < X.shape[1]; i++)
            xx += AT(X, n, i) * AT(X, n, i);
        for (size_t j = 0; j < dZ.shape[1]; j++)
            dd += AT(dZ, n, j) * AT(dZ, n, j);
        pull[n] = (double)B * sqrt(xx * dd);
    }
}
