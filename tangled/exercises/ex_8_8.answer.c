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
    size_t count = 0;
    *end = size < HEADER_SIZE ? 0 : HEADER_SIZE;
    while (*end > 0 && size - *end >= HEAD_SIZE) {
        const size_t room = size - *end - HEAD_SIZE;
        const uint64_t each = number_4(byte + *end + 4);
        const uint64_t n = number_8(byte + *end + 8);
        if (each == 0 || n > room / each || (n * each + 7) / 8 * 8 > room)
            break;
        *end += HEAD_SIZE + (n * each + 7) / 8 * 8;
        count++;
    }
    return count;
}
