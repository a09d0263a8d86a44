#include "exercise.h"

void parity_weights(size_t n, double b[], double v[]);

enum { MOST = 12 };

/* Run the network on all inputs of n bits. */
static void all_corners(size_t n)
{
    double b[MOST], v[MOST];
    ex_fill(n, b), ex_fill(n, v);
    parity_weights(n, b, v);
    for (unsigned x = 0; x < 1u << n; x++) {
        char text[2 * MOST + 1] = "";
        double sum = 0, y = 0;
        for (size_t i = 0; i < n; i++) {
            sum += x >> i & 1u;
            strcat(text, x >> i & 1u ? " 1" : " 0");
        }
        for (size_t k = 0; k < n; k++)
            y += v[k] * fmax(0, sum + b[k]);
        ex_case("the bits%s", text);
        if (!ex_close_to("y", y, fmod(sum, 2), 1e-9, 0.0))
            return;
    }
}

/* NaN in a weight that was never set is hidden by fmax; so look. */
static void all_set(size_t n)
{
    double b[MOST], v[MOST];
    ex_fill(n, b), ex_fill(n, v);
    parity_weights(n, b, v);
    for (size_t k = 0; k < n; k++)
        ex_true(isfinite(b[k]) && isfinite(v[k]), "unit %zu of %zu has a "
                "bias and a weight", k, n);
}

static void two(void)
{
    all_set(2);
    all_corners(2);
}

static void three(void)
{
    all_set(3);
    all_corners(3);
}

static void many(void)
{
    all_corners(1);
    for (size_t n = 4; n <= MOST; n++)
        all_corners(n);
}

EX_MAIN("6.3",
    { "two bits: exclusive or", "eq:xor-network", two },
    { "three bits", "eq:xor-network", three },
    { "from one bit to twelve", "eq:xor-network", many })
