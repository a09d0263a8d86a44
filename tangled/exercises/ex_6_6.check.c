#include "exercise.h"
#define REAL double
#include "tensor.h"

void dense_descend_and_pass(tensor X, tensor dZ, double rate, tensor W,
                            tensor b, tensor dX);

static struct arena memory;
enum { INPUTS = 5, OUTPUTS = 3 };

/* The entries of the three results, by their sums over the old numbers. */
static void expected(tensor X, tensor dZ, double rate, tensor W, tensor b,
                     double dX[], double newW[], double newb[])
{
    const size_t B = X.shape[0];
    for (size_t n = 0; n < B; n++)
        for (size_t i = 0; i < INPUTS; i++) {
            double sum = 0;
            for (size_t j = 0; j < OUTPUTS; j++)
                sum += AT(dZ, n, j) * AT(W, i, j);
            dX[n * INPUTS + i] = sum;
        }
    for (size_t j = 0; j < OUTPUTS; j++) {
        double ones = 0;
        for (size_t n = 0; n < B; n++)
            ones += AT(dZ, n, j);
        newb[j] = AT(b, 0, j) - rate * ones;
        for (size_t i = 0; i < INPUTS; i++) {
            double sum = 0;
            for (size_t n = 0; n < B; n++)
                sum += AT(X, n, i) * AT(dZ, n, j);
            newW[i * OUTPUTS + j] = AT(W, i, j) - rate * sum;
        }
    }
}

static void compare(size_t B, double rate, unsigned long seed, bool fresh)
{
    double dX[9 * INPUTS], newW[INPUTS * OUTPUTS], newb[OUTPUTS];
    gsl_rng *r = random_new(seed);
    const tensor X = tensor_normal(&memory, r, 0, 1.2, SHAPE(B, INPUTS));
    const tensor dZ = tensor_normal(&memory, r, 0, 0.4, SHAPE(B, OUTPUTS));
    const tensor W = tensor_normal(&memory, r, 0, 0.9,
                                   SHAPE(INPUTS, OUTPUTS));
    const tensor b = tensor_normal(&memory, r, 0, 0.9, SHAPE(1, OUTPUTS));
    const tensor got = tensor_zeros(&memory, SHAPE(B, INPUTS));
    const tensor X0 = tensor_clone(&memory, X);
    const tensor dZ0 = tensor_clone(&memory, dZ);
    gsl_rng_free(r);
    expected(X, dZ, rate, W, b, dX, newW, newb);
    if (!fresh)
        ex_fill(B * INPUTS, got.data);
    ex_case("a batch of %zu, rate %g", B, rate);
    dense_descend_and_pass(X, dZ, rate, W, b, got);
    ex_close("dX", B, INPUTS, got.data, dX, 1e-13, 1e-12);
    ex_close("W", INPUTS, OUTPUTS, W.data, newW, 1e-13, 1e-12);
    ex_close("b", 1, OUTPUTS, b.data, newb, 1e-13, 1e-12);
    ex_unchanged("X", B * INPUTS, X.data, X0.data);
    ex_unchanged("dZ", B * OUTPUTS, dZ.data, dZ0.data);
}

static void without_rate(void)
{
    compare(6, 0.0, 69, true);
}

static void single(void)
{
    compare(1, 0.37, 70, true);
}

static void batch(void)
{
    compare(2, 0.37, 71, true);
    compare(9, 0.05, 72, true);
}

static void used_memory(void)
{
    compare(4, 0.21, 73, false);
}

EX_MAIN("6.6",
    { "a rate of 0", "eq:dense-gradient", without_rate },
    { "a batch of one", "eq:fused-descent", single },
    { "larger batches", "eq:fused-descent", batch },
    { "memory that was used before", "eq:dense-gradient", used_memory })
