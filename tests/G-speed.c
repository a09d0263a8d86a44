/*
 * Tests of appendix G: what a step costs, counted one by one, and how the
 * benchmark runs the networks.
 */
#include "../tangled/tap.h"

#define main bench_main
#include "../tangled/bench.c"
#undef main

/* Multiplications and additions of a product, counted. */
static double count_product(size_t m, size_t k, size_t n)
{
    double count = 0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t p = 0; p < k; p++)
                count += 2;
    return count;
}

static void flops(void)
{
    static const size_t width[] = { 7, 5, 3, 2 };
    const size_t B = 4;
    double count = 0;
    for (size_t k = 1; k < 4; k++) {
        const size_t I = width[k - 1], O = width[k];
        count += count_product(B, I, O);            /* Z = X W */
        count += count_product(I, B, O);            /* dW = X^T dZ */
        if (k > 1)
            count += count_product(B, O, I);        /* dX = dZ W^T */
    }
    ok_close(step_flops(4, width, B), count, 0, 0,
             "[eq:step-flops] 7-5-3-2, four samples: %.0f", count);
    ok_close(step_flops(2, (size_t[]){ 784, 10 }, 64),
             4.0 * 64 * 784 * 10, 0, 0,
             "[eq:step-flops] one layer has no dX");
}

static void bytes(void)
{
    static const size_t width[] = { 7, 5, 3 };
    double numbers = 6 * 7;                         /* the batch of six */
    for (size_t k = 1; k < 3; k++) {
        const double W = (double)(width[k - 1] * width[k]);
        numbers += W;                               /* read for Z */
        numbers += k > 1 ? W : 0;                   /* read for dX */
        numbers += 2 * W;                           /* read, written */
    }
    ok_close(step_bytes(3, width, 6), sizeof(real) * numbers, 0, 0,
             "[eq:step-bytes] 7-5-3, six samples");
}

/* The step by parts is the step of the loop. */
static void same_step(void)
{
    static const int label[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    for (size_t k = 0; k < NETS; k++) {
        struct bench_net b = nets[k];
        struct contest one, two;
        double sum[TIMED] = { 0 };
        arena_reset(&memory);
        rng = random_new(3);
        b.widths.width[0] = 6, b.batch = 8;
        for (size_t j = 1; j + 1 < b.widths.n; j++)
            b.widths.width[j] = 5;
        train.X = tensor_uniform(&memory, rng, 0, 1, SHAPE(8, 6));
        train.label = arena_take(&memory, 8, sizeof(int));
        memcpy(train.label, label, sizeof label);
        gsl_rng_set(rng, 1);
        contest_begin(&one, &b);
        gsl_rng_set(rng, 1);
        contest_begin(&two, &b);
        one.learner.random = NULL;
        learner_step(&one.learner);
        time_step(&two, sum, 0);
        ok(memcmp(one.network.model.theta.data,
                  two.network.model.theta.data,
                  one.network.model.theta.shape[0] * sizeof(real)) == 0,
           "%s: the step that is timed by parts is the step", b.name);
        ok(sum[PRODUCTS] > 0 && sum[GATHER] > 0, "and it is timed");
        gsl_rng_free(rng);
        rng = NULL;
    }
}

int main(void)
{
    TAP_RUN(flops);
    TAP_RUN(bytes);
    TAP_RUN(same_step);
    arena_free(&memory);
    return tap_done();
}
