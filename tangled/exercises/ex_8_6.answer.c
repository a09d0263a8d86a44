#include "exercise.h"

/*
 * Share n images out in k parts, each class evenly, and all of them too.
 *   label[n] in 0 .. classes-1; part[n] is written, 0 .. k-1
 */
void deal_parts(size_t n, const int label[], int classes, size_t k,
                size_t part[])
{
    size_t dealt = 0;
    for (int c = 0; c < classes; c++)
        for (size_t i = 0; i < n; i++)
            if (label[i] == c)
                part[i] = dealt++ % k;
}
