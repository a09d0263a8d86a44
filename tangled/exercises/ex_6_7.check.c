#include "exercise.h"
#define REAL double
#include "tensor.h"

size_t merge_twins(tensor W1, tensor b1, tensor W2);

static struct arena memory;
enum { ROWS = 6, INPUTS = 3, UNITS = 8, OUTPUTS = 2 };

struct small { tensor W1, b1, W2; };

/* Random weights; unit j gets the incoming weights of unit like[j]. */
static struct small network(unsigned long seed, const size_t like[UNITS])
{
    gsl_rng *r = random_new(seed);
    struct small s = {
        tensor_normal(&memory, r, 0, 0.9, SHAPE(INPUTS, UNITS)),
        tensor_normal(&memory, r, 0, 0.5, SHAPE(1, UNITS)),
        tensor_normal(&memory, r, 0, 0.7, SHAPE(UNITS, OUTPUTS))
    };
    gsl_rng_free(r);
    for (size_t j = 0; j < UNITS; j++) {
        for (size_t i = 0; i < INPUTS; i++)
            AT(s.W1, i, j) = AT(s.W1, i, like[j]);
        AT(s.b1, 0, j) = AT(s.b1, 0, like[j]);
    }
    return s;
}

/* y (ROWS, OUTPUTS) of the first n units, for one of two activations. */
static void run(struct small s, size_t n, bool bent, double y[])
{
    gsl_rng *r = random_new(74);
    const tensor X = tensor_normal(&memory, r, 0, 1, SHAPE(ROWS, INPUTS));
    gsl_rng_free(r);
    memset(y, 0, ROWS * OUTPUTS * sizeof *y);
    for (size_t m = 0; m < ROWS; m++)
        for (size_t j = 0; j < n; j++) {
            double z = AT(s.b1, 0, j);
            for (size_t i = 0; i < INPUTS; i++)
                z += AT(X, m, i) * AT(s.W1, i, j);
            for (size_t o = 0; o < OUTPUTS; o++)
                y[m * OUTPUTS + o] += (bent ? fmax(0, z) : tanh(z) + 0.3)
                                      * AT(s.W2, j, o);
        }
}

/* Merge; see how many are left, and that the outputs are the same. */
static struct small merge(struct small s, size_t left)
{
    double before[2][ROWS * OUTPUTS], after[ROWS * OUTPUTS];
    for (int bent = 0; bent < 2; bent++)
        run(s, UNITS, bent, before[bent]);
    const size_t n = merge_twins(s.W1, s.b1, s.W2);
    if (!ex_equal("units that are left", n, left))
        return s;
    for (int bent = 0; bent < 2; bent++) {
        run(s, n, bent, after);
        ex_close(bent ? "the output with ReLU" : "the output with tanh + c",
                 ROWS, OUTPUTS, after, before[bent], 1e-13, 1e-12);
    }
    return s;
}

static void none(void)
{
    const size_t like[UNITS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    ex_case("no twins");
    merge(network(75, like), UNITS);
}

static void groups(void)
{
    const size_t pair[UNITS] = { 0, 1, 2, 3, 4, 1, 6, 7 };
    const size_t three[UNITS] = { 0, 0, 2, 3, 2, 0, 6, 2 };
    ex_case("a pair of twins");
    merge(network(76, pair), 7);
    ex_case("two groups of three");
    merge(network(77, three), 4);
}

/* After zeros all units are twins, with outgoing weights that add up. */
static void zeros(void)
{
    const size_t like[UNITS] = { 0 };
    double want[OUTPUTS] = { 0 }, got[OUTPUTS];
    struct small s = network(78, like);
    for (size_t j = 0; j < UNITS; j++)
        for (size_t o = 0; o < OUTPUTS; o++)
            want[o] += AT(s.W2, j, o);
    ex_case("all units are twins");
    merge(s, 1);
    for (size_t o = 0; o < OUTPUTS; o++)
        got[o] = AT(s.W2, 0, o);
    ex_close("the outgoing weights", 1, OUTPUTS, got, want, 1e-13, 1e-12);
}

/* Equal weights but another bias: no twins. */
static void biases(void)
{
    const size_t like[UNITS] = { 0, 1, 2, 2, 4, 5, 6, 4 };
    struct small s = network(79, like);
    AT(s.b1, 0, 3) += 0.01;
    AT(s.W1, INPUTS - 1, 7) -= 0.01;
    ex_case("units that differ in one number");
    merge(s, UNITS);
}

/* The units that stay keep their order. */
static void order(void)
{
    const size_t like[UNITS] = { 0, 1, 0, 3, 1, 5, 3, 7 };
    static const size_t stay[5] = { 0, 1, 3, 5, 7 };
    struct small s = network(80, like);
    double want[5], got[5];
    for (size_t k = 0; k < 5; k++)
        want[k] = AT(s.b1, 0, stay[k]);
    ex_case("units 2, 4 and 6 are twins of 0, 1 and 3");
    merge(s, 5);
    for (size_t k = 0; k < 5; k++)
        got[k] = AT(s.b1, 0, k);
    ex_close("the biases", 1, 5, got, want, 0.0, 0.0);
}

EX_MAIN("6.7",
    { "a network without twins", "eq:symmetry", none },
    { "twins and triplets", "eq:symmetry", groups },
    { "all units are twins", "eq:symmetry", zeros },
    { "units that are nearly twins", "eq:symmetry", biases },
    { "the order of those that stay", "eq:symmetry", order })
