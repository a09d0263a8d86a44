/*
 * Tests of chapter 5 in double: softmax.h and tsne.h.  Expected values come
 * from PyTorch and NumPy (oracle/), from difference quotients, from the tape
 * and from formulas other than those of the modules.
 */
#include "../tangled/tap.h"

#define REAL double
#include <gsl/gsl_eigen.h>

#include "../tangled/tsne.h"
#include "../tangled/images.h"
#include "../tangled/gradcheck.h"
#include "../tangled/tape.h"
#include "oracle/05-softmax-regression.h"

enum { B = 4, I = 3, K = 5, N = 11 };

static struct arena memory;
static gsl_rng *rng;
static const int label[B] = { 3, 0, 4, 3 };

/* A matrix of stored values. */
static tensor stored(const double value[], size_t rows, size_t cols)
{
    return tensor_from(&memory, rows * cols, value, SHAPE(rows, cols));
}

#define STORED(name, rows, cols) stored(oracle_##name, rows, cols)

/* All elements of t, in row order, against expected values. */
static void same(tensor t, const double want[], double tolerance,
                 const char *title)
{
    const tensor c = tensor_clone(&memory, t);
    ok_all_close(tensor_len(c), c.data, want, tolerance, tolerance, "%s",
                 title);
}

/* K random probabilities. */
static void draw_distribution(size_t n, double p[])
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += p[k] = -log(1 - random_uniform(rng));
    for (size_t k = 0; k < n; k++)
        p[k] /= sum;
}

/* begin information */
static void surprise(void)
{
    const double p = 0.0385, q = 0.714;
    ok_close(information(0.125), 3 * 0.69314718055994531, 1e-15, 0,
             "[eq:information] one of eight: three bits");
    ok_close(information(p * q), information(p) + information(q), 1e-14, 0,
             "[eq:information] independent events add up");
    ok_close(information(1), 0, 0, 0, "[eq:information] certainty is none");
    ok(information(p) > information(q),
       "[eq:information] the rarer the more");
}
/* end information */

static void entropies(void)
{
    const double *p = oracle_p, *q = oracle_q, *want = oracle_information;
    const double certain[3] = { 0, 1, 0 }, coin[2] = { 0.5, 0.5 };
    /* measured 3e-16 */
    ok_close(entropy(K, p), want[0], 1e-14, 0, "[eq:entropy] PyTorch's p");
    ok_close(entropy(K, q), want[1], 1e-14, 0, "[eq:entropy] PyTorch's q");
    ok_close(entropy(2, coin), 0.69314718055994531, 1e-15, 0,
             "[eq:entropy] a coin: one bit");
    ok_close(entropy(3, certain), 0, 0, 0, "[eq:entropy] 0 log 0 is 0");
    ok_close(cross_entropy(K, p, q), want[0] + want[2], 1e-14, 0,
             "[eq:cross-entropy] is entropy and divergence");
    ok_close(cross_entropy(K, q, p), want[1] + want[3], 1e-14, 0,
             "[eq:cross-entropy] the other way round");
    ok_close(kl_divergence(K, p, q), want[2], 1e-14, 0,
             "[eq:kl] PyTorch's D(p || q)");
    ok_close(kl_divergence(K, q, p), want[3], 1e-14, 0,
             "[eq:kl] D(q || p) is another number");
    ok(isinf(kl_divergence(2, coin, certain)) != 0,
       "[eq:kl] infinite when the impossible happens");
    ok_close(kl_divergence(3, certain, oracle_p), information(oracle_p[1]),
             1e-15, 0, "[eq:kl] of a certain outcome is its surprise");
}

static void gibbs(void)
{
    double p[7], q[7], least = INFINITY, worst = INFINITY, off = 0;
    double uniform[7], low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < 7; k++)
        uniform[k] = 1.0 / 7;
    for (int t = 0; t < 2000; t++) {
        draw_distribution(7, p), draw_distribution(7, q);
        const double H = entropy(7, p);
        least = fmin(least, kl_divergence(7, p, q));
        off = fmax(off, fabs(H - (log(7) - kl_divergence(7, p, uniform))));
        low = fmin(low, H), high = fmax(high, H);
        for (size_t k = 0; k < 7; k++)
            worst = fmin(worst, q[k] / p[k] - 1 - log(q[k] / p[k]));
    }
    ok(least > 0, "[eq:gibbs] 2000 divergences, none negative");
    ok(worst >= 0, "[eq:gibbs] the tangent: log x <= x - 1");
    ok_close(kl_divergence(7, p, p), 0, 0, 0, "[eq:gibbs] D(p || p) is 0");
    /* measured 2e-15 */
    ok_close(off, 0, 1e-13, 0, "[eq:entropy-bounds] H = log K - D(p || 1/K)");
    ok(low >= 0 && high <= log(7), "[eq:entropy-bounds] 0 <= H <= log K");
    ok_close(entropy(7, uniform), log(7), 1e-15, 0,
             "[eq:entropy-bounds] attained");
}

static void likelihood(void)
{
    double product = 1, mean_h = 0, mean_d = 0;
    for (size_t i = 0; i < B; i++) {
        double y[K] = { 0 };
        y[label[i]] = 1;
        product *= oracle_P[i * K + (size_t)label[i]];
        mean_h += cross_entropy(K, y, oracle_P + i * K) / B;
        mean_d += kl_divergence(K, y, oracle_P + i * K) / B;
    }
    const double L = softmax_nll(STORED(Z, B, K), label);
    /* measured 4e-16 */
    ok_close(L, -log(product) / B, 1e-14, 0,
             "[eq:nll] is minus the log of the likelihood, over B");
    ok_close(L, mean_h, 1e-14, 0, "[eq:nll] is the mean cross-entropy");
    ok_close(L, mean_d, 1e-14, 0, "[eq:nll] is the mean divergence");
}

