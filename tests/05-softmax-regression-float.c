/*
 * Tests of chapter 5 in float: what has half the digits must still be
 * right to half the digits.
 */
#include "../tangled/tap.h"

#define REAL float
#include "../tangled/tsne.h"
#include "oracle/05-softmax-regression.h"

enum { B = 4, I = 3, K = 5, N = 11 };

static struct arena memory;

/* A matrix of stored doubles, rounded. */
static tensor stored(const double value[], size_t rows, size_t cols)
{
    const tensor t = tensor_empty(&memory, SHAPE(rows, cols));
    for (size_t i = 0; i < rows * cols; i++)
        t.data[i] = (real)value[i];
    return t;
}

static void same(tensor t, const double want[], double tolerance,
                 const char *title)
{
    const tensor c = tensor_clone(&memory, t);
    const size_t n = tensor_len(c);
    double *got = arena_take(&memory, n, sizeof *got);
    for (size_t i = 0; i < n; i++)
        got[i] = (double)c.data[i];
    ok_all_close(n, got, want, tolerance, tolerance, "%s", title);
}

static void one_batch(void)
{
    const int label[B] = { 3, 0, 4, 3 };
    struct softmax s = softmax_new(&memory, I, K, B);
    tensor_copy(s.W, stored(oracle_W, I, K));
    tensor_copy(s.b, stored(oracle_b, 1, K));
    /* measured 1e-7 */
    ok_close(softmax_loss(&s, stored(oracle_X, B, I), label), oracle_loss[0],
             1e-6, 0, "[eq:softmax-nll] in float");
    same(s.Z, oracle_dZ, 1e-6, "[eq:batch-dz] in float");
    same(s.dW, oracle_dW, 1e-6, "[eq:batch-dw] in float");
    same(s.db, oracle_db, 1e-6, "[eq:batch-db] in float");
}

static void overflow(void)
{
    const real z[] = { 89, 88, 87 };
    real p[3];
    ok(isinf(real_exp(z[0])), "e to the 89 is too large for a float");
    const real lse = softmax_row(3, z, p);
    ok_close((double)p[0], 0.66524096, 1e-6, 0,
             "[eq:softmax-shift] and harmless when shifted");
    ok_close((double)lse, 89.40760596, 0, 1e-6,
             "[eq:log-sum-exp] so is the logarithm of the sum");
}

static void forces(void)
{
    const tensor dY = tensor_empty(&memory, SHAPE(2, N));
    const tensor sums = tensor_empty(&memory, SHAPE(5, N));
    tsne_gradient(stored(oracle_joint, N, N), stored(oracle_map, 2, N), 1,
                  sums, dY);
    same(dY, oracle_dY, 1e-6, "[eq:tsne-gradient] in float");
}

int main(void)
{
    TAP_RUN(one_batch);
    TAP_RUN(overflow);
    TAP_RUN(forces);
    arena_free(&memory);
    return tap_done();
}
