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
    int *uses = arena_alloc(a, (size_t)n, sizeof *uses);
    bool *seen = arena_alloc(a, (size_t)n, sizeof *seen);
    int found = 0, ready = 0;
    order[found++] = root, seen[root] = true;
    for (int i = 0; i < found; i++)
        for (int k = 0; k < 2; k++) {
            const int x = in[order[i]][k];
            if (x >= 0)
                uses[x]++;
            if (x >= 0 && !seen[x])
                order[found++] = x, seen[x] = true;
        }
    if (uses[root] > 0)
        return -1;
    order[ready++] = root;
    for (int i = 0; i < ready; i++)
        for (int k = 0; k < 2; k++) {
            const int x = in[order[i]][k];
            if (x >= 0 && --uses[x] == 0)
                order[ready++] = x;
        }
    return ready == found ? ready : -1;
}