static void softmax_values(void)
{
    const tensor Z = STORED(Z, B, K), P = tensor_zeros(&memory, SHAPE(B, K));
    double lse[B], sums[B], ones[B] = { 1, 1, 1, 1 };
    softmax_rows(Z, P);
    for (size_t i = 0; i < B; i++) {
        lse[i] = log_sum_exp(K, matrix_row(Z, i));
        sums[i] = 0;
        for (size_t k = 0; k < K; k++)
            sums[i] += AT(P, i, k);
    }
    /* measured 2e-16 */
    same(P, oracle_P, 1e-15, "[eq:softmax] PyTorch's probabilities");
    ok_all_close(B, sums, ones, 1e-15, 0, "[eq:softmax] rows sum to 1");
    ok_all_close(B, lse, oracle_lse, 1e-14, 0,
                 "[eq:log-sum-exp] PyTorch's values");
    softmax_rows(Z, Z);
    same(Z, oracle_P, 1e-15, "[eq:softmax] in place");
}

static void shifting(void)
{
    double z[K], p[K], far[K], worst = 0;
    const double c[] = { 3.75, -2.385, 1000, -1000, 1e6 };
    for (size_t t = 0; t < 5; t++) {
        for (size_t k = 0; k < K; k++)
            z[k] = oracle_Z[k] + c[t];
        const double lse = softmax_row(K, z, p);
        for (size_t k = 0; k < K; k++)
            worst = fmax(worst, fabs(p[k] - oracle_P[k]));
        /* z + 1e6 keeps 10 digits after the point: measured 3e-11 */
        ok_close(lse - c[t], oracle_lse[0], 1e-9, 0,
                 "[eq:log-sum-exp] shifted by %g", c[t]);
        ok_close(log_sum_exp(K, z) - c[t], oracle_lse[0], 1e-9, 0,
                 "[eq:log-sum-exp] alone, shifted by %g", c[t]);
    }
    ok_close(worst, 0, 1e-9, 0,
             "[eq:softmax-shift] a constant changes no probability");
    far[0] = -800, far[1] = 900;
    softmax_row(2, far, p);
    ok(p[0] == 0 && p[1] == 1, "[eq:softmax-shift] 1700 apart: 0 and 1");
    double high = exp(900);
    ok(isnan(high / (high + exp(-800))),
       "[eq:softmax-shift] where the plain formula gives NaN");
}

static void bounds(void)
{
    double z[7], below = INFINITY, above = INFINITY;
    for (int t = 0; t < 1000; t++) {
        double m = -INFINITY;
        for (size_t k = 0; k < 7; k++)
            m = fmax(m, z[k] = gsl_ran_gaussian(rng, 2.385));
        below = fmin(below, log_sum_exp(7, z) - m);
        above = fmin(above, m + log(7) - log_sum_exp(7, z));
    }
    ok(below >= 0 && above >= 0,
       "[eq:lse-bounds] between max and max + log K");
    for (size_t k = 0; k < 7; k++)
        z[k] = -1.25;
    ok_close(log_sum_exp(7, z), -1.25 + log(7), 1e-15, 0,
             "[eq:lse-bounds] the upper one is attained");
    z[3] = 60;
    ok_close(log_sum_exp(7, z), 60, 1e-14, 0,
             "[eq:lse-bounds] the lower one nearly");
}

static void loss_values(void)
{
    const tensor Z = STORED(Z, B, K);
    const tensor dZ = tensor_full(&memory, (real)NAN, SHAPE(B, K));
    double far[6] = { 0, 800, 0, 0, 0, -900 };
    const int first[2] = { 0, 0 };
    /* measured 3e-16 and 6e-17 */
    ok_close(softmax_nll(Z, label), oracle_loss[0], 1e-14, 0,
             "[eq:softmax-nll] PyTorch's cross_entropy");
    ok_close(softmax_nll_gradient(Z, label, dZ), oracle_loss[0], 1e-14, 0,
             "[eq:softmax-nll] together with its gradient");
    same(dZ, oracle_dZ, 1e-15, "[eq:batch-dz] PyTorch's gradient");
    softmax_nll_gradient(Z, label, Z);
    same(Z, oracle_dZ, 1e-15, "[eq:batch-dz] in place");
    ok_close(softmax_nll(tensor_from(&memory, 6, far, SHAPE(2, 3)), first),
             (800 + 0.69314718055994531) / 2, 1e-12, 0,
             "[eq:softmax-nll] where p itself is 0");
    AT(Z, 1, 2) = (real)NAN;
    ok(isnan(softmax_nll_gradient(Z, label, dZ)),
       "a NaN among the logits reaches the loss");
}

static void two_classes(void)
{
    const double z[][2] = { { 1.7, -0.45 }, { -3.2, 4.1 }, { 40, 2 } };
    double got[3], want[3];
    for (size_t t = 0; t < 3; t++) {
        double p[2];
        softmax_row(2, z[t], p);
        got[t] = p[0];
        want[t] = 1 / (1 + exp(-(z[t][0] - z[t][1])));
    }
    ok_all_close(3, got, want, 1e-15, 0,
                 "[eq:softmax-sigmoid] softmax of two is a sigmoid");
}

static void at_start(void)
{
    struct softmax s = softmax_new(&memory, I, K, B);
    ok_close(softmax_loss(&s, STORED(X, B, I), label), log(5), 1e-15, 0,
             "[eq:loss-at-start] no weights: log K for any labels");
}

/* Softmax of K logits, entry `which`, as a function of the logits. */
static double one_probability(void *context, const double z[], size_t n)
{
    double p[K];
    softmax_row(n, z, p);
    return p[*(size_t *)context];
}

