#include "exercise.h"
#define REAL double
#include "tensor.h"

void dropout_covariance(double p, const double a[], tensor W, tensor V);

static struct arena memory;
enum { I = 7, J = 4 };

/* z of the case whose bits say who is heard; returns its probability. */
static double outcome(unsigned bits, double p, const double a[], tensor W,
                      double z[J])
{
    double probability = 1;
    memset(z, 0, J * sizeof *z);
    for (size_t i = 0; i < I; i++) {
        const bool heard = bits >> i & 1u;
        probability *= heard ? 1 - p : p;
        for (size_t j = 0; heard && j < J; j++)
            z[j] += a[i] / (1 - p) * AT(W, i, j);
    }
    return probability;
}

/* The covariances from all 2^I cases. */
static tensor by_cases(double p, const double a[], tensor W)
{
    const tensor V = tensor_zeros(&memory, SHAPE(J, J));
    double mean[J], z[J];
    outcome((1u << I) - 1, 0, a, W, mean);
    for (unsigned bits = 0; bits < 1u << I; bits++) {
        const double share = outcome(bits, p, a, W, z);
        for (size_t j = 0; j < J; j++)
            for (size_t k = 0; k < J; k++)
                AT(V, j, k) += share * (z[j] - mean[j]) * (z[k] - mean[k]);
    }
    return V;
}

/* Numbers for a[] and W. */
static tensor draw(unsigned long seed, double a[I], size_t m, size_t n)
{
    gsl_rng *r = random_new(seed);
    for (size_t i = 0; i < I; i++)
        a[i] = gsl_ran_gaussian(r, 1.4);
    const tensor W = tensor_normal(&memory, r, 0.2, 0.8, SHAPE(m, n));
    gsl_rng_free(r);
    return W;
}

static tensor unset(void)
{
    const tensor V = tensor_empty(&memory, SHAPE(J, J));
    ex_fill(J * J, V.data);
    return V;
}

static void compare(double p, const double a[], tensor W)
{
    const tensor V = unset(), want = by_cases(p, a, W);
    ex_case("7 inputs, 4 units, p = %g", p);
    dropout_covariance(p, a, W, V);
    ex_close("V", J, J, V.data, want.data, 1e-13, 1e-11);
}

static void cases(void)
{
    double a[I];
    const tensor W = draw(871, a, I, J);
    compare(0.2, a, W);
    compare(0.5, a, W);
    compare(0.85, a, W);
    compare(0, a, W);
}

static void view(void)
{
    double a[I];
    const tensor W = draw(872, a, J, I);
    compare(0.3, a, tensor_transpose(W));
}

/* The mean of |z - y|^2 is that without noise plus the trace of V. */
static void penalty(void)
{
    static const double y[J] = { 0.7, -2.1, 1.6, 0.4 };
    double a[I], z[J], mean = 0, still = 0, trace = 0;
    const tensor W = draw(873, a, I, J), V = unset();
    dropout_covariance(0.35, a, W, V);
    for (unsigned bits = 0; bits < 1u << I; bits++) {
        const double share = outcome(bits, 0.35, a, W, z);
        for (size_t j = 0; j < J; j++)
            mean += share * (z[j] - y[j]) * (z[j] - y[j]);
    }
    outcome((1u << I) - 1, 0, a, W, z);
    for (size_t j = 0; j < J; j++) {
        still += (z[j] - y[j]) * (z[j] - y[j]);
        trace += AT(V, j, j);
    }
    ex_case("p = 0.35");
    ex_close_to("what the noise adds to the mean of |z - y|^2", trace,
                mean - still, 0.0, 1e-11);
}

EX_MAIN("8.7",
    { "all cases of who is heard", "eq:dropout-sum", cases },
    { "a transposed view", "eq:dropout-sum", view },
    { "noise as a penalty", "eq:dropout-moments", penalty })
