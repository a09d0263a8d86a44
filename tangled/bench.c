#define REAL float
/*
 * What takes time, and how much.  Downhill, appendix G.
 *
 * cc -O3 -march=native tangled/bench.c -lgsl -lopenblas -lz -lm -o bench
 */
#include "program.h"
#include "sets.h"
#include "taped.h"
#include "train.h"
#include "tsne.h"

#include <gsl/gsl_sort.h>

/* Operations of a step with n widths on B samples.     eq:step-flops */
static double step_flops(size_t n, const size_t width[], size_t B)
{
    double sum = -(double)(width[0] * width[1]);
    for (size_t k = 1; k < n; k++)
        sum += 3 * (double)(width[k - 1] * width[k]);
    return 2 * (double)B * sum;
}

/* Bytes that it must move.                             eq:step-bytes */
static double step_bytes(size_t n, const size_t width[], size_t B)
{
    double sum = (double)(B * width[0]) - (double)(width[0] * width[1]);
    for (size_t k = 1; k < n; k++)
        sum += 4 * (double)(width[k - 1] * width[k]);
    return sizeof(real) * sum;
}

struct bench_net {
    const char *name;
    struct widths widths;
    const char *activation;
    size_t batch;
    enum method method;
    double rate;
    size_t epochs;
};

static const struct bench_net nets[] = {
    { "s10", { 2, { 784, 10 } }, "relu", 64, SGD, 0.1, 5 },
    { "e100", { 4, { 784, 100, 100, 10 } }, "sigmoid", 100, SGD, 0.1, 5 },
    { "b28", { 3, { 784, 28, 10 } }, "sigmoid", 1, SGD, 0.1, 1 },
    { "c512", { 3, { 784, 512, 10 } }, "leaky", 256, ADAM, 0.001, 5 },
    { "d5", { 6, { 784, 520, 320, 240, 120, 10 } }, "relu", 32, MOMENTUM,
      0.01, 1 },
    { "a1024", { 4, { 784, 1024, 1024, 10 } }, "sigmoid", 64, SGD, 0.03,
      1 }
};

enum { NETS = sizeof nets / sizeof *nets };

static struct images train, test;

static void data_ready(void)
{
    struct error e;
    if (!mnist_load(&train, &test, &memory, option.data, &e))
        give_up(&e);
}

struct contest {
    const struct bench_net *net;
    struct network network;
    struct optimizer optimizer;
    struct learner learner;
};


/* In place, for the learner points into it. */
static void contest_begin(struct contest *c, const struct bench_net *b)
{
    c->net = b;
    c->network = network_mlp(&memory, b->widths.n, b->widths.width,
                             activation_find(b->activation), b->batch);
    struct model *m = &c->network.model;
    network_init(&c->network, (struct init){ .rule = INIT_XAVIER }, rng);
    c->optimizer = optimizer_new(&memory, b->method, m->theta.shape[0],
                                 b->rate);
    if (b->method == MOMENTUM)
        c->optimizer.beta1 = 0.5;
    c->learner = learner_new(&memory, m, &c->optimizer.rule,
                             images_data(&train), b->batch, rng);
}

static struct table speed_table(void)
{
    return table_new("speed", "network %-8s|seconds an epoch %17.4f|"
                     "least %8.4f|most %8.4f|test % %7.2f");
}

static void time_epochs(struct table *t, const struct bench_net *b)
{
    double seconds[100];
    struct contest c;
    const size_t n = option.epochs > 0 ? option.epochs : b->epochs;
    REQUIRE(n <= 100, "%zu epochs", n);
    contest_begin(&c, b);
    for (size_t e = 0; e < n; e++) {
        const double start = seconds_now();
        if (!learner_epoch(&c.learner))
            give_up_on(b->name, "the loss is not a number in step %zu",
                       c.learner.steps + 1);
        seconds[e] = seconds_now() - start;
    }
    const struct score s = network_score(&c.network, test.X, test.label);
    gsl_sort(seconds, 1, n);
    ROW(t, b->name, (seconds[(n - 1) / 2] + seconds[n / 2]) / 2,
        seconds[0], seconds[n - 1], 100 * s.accuracy);
}

