#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * The shape that x, y and z broadcast to.                  eq:broadcast
 * Writes shape[0..rank) and returns the rank; -1 if they do not broadcast.
 */
int common_shape(tensor x, tensor y, tensor z, size_t shape[RANK_MAX])
{
    const tensor t[3] = { x, y, z };
    int rank = 0;
    for (int k = 0; k < 3; k++)
        rank = t[k].rank > rank ? t[k].rank : rank;
    for (int d = 1; d <= rank; d++) {               /* axes from the end */
        size_t size = 1;
        for (int k = 0; k < 3; k++) {
            const size_t n = d > t[k].rank ? 1 : t[k].shape[t[k].rank - d];
            if (n != 1 && size != 1 && n != size)
                return -1;
            size = size == 1 ? n : size;
        }
        shape[rank - d] = size;
    }
    return rank;
}