static void jacobian(void)
{
    const tensor J = tensor_full(&memory, (real)NAN, SHAPE(K, K));
    double z[K], diagonal[K], want[K], other[K * K], sums[K] = { 0 };
    double zeros[K] = { 0 }, wanted[K * K];
    softmax_jacobian(K, oracle_P, J);
    for (size_t i = 0; i < K; i++) {
        diagonal[i] = AT(J, i, i), want[i] = oracle_J[i * K + i];
        for (size_t j = 0; j < K; j++) {
            other[i * K + j] = i == j ? 0 : AT(J, i, j);
            wanted[i * K + j] = i == j ? 0 : oracle_J[i * K + j];
            sums[i] += AT(J, i, j);
        }
    }
    /* measured 3e-17 */
    ok_all_close(K, diagonal, want, 1e-15, 0,
                 "[eq:jacobian-same] PyTorch's diagonal");
    ok_all_close(K * K, other, wanted, 1e-15, 0,
                 "[eq:jacobian-other] PyTorch's other entries");
    ok_all_close(K, sums, zeros, 1e-16, 0,
                 "[eq:softmax-jacobian] every row sums to 0");
    memcpy(z, oracle_Z, sizeof z);
    for (size_t i = 0; i < K; i++) {
        const struct gradcheck g =
            grad_check(one_probability, &i, z, matrix_row(J, i), K, 1e-10,
                       1e-7);
        ok(grad_passed(g), "[eq:softmax-jacobian] row %zu against "
           "differences, worst %.1g", i, g.worst_error);
    }
}

/* begin three-ways */
/* dl/dz by components: -sum_k y_k/p_k dp_k/dz_j, both cases by hand. */
static void by_components(const double p[], const double y[], double dz[])
{
    for (size_t j = 0; j < K; j++) {
        dz[j] = 0;
        for (size_t k = 0; k < K; k++)
            dz[j] -= y[k] / p[k] * (k == j ? p[j] * (1 - p[j])
                                           : -p[k] * p[j]);
    }
}

/* The same by matrices: J^T (-y/p). */
static void by_matrices(const double p[], const double y[], double dz[])
{
    const tensor J = tensor_zeros(&memory, SHAPE(K, K));
    const tensor dp = tensor_zeros(&memory, SHAPE(K, 1));
    softmax_jacobian(K, p, J);
    for (size_t k = 0; k < K; k++)
        dp.data[k] = -y[k] / p[k];
    tensor_gemm(1, tensor_transpose(J), dp, 0,
                tensor_wrap(dz, SHAPE(K, 1)));
}

/* The same by the tape: log sum exp z - sum_k y_k z_k. */
static void by_tape(const double z[], const double y[], double dz[])
{
    struct tape t = { 0 };
    double copy[K], weight[K];
    memcpy(copy, z, sizeof copy), memcpy(weight, y, sizeof weight);
    memset(dz, 0, K * sizeof *dz);
    var x = tape_parameter(&t, tensor_wrap(copy, SHAPE(K)),
                           tensor_wrap(dz, SHAPE(K)));
    var w = tape_constant(&t, tensor_wrap(weight, SHAPE(K)));
    var u = tape_log(&t, tape_sum(&t, tape_exp(&t, x), ALL));
    tape_backward(&t, tape_sub(&t, u, tape_sum(&t, tape_mul(&t, w, x),
                                               ALL)));
    tape_free(&t);
}

static void three_ways(void)
{
    double p[K], dz[K], want[K], onehot[K] = { 0, 0, 0, 1, 0 };
    const double *y[2] = { onehot, oracle_q };
    const char *name[2] = { "one-hot", "any" };
    softmax_row(K, oracle_Z, p);
    for (size_t t = 0; t < 2; t++) {
        for (size_t k = 0; k < K; k++)
            want[k] = p[k] - y[t][k];
        by_components(p, y[t], dz);     /* measured 2e-16 */
        ok_all_close(K, dz, want, 1e-14, 0,
                     "[eq:p-minus-y] by components, %s y", name[t]);
        by_matrices(p, y[t], dz);
        ok_all_close(K, dz, want, 1e-14, 0,
                     "[eq:p-minus-y-matrix] by matrices, %s y", name[t]);
        by_tape(oracle_Z, y[t], dz);
        ok_all_close(K, dz, want, 1e-14, 0,
                     "[eq:p-minus-y-tape] by the tape, %s y", name[t]);
    }
    for (size_t k = 0; k < K; k++)
        dz[k] = B * oracle_dZ[k], want[k] = p[k] - onehot[k];
    ok_all_close(K, dz, want, 1e-14, 0,
                 "[eq:p-minus-y] and PyTorch says the same");
}
/* end three-ways */

/* A model with PyTorch's weights. */
static struct softmax model(void)
{
    struct softmax s = softmax_new(&memory, I, K, B);
    tensor_copy(s.W, STORED(W, I, K));
    tensor_copy(s.b, STORED(b, 1, K));
    for (size_t i = 0; i < I * K + K; i++)
        s.model.grad.data[i] = (real)NAN;       /* must be overwritten */
    return s;
}

struct batch_of { tensor X; tensor Z; };

/* The loss as a function of all parameters. */
static double loss_of(void *context, const double theta[], size_t n)
{
    const struct batch_of *c = context;
    struct softmax s = softmax_new(&memory, I, K, B);
    memcpy(s.model.theta.data, theta, n * sizeof *theta);
    affine_forward(c->X, s.W, s.b, c->Z);
    return softmax_nll(c->Z, label);
}

