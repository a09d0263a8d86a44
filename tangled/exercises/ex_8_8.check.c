#include "exercise.h"
#define REAL double
#include "checkpoint.h"

size_t whole_sections(const unsigned char *byte, size_t size, size_t *end);

static struct arena memory;
enum { SECTIONS = 6 };

/* A checkpoint of six sections, and where each of them ends. */
static struct checkpoint sample(size_t ends[SECTIONS])
{
    static const struct { const char *tag; size_t n, each; } s[SECTIONS] = {
        { "WORD", 21, 1 }, { "NUMB", 3, 8 }, { "NONE", 0, 4 },
        { "HALF", 7, 4 }, { "BYTE", 16, 1 }, { "LAST", 11, 2 }
    };
    unsigned char item[64];
    struct checkpoint c = { .path = "sample" };
    for (size_t i = 0; i < sizeof item; i++)
        item[i] = (unsigned char)(37 * i + 11);
    for (size_t k = 0; k < SECTIONS; k++) {
        checkpoint_section(&c, &memory, s[k].tag, item, s[k].n, s[k].each);
        ends[k] = c.size;
    }
    checkpoint_seal(&c, &memory);
    return c;
}

/* Ask about `size` bytes, which are in memory of their own. */
static void ask(const struct checkpoint *c, size_t size, size_t count,
                size_t end)
{
    unsigned char *copy = malloc(size + (size == 0));
    size_t got_end = SIZE_MAX;
    memcpy(copy, c->byte, size);
    const size_t got = whole_sections(copy, size, &got_end);
    free(copy);
    ex_equal("the number of whole sections", got, count);
    ex_equal("*end", got_end, end);
}

static void whole(void)
{
    size_t ends[SECTIONS];
    const struct checkpoint c = sample(ends);
    ex_case("a file of %zu bytes with all its sections", c.size);
    ask(&c, c.size, SECTIONS, ends[SECTIONS - 1]);
}

/* Cut off at every byte; what follows in memory is not part of it. */
static void cut(void)
{
    size_t ends[SECTIONS];
    const struct checkpoint c = sample(ends);
    for (size_t size = 0; size <= c.size; size++) {
        size_t count = 0, end = size < HEADER_SIZE ? 0 : HEADER_SIZE, got;
        while (count < SECTIONS && ends[count] <= size)
            end = ends[count++];
        ex_case("the first %zu of %zu bytes", size, c.size);
        ask(&c, size, count, end);
        ex_equal("the number of whole sections",
                 whole_sections(c.byte, size, &got), count);
    }
}

/* Damage the third section: the first two are still whole. */
static void damage(uint32_t each, uint64_t n)
{
    size_t ends[SECTIONS];
    struct checkpoint c = sample(ends);
    memcpy(c.byte + ends[1] + 4, &each, 4);
    memcpy(c.byte + ends[1] + 8, &n, 8);
    ex_case("section 3 claims %llu items of %lu bytes",
            (unsigned long long)n, (unsigned long)each);
    ask(&c, c.size, 2, ends[1]);
}

static void damaged(void)
{
    damage(4, 1000);
    damage(4, UINT64_C(1) << 62);
    damage(8, UINT64_C(1) << 61);
    damage(1, UINT64_MAX);
    damage(1, UINT64_MAX - 6);
    damage(0, 5);
    damage(0, 0);
    damage(UINT32_MAX, UINT32_MAX);
    damage(16, (UINT64_C(1) << 60) + 1);
}

EX_MAIN("8.8",
    { "a file that is whole", NULL, whole },
    { "cut off at every byte", NULL, cut },
    { "numbers that cannot be", NULL, damaged })
