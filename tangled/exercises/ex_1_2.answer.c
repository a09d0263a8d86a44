#include "exercise.h"

/*
 * The strides of a tensor whose first index runs fastest.
 *   shape[rank]; writes stride[rank], in elements
 */
void column_strides(int rank, const size_t shape[], size_t stride[])
{
    size_t step = 1;
    for (int d = 0; d < rank; d++) {
        stride[d] = step;
        step *= shape[d];
    }
}