static void batch_gradients(void)
{
    struct softmax s = model();
    const tensor X = STORED(X, B, I), Z = tensor_zeros(&memory, SHAPE(B, K));
    const tensor dX = tensor_full(&memory, (real)NAN, SHAPE(B, I));
    struct batch_of c = { X, tensor_zeros(&memory, SHAPE(B, K)) };
    affine_forward(X, s.W, s.b, Z);
    /* measured 1e-15 */
    same(Z, oracle_Z, 1e-14, "[eq:batch-logits] PyTorch's logits");
    ok_close(softmax_loss(&s, X, label), oracle_loss[0], 1e-14, 0,
             "the loss of the batch");
    same(s.Z, oracle_dZ, 1e-15, "[eq:batch-dz] is left for the way back");
    same(s.dW, oracle_dW, 1e-15, "[eq:batch-dw] PyTorch's gradient");
    same(s.db, oracle_db, 1e-15, "[eq:batch-db] PyTorch's gradient");
    affine_input_gradient(s.W, s.Z, dX);
    same(dX, oracle_dX, 1e-15, "[eq:batch-dx] PyTorch's gradient");
    const struct gradcheck g =
        grad_check(loss_of, &c, s.model.theta.data, s.model.grad.data,
                   I * K + K, 1e-10, 1e-7);
    ok(grad_passed(g) && g.checked == 20,
       "[eq:batch-dw] [eq:batch-db] against differences, worst %.1g",
       g.worst_error);
}

/* The same gradients along the tape, the whole batch at once. */
static void batch_tape(void)
{
    struct tape t = { 0 };
    const tensor X = STORED(X, B, I), W = STORED(W, I, K);
    const tensor b = STORED(b, 1, K), dX = tensor_zeros(&memory, SHAPE(B, I));
    const tensor dW = tensor_zeros(&memory, SHAPE(I, K));
    const tensor db = tensor_zeros(&memory, SHAPE(1, K));
    var x = tape_parameter(&t, X, dX), w = tape_parameter(&t, W, dW);
    var Z = tape_add(&t, tape_matmul(&t, x, w), tape_parameter(&t, b, db));
    tape_backward(&t, tape_cross_entropy(&t, Z, label));
    struct softmax s = model();
    const tensor dX2 = tensor_zeros(&memory, SHAPE(B, I));
    softmax_loss(&s, X, label);
    affine_input_gradient(s.W, s.Z, dX2);
    same(s.dW, dW.data, 1e-15, "[eq:batch-dw] the tape's gradient");
    same(s.db, db.data, 1e-15, "[eq:batch-db] the tape's gradient");
    same(dX2, dX.data, 1e-15, "[eq:batch-dx] the tape's gradient");
    same(s.Z, tape_gradient(&t, Z).data, 1e-15,
         "[eq:batch-dz] the tape's gradient");
    tape_free(&t);
}

static void stepping(void)
{
    struct softmax s = model();
    struct descent d = descent_new(0.385);
    const tensor X = STORED(X, B, I);
    double want[I * K + K];
    softmax_loss(&s, X, label);
    for (size_t i = 0; i < I * K + K; i++)
        want[i] = (i < I * K ? oracle_W[i] : oracle_b[i - I * K])
                  - 0.385 * (i < I * K ? oracle_dW[i]
                                       : oracle_db[i - I * K]);
    d.rule.step(&d.rule, &s.model);
    ok_all_close(I * K + K, s.model.theta.data, want, 1e-14, 0,
                 "[eq:softmax-step] W and b, one step");
    ok(softmax_loss(&s, X, label) < oracle_loss[0],
       "[eq:softmax-step] goes down");
}

/* Row `which` of (P - Y) as a function of the logits of one sample. */
static double slope_of(void *context, const double z[], size_t n)
{
    double p[K];
    softmax_row(n, z, p);
    return p[*(size_t *)context] - (*(size_t *)context == 3);
}

static void hessian_of_logits(void)
{
    const tensor H = tensor_zeros(&memory, SHAPE(K, K));
    double z[K], least = INFINITY, off = 0;
    size_t bad = 0;
    softmax_jacobian(K, oracle_P, H);
    memcpy(z, oracle_Z, sizeof z);
    for (size_t i = 0; i < K; i++)
        bad += !grad_passed(grad_check(slope_of, &i, z, matrix_row(H, i), K,
                                       1e-10, 1e-7));
    ok_equal(bad, 0, "[eq:softmax-hessian] is the slope of p - y");
    for (int t = 0; t < 500; t++) {
        double v[K], form = 0, mean = 0, variance = 0;
        for (size_t k = 0; k < K; k++)
            mean += oracle_P[k] * (v[k] = gsl_ran_gaussian(rng, 1.7));
        for (size_t k = 0; k < K; k++) {
            variance += oracle_P[k] * (v[k] - mean) * (v[k] - mean);
            for (size_t j = 0; j < K; j++)
                form += v[k] * AT(H, k, j) * v[j];
        }
        least = fmin(least, form), off = fmax(off, fabs(form - variance));
    }
    /* measured 9e-16 */
    ok_close(off, 0, 1e-13, 0, "[eq:softmax-hessian] v'Hv is a variance");
    ok(least > 0, "[eq:softmax-hessian] 500 directions, none downwards");
}

