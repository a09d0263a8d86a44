#include "exercise.h"
#define REAL double
#include "tensor.h"

struct sample {
    size_t n;
    double mean, deviation;
};

double joined_deviation(struct sample x, struct sample y);

static struct arena memory;

static struct sample summary(tensor t)
{
    return (struct sample){ tensor_len(t),
        tensor_item(tensor_mean(&memory, t, ALL)),
        tensor_item(tensor_std(&memory, t, ALL)) };
}

static void compare(tensor x, tensor y)
{
    const tensor all = tensor_cat(&memory, x, y, 0);
    ex_case("samples of %zu and %zu numbers", tensor_len(x),
            tensor_len(y));
    ex_close_to("the deviation of all",
                joined_deviation(summary(x), summary(y)),
                tensor_item(tensor_std(&memory, all, ALL)), 0.0, 1e-12);
}

/* n normal numbers around a mean. */
static tensor draw(unsigned long seed, double mean, size_t n)
{
    gsl_rng *r = random_new(seed);
    const tensor t = tensor_normal(&memory, r, mean, 1.7, SHAPE(n));
    gsl_rng_free(r);
    return t;
}

static void same_mean(void)
{
    const tensor x = tensor_from(&memory, VALUES(1.5, 4.25, 3.25, 7),
                                 SHAPE(4));
    const tensor y = tensor_from(&memory, VALUES(2.25, 5.75, 4), SHAPE(3));
    compare(x, y);
}

static void far_apart(void)
{
    compare(draw(1, 0.4, 7), draw(2, 9.3, 12));
    compare(draw(3, -20.5, 31), draw(4, 3.1, 2));
    compare(draw(5, 1000.5, 5), draw(6, 1002.0, 400));
}

static void single(void)
{
    const struct sample a = { 1, 7.385, NAN }, b = { 1, 4.135, NAN };
    ex_case("7.385 and 4.135, each alone");
    ex_close_to("the deviation of both", joined_deviation(a, b),
                3.25 / sqrt(2.0), 0.0, 1e-12);
    compare(draw(7, 2.5, 1), draw(8, -1.25, 9));
    compare(draw(9, 2.5, 6), draw(10, -1.25, 1));
}

/* Thirty numbers, joined to the sample one by one. */
static void one_by_one(void)
{
    const tensor t = draw(12, 5.5, 30);
    struct sample so_far = { 1, AT(t, 0), NAN };
    for (size_t k = 1; k < 30; k++) {
        const struct sample next = { 1, AT(t, k), NAN };
        so_far.deviation = joined_deviation(so_far, next);
        so_far.mean += (next.mean - so_far.mean) / (double)(k + 1);
        so_far.n++;
    }
    ex_close_to("the deviation of all", so_far.deviation,
                summary(t).deviation, 0.0, 1e-11);
}

EX_MAIN("1.6",
    { "two samples with the same mean", "eq:std", same_mean },
    { "two samples far apart", "eq:std", far_apart },
    { "samples of a single number", "eq:std", single },
    { "thirty numbers, one by one", "eq:std", one_by_one })
