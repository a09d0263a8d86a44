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
    for (size_t i = 0; i < tensor_lanes(t); i++)
        for (size_t e = 0; e < lane_len(t); e++) {
            const real *p = tensor_lane(t, i) + e * lane_step(t);
            const size_t at = (size_t)(p - t.data) - t.offset;
            if (seen[at])
                return true;
            seen[at] = true;
        }
    return false;
}
