#include "exercise.h"
#define REAL double
#include "softmax.h"

void sample_pulls(tensor X, tensor dZ, double pull[]);

static struct arena memory;

/* Softmax regression with random weights is a layer of this kind. */
enum { MOST = 9, INPUTS = 6, OUTPUTS = 4 };
static int label[MOST] = { 2, 0, 3, 1, 1, 3, 0, 2, 2 };

static struct softmax model(gsl_rng *r)
{
    struct softmax s = softmax_new(&memory, INPUTS, OUTPUTS, MOST);
    for (size_t i = 0; i < s.model.theta.shape[0]; i++)
        s.model.theta.data[i] = gsl_ran_gaussian(r, 0.8);
    return s;
}

static double length(tensor v)
{
    double sum = 0;
    for (size_t i = 0; i < v.shape[0]; i++)
        sum += AT(v, i) * AT(v, i);
    return sqrt(sum);
}

/* pull[] of a batch, and the lengths of the gradients one by one. */
static void compare(size_t B, unsigned long seed)
{
    double pull[MOST], want[MOST];
    gsl_rng *r = random_new(seed);
    struct softmax s = model(r);
    const tensor X = tensor_normal(&memory, r, 0.2, 1.1, SHAPE(B, INPUTS));
    gsl_rng_free(r);
    for (size_t n = 0; n < B; n++) {
        softmax_loss(&s, tensor_rows(X, n, 1), label + n);
        want[n] = length(s.model.grad);
    }
    softmax_loss(&s, X, label);         /* leaves dZ of the batch in s.Z */
    ex_case("a batch of %zu", B);
    ex_fill(B, pull);
    sample_pulls(X, s.Z, pull);
    ex_close("pull", 1, B, pull, want, 0.0, 1e-12);
}

static void batches(void)
{
    compare(7, 65);
    compare(9, 66);
}

static void alone(void)
{
    compare(1, 67);
}

/* Inputs of 0 pull at the biases still: B times the length of dZ. */
static void dark(void)
{
    double pull[3], want[3];
    gsl_rng *r = random_new(68);
    const tensor X = tensor_zeros(&memory, SHAPE(3, INPUTS));
    const tensor dZ = tensor_normal(&memory, r, 0, 0.3, SHAPE(3, OUTPUTS));
    gsl_rng_free(r);
    for (size_t n = 0; n < 3; n++)
        want[n] = 3 * length(tensor_select(dZ, 0, (ptrdiff_t)n));
    ex_case("inputs of 0, a batch of 3");
    ex_fill(3, pull);
    sample_pulls(X, dZ, pull);
    ex_close("pull", 1, 3, pull, want, 0.0, 1e-12);
}

EX_MAIN("6.5",
    { "each sample of a batch", "eq:dense-one-gradient", batches },
    { "a batch of one", "eq:dense-one-gradient", alone },
    { "inputs of 0", "eq:dense-one-gradient", dark })
