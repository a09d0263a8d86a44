#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * True if two different indices of t lead to the same cell.     eq:offset
 * Takes the memory it needs from a.
 */
bool view_overlaps(struct arena *a, tensor t)
{
    size_t last = 0;
    if (tensor_len(t) == 0)
        return false;
    for (int d = 0; d < t.rank; d++)
        last += (t.shape[d] - 1) * t.stride[d];
    bool *seen = arena_alloc(a, last + 1, sizeof *seen);
    t = tensor_widen(t);
    FOR_LANES(t, i, j, k)
        for (size_t e = 0; e < t.shape[3]; e++) {
            const size_t at = i * t.stride[0] + j * t.stride[1]
                              + k * t.stride[2] + e * t.stride[3];
            if (seen[at])
                return true;
            seen[at] = true;
        }
    return false;
}
