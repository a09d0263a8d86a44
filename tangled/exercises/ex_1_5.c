#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * True if two different indices of t lead to the same cell.     eq:offset
 * Takes the memory it needs from a.
 */
bool view_overlaps(struct arena *a, tensor t)
{
    EX_TODO();
}
