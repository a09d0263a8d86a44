#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * All m by n windows of X (H,W), their corners `step` pixels apart:
 *   result[i][j][p][q] = X[step i + p][step j + q]             eq:offset
 * A view; read only, since windows overlap.
 */
tensor picture_windows(tensor X, size_t m, size_t n, size_t step)
{
    const size_t H = X.shape[0], W = X.shape[1];
    return (tensor){
        .data = X.data, .offset = X.offset, .rank = 4,
        .shape = { H < m ? 0 : (H - m) / step + 1,
                   W < n ? 0 : (W - n) / step + 1, m, n },
        .stride = { step * X.stride[0], step * X.stride[1],
                    X.stride[0], X.stride[1] },
    };
}
