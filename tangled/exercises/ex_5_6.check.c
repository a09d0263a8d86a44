#include "exercise.h"
#define REAL double
#include "softmax.h"
#include "gradcheck.h"

double weighted_nll_gradient(tensor Z, const int label[],
                             const double weight[], tensor dZ);

static struct arena memory;

/* Six images of four classes. */
enum { ROWS = 6, CLASSES = 4 };
static const int label[ROWS] = { 2, 0, 3, 3, 1, 0 };
static const double copies[ROWS] = { 3, 1, 0, 2, 5, 1 };

static tensor logits(void)
{
    gsl_rng *r = random_new(56);
    const tensor Z = tensor_normal(&memory, r, 0.3, 1.7,
                                   SHAPE(ROWS, CLASSES));
    gsl_rng_free(r);
    return Z;
}

/* The loss when image i is there copies[i] times; want is the gradient. */
static double by_copies(tensor Z, double want[ROWS * CLASSES])
{
    size_t index[20], n = 0;
    int labels[20];
    for (size_t i = 0; i < ROWS; i++)
        for (int c = 0; c < (int)copies[i]; c++)
            labels[n] = label[i], index[n++] = i;
    const tensor all = tensor_index_select(&memory, Z, 0, n, index);
    const double loss = softmax_nll_gradient(all, labels, all);
    memset(want, 0, ROWS * CLASSES * sizeof *want);
    for (size_t a = 0; a < n; a++)
        for (size_t k = 0; k < CLASSES; k++)
            want[index[a] * CLASSES + k] += AT(all, a, k);
    return loss;
}

static void compare(const double weight[], tensor Z, tensor dZ)
{
    double want[ROWS * CLASSES];
    const double loss = by_copies(Z, want);
    const double got = weighted_nll_gradient(Z, label, weight, dZ);
    ex_close("dZ", ROWS, CLASSES, dZ.data, want, 1e-14, 1e-12);
    ex_close_to("the loss", got, loss, 0.0, 1e-12);
}

static void whole(void)
{
    double dZ[ROWS * CLASSES];
    ex_case("the weights 3 1 0 2 5 1");
    ex_fill(ROWS * CLASSES, dZ);
    compare(copies, logits(), tensor_wrap(dZ, SHAPE(ROWS, CLASSES)));
}

static void scaled(void)
{
    double dZ[ROWS * CLASSES], weight[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        weight[i] = 0.0173 * copies[i];
    ex_case("the weights 3 1 0 2 5 1 times 0.0173");
    ex_fill(ROWS * CLASSES, dZ);
    compare(weight, logits(), tensor_wrap(dZ, SHAPE(ROWS, CLASSES)));
}

static void in_place(void)
{
    const tensor Z = logits();
    ex_case("dZ in the place of Z");
    compare(copies, Z, Z);
}

/* The definition, for difference quotients. */
static double by_definition(void *context, const double theta[], size_t n)
{
    const double *weight = context;
    double sum = 0, total = 0;
    (void)n;
    for (size_t i = 0; i < ROWS; i++) {
        const double *z = theta + i * CLASSES;
        total += weight[i];
        sum += weight[i] * (log_sum_exp(CLASSES, z) - z[label[i]]);
    }
    return sum / total;
}

static void fractions(void)
{
    static double weight[ROWS] = { 0.31, 2.4, 1.06, 0.007, 0.9, 0.58 };
    double dZ[ROWS * CLASSES], want[ROWS * CLASSES];
    const tensor Z = logits();
    const tensor out = tensor_wrap(dZ, SHAPE(ROWS, CLASSES));
    for (size_t i = 0; i < ROWS * CLASSES; i++)
        want[i] = grad_measure(by_definition, weight, Z.data,
                               ROWS * CLASSES, i);
    ex_case("weights that are fractions");
    ex_fill(ROWS * CLASSES, dZ);
    const double loss = weighted_nll_gradient(Z, label, weight, out);
    ex_close("dZ", ROWS, CLASSES, dZ, want, 1e-9, 1e-8);
    ex_close_to("the loss", loss, by_definition(weight, Z.data, 0), 0.0,
                1e-12);
}

EX_MAIN("5.6",
    { "weights are copies", "eq:softmax-nll", whole },
    { "only their ratios matter", "eq:batch-dz", scaled },
    { "dZ in the place of Z", "eq:softmax-nll", in_place },
    { "fractions, against differences", "eq:batch-dz", fractions })
