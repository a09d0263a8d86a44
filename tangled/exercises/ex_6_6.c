#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * dX = dZ W^T from the old W, then the step of descent: eq:fused-descent
 *   W <- W - rate X^T dZ,  b <- b - rate 1^T dZ
 * X (B,I); dZ (B,O); W (I,O), b (1,O); dX (B,I) is overwritten.
 */
void dense_descend_and_pass(tensor X, tensor dZ, double rate, tensor W,
                            tensor b, tensor dX)
{
    EX_TODO();
#if 0
    for (size_t n = 0; n < X.shape[0]; n++)
        for (size_t j = 0; j < W.shape[1]; j++) {
            AT(b, 0, j) -= rate * AT(dZ, n, j);
            for (size_t i = 0; i < W.shape[0]; i++) {
                AT(W, i, j) -= rate * AT(X, n, i) * AT(dZ, n, j);
                AT(dX, n, i) += AT(dZ, n, j) * AT(W, i, j);
            }
        }
#endif
}