/* All products of a step, as the network does them; all dA are 0. */
static void step_products(struct network *n, tensor X, bool descent)
{
    for (size_t k = 0; k < n->layers; k++) {
        struct layer *l = &n->layer[k];
        if (l->n == 0)
            continue;
        const tensor in = k > 0 ? l[-1].A : X, W = l->p[WEIGHT].value;
        tensor_gemm(1, in, W, 0, l->A);
        tensor_gemm(1, tensor_transpose(in), l->dA, descent,
                    descent ? W : l->p[WEIGHT].grad);
        if (k > 0)
            affine_input_gradient(W, l->dA, l[-1].dA);
    }
}


static void time_products(struct table *t, const struct bench_net *b)
{
    struct contest c;
    const size_t steps = train.n / b->batch;
    double seconds[3];
    contest_begin(&c, b);
    const tensor X = tensor_rows(train.X, 0, b->batch);
    for (size_t e = 0; e < 3; e++) {
        const double start = seconds_now();
        for (size_t s = 0; s < steps; s++)
            step_products(&c.network, X, b->method == SGD);
        seconds[e] = seconds_now() - start;
    }
    gsl_sort(seconds, 1, 3);
    ROW(t, b->name, seconds[1], seconds[0], seconds[2], NAN);
}

enum { GATHER, PRODUCTS, ACTIVATIONS, LOSS, STEP, TIMED };

/* Add the time since *last to one of the sums. */
static void tick(double sum[], int part, double *last)
{
    const double now = seconds_now();
    sum[part] += now - *last;
    *last = now;
}

static void time_step(struct contest *c, double sum[], size_t t)
{
    struct network *n = &c->network;
    struct learner *l = &c->learner;
    double last = seconds_now();
    batch_fill(&l->batch, &l->data, l->order, t);
    tick(sum, GATHER, &last);
    tensor X = n->X = l->batch.X;
    for (size_t k = 0; k < n->layers; k++) {
        struct layer *p = &n->layer[k];
        const tensor A = first_rows(p->A, l->batch.n);
        p->kind->forward(p, X, A, true);
        tick(sum, p->n > 0 ? PRODUCTS : ACTIVATIONS, &last);
        X = A;
    }
    n->loss->value(X, &l->batch, network_top(n, l->batch.n));
    tick(sum, LOSS, &last);
    const bool descent = c->net->method == SGD;
    for (size_t k = n->layers; k-- > 0; ) {
        struct layer *p = &n->layer[k];
        const tensor in = k > 0 ? first_rows(p[-1].A, l->batch.n) : n->X;
        const tensor dA = first_rows(p->dA, l->batch.n);
        if (k > 0)
            p->kind->backward(p, in, first_rows(p->A, l->batch.n), dA,
                              first_rows(p[-1].dA, l->batch.n));
        if (p->n > 0)
            p->kind->gradient(p, in, dA, descent ? -c->net->rate : 1, descent,
                              descent ? n->model.theta : n->model.grad);
        tick(sum, p->n > 0 ? PRODUCTS : ACTIVATIONS, &last);
    }
    if (!descent)
        optimizer_apply(&c->optimizer, &n->model);
    tick(sum, STEP, &last);
}

