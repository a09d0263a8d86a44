#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * The nodes behind root in an order in which they can be swept: root first,
 * each after all that use it.                                eq:adjoint
 *   in[i] the operands of node i, numbers from 0 to n-1, or -1
 *   order[n] is written; memory comes from a
 * Returns the length of the order, or -1 if there is a cycle.
 */
int sweep_order(struct arena *a, int n, const int in[][2], int root,
                int order[])
{
    EX_TODO();
}
