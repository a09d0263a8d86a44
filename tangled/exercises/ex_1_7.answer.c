#include "exercise.h"

/* The sum of x[0..n), kept in float, to within a few roundings. */
float sum_in_halves(size_t n, const float x[])
{
    if (n < 2)
        return n == 0 ? 0.0f : x[0];
    const size_t half = n / 2;
    return sum_in_halves(half, x) + sum_in_halves(n - half, x + half);
}
