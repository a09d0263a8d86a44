#include "exercise.h"
#define REAL double
#include "tensor.h"

float sum_in_halves(size_t n, const float x[]);

static struct arena memory;

/* The sum of 1, 3, 5, ..., 2n-1 is n^2, exactly, also in float. */
static void whole_numbers(void)
{
    float x[100];
    for (size_t i = 0; i < 100; i++)
        x[i] = (float)(2 * i + 1);
    for (size_t n = 0; n <= 100; n++) {
        ex_case("the first %zu odd numbers", n);
        ex_close_to("their sum", (double)sum_in_halves(n, x),
                    (double)(n * n), 0.0, 0.0);
    }
    for (size_t i = 0; i < 100; i++)
        ex_equal("an input, after the call", (size_t)x[i], 2 * i + 1);
}

static void uniform_numbers(void)
{
    gsl_rng *r = random_new(17);
    static const size_t len[] = { 20011, 99991, 1000003 };
    for (size_t k = 0; k < 3; k++) {
        const size_t n = len[k];
        float *x = arena_take(&memory, n, sizeof *x);
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            x[i] = (float)random_uniform(r);
            sum += (double)x[i];
        }
        ex_case("%zu numbers between 0 and 1", n);
        ex_close_to("their sum", (double)sum_in_halves(n, x), sum, 0.0,
                    5e-7);
    }
    gsl_rng_free(r);
}

/* A running sum stops growing at 2^24. */
static void ones_that_vanish(void)
{
    const size_t n = 1000001;
    float *x = arena_take(&memory, n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = i == 0 ? 16777216.0f : 1.0f;
    ex_case("2^24 and then a million ones");
    ex_close_to("their sum", (double)sum_in_halves(n, x), 17777216.0, 0.0,
                1e-6);
}

EX_MAIN("1.7",
    { "odd numbers, without any error", "eq:mean", whole_numbers },
    { "numbers between 0 and 1", "eq:mean", uniform_numbers },
    { "a million ones that vanish", "eq:mean", ones_that_vanish })
