/* Chapter 2 in single precision: every operation against the same values. */
#include "../tangled/tap.h"

#define REAL float
#include "../tangled/tape.h"
#include "oracle/02-autodiff.h"
#include "oracle/02-operations.h"

static struct arena memory;
static struct tape tape;

/* Measured: at most 2e-6 of a sum of 30 terms, or relative. */
static void operations(void)
{
    for (size_t i = 0; i < ORACLES; i++) {
        operation_test(&memory, &tape, &oracle[i], PLAIN, 1e-5);
        arena_reset(&memory);
    }
}

/* What overflows or vanishes when it is done the naive way. */
static void extremes(void)
{
    const tensor x = tensor_from(&memory, VALUES(-100, -20, 0, 20, 100),
                                 SHAPE(5));
    const tensor dx = tensor_zeros(&memory, SHAPE(5));
    double got[5];
    const double sigmoid[] = { 3.720076e-44, 2.0611536e-09, 0.5, 1, 1 };
    const double softplus[] =
        { 3.720076e-44, 2.0611536e-09, 0.69314718, 20, 100 };
    const var p = tape_parameter(&tape, x, dx);
    tensor_numbers(tape_value(&tape, tape_sigmoid(&tape, p)), got);
    ok_all_close(5, got, sigmoid, 2e-45, 1e-6,
                 "[eq:rule-sigmoid] the sigmoid from -100 to 100 in float");
    tensor_numbers(tape_value(&tape, tape_softplus(&tape, p)), got);
    ok_all_close(5, got, softplus, 2e-45, 1e-6,
                 "[eq:rule-tanh] log(1 + exp(x)) from -100 to 100 in float");
}

int main(void)
{
    ok_equal(sizeof(real), 4, "real is float");
    TAP_RUN(operations);
    TAP_RUN(extremes);
    tape_free(&tape);
    arena_free(&memory);
    return tap_done();
}
