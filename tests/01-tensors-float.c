/* Chapter 1 in single precision: the numbers that differ from double. */
#include "../tangled/tap.h"

#define REAL float
#include "../tangled/tensor.h"

static struct arena memory;

static void precision(void)
{
    const tensor t = tensor_from(&memory, VALUES(1, 2, 3, 4, 5, 6),
                                 SHAPE(2, 3));
    ok_equal(sizeof(real), 4, "real is float");
    ok_close((double)tensor_item(tensor_std(&memory, t, ALL)),
             1.8708287477493286, 0, 0, "[eq:std] as PyTorch prints it");
    /* a sum of floats in float would stop at 2^24 */
    const tensor ones = tensor_ones(&memory, SHAPE(1, 1));
    const tensor many = tensor_broadcast(ones, SHAPE(4500, 4500));
    ok_close((double)tensor_item(tensor_sum(&memory,
             tensor_sum(&memory, many, 1), ALL)), 20250000, 0, 0,
             "a sum of 20 million ones");
}

static void products(void)
{
    gsl_rng *r = random_new(7);
    const tensor A = tensor_uniform(&memory, r, -1, 1, SHAPE(4, 30));
    const tensor B = tensor_uniform(&memory, r, -1, 1, SHAPE(5, 30));
    const tensor C = tensor_matmul(&memory, A, tensor_transpose(B));
    double got[20], want[20];
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 5; j++) {
            got[5 * i + j] = (double)AT(C, i, j);
            want[5 * i + j] = 0;
            for (size_t p = 0; p < 30; p++)
                want[5 * i + j] += (double)AT(A, i, p) * (double)AT(B, j, p);
        }
    /* measured 2e-7; 30 terms of at most 1, each rounded to 6e-8 */
    ok_all_close(20, got, want, 2e-6, 0, "[eq:matmul] in float");
    gsl_rng_free(r);
}

int main(void)
{
    TAP_RUN(precision);
    TAP_RUN(products);
    return tap_done();
}