static void hessian_of_weights(void)
{
    const tensor H = softmax_hessian(&memory, STORED(X, B, I),
                                     STORED(P, B, K));
    /* measured 3e-17 */
    same(H, oracle_H, 1e-15, "[eq:weights-hessian] PyTorch's, 400 entries");
    gsl_vector *lambda = gsl_vector_alloc(20);
    gsl_eigen_symm_workspace *w = gsl_eigen_symm_alloc(20);
    gsl_matrix_view m = tensor_matrix(H);
    gsl_eigen_symm(&m.matrix, lambda, w);
    size_t zero = 0;
    for (size_t i = 0; i < 20; i++)
        zero += fabs(gsl_vector_get(lambda, i)) < 1e-12;
    ok(gsl_vector_min(lambda) > -1e-14,
       "[eq:weights-hessian] no eigenvalue below 0 (%.1g)",
       gsl_vector_min(lambda));
    ok_equal(zero, I + 1,
             "[eq:weights-hessian] a 0 for every pixel and the bias");
    gsl_vector_free(lambda), gsl_eigen_symm_free(w);
}

static void counting(void)
{
    const double z[] = { 0.3, 2.1, -1, 4, 0.2, 3.9, -2, -3, -1.5,
                         7, 7, 1, 0, 0, 5 };
    const int y[] = { 1, 2, 2, 0, 1 };
    const tensor Z = tensor_from(&memory, 15, z, SHAPE(5, 3));
    ok_equal(count_right(Z, y), 3, "[eq:accuracy] three of five");
    ok_close(accuracy(Z, y), 0.6, 1e-16, 0, "[eq:accuracy] is 0.6");
    const double equal[] = { 1, 7, 7 }, odd[] = { 2, (double)NAN, 1 };
    ok(is_largest(3, equal, 1) && !is_largest(3, equal, 2),
       "[eq:accuracy] of equal logits the first is the answer");
    ok(!is_largest(3, odd, 0) && !is_largest(3, odd, 1)
       && !is_largest(3, odd, 2), "[eq:accuracy] a NaN: no right answer");
    size_t wrong = 0;
    for (size_t t = 0; t < 500; t++) {
        double r[7];
        for (size_t k = 0; k < 7; k++)
            r[k] = floor(4 * random_uniform(rng));      /* many are equal */
        for (size_t k = 0; k < 7; k++)
            wrong += is_largest(7, r, k)
                     != ((size_t)fold_argmax(r, 7, 1) == k);
    }
    ok_equal(wrong, 0, "[eq:accuracy] 500 rows, as argmax says");
}

static void bad_label(void)
{
    const int y[] = { 3, 0, 5, 3 };
    softmax_nll(STORED(Z, B, K), y);
}

static void bad_place(void)
{
    softmax_nll_gradient(STORED(Z, B, K), label, STORED(X, B, I));
}

static void refusing(void)
{
    ok_dies(bad_label, "label[2] = 5, but the logits are (4, 5)",
            "a label without a column");
    ok_dies(bad_place, "(4, 5) to (4, 3)", "a gradient of another shape");
}

/* begin normalise */
static void normalising(void)
{
    const tensor X = tensor_normal(&memory, rng, 3.1, 2.385, SHAPE(7, 4));
    const tensor train = tensor_rows(X, 0, 5), test = tensor_rows(X, 5, 2);
    double mean[4], sd[4], mu[4], s[4], want[8], zero[4] = { 0 };
    for (size_t i = 0; i < 7; i++)
        AT(X, i, 2) = 0.1;                          /* never changes */
    AT(X, 6, 2) = 0.7;                              /* but in the test */
    for (size_t j = 0; j < 4; j++) {
        double square = 0;
        mu[j] = 0;
        for (size_t i = 0; i < 5; i++)
            mu[j] += AT(X, i, j) / 5, square += pow(AT(X, i, j), 2) / 5;
        s[j] = j == 2 ? 1 : sqrt(square - mu[j] * mu[j]);
        for (size_t i = 0; i < 2; i++)
            want[4 * i + j] = (AT(X, 5 + i, j) - mu[j]) / s[j];
    }
    const struct pixel_scale p = pixels_fit(&memory, train);
    same(p.mean, mu, 1e-13, "[eq:normalise] the means");
    same(p.deviation, s, 1e-13, "[eq:normalise] the deviations");
    pixels_scale(p, train);
    for (size_t j = 0; j < 4; j++) {
        mean[j] = lane_sum(X.data + j, 5, 4) / 5;
        sd[j] = 0;
        for (size_t i = 0; i < 5; i++)
            sd[j] += AT(X, i, j) * AT(X, i, j) / 5;
        s[j] = j == 2 ? 0 : 1;
    }
    ok_all_close(4, mean, zero, 1e-14, 0, "[eq:normalise] mean 0 after it");
    ok_all_close(4, sd, s, 1e-13, 0, "[eq:normalise] variance 1 after it");
    pixels_scale(p, test);
    same(test, want, 1e-12,
         "[eq:normalise] the test part by the training part's numbers");
}
/* end normalise */

static void normalising_all(void)
{
    const tensor X = tensor_normal(&memory, rng, 3.1, 2.385, SHAPE(7, 4));
    double sum = 0, square = 0;
    for (size_t i = 0; i < 28; i++)
        sum += X.data[i], square += X.data[i] * X.data[i];
    const struct pixel_scale p = pixels_fit_all(&memory, X);
    ok_close(p.mean.data[0], sum / 28, 1e-14, 0,
             "[eq:normalise] one mean for all pixels");
    ok_close(p.deviation.data[0], sqrt(square / 28 - sum / 28 * sum / 28),
             1e-13, 0, "[eq:normalise] one deviation for all pixels");
    const double first = X.data[0], last = X.data[27];
    pixels_scale(p, X);
    ok_close(X.data[0] * p.deviation.data[0] + p.mean.data[0], first, 1e-14,
             0, "[eq:normalise] undone, first pixel");
    ok_close(X.data[27] * p.deviation.data[0] + p.mean.data[0], last, 1e-14,
             0, "[eq:normalise] undone, last pixel");
}

