#include "exercise.h"

/*
 * The content of an IDX file of unsigned bytes with `rank` axes of these
 * sizes; element[] holds all elements in row order.
 * Writes file[], which has room, and returns the number of bytes.
 */
size_t idx_content(int rank, const size_t size[],
                   const unsigned char element[], unsigned char file[])
{
    EX_TODO();
}