static void show_parts(void)
{
    data_ready();
    struct table t = table_new("parts", "network %-8s|us a step %10.1f|"
                               "gather % %9.1f|products % %11.1f|"
                               "activations % %14.1f|loss % %7.1f|"
                               "step % %7.1f");
    t.rounded = true;
    for (size_t k = 0; k < NETS; k++) {
        struct contest c;
        double sum[TIMED] = { 0 }, all = 0, x[TIMED + 1];
        contest_begin(&c, &nets[k]);
        const size_t steps = learner_batches(&c.learner);
        index_shuffle(rng, c.learner.data.n, c.learner.order);
        for (size_t s = 0; s < steps; s++)
            time_step(&c, sum, s);
        for (int p = 0; p < TIMED; p++)
            all += sum[p];
        x[0] = 1e6 * all / (double)steps;
        for (int p = 0; p < TIMED; p++)
            x[1 + p] = 100 * sum[p] / all;
        table_row(&t, nets[k].name, TIMED + 1, x);
    }
    table_end(&t);
}

enum { SIDE = 1536, TRIES = 7 };

/* Operations a second in a product of large square matrices. */
static double peak_flops(void)
{
    const tensor A = tensor_uniform(&memory, rng, -1, 1, SHAPE(SIDE, SIDE));
    const tensor C = tensor_zeros(&memory, SHAPE(SIDE, SIDE));
    double best = INFINITY;
    for (int k = 0; k < TRIES; k++) {
        const double start = seconds_now();
        tensor_gemm(1, A, A, 0, C);
        best = fmin(best, seconds_now() - start);
    }
    return 2 * pow(SIDE, 3) / best;
}


/* Bytes a second, read and written, in a copy of 64 MB. */
static double bandwidth(void)
{
    const size_t n = (size_t)1 << 26;
    char *from = arena_alloc(&memory, n, 1);
    char *to = arena_alloc(&memory, n, 1);
    double best = INFINITY;
    for (int k = 0; k < TRIES; k++) {
        const double start = seconds_now();
        memcpy(to, from, n);
        best = fmin(best, seconds_now() - start);
        from[k] = to[k + 1];
    }
    return 2 * (double)n / best;
}

static void show_bound(void)
{
    const double P = peak_flops(), Q = bandwidth();
    data_ready();
    printf("peak %.0f Gflop/s, bandwidth %.1f GB/s\n\n", P / 1e9, Q / 1e9);
    struct table t = table_new("bound", "network %-8s|Mflop %8.2f|MB %8.2f|"
                               "flops us %9.1f|bytes us %9.1f|"
                               "measured us %12.1f");
    t.rounded = true;
    for (size_t k = 0; k < NETS; k++) {
        const struct widths *w = &nets[k].widths;
        const double F = step_flops(w->n, w->width, nets[k].batch);
        const double M = step_bytes(w->n, w->width, nets[k].batch);
        struct contest c;
        contest_begin(&c, &nets[k]);
        const double start = seconds_now();
        if (!learner_epoch(&c.learner))
            give_up_on(nets[k].name, "the loss is not a number");
        ROW(&t, nets[k].name, F / 1e6, M / 1e6, 1e6 * F / P, 1e6 * M / Q,
            1e6 * (seconds_now() - start) / (double)c.learner.steps);
    }
    table_end(&t);
}

/* The median of five times of f, in ms. */
static double median_ms(void f(void))
{
    double ms[5];
    for (int k = 0; k < 5; k++) {
        const double start = seconds_now();
        f();
        ms[k] = 1e3 * (seconds_now() - start);
    }
    gsl_sort(ms, 1, 5);
    return ms[2];
}


static void load_mnist(void)
{
    struct arena a = { 0 };
    struct images x, y;
    struct error e;
    if (!mnist_load(&x, &y, &a, option.data, &e))
        give_up(&e);
    arena_free(&a);
}

static void map_digits(void)
{
    struct arena a = { 0 };
    const struct images s = digits_load(&a);
    struct tsne m = tsne_new(&a, s.X, tsne_usual);
    while (m.step < m.plan.steps)
        tsne_step(&m);
    arena_free(&a);
}

enum { STEPS_TIMED = 200 };

static struct network small;
static struct taped small_tape;
static struct batch small_batch;