static void axes(void)
{
    const tensor Y = tensor_full(&memory, (real)NAN, SHAPE(2, N));
    double variance[2];
    pca(&memory, STORED(A, N, 4), Y, variance);
    /* measured 2e-15; from the covariance here, from an SVD there */
    same(Y, oracle_pca, 1e-13, "[eq:pca] NumPy's coordinates");
    ok_all_close(2, variance, oracle_variance, 1e-13, 0,
                 "[eq:pca] NumPy's variances");
}

/* The squared distances from point 0 of A, less their least. */
static void distances_of_first(double d[N - 1])
{
    double least = INFINITY;
    for (size_t j = 1; j < N; j++) {
        d[j - 1] = 0;
        for (size_t c = 0; c < 4; c++)
            d[j - 1] += pow(oracle_A[4 * j + c] - oracle_A[c], 2);
        least = fmin(least, d[j - 1]);
    }
    for (size_t j = 0; j < N - 1; j++)
        d[j] -= least;
}

/* The entropy round point 0 as a function of beta. */
static double entropy_of(void *context, const double beta[], size_t n)
{
    double p[N - 1];
    (void)n;
    return neighbour_entropy(N - 1, context, beta[0], p);
}

static void perplexities(void)
{
    double d[N - 1], p[N - 1], want[N - 1], sum = 0, mean = 0, square = 0;
    double beta[1] = { 0.385 };
    distances_of_first(d);
    const double H = neighbour_entropy(N - 1, d, beta[0], p);
    for (size_t j = 0; j < N - 1; j++)
        sum += want[j] = exp(-beta[0] * d[j]);
    for (size_t j = 0; j < N - 1; j++) {
        want[j] /= sum;
        mean += want[j] * d[j], square += want[j] * d[j] * d[j];
    }
    ok_all_close(N - 1, p, want, 1e-15, 0,
                 "[eq:tsne-conditional] a softmax of -beta d");
    ok_close(H, entropy(N - 1, want), 1e-14, 0,
             "[eq:tsne-perplexity] lse + beta E[d] is the entropy");
    const double slope[1] = { -beta[0] * (square - mean * mean) };
    const struct gradcheck g = grad_check(entropy_of, d, beta, slope, 1,
                                          1e-9, 1e-7);
    ok(grad_passed(g), "[eq:tsne-bisection] dH/dbeta = -beta Var[d], "
       "off %.1g", g.worst_error);
    for (double perplexity = 1.5; perplexity < 10; perplexity += 2.7) {
        perplexity_fit(N - 1, d, perplexity, p);
        ok_close(exp(entropy(N - 1, p)), perplexity, 0, 2e-5,
                 "[eq:tsne-bisection] perplexity %.1f is found", perplexity);
    }
}

static void neighbours(void)
{
    const tensor P = tensor_full(&memory, (real)NAN, SHAPE(N, N));
    double worst = 0, total = 0;
    tsne_conditional(&memory, STORED(A, N, 4), 3.7, P);
    for (size_t i = 0; i < N; i++)
        worst = fmax(worst, fabs(exp(entropy(N, matrix_row(P, i))) - 3.7));
    /* the search stops when H is right to 1e-5: measured 5e-6, 4e-5 */
    same(P, oracle_conditional, 2e-5,
         "[eq:tsne-conditional] found with NumPy by another search");
    ok_close(worst, 0, 1e-4, 0, "[eq:tsne-perplexity] 3.7 for every point");
    const tensor Q = STORED(conditional, N, N);
    tsne_joint(Q);
    for (size_t i = 0; i < N * N; i++)
        total += Q.data[i];
    same(Q, oracle_joint, 1e-16, "[eq:tsne-joint] NumPy's");
    ok_close(total, 1, 1e-14, 0, "[eq:tsne-joint] sums to 1");
}

static void alike(void)
{
    const tensor X = tensor_zeros(&memory, SHAPE(9, 2));
    const tensor P = tensor_zeros(&memory, SHAPE(9, 9));
    AT(X, 8, 0) = 5;
    tsne_conditional(&memory, X, 3, P);
    ok_close(AT(P, 0, 3), 1.0 / 7, 1e-3, 0,
             "seven copies cannot have perplexity 3: they share equally");
}

static void map_loss(void)
{
    const tensor P = STORED(joint, N, N), Y = STORED(map, 2, N);
    const double *y = oracle_map;
    const double d = pow(y[2] - y[7], 2) + pow(y[N + 2] - y[N + 7], 2);
    ok_close(map_weight(Y, 2, 7), 1 / (1 + d), 1e-15, 0,
             "[eq:tsne-map] one over one plus the squared distance");
    /* measured 1e-15 */
    ok_close(tsne_loss(P, Y), oracle_cost[0], 1e-13, 0,
             "[eq:tsne-loss] PyTorch's");
    /* another scale of Z and w together changes nothing: q sums to 1 */
    double q[N * N], p[N * N], Z = 0;
    size_t n = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            if (i != j) {
                p[n] = oracle_joint[i * N + j];
                Z += q[n++] = map_weight(Y, i, j);
            }
    for (size_t i = 0; i < n; i++)
        q[i] /= Z;
    ok_close(kl_divergence(n, p, q), oracle_cost[0], 1e-13, 0,
             "[eq:tsne-map] [eq:tsne-loss] a divergence of two distributions");
}

enum { PAIRS = 6 };

/* C as a function of squared distances, each pair on its own. */
static double cost_of_pairs(void *context, const double D[], size_t n)
{
    const double *p = context;
    double Z = 0, C = 0;
    for (size_t i = 0; i < n; i++)
        Z += 1 / (1 + D[i]);
    for (size_t i = 0; i < n; i++)
        C += p[i] * log(p[i] * (1 + D[i]) * Z);
    return C;
}

