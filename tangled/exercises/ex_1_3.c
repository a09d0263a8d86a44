#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * The shape that x, y and z broadcast to.                  eq:broadcast
 * Writes shape[0..rank) and returns the rank; -1 if they do not broadcast.
 */
int common_shape(tensor x, tensor y, tensor z, size_t shape[RANK_MAX])
{
    EX_TODO();
}
