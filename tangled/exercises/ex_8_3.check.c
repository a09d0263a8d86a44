#include "exercise.h"
#define REAL double
#include "train.h"

double macro_f1(tensor C);

static struct arena memory;

/* By precision and recall, where these exist. */
static double by_means(tensor C)
{
    double sum = 0, n = 0;
    for (size_t k = 0; k < C.shape[0]; k++) {
        const double p = confusion_precision(C, k);
        const double r = confusion_recall(C, k);
        if (isfinite(p) || isfinite(r))
            n += 1;
        if (p > 0 && r > 0)
            sum += 2 / (1 / p + 1 / r);
    }
    return sum / n;
}

/* A matrix of counts with a strong diagonal. */
static tensor counts(unsigned long seed, size_t K)
{
    gsl_rng *r = random_new(seed);
    const tensor C = tensor_zeros(&memory, SHAPE(K, K));
    for (size_t j = 0; j < K; j++)
        for (size_t k = 0; k < K; k++)
            AT(C, j, k) = floor(random_uniform(r) * (j == k ? 90 : 12));
    gsl_rng_free(r);
    return C;
}

static void compare(tensor C, const char *what)
{
    ex_case("%zu classes, %s", C.shape[0], what);
    ex_close_to("macro F1", macro_f1(C), by_means(C), 0.0, 1e-12);
}

static void usual(void)
{
    compare(counts(831, 3), "all of them common");
    compare(counts(832, 10), "all of them common");
    compare(tensor_transpose(counts(833, 4)), "a transposed view");
}

static void clear(tensor C, size_t row, size_t column)
{
    for (size_t k = 0; k < C.shape[0]; k++) {
        if (row < C.shape[0])
            AT(C, row, k) = 0;
        if (column < C.shape[0])
            AT(C, k, column) = 0;
    }
}

static void gaps(void)
{
    const tensor A = counts(834, 5), B = counts(835, 5), D = counts(836, 5);
    const tensor E = counts(837, 6);
    clear(A, 9, 2);
    compare(A, "class 2 was never answered");
    clear(B, 0, 9);
    compare(B, "class 0 does not exist, but was answered");
    AT(D, 3, 3) = 0;
    compare(D, "class 3 was never right");
    clear(E, 4, 4);
    compare(E, "class 4 neither exists nor was answered");
}

/* Everyone is called common: right in 95 of 100 cases, and useless. */
static void lazy(void)
{
    const tensor C = tensor_zeros(&memory, SHAPE(2, 2));
    AT(C, 0, 0) = 95, AT(C, 1, 0) = 5;
    ex_case("95 common ones and 5 rare ones, all called common");
    ex_close_to("macro F1", macro_f1(C), 95 / 195.0, 0.0, 1e-12);
}

EX_MAIN("8.3",
    { "classes that are all common", "eq:confusion", usual },
    { "classes with nothing in them", "eq:confusion", gaps },
    { "an answer that is always the same", "eq:confusion", lazy })
