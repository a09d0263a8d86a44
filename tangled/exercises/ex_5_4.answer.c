#include "exercise.h"

/*
 * The content of an IDX file of unsigned bytes with `rank` axes of these
 * sizes; element[] holds all elements in row order.
 * Writes file[], which has room, and returns the number of bytes.
 */
size_t idx_content(int rank, const size_t size[],
                   const unsigned char element[], unsigned char file[])
{
    size_t at = 0, n = 1;
    file[at++] = 0, file[at++] = 0;
    file[at++] = 8, file[at++] = (unsigned char)rank;
    for (int d = 0; d < rank; d++) {
        for (int shift = 24; shift >= 0; shift -= 8)
            file[at++] = (unsigned char)(size[d] >> shift);
        n *= size[d];
    }
    memcpy(file + at, element, n);
    return at + n;
}
