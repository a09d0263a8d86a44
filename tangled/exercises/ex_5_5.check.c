#include "exercise.h"
#define REAL double
#include "softmax.h"
#include "tape.h"

void log_softmax_rule(size_t K, const double z[], const double dy[],
                      double dz[]);

enum { SIZE = 6 };
static const double z0[SIZE] = { 0.83, -1.4, 2.385, 0.1, 1.72, -0.57 };
static const double dy0[SIZE] = { -0.9, 0.31, 1.7, -2.2, 0.64, 0.08 };

/* By softmax's own Jacobian: dz_j = sum_i dy_i / p_i J_ij. */
static void by_jacobian(const double dy[SIZE], double want[SIZE])
{
    double p[SIZE], J[SIZE * SIZE];
    softmax_row(SIZE, z0, p);
    softmax_jacobian(SIZE, p, tensor_wrap(J, SHAPE(SIZE, SIZE)));
    for (size_t j = 0; j < SIZE; j++) {
        want[j] = 0;
        for (size_t i = 0; i < SIZE; i++)
            want[j] += dy[i] / p[i] * J[i * SIZE + j];
    }
}

static void one_hot(void)
{
    double p[SIZE], dz[SIZE];
    softmax_row(SIZE, z0, p);
    for (size_t label = 0; label < SIZE; label++) {
        double dy[SIZE] = { 0 };
        dy[label] = -1;
        p[label] -= 1;
        ex_case("the loss of label %zu", label);
        ex_fill(SIZE, dz);
        log_softmax_rule(SIZE, z0, dy, dz);
        ex_close("dz", 1, SIZE, dz, p, 1e-14, 1e-12);
        p[label] += 1;
    }
}

static void jacobian(void)
{
    double z[SIZE], dy[SIZE], dz[SIZE], want[SIZE], sum = 0;
    memcpy(z, z0, sizeof z), memcpy(dy, dy0, sizeof dy);
    by_jacobian(dy0, want);
    ex_fill(SIZE, dz);
    log_softmax_rule(SIZE, z, dy, dz);
    ex_close("dz", 1, SIZE, dz, want, 1e-14, 1e-12);
    ex_unchanged("z", SIZE, z, z0);
    ex_unchanged("dy", SIZE, dy, dy0);
    for (size_t j = 0; j < SIZE; j++)
        sum += dz[j];
    ex_close_to("the sum of dz", sum, 0.0, 1e-13, 0.0);
}

static void tape(void)
{
    struct tape t = { .n = 0 };
    double z[SIZE], dy[SIZE], dz[SIZE], want[SIZE] = { 0 };
    memcpy(z, z0, sizeof z), memcpy(dy, dy0, sizeof dy);
    const var x = tape_parameter(&t, tensor_wrap(z, SHAPE(1, SIZE)),
                                 tensor_wrap(want, SHAPE(1, SIZE)));
    tape_backward_from(&t, tape_sub(&t, x, tape_logsumexp(&t, x)),
                       tensor_wrap(dy, SHAPE(1, SIZE)));
    tape_free(&t);
    ex_fill(SIZE, dz);
    log_softmax_rule(SIZE, z0, dy0, dz);
    ex_close("dz", 1, SIZE, dz, want, 1e-14, 1e-12);
}

static void large(void)
{
    static const double z[4] = { 9999, 10000, -10000, 9998.5 };
    static const double dy[4] = { 0.7, -1.2, 2.1, 0.3 };
    const double all = 1 + exp(-1) + exp(-1.5);
    const double want[4] = { 0.7 - 1.9 * exp(-1) / all, -1.2 - 1.9 / all,
                             2.1, 0.3 - 1.9 * exp(-1.5) / all };
    double dz[4];
    ex_case("logits of size 10000");
    ex_fill(4, dz);
    log_softmax_rule(4, z, dy, dz);
    ex_close("dz", 1, 4, dz, want, 1e-11, 1e-11);
}

static void in_place(void)
{
    double dz[SIZE], want[SIZE];
    by_jacobian(dy0, want);
    memcpy(dz, dy0, sizeof dz);
    ex_case("dz in the place of dy");
    log_softmax_rule(SIZE, z0, dz, dz);
    ex_close("dz", 1, SIZE, dz, want, 1e-14, 1e-12);
}

EX_MAIN("5.5",
    { "the gradient of the loss", "eq:p-minus-y", one_hot },
    { "any gradient, by softmax's Jacobian", "eq:softmax-jacobian",
      jacobian },
    { "any gradient, by the tape", "eq:p-minus-y-tape", tape },
    { "large logits", "eq:log-sum-exp", large },
    { "dz in the place of dy", "eq:p-minus-y-tape", in_place })