static void small_ready(void)
{
    static const size_t width[] = { 784, 128, 10 };
    const struct data d = images_data(&train);
    small = network_mlp(&memory, 3, width, activation_find("relu"), 64);
    network_init(&small, (struct init){ .rule = INIT_HE }, rng);
    small_tape = taped_new(&memory, &small, tape_relu);
    small_batch = batch_new(&memory, &d, 64);
    batch_fill(&small_batch, &d, NULL, 0);
}


static void by_layers(void)
{
    for (int k = 0; k < STEPS_TIMED; k++)
        network_gradient(&small, small_batch.X, small_batch.label);
}

static void by_tape(void)
{
    struct model *m = &small_tape.model;
    for (int k = 0; k < STEPS_TIMED; k++) {
        m->loss(m, &small_batch, true);
        m->backward(m, 1, 0, m->grad);
    }
}

/* Both products of 784-10, with a W in memory by rows or by columns. */
static void narrow_products(tensor W)
{
    static real room[64 * 10];
    const tensor X = small_batch.X, Z = tensor_wrap(room, SHAPE(64, 10));
    for (int k = 0; k < STEPS_TIMED; k++) {
        tensor_gemm(1, X, W, 0, Z);
        tensor_gemm(1, tensor_transpose(X), Z, 0, W);
    }
}

static void by_rows(void)
{
    static real w[784 * 10];
    narrow_products(tensor_wrap(w, SHAPE(784, 10)));
}

static void by_columns(void)
{
    static real w[784 * 10];
    narrow_products(tensor_transpose(tensor_wrap(w, SHAPE(10, 784))));
}

static struct network silencer;

static void by_hash(void)
{
    struct layer *l = silencer.layer;
    for (int k = 0; k < STEPS_TIMED; k++) {
        l->kind->forward(l, l->dA, l->A, true);
        l->kind->backward(l, l->dA, l->A, l->A, l->dA);
    }
}

static void by_generator(void)
{
    real *x = silencer.layer->A.data;
    for (size_t k = 0; k < STEPS_TIMED; k++)
        for (size_t i = 0; i < 32 * 520; i++)
            x[i] = gsl_rng_get(rng) < 858993459 /* 2^32 / 5 */
                   ? 0 : (real)1.25;
}

struct box { size_t references; const void *type; double value; };

enum { BOXES = 10000000 };

static double *plain;
static struct box **boxes;
static volatile double boxes_sum;

static void boxes_ready(void)
{
    plain = arena_take(&memory, BOXES, sizeof *plain);
    boxes = arena_take(&memory, BOXES, sizeof *boxes);
    for (size_t i = 0; i < BOXES; i++) {
        plain[i] = random_uniform(rng);
        boxes[i] = arena_take(&memory, 1, sizeof **boxes);
        *boxes[i] = (struct box){ 1, NULL, plain[i] };
    }
}


static void sum_plain(void)
{
    double sum = 0;
    for (size_t i = 0; i < BOXES; i++)
        sum += plain[i];
    boxes_sum = sum;
}

static void sum_boxes(void)
{
    double sum = 0;
    for (size_t i = 0; i < BOXES; i++)
        sum += boxes[i]->value;
    boxes_sum = sum;
}


static void show_memory(void)
{
    boxes_ready();
    struct table t = table_new("memory", "ten million doubles %-20s|"
                               "ms %8.1f|ratio %7.1f");
    t.rounded = true;
    const double one = median_ms(sum_plain), two = median_ms(sum_boxes);
    gsl_ran_shuffle(rng, boxes, BOXES, sizeof *boxes);
    const double three = median_ms(sum_boxes);
    ROW(&t, "tensor", one, 1);
    ROW(&t, "boxes in order", two, two / one);
    ROW(&t, "boxes shuffled", three, three / one);
    table_end(&t);
}

enum { ROOTS = 1000000 };

static real *adam_vector[4];

