#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * The elements A[i][i+k] of A (m,n) as a vector; a view, nothing is copied.
 * Above the main diagonal for k > 0, below it for k < 0.
 */
tensor matrix_diagonal(tensor A, ptrdiff_t k)
{
    EX_TODO();
}
