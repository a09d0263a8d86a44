#include "exercise.h"

/*
 * How many multiplications the matrix products of one step take.
 *   n >= 2 widths, width[0] the inputs; batch rows      eq:dense-gradient
 */
size_t step_multiplications(size_t batch, size_t n, const size_t width[])
{
    size_t sum = 0;
    for (size_t k = 1; k < n; k++)
        sum += (k == 1 ? 2 : 3) * batch * width[k - 1] * width[k];
    return sum;
}