static void map_pairs(void)
{
    double p[PAIRS], D[PAIRS], w[PAIRS], slope[PAIRS], Z = 0;
    draw_distribution(PAIRS, p);
    for (size_t i = 0; i < PAIRS; i++)
        D[i] = 2.385 * random_uniform(rng), Z += w[i] = 1 / (1 + D[i]);
    for (size_t i = 0; i < PAIRS; i++)
        slope[i] = (p[i] - w[i] / Z) * w[i];
    const struct gradcheck g = grad_check(cost_of_pairs, p, D, slope, PAIRS,
                                          1e-10, 1e-7);
    ok(grad_passed(g), "[eq:tsne-pair] (p - q) w against differences, "
       "worst %.1g", g.worst_error);
}

/* The loss as a function of the map. */
static double cost_of_map(void *context, const double y[], size_t n)
{
    double copy[2 * N];
    memcpy(copy, y, n * sizeof *y);
    return tsne_loss(*(tensor *)context, tensor_wrap(copy, SHAPE(2, N)));
}

static void map_gradient(void)
{
    tensor P = STORED(joint, N, N), Y = STORED(map, 2, N);
    const tensor dY = tensor_full(&memory, (real)NAN, SHAPE(2, N));
    const tensor sums = tensor_full(&memory, (real)NAN, SHAPE(5, N));
    double sum[2], zero[2] = { 0, 0 }, want[2 * N] = { 0 };
    tsne_gradient(P, Y, 1, sums, dY);
    /* measured 6e-17 */
    same(dY, oracle_dY, 1e-15, "[eq:tsne-gradient] PyTorch's");
    for (size_t i = 0; i < 2; i++)
        sum[i] = lane_sum(matrix_row(dY, i), N, 1);
    ok_all_close(2, sum, zero, 1e-15, 0,
                 "[eq:tsne-gradient] the forces cancel in pairs");
    const struct gradcheck g = grad_check(cost_of_map, &P, Y.data, dY.data,
                                          2 * N, 1e-10, 1e-7);
    ok(grad_passed(g) && g.checked == 2 * N,
       "[eq:tsne-gradient] against differences, worst %.1g",
       g.worst_error);
    double Z = 0;
    for (size_t i = 0; i < N * N; i++)
        Z += i / N == i % N ? 0 : map_weight(Y, i / N, i % N);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            for (size_t c = 0; c < 2; c++) {
                const double w = map_weight(Y, i, j);
                want[c * N + i] += 4 * (oracle_joint[i * N + j] - w / Z) * w
                                   * (AT(Y, c, i) - AT(Y, c, j));
            }
    same(dY, want, 1e-15, "[eq:tsne-gradient] as one sum over pairs");
    tsne_gradient(P, Y, 12, sums, dY);
    same(dY, oracle_dY_early, 1e-14,
         "[eq:tsne-forces] PyTorch's with 12 times the attraction");
}

static void map_step(void)
{
    double gain = 1.3, velocity = -0.25, y = 0.7;
    tsne_move(0.45, 0.5, 10, &gain, &velocity, &y);
    ok_close(gain, 1.5, 1e-15, 0, "[eq:tsne-step] it goes on: more gain");
    ok_close(velocity, 0.5 * -0.25 - 10 * 1.5 * 0.45, 1e-14, 0,
             "[eq:tsne-step] the velocity");
    ok_close(y, 0.7 - 6.875, 1e-14, 0, "[eq:tsne-step] the place");
    tsne_move(-0.3, 0.8, 2, &gain, &velocity, &y);
    ok_close(gain, 1.2, 1e-15, 0, "[eq:tsne-step] it must turn: less gain");
    gain = 0.011;
    tsne_move(-0.3, 0.8, 2, &gain, &velocity, &y);
    ok_close(gain, 0.01, 1e-15, 0, "[eq:tsne-step] but never less than this");
}

/* Two steps by hand: the first exaggerated, the second not. */
static void map_steps(void)
{
    struct tsne_plan plan = { 3.7, 6, 1, 2, 0.7 };
    struct tsne m = tsne_new(&memory, STORED(A, N, 4), plan);
    const tensor dY = tensor_zeros(&memory, SHAPE(2, N));
    const tensor sums = tensor_empty(&memory, SHAPE(5, N));
    double y[2 * N], v[2 * N];
    tsne_gradient(m.P, m.Y, 6, sums, dY);
    for (size_t i = 0; i < 2 * N; i++) {
        v[i] = -0.7 * 0.8 * dY.data[i];         /* at rest: the gain falls */
        y[i] = m.Y.data[i] + v[i];
    }
    tsne_step(&m);
    ok_all_close(2 * N, m.Y.data, y, 1e-15, 0,
                 "[eq:tsne-forces] the first step is exaggerated");
    tsne_gradient(m.P, m.Y, 1, sums, dY);
    for (size_t i = 0; i < 2 * N; i++) {
        const double gain = dY.data[i] * v[i] < 0 ? 0.8 + 0.2 : 0.8 * 0.8;
        y[i] += 0.8 * v[i] - 0.7 * gain * dY.data[i];
    }
    tsne_step(&m);
    ok_all_close(2 * N, m.Y.data, y, 1e-15, 0,
                 "[eq:tsne-step] the second is not, and has momentum 0.8");
    plan.rate = 0;
    ok_close(tsne_new(&memory, STORED(A, N, 4), plan).plan.rate, N / 6.0,
             1e-15, 0, "[eq:tsne-step] a rate of 0 stands for n / alpha");
}

