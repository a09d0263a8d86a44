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
    EX_TODO();
}
