#include "exercise.h"

/*
 * Predict the view that the three calls make of a fresh tensor of the
 * shape n[0..3], no size being 0.
 *   shape[3], stride[3]  are written; in elements, not in bytes
 * Returns the offset of the view.
 */
size_t predict_view(const size_t n[4], size_t shape[3], size_t stride[3])
{
    shape[0] = n[3];
    shape[1] = n[2] / 3;
    shape[2] = n[0];
    stride[0] = 1;
    stride[1] = 3 * n[3];
    stride[2] = n[1] * n[2] * n[3];
    return n[3] + (n[1] - 1) * n[2] * n[3];
}
