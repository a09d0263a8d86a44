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

/* 2^24 + 2 numbers: the last place is not a float. */
static struct arena large;

static tensor many_zeros(void)
{
    arena_reset(&large);
    return tensor_zeros(&large, SHAPE(16777218));
}
static void place_of_many(void)
{
    tensor_argmax(&large, many_zeros(), ALL);
}
static void place_in_columns(void)
{
    tensor_argmax(&large, tensor_broadcast(tensor_zeros(&large, SHAPE(2)),
                  SHAPE(16777218, 2)), 0);
}

static void places(void)
{
    const tensor t = many_zeros();
    t.data[16777217] = 5;
    ok_close((double)tensor_item(tensor_max(&memory, t, ALL)), 5, 0, 0,
             "the largest of 2^24 + 2 numbers is the last");
    ok_equal(lane_argmax(t.data, 16777218, 1), 16777217, "its place");
    const tensor all_but_two = tensor_rows(t, 2, 16777216);
    ok_close((double)tensor_item(tensor_argmax(&memory, all_but_two, ALL)),
             16777215, 0, 0, "up to 2^24 a float can tell places apart");
    ok_dies(place_of_many, "among 16777218 is too large for a real",
            "tensor_argmax refuses more");
    ok_dies(place_in_columns, "among 16777218 is too large for a real",
            "down columns too");
}

/* Sums of floats by rows keep what double keeps. */
static void sums_of_rows(void)
{
    const tensor ones = tensor_ones(&memory, SHAPE(1, 3));
    const tensor many = tensor_broadcast(ones, SHAPE(20000000, 3));
    const tensor z = tensor_sum(&memory, many, 0);
    ok(AT(z, 0) == 20000000 && AT(z, 2) == 20000000,
       "20 million ones down three columns");
    gsl_rng *r = random_new(3);
    const tensor t = tensor_uniform(&memory, r, 0, 1, SHAPE(5000, 7));
    const tensor sum = tensor_sum(&memory, t, 0);
    for (size_t j = 0; j < 7; j++) {
        double want = 0;
        for (size_t i = 0; i < 5000; i++)
            want += (double)AT(t, i, j);
        ok(AT(sum, j) == (real)want, "a column of 5000, rounded once");
    }
    gsl_rng_free(r);
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
    TAP_RUN(places);
    TAP_RUN(sums_of_rows);
    TAP_RUN(products);
    return tap_done();
}