static void adam_ours(void)
{
    const struct adam a = { 0.001, 0.9, 0.999, 1e-8, 0 };
    adam_step(ROOTS, adam_vector[0], adam_vector[1], adam_vector[2],
              adam_vector[3], a, 1);
}

/* Adam as one would write it, with the root of the library. */
static void adam_library(void)
{
    const struct adam_terms c = adam_terms((struct adam){ 0.001, 0.9, 0.999,
                                           1e-8, 0 }, 1);
    real *restrict theta = adam_vector[0], *restrict g = adam_vector[1];
    real *restrict m = adam_vector[2], *restrict v = adam_vector[3];
    for (size_t i = 0; i < ROOTS; i++) {
        m[i] = c.keep1 * m[i] + c.take1 * g[i];
        v[i] = c.keep2 * v[i] + c.take2 * g[i] * g[i];
        theta[i] -= c.eta * m[i] / (c.scale * real_sqrt(v[i]) + c.eps);
    }
}


static const struct { const char *what; void (*f)(void); int n; } rest[] = {
    { "load MNIST, both parts", load_mnist, 1 },
    { "t-SNE of 1797 digits, 500 steps", map_digits, 1 },
    { "a gradient of 784-128-10 by layers", by_layers, STEPS_TIMED },
    { "the same by the tape", by_tape, STEPS_TIMED },
    { "the products of 784-10, W by rows", by_rows, STEPS_TIMED },
    { "the same, W by columns", by_columns, STEPS_TIMED },
    { "dropout of 520 units and 32 samples", by_hash, STEPS_TIMED },
    { "the numbers for it from the generator", by_generator, STEPS_TIMED },
    { "Adam's rule, a million parameters", adam_ours, 1 },
    { "the same with the root of the library", adam_library, 1 }
};

static void show_rest(void)
{
    data_ready();
    small_ready();
    for (int k = 0; k < 4; k++)
        adam_vector[k] =
            tensor_full(&memory, (real)0.01, SHAPE(ROOTS)).data;
    silencer = network_new(&memory, 32, SHAPE(520));
    network_dropout(&silencer, 0.2, rng);
    network_finish(&silencer);
    struct table t = table_new("rest", "what %-44s|ms %9.3f");
    t.rounded = true;
    for (size_t k = 0; k < sizeof rest / sizeof *rest; k++)
        ROW(&t, rest[k].what, median_ms(rest[k].f) / rest[k].n);
    table_end(&t);
    tape_free(&small_tape.tape);
}

static void bench_one(const struct bench_net *b)
{
    data_ready();
    struct table t = speed_table();
    (option.products ? time_products : time_epochs)(&t, b);
    table_end(&t);
}

#define BENCH(name, k) \
    static void bench_##name(void) \
    { \
        bench_one(&nets[k]); \
    }

BENCH(s10, 0)
BENCH(e100, 1)
BENCH(b28, 2)
BENCH(c512, 3)
BENCH(d5, 4)
BENCH(a1024, 5)

static const struct part parts[] = { { 0 } }, extras[] = {
    { "s10", bench_s10, "784-10", "data seed epochs products" },
    { "e100", bench_e100, "784-100-100-10", "data seed epochs products" },
    { "b28", bench_b28, "784-28-10, one by one",
      "data seed epochs products" },
    { "c512", bench_c512, "784-512-10, Adam", "data seed epochs products" },
    { "d5", bench_d5, "784-520-320-240-120-10, momentum",
      "data seed epochs products" },
    { "a1024", bench_a1024, "784-1024-1024-10",
      "data seed epochs products" },
    { "parts", show_parts, "the parts of a step", "data seed" },
    { "bound", show_bound, "peak, bandwidth and what they allow",
      "data seed" },
    { "memory", show_memory, "numbers in boxes", "seed" },
    { "rest", show_rest, "loading, t-SNE, tape, root", "data seed" },
    { 0 }
};

int main(int argc, char **argv)
{
    return program_run(argc, argv, "bench",
                       "What takes time, and how much.", parts, extras);
}
