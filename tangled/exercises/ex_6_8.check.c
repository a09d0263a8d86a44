#include "exercise.h"
#define REAL double
#include "softmax.h"
#include "tape.h"

struct bypass {
    tensor W1, b1, W2;
    tensor dW1, db1, dW2;
};

void bypass_backward(struct arena *a, struct bypass *p, tensor X, tensor A,
                     tensor dY, tensor dX);

static struct arena memory;
enum { ROWS = 4, INPUTS = 5, HIDDEN = 7 };

/* A new matrix of normal numbers, and one that is not set. */
static tensor normal(gsl_rng *r, double sigma, size_t m, size_t n)
{
    return tensor_normal(&memory, r, 0, sigma, SHAPE(m, n));
}

static tensor unset(size_t m, size_t n)
{
    const tensor t = tensor_empty(&memory, SHAPE(m, n));
    ex_fill(m * n, t.data);
    return t;
}

/* A block at work, and what its gradients should be. */
struct work {
    struct bypass block, want;
    tensor X, A, dY, dX, want_dX;
};

/* The same block on a tape. */
static void sweep(struct work *w)
{
    struct tape t = { .n = 0 };
    const struct bypass *p = &w->want;
    const var X = tape_parameter(&t, w->X, w->want_dX);
    const var Z = tape_add(&t,
        tape_matmul(&t, X, tape_parameter(&t, p->W1, p->dW1)),
        tape_parameter(&t, p->b1, p->db1));
    const var A = tape_relu(&t, Z);
    const var Y = tape_add(&t, X,
        tape_matmul(&t, A, tape_parameter(&t, p->W2, p->dW2)));
    w->A = tensor_clone(&memory, tape_value(&t, A));
    tape_backward_from(&t, Y, w->dY);
    tape_free(&t);
}

/* Random weights; those of W2 have the deviation `out`. */
static struct work bypass_work(unsigned long seed, double out)
{
    gsl_rng *r = random_new(seed);
    struct work w = { .X = normal(r, 1.1, ROWS, INPUTS),
                      .dY = normal(r, 0.6, ROWS, INPUTS),
                      .dX = unset(ROWS, INPUTS),
                      .want_dX = tensor_zeros(&memory,
                                              SHAPE(ROWS, INPUTS)) };
    w.block = (struct bypass){
        normal(r, 0.7, INPUTS, HIDDEN), normal(r, 0.3, 1, HIDDEN),
        normal(r, out, HIDDEN, INPUTS), unset(INPUTS, HIDDEN),
        unset(1, HIDDEN), unset(HIDDEN, INPUTS)
    };
    gsl_rng_free(r);
    w.want = w.block;
    w.want.dW1 = tensor_zeros(&memory, SHAPE(INPUTS, HIDDEN));
    w.want.db1 = tensor_zeros(&memory, SHAPE(1, HIDDEN));
    w.want.dW2 = tensor_zeros(&memory, SHAPE(HIDDEN, INPUTS));
    sweep(&w);
    return w;
}

static void down(struct work *w)
{
    bypass_backward(&memory, &w->block, w->X, w->A, w->dY, w->dX);
}

static void compare(const char *what, tensor got, tensor want)
{
    ex_close(what, got.shape[0], got.shape[1], got.data, want.data, 1e-13,
             1e-12);
}

static void inputs(void)
{
    struct work w = bypass_work(81, 0.5);
    down(&w);
    compare("dX", w.dX, w.want_dX);
}

static void first_layer(void)
{
    struct work w = bypass_work(82, 0.5);
    down(&w);
    compare("dW1", w.block.dW1, w.want.dW1);
    compare("db1", w.block.db1, w.want.db1);
}

static void second_layer(void)
{
    struct work w = bypass_work(83, 0.5);
    down(&w);
    compare("dW2", w.block.dW2, w.want.dW2);
}

/* With W2 = 0 the block does nothing, and W2 can learn all the same. */
static void idle(void)
{
    struct work w = bypass_work(84, 0.0);
    ex_case("a block with W2 = 0");
    down(&w);
    compare("dX", w.dX, w.dY);
    compare("dW2", w.block.dW2, w.want.dW2);
}

static void untouched(void)
{
    struct work w = bypass_work(85, 0.5);
    const tensor X = tensor_clone(&memory, w.X);
    const tensor A = tensor_clone(&memory, w.A);
    const tensor dY = tensor_clone(&memory, w.dY);
    down(&w);
    const tensor dX = tensor_clone(&memory, w.dX);
    ex_unchanged("X", ROWS * INPUTS, w.X.data, X.data);
    ex_unchanged("A", ROWS * HIDDEN, w.A.data, A.data);
    ex_unchanged("dY", ROWS * INPUTS, w.dY.data, dY.data);
    down(&w);
    ex_same_again("dX", ROWS * INPUTS, dX.data, w.dX.data);
    compare("dX", w.dX, w.want_dX);
    compare("dW1", w.block.dW1, w.want.dW1);
    compare("dW2", w.block.dW2, w.want.dW2);
}

EX_MAIN("6.8",
    { "the gradient of the input", "eq:dense-gradient", inputs },
    { "the gradients of the first layer", "eq:activation-gradient",
      first_layer },
    { "the gradient of the second layer", "eq:dense-gradient",
      second_layer },
    { "a block that does nothing yet", "eq:dense-gradient", idle },
    { "called twice", "eq:dense-gradient", untouched })
