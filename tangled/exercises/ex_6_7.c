#include "exercise.h"
#define REAL double
#include "tensor.h"

/* Have the units j and k equal incoming weights and equal bias? */
bool unit_is_twin(tensor W1, tensor b1, size_t j, size_t k)
{
    for (size_t i = 0; i < W1.shape[0]; i++)
        if (AT(W1, i, j) != AT(W1, i, k))
            return false;
    return AT(b1, 0, j) == AT(b1, 0, k);
}

/*
 * Merge the twins among the H hidden units.                eq:symmetry
 *   W1 (I,H), b1 (1,H): incoming;  W2 (H,O): outgoing
 * Returns how many units are left; they come first, in their order.
 */
size_t merge_twins(tensor W1, tensor b1, tensor W2)
{
    EX_TODO();
}
