#include "exercise.h"

size_t step_multiplications(size_t batch, size_t n, const size_t width[]);

/* Multiply (a,b) by (b,c) without numbers, and count. */
static size_t count_product(size_t a, size_t b, size_t c)
{
    size_t count = 0;
    for (size_t i = 0; i < a; i++)
        for (size_t j = 0; j < c; j++)
            for (size_t k = 0; k < b; k++)
                count++;
    return count;
}

/* Go up and down as eq:mlp-forward and eq:mlp-backward say. */
static size_t count_step(size_t B, size_t n, const size_t width[])
{
    size_t count = 0;
    for (size_t k = 1; k < n; k++)              /* Z = A W */
        count += count_product(B, width[k - 1], width[k]);
    for (size_t k = n - 1; k >= 1; k--) {
        if (k > 1)                              /* dA = dZ W^T */
            count += count_product(B, width[k], width[k - 1]);
        count += count_product(width[k - 1], B, width[k]);
    }
    return count;
}

static void compare(size_t B, size_t n, const size_t width[])
{
    char text[100] = "";
    for (size_t k = 0; k < n; k++) {
        const size_t m = strlen(text);
        snprintf(text + m, sizeof text - m, "%s%zu", k > 0 ? "-" : "",
                 width[k]);
    }
    ex_case("the network %s and %zu rows", text, B);
    ex_equal("multiplications", step_multiplications(B, n, width),
             count_step(B, n, width));
}

static void one_layer(void)
{
    compare(7, 2, (const size_t[]){ 11, 5 });
    compare(1, 2, (const size_t[]){ 64, 10 });
}

static void more_layers(void)
{
    compare(6, 3, (const size_t[]){ 13, 9, 4 });
    compare(5, 4, (const size_t[]){ 3, 17, 8, 11 });
    compare(3, 6, (const size_t[]){ 12, 2, 7, 1, 9, 5 });
}

/* Nearly all weights of 784-512-10 are in its lowest layer. */
static void wide_input(void)
{
    ex_case("the network 784-512-10 and 100 rows");
    ex_equal("multiplications",
             step_multiplications(100, 3, (const size_t[]){ 784, 512, 10 }),
             81817600);
}

EX_MAIN("6.1",
    { "a single layer", "eq:dense-gradient", one_layer },
    { "several layers", "eq:mlp-backward", more_layers },
    { "a wide input", "eq:parameter-count", wide_input })
