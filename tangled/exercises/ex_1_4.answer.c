#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * The elements A[i][i+k] of A (m,n) as a vector; a view, nothing is copied.
 * Above the main diagonal for k > 0, below it for k < 0.
 */
tensor matrix_diagonal(tensor A, ptrdiff_t k)
{
    const size_t down = k < 0 ? (size_t)-k : 0;
    const size_t right = k > 0 ? (size_t)k : 0;
    const size_t m = A.shape[0] > down ? A.shape[0] - down : 0;
    const size_t n = A.shape[1] > right ? A.shape[1] - right : 0;
    return (tensor){
        .data = A.data, .rank = 1,
        .offset = A.offset + down * A.stride[0] + right * A.stride[1],
        .shape = { m < n ? m : n },
        .stride = { A.stride[0] + A.stride[1] },
    };
}
