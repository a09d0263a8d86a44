#include "exercise.h"
#define REAL double
#include "checkpoint.h"

/*
 * How many whole sections the first `size` bytes of a checkpoint hold.
 *   *end: where the last one ends; HEADER_SIZE (24) if there is none,
 *   0 if the header is not whole; HEAD_SIZE is 16
 *   number_4(p), number_8(p) read a number from its bytes
 */
size_t whole_sections(const unsigned char *byte, size_t size, size_t *end)
{
    EX_TODO();
}
