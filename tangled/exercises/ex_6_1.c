#include "exercise.h"

/*
 * How many multiplications the matrix products of one step take.
 *   n >= 2 widths, width[0] the inputs; batch rows      eq:dense-gradient
 */
size_t step_multiplications(size_t batch, size_t n, const size_t width[])
{
    EX_TODO();
}
