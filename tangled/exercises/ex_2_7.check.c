#include "exercise.h"
#define REAL double
#include "tape.h"
#include "gradcheck.h"

var running_sum(struct tape *t, var x);

enum { SIZE = 6 };
static const double start[SIZE] = { 0.7, -1.3, 2.1, 0.4, -0.6, 1.9 };
static real weight[SIZE] = { 1.3, 0.2, -0.9, 2.4, 0.6, -1.1 };
static real value[SIZE], slope[SIZE];

/* A parameter x with the value of `start` and a gradient of zeros. */
static var parameter(struct tape *t)
{
    tape_reset(t);
    memcpy(value, start, sizeof value);
    memset(slope, 0, sizeof slope);
    return tape_parameter(t, tensor_wrap(value, SHAPE(SIZE)),
                          tensor_wrap(slope, SHAPE(SIZE)));
}

/* Row i of the Jacobian: ones up to the diagonal. */
static void jacobian(void)
{
    struct tape t = { .n = 0 };
    double J[SIZE * SIZE], want[SIZE * SIZE];
    const var z = running_sum(&t, parameter(&t));
    for (size_t i = 0; i < SIZE; i++) {
        real seed[SIZE] = { 0 };
        seed[i] = 1;
        memset(slope, 0, sizeof slope);
        tape_rewind(&t);
        tape_backward_from(&t, z, tensor_wrap(seed, SHAPE(SIZE)));
        for (size_t j = 0; j < SIZE; j++) {
            J[i * SIZE + j] = slope[j];
            want[i * SIZE + j] = j <= i ? 1 : 0;
        }
    }
    tape_free(&t);
    ex_close("J", SIZE, SIZE, J, want, 0.0, 0.0);
}

/* sum_i w_i s_i^2, where s are the running sums of x */
static double loss(void *context, const double x[], size_t n)
{
    double s = 0, sum = 0;
    (void)context;
    for (size_t i = 0; i < n; i++) {
        s += x[i];
        sum += weight[i] * s * s;
    }
    return sum;
}

static void differences(void)
{
    struct tape t = { .n = 0 };
    double x[SIZE], want[SIZE];
    const var s = running_sum(&t, parameter(&t));
    const var w = tape_constant(&t, tensor_wrap(weight, SHAPE(SIZE)));
    tape_backward(&t, tape_sum(&t, tape_mul(&t, w, tape_square(&t, s)),
                               ALL));
    tape_free(&t);
    memcpy(x, start, sizeof x);
    for (size_t i = 0; i < SIZE; i++)
        want[i] = grad_measure(loss, NULL, x, SIZE, i);
    ex_close("the gradient", 1, SIZE, slope, want, 1e-8, 1e-8);
}

/* L = sum_j (w_j x_j + s_j): dL/dx_j = w_j + n - j */
static void two_uses(void)
{
    double want[SIZE];
    for (size_t j = 0; j < SIZE; j++)
        want[j] = weight[j] + (double)(SIZE - j);
    for (int before = 0; before < 2; before++) {
        struct tape t = { .n = 0 };
        const var x = parameter(&t);
        const var w = tape_constant(&t, tensor_wrap(weight, SHAPE(SIZE)));
        var s = before ? tape_mul(&t, w, x) : running_sum(&t, x);
        s = tape_add(&t, s, before ? running_sum(&t, x)
                                   : tape_mul(&t, w, x));
        tape_backward(&t, tape_sum(&t, s, ALL));
        tape_free(&t);
        ex_case("the other use recorded %s", before ? "first" : "last");
        ex_close("the gradient", 1, SIZE, slope, want, 1e-13, 1e-13);
    }
}

/* The running sum of a running sum: dz_i/dx_j = i - j + 1. */
static void twice(void)
{
    struct tape t = { .n = 0 };
    double want[SIZE] = { 0 };
    const var z = running_sum(&t, running_sum(&t, parameter(&t)));
    tape_backward_from(&t, z, tensor_wrap(weight, SHAPE(SIZE)));
    tape_free(&t);
    for (size_t i = 0; i < SIZE; i++)
        for (size_t j = 0; j <= i; j++)
            want[j] += weight[i] * (double)(i - j + 1);
    ex_close("the gradient", 1, SIZE, slope, want, 1e-12, 1e-12);
}

EX_MAIN("2.7",
    { "the Jacobian, row by row", "eq:jacobian-rows", jacobian },
    { "difference quotients of a loss", "eq:central-difference",
      differences },
    { "a vector with another use", "eq:adjoint", two_uses },
    { "a running sum of running sums", "eq:vjp", twice })
