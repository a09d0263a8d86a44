#include "exercise.h"
#define REAL double
#include "images.h"

size_t idx_content(int rank, const size_t size[],
                   const unsigned char element[], unsigned char file[]);

static struct arena memory;

/* Elements without an order in them. */
static unsigned char *elements(size_t n)
{
    unsigned char *x = arena_take(&memory, n, 1);
    for (size_t i = 0; i < n; i++)
        x[i] = (unsigned char)(i * i * 31 / 7 + 5 * i + 3);
    return x;
}

/* Do n bytes from `start` on agree? */
static bool same(size_t start, size_t n, const unsigned char *file,
                 const unsigned char *want)
{
    for (size_t i = 0; i < n; i++)
        if (!ex_true(file[start + i] == want[i], "byte %zu of the file is "
                     "0x%02X (it is 0x%02X)", start + i, want[i],
                     file[start + i]))
            return false;
    return true;
}

/* Make a file and compare it with a header, which is known, and x. */
static void compare(int rank, const size_t size[], size_t n,
                    const unsigned char header[])
{
    const size_t start = 4 + 4 * (size_t)rank;
    const unsigned char *x = elements(n);
    unsigned char *file = arena_take(&memory, start + n + 9, 1);
    memset(file, 0xA5, start + n + 9);
    ex_case("%d axes, %zu elements", rank, n);
    const size_t bytes = idx_content(rank, size, x, file);
    if (!same(0, start, file, header) || !same(start, n, file, x))
        return;
    ex_equal("the number of bytes", bytes, start + n);
    for (size_t i = 0; i < 9; i++)
        ex_true(file[start + n + i] == 0xA5, "nothing is written behind "
                "the end");
}

/* Headers as in the files of MNIST, with fewer images. */
static void images(void)
{
    static const unsigned char three[16] = {
        0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 0x1C, 0, 0, 0, 0x1C };
    static const unsigned char wide[16] = {
        0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 1, 0x2C };
    compare(3, (const size_t[]){ 3, 28, 28 }, 2352, three);
    compare(3, (const size_t[]){ 2, 5, 300 }, 3000, wide);
}

/* The labels of the test images of MNIST: 10000 of them. */
static void labels(void)
{
    static const unsigned char test[8] = { 0, 0, 8, 1, 0, 0, 0x27, 0x10 };
    static const unsigned char one[8] = { 0, 0, 8, 1, 0, 0, 0, 1 };
    compare(1, (const size_t[]){ 10000 }, 10000, test);
    compare(1, (const size_t[]){ 1 }, 1, one);
}

/* Sizes with four different bytes, read by the chapter's function. */
static void large(void)
{
    const size_t n = 0x01020304;
    unsigned char *file = arena_alloc(&memory, 8 + n, 1);
    const unsigned char *x = elements(n);
    ex_case("1 axis, %zu elements", n);
    const size_t bytes = idx_content(1, &n, x, file);
    ex_equal("the size, read by big_endian", big_endian(file + 4), n);
    ex_equal("the number of bytes", bytes, 8 + n);
    ex_true(memcmp(file + 8, x, n) == 0, "the elements follow");
}

EX_MAIN("5.4",
    { "a file of images", "eq:stride", images },
    { "a file of labels", NULL, labels },
    { "a size of four bytes", NULL, large })