static void map_descends(void)
{
    struct tsne_plan plan = { 3.7, 4, 30, 150, 0.9 };
    const tensor A = STORED(A, N, 4);
    struct tsne m = tsne_new(&memory, A, plan);
    ok_close(m.plan.rate, 0.9, 0, 0, "a rate of one's own");
    const double before = tsne_loss(m.P, m.Y);
    double variance = 0;
    for (size_t i = 0; i < N; i++)
        variance += pow(AT(m.Y, 0, i), 2) / (N - 1);
    ok_close(sqrt(variance), 1e-4, 0, 1e-7,     /* rounded to float */
             "[eq:pca] the start has a deviation of 1e-4");
    for (size_t t = 0; t < plan.steps; t++)
        tsne_step(&m);
    ok(tsne_loss(m.P, m.Y) < 0.5 * before,
       "[eq:tsne-step] the loss falls from %.3f to %.3f", before,
       tsne_loss(m.P, m.Y));
}

static void agreeing(void)
{
    const double y[] = { 0, 0.5, 5, 5.5, 9, 9.1, 0, 0, 1, 1, 2, -7 };
    const int k[] = { 1, 1, 2, 0, 2, 0 };
    /* 0 and 1 agree, 2 and 3 do not; the nearest of 4 and of 5 is 3 */
    ok_close(map_agreement(tensor_from(&memory, 12, y, SHAPE(2, 6)), k),
             3.0 / 6, 1e-15, 0, "[eq:agreement] three of six");
}

/* The values that one of the sources prints for its softmax layer. */
static void conformance(void)
{
    static const double printed_P[] = {
        1.99079000e-01, 5.24721261e-02, 3.01297519e-01, 4.03417091e-01,
        4.37342639e-02, 6.30149785e-02, 6.40152167e-03, 3.64466069e-01,
        5.65024351e-01, 1.09308014e-03, 1.59187808e-02, 6.23283236e-04,
        3.51857098e-01, 6.31579034e-01, 2.18036827e-05, 3.83084009e-03,
        5.78103880e-05, 3.23588995e-01, 6.72521940e-01, 4.14310477e-07 };
    static const double printed_dW[] = {            /* (5,3) */
        -0.39912122, -1.11727762, -1.83543402, -3.9169807, -4.85742596,
        -5.79787122, 0.45805143, 0.79926111, 1.14047079, 3.80978713,
        5.08232955, 6.35487197, 0.04826335, 0.09311292, 0.13796248 };
    static const double printed_db[] = { -0.7181564, -0.94044526,
        0.34120968, 1.27254242, 0.04484956 };
    static const double printed_dX[] = {
        0.05924246, 0.45083828, -0.22913033, -0.27195049, 0.94406604,
        0.08571276, -0.07198801, 0.03707312, 0.05815145, 0.03561926,
        -0.0272334, -0.02614124 };
    const int y[] = { 0, 1, 2, 3 };
    gsl_rng *r = random_new(100);
    const tensor W = tensor_uniform(&memory, r, -1 / sqrt(3), 1 / sqrt(3),
                                    SHAPE(5, 3));   /* (O,I) there */
    const tensor X = tensor_reshape(tensor_arange(&memory, 13),
                                    SHAPE(13, 1));
    const tensor X1 = tensor_reshape(tensor_rows(X, 1, 12), SHAPE(4, 3));
    const tensor Z = tensor_zeros(&memory, SHAPE(4, 5));
    const tensor P = tensor_zeros(&memory, SHAPE(4, 5));
    const tensor dW = tensor_zeros(&memory, SHAPE(3, 5));
    const tensor db = tensor_zeros(&memory, SHAPE(1, 5));
    const tensor dX = tensor_zeros(&memory, SHAPE(4, 3));
    const tensor four = tensor_scalar(&memory, 4);      /* sums there */
    affine_forward(X1, tensor_transpose(W), db, Z);
    softmax_rows(Z, P);
    softmax_nll_gradient(Z, y, Z);
    affine_gradient(X1, Z, dW, db);
    affine_input_gradient(tensor_transpose(W), Z, dX);
    /* 9 digits are printed, and 8 after the point */
    same(P, printed_P, 5e-10, "conformance: the probabilities");
    same(tensor_transpose(tensor_mul(&memory, dW, four)), printed_dW, 5.1e-9,
         "conformance: dJ/dW");
    same(tensor_mul(&memory, db, four), printed_db, 5.1e-9,
         "conformance: dJ/db");
    same(tensor_mul(&memory, dX, four), printed_dX, 5.1e-9,
         "conformance: dJ/dX");
    gsl_rng_free(r);
}

int main(void)
{
    rng = random_new(2385);
    TAP_RUN(surprise);
    TAP_RUN(entropies);
    TAP_RUN(gibbs);
    TAP_RUN(likelihood);
    TAP_RUN(softmax_values);
    TAP_RUN(shifting);
    TAP_RUN(bounds);
    TAP_RUN(loss_values);
    TAP_RUN(two_classes);
    TAP_RUN(at_start);
    TAP_RUN(jacobian);
    TAP_RUN(three_ways);
    TAP_RUN(batch_gradients);
    TAP_RUN(batch_tape);
    TAP_RUN(stepping);
    TAP_RUN(hessian_of_logits);
    TAP_RUN(hessian_of_weights);
    TAP_RUN(counting);
    TAP_RUN(refusing);
    TAP_RUN(normalising);
    TAP_RUN(normalising_all);
    TAP_RUN(axes);
    TAP_RUN(perplexities);
    TAP_RUN(neighbours);
    TAP_RUN(alike);
    TAP_RUN(map_loss);
    TAP_RUN(map_pairs);
    TAP_RUN(map_gradient);
    TAP_RUN(map_step);
    TAP_RUN(map_steps);
    TAP_RUN(map_descends);
    TAP_RUN(agreeing);
    TAP_RUN(conformance);
    gsl_rng_free(rng);
    arena_free(&memory);
    return tap_done();
}
