#include "exercise.h"
#define REAL double
#include "softmax.h"

double frequency_loss(size_t K, const size_t count[]);

static struct arena memory;

/* The loss of the model itself: a row of logits for each image. */
static double model_loss(size_t K, const size_t count[])
{
    size_t n = 0, row = 0;
    for (size_t k = 0; k < K; k++)
        n += count[k];
    const tensor Z = tensor_empty(&memory, SHAPE(n, K));
    int *label = arena_take(&memory, n, sizeof *label);
    for (size_t k = 0; k < K; k++)
        for (size_t c = 0; c < count[k]; c++, row++) {
            label[row] = (int)k;
            for (size_t j = 0; j < K; j++)
                AT(Z, row, j) = log((double)count[j]);
        }
    return softmax_nll(Z, label);
}

/* Describe the counts, and call the answer. */
static double predicted(size_t K, const size_t count[])
{
    char text[200] = "";
    for (size_t k = 0; k < K; k++) {
        const size_t m = strlen(text);
        snprintf(text + m, sizeof text - m, " %zu", count[k]);
    }
    ex_case("the counts%s", text);
    return frequency_loss(K, count);
}

static void compare(size_t K, const size_t count[])
{
    ex_close_to("the mean loss", predicted(K, count), model_loss(K, count),
                0.0, 1e-12);
}

static const size_t digits[] = { 178, 182, 177, 183, 181, 182, 181, 179,
                                 174, 180 };

static void unequal(void)
{
    compare(5, (const size_t[]){ 137, 20, 3, 55, 88 });
    compare(2, (const size_t[]){ 1, 39 });
    compare(10, digits);
}

static void equal(void)
{
    const size_t sevens[10] = { 7, 7, 7, 7, 7, 7, 7, 7, 7, 7 };
    ex_close_to("the mean loss", predicted(10, sevens), log(10), 0.0,
                1e-14);
    ex_close_to("the mean loss", predicted(3, sevens), log(3), 0.0, 1e-14);
}

static void empty(void)
{
    compare(4, (const size_t[]){ 0, 31, 0, 8 });
    compare(3, (const size_t[]){ 5, 2, 0 });
    ex_close_to("the mean loss of a single class",
                predicted(3, (const size_t[]){ 0, 6, 0 }), 0.0, 1e-15, 0.0);
}

/* What the frequencies are worth: D(shares || uniform). */
static void worth(void)
{
    const size_t count[4] = { 61, 7, 19, 40 };
    double p[4], uniform[4];
    for (size_t k = 0; k < 4; k++)
        p[k] = (double)count[k] / 127, uniform[k] = 0.25;
    ex_close_to("log K - the mean loss", log(4) - predicted(4, count),
                kl_divergence(4, p, uniform), 1e-14, 1e-12);
}

EX_MAIN("5.1",
    { "unequal counts", "eq:softmax-nll", unequal },
    { "equal counts", "eq:loss-at-start", equal },
    { "classes without images", "eq:entropy", empty },
    { "what the frequencies are worth", "eq:entropy-bounds", worth })
