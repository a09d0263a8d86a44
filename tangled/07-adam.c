#define REAL float
#define _POSIX_C_SOURCE 200809L
/*
 * Adam and its ancestors.  Downhill, chapter 7.
 *
 * cc -O3 -march=native tangled/07-adam.c -lgsl -lopenblas -lz -lm -o adam
 */
#include <time.h>

#include "program.h"
#include "images.h"
#include "layers.h"
#include "optim.h"
#include "data/digits.h"

static struct arena memory;
static double kappa = 25;               /* condition of the valley */
static size_t seed = 1, epochs = 10, batch_size = 32, runs = 3;
static const char *net_text = "64-64-10", *data_folder;

struct landscape {
    double (*height)(const real x[2]);
    void (*slope)(const real x[2], real g[2]);
    real start[2];
};

/* f = (x^2 + kappa y^2) / 2                                  eq:valley */
static double valley_height(const real x[2])
{
    const double a = (double)x[0], b = (double)x[1];
    return (a * a + kappa * b * b) / 2;
}

static void valley_slope(const real x[2], real g[2])
{
    g[0] = x[0], g[1] = (real)kappa * x[1];
}

/* f = (1 - x)^2 + 100 (y - x^2)^2 */
static double bent_height(const real x[2])
{
    const double a = (double)x[0], b = (double)x[1] - a * a;
    return (1 - a) * (1 - a) + 100 * b * b;
}

static void bent_slope(const real x[2], real g[2])
{
    const real b = x[1] - x[0] * x[0];
    g[0] = -2 * (1 - x[0]) - 400 * x[0] * b;
    g[1] = 200 * b;
}

static const struct landscape valley = {
    valley_height, valley_slope, { 10, 1 }
};
static const struct landscape bent = {
    bent_height, bent_slope, { (real)-1.2, 1 }
};

enum { PATH_MAX_STEPS = 20000 };

/* The places x_0, x_1, ..., x_steps of a walk. */
struct path_taken { size_t steps; real (*at)[2]; };

/* Take that many steps from the start with the optimizer. */
static struct path_taken walk(const struct landscape *l,
                              struct optimizer o, size_t steps)
{
    struct path_taken p = { steps, arena_alloc(&memory, steps + 1,
                                               sizeof *p.at) };
    const tensor x = tensor_from(&memory, 2, l->start, SHAPE(2));
    const tensor g = tensor_zeros(&memory, SHAPE(2));
    memcpy(p.at[0], x.data, sizeof p.at[0]);
    for (size_t t = 1; t <= steps; t++) {
        l->slope(x.data, g.data);
        optimizer_step(&o, x, g);
        memcpy(p.at[t], x.data, sizeof p.at[t]);
    }
    return p;
}

/* How far place t is from (cx, cy). */
static double distance(struct path_taken p, size_t t, double cx, double cy)
{
    return hypot((double)p.at[t][0] - cx, (double)p.at[t][1] - cy);
}

/* The rate between steps s and t of a walk to (0, 0). */
static double rate_between(struct path_taken p, size_t s, size_t t)
{
    return pow(distance(p, t, 0, 0) / distance(p, s, 0, 0),
               1 / (double)(t - s));
}

/* The first step with an error of at most `share` of the first one. */
static size_t steps_to(struct path_taken p, double share)
{
    size_t t = 0;
    while (t < p.steps
           && distance(p, t, 0, 0) > share * distance(p, 0, 0, 0))
        t++;
    return t;
}

/* The method with its constants for this valley, as in the text. */
static struct optimizer valley_best(enum method k, double *rate)
{
    const double root = sqrt(kappa), b = (root - 1) / (root + 1);
    struct optimizer o = optimizer_new(&memory, k, 2, 0);
    if (k == SGD) {
        o.rate = 2 / (1 + kappa), o.beta1 = 0;
        *rate = (kappa - 1) / (kappa + 1);              /* eq:valley-rate */
    } else if (k == MOMENTUM) {
        o.rate = 4 / ((1 + root) * (1 + root)), o.beta1 = b * b;
        *rate = b;                                   /* eq:momentum-best */
    } else {
        o.rate = 1 / kappa, o.beta1 = b;
        *rate = 1 - 1 / root;                        /* eq:nesterov-rate */
    }
    return o;
}

static void show_valley(void)
{
    static const enum method list[] = { SGD, NESTEROV, MOMENTUM };
    printf("f = (x^2 + %g y^2)/2 from (10, 1)\n\n", kappa);
    printf("%-10s %8s %8s %8s %10s %14s\n", "method", "rate", "beta",
           "theory", "measured", "steps to 1e-6");
    for (size_t k = 0; k < 3; k++) {
        double theory;
        const struct optimizer o = valley_best(list[k], &theory);
        const struct path_taken p = walk(&valley, o, PATH_MAX_STEPS);
        const size_t t = steps_to(p, 1e-6);
        printf("%-10s %8.4f %8.4f %8.4f %10.4f %14zu\n",
               method_name[list[k]], o.rate, o.beta1, theory,
               rate_between(p, t / 2, t), t);
    }
}

static void show_rates(void)
{
    static const double part[] = { 0.1, 0.5, 1, 1.5, 1.9, 0, 2, 2.02 };
    printf("f = (x^2 + %g y^2)/2, descent; the edge is 2/%g\n\n", kappa,
           kappa);
    printf("%8s %9s %9s %9s %16s\n", "rate", "floor", "wall", "worst",
           "error, 60 steps");
    for (size_t k = 0; k < sizeof part / sizeof *part; k++) {
        struct optimizer o = optimizer_new(&memory, SGD, 2, 0);
        o.rate = part[k] > 0 ? part[k] / kappa : 2 / (1 + kappa);
        const double floor_factor = 1 - o.rate;
        const double wall = 1 - o.rate * kappa;
        const struct path_taken p = walk(&valley, o, 60);
        printf("%8.4f %9.4f %9.4f %9.4f %16.5f%s\n", o.rate, floor_factor,
               wall, fmax(fabs(floor_factor), fabs(wall)),
               distance(p, 60, 0, 0), part[k] > 0 ? "" : "   best");
    }
}

/* m after t gradients of 1, or of +1 and -1 in turn, the last one +1. */
static double momentum_after(int t, double beta, bool zigzag)
{
    real theta = 0, m = 0;
    for (int i = 1; i <= t; i++) {
        const real g = zigzag && (t - i) % 2 == 1 ? -1 : 1;
        momentum_step(1, &theta, &g, &m, 0.1, beta);
    }
    return (double)m;
}

static void show_momentum(void)
{
    static const double beta[] = { 0, 0.5, 0.9, 0.99 };
    printf("%6s  %8s %8s %8s %8s  %10s\n", "beta", "m_1", "m_10", "m_100",
           "1/(1-b)", "zigzag");
    for (size_t k = 0; k < 4; k++)
        printf("%6.2f  %8.3f %8.3f %8.3f %8.0f  %10.3f\n", beta[k],
               momentum_after(1, beta[k], false),
               momentum_after(10, beta[k], false),
               momentum_after(100, beta[k], false), 1 / (1 - beta[k]),
               momentum_after(1000, beta[k], true));
}

/* Ways to undo the zeros that the averages start from. */
enum correction { NONE, SOURCES, KINGMA, CORRECTIONS };

/* The divisor of an average with this beta at step t.      eq:adam-bias */
static double divisor(enum correction c, double beta, size_t t)
{
    return c == NONE ? 1 : c == SOURCES ? 1 - beta
         : 1 - pow(beta, (double)t);
}

/* The step of t equal gradients in units of the rate.   eq:adam-wrong */
static double steady_step(enum correction c, size_t t)
{
    const double m = 1 - pow(0.9, (double)t);
    const double v = 1 - pow(0.999, (double)t);
    return m / divisor(c, 0.9, t) / sqrt(v / divisor(c, 0.999, t));
}

static void show_bias(void)
{
    static const size_t at[] = { 1, 2, 5, 12, 50, 300, 1000, 10000 };
    printf("all gradients are 1; steps in units of the rate\n\n");
    printf("%6s %8s %8s %8s   %9s %9s %9s\n", "t", "m", "v", "m hat",
           "none", "1-beta", "1-beta^t");
    for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
        const size_t t = at[k];
        const double m = 1 - pow(0.9, (double)t);
        printf("%6zu %8.4f %8.4f %8.4f   %9.4f %9.4f %9.4f\n", t, m,
               1 - pow(0.999, (double)t), m / divisor(KINGMA, 0.9, t),
               steady_step(NONE, t), steady_step(SOURCES, t),
               steady_step(KINGMA, t));
    }
}

enum feed { STEADY, ZIGZAG, SPARSE, GROWING, FEEDS };

static const char *const feed_name[FEEDS] = {
    "always the same", "changing sign", "only the last one is not 0",
    "growing by 1.11 a step"
};

static double feed_gradient(enum feed f, size_t t, size_t last)
{
    switch (f) {
    case STEADY: return -0.0042;
    case ZIGZAG: return t % 2 == last % 2 ? 1 : -1;
    case SPARSE: return t == last ? 917 : 0;
    default: return pow(0.999 / 0.9, (double)t - (double)last);
    }
}

/* Step `last` of Adam on such gradients, in units of the rate. */
static double feed_step(enum feed f, size_t last)
{
    const struct adam a = { 1, 0.9, 0.999, 1e-30, 0 };
    real theta = 0, m = 0, v = 0;
    for (size_t t = 1; t <= last; t++) {
        const real g = (real)feed_gradient(f, t, last);
        theta = 0;
        adam_step(1, &theta, &g, &m, &v, a, t);
    }
    return fabs((double)theta);
}

static void show_bound(void)
{
    static const size_t at[] = { 1, 10, 1000, 10000 };
    printf("%-26s", "gradients");
    for (int k = 0; k < 4; k++)
        printf("  t = %-5zu", at[k]);
    printf("\n");
    for (int f = 0; f < FEEDS; f++) {
        printf("%-26s", feed_name[f]);
        for (int k = 0; k < 4; k++)
            printf("  %9.3f", feed_step((enum feed)f, at[k]));
        printf("\n");
    }
}

/* The end of ten steps through the valley with the gradient times c. */
static void scaled_walk(enum method k, double c)
{
    struct optimizer o = optimizer_new(&memory, k, 2, 0.01);
    const tensor x = tensor_from(&memory, 2, valley.start, SHAPE(2));
    const tensor g = tensor_zeros(&memory, SHAPE(2));
    for (int t = 0; t < 10; t++) {
        valley.slope(x.data, g.data);
        g.data[0] *= (real)c, g.data[1] *= (real)c;
        optimizer_step(&o, x, g);
    }
    printf("%-10s %8g   (%10.4g, %10.4g)\n", method_name[k], c,
           (double)x.data[0], (double)x.data[1]);
}

static void show_scale(void)
{
    static const enum method list[] = { SGD, MOMENTUM, RMSPROP, ADAM };
    printf("ten steps from (10, 1) at the rate 0.01\n\n");
    printf("%-10s %8s   %s\n", "method", "factor", "where they end");
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 2; i++)
            scaled_walk(list[k], i ? 1000 : 1);
}

/* Where theta = 1 is after 1000 gradients of +size, -size, +size, ... */
static double decayed(enum method k, double size)
{
    struct optimizer o = optimizer_new(&memory, k, 1, 0.001);
    const tensor x = tensor_ones(&memory, SHAPE(1));
    const tensor g = tensor_zeros(&memory, SHAPE(1));
    o.decay = 0.2;
    for (int t = 0; t < 1000; t++) {
        g.data[0] = (real)(t % 2 ? size : -size);
        optimizer_step(&o, x, g);
    }
    return (double)x.data[0];
}

static void show_decay(void)
{
    printf("from 1, a thousand steps, rate 0.001, lambda 0.2\n\n");
    printf("%-26s %10s %10s\n", "gradients of this size", "10", "0.001");
    printf("%-26s %10.4f %10.4f\n", "penalty in Adam's gradient",
           decayed(ADAM, 10), decayed(ADAM, 0.001));
    printf("%-26s %10.4f %10.4f\n", "AdamW", decayed(ADAMW, 10),
           decayed(ADAMW, 0.001));
    printf("%-26s %10.4f %10.4f\n", "(1 - 0.0002)^1000",
           pow(1 - 0.0002, 1000), pow(1 - 0.0002, 1000));
}

static const double bent_rate[] = {
    0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1
};
enum { BENT_RATES = sizeof bent_rate / sizeof *bent_rate };

/* The best of the rates by the height after 1000 steps. */
static double bent_best(enum method k)
{
    double best = 0, lowest = INFINITY;
    for (size_t i = 0; i < BENT_RATES; i++) {
        const struct optimizer o = optimizer_new(&memory, k, 2,
                                                 bent_rate[i]);
        const struct path_taken p = walk(&bent, o, 1000);
        const double height = bent.height(p.at[1000]);
        if (height < lowest)
            lowest = height, best = bent_rate[i];
    }
    return best;
}

static void show_rosenbrock(void)
{
    printf("Rosenbrock's valley from (-1.2, 1), height 24.2\n\n");
    printf("%-10s %8s %10s %10s %10s\n", "method", "rate", "10 steps",
           "100", "1000");
    for (int k = 0; k < ADAMW; k++) {
        const double rate = bent_best((enum method)k);
        const struct path_taken p =
            walk(&bent, optimizer_new(&memory, (enum method)k, 2, rate),
                 1000);
        printf("%-10s %8g %10.2g %10.2g %10.2g\n", method_name[k], rate,
               bent.height(p.at[10]), bent.height(p.at[100]),
               bent.height(p.at[1000]));
    }
}

static struct images train, test;

static void digits_prepare(void)
{
    static const struct layout form = { 8, 8, 16, 10, false };
    struct images all;
    struct error e;
    if (!images_of_lines(&all, &memory, digits_csv, digits_csv_lines,
                         "digits", &form, &e))
        give_up(&e);
    gsl_rng *r = random_new(seed);
    images_split(&all, &memory, r, 0.8, &train, &test);
    gsl_rng_free(r);
}

/* The network of --net with its first weights: the same every time. */
static struct network net_new(struct arena *a, const char *text,
                              const char *activation, size_t batch,
                              size_t s)
{
    struct widths w;
    struct error e;
    if (!widths_read(&w, text, "--net", &e))
        give_up(&e);
    struct network net = network_mlp(a, w.n, w.width,
                                     activation_find(activation), batch);
    gsl_rng *r = random_new(s);
    network_init(&net, (struct init){ .rule = INIT_HE }, r);
    gsl_rng_free(r);
    return net;
}

/* What training goes over: a network, images, their order. */
struct lesson {
    struct network net;
    struct batch batch;
    const struct images *from;
    size_t *order;
    gsl_rng *random;
};

static struct lesson lesson_new(struct arena *a, struct network net,
                                const struct images *from, size_t s)
{
    struct lesson l = { net, batch_new(a, net.batch, net.inputs), from,
                        arena_alloc(a, from->n, sizeof(size_t)),
                        random_new(s) };
    REQUIRE(net.inputs == from->X.shape[1], "a network of %zu inputs for "
            "images %s", net.inputs, TENSOR_SHAPE(from->X));
    for (size_t i = 0; i < from->n; i++)
        l.order[i] = i;
    return l;
}

/* One epoch; false when the loss is no number, and training must stop. */
static bool lesson_epoch(struct lesson *l, struct optimizer *o)
{
    index_shuffle(l->random, l->from->n, l->order);
    for (size_t t = 0; batch_fill(&l->batch, l->from, l->from->n, l->order,
                                  t); t++) {
        const double loss = network_gradient(&l->net, l->batch.X,
                                             l->batch.label);
        if (!isfinite(loss))
            return false;
        optimizer_step(o, l->net.theta, l->net.grad);
    }
    return true;
}

/* The training loss after each of n epochs in loss[]; INFINITY if lost. */
static struct score digits_train(enum method k, double rate, size_t n,
                                 double loss[])
{
    struct arena a = { 0 };
    struct lesson l = lesson_new(&a, net_new(&a, net_text, "relu",
                                 batch_size, seed), &train, seed);
    struct optimizer o = optimizer_new(&a, k, l.net.theta.shape[0], rate);
    bool good = true;
    for (size_t e = 0; e < n; e++) {
        good = good && lesson_epoch(&l, &o);
        const struct score s = network_score(&l.net, train.X, train.label);
        loss[e] = good && isfinite(s.loss) ? s.loss : INFINITY;
    }
    const struct score s = network_score(&l.net, test.X, test.label);
    gsl_rng_free(l.random);
    arena_free(&a);
    return s;
}

static const double grid_rate[] = {
    0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3
};
enum { RATES = sizeof grid_rate / sizeof *grid_rate, EPOCHS_MAX = 200 };

struct grid { double loss[METHODS][RATES]; size_t best[METHODS]; };

/* Train with every method at every rate. */
static struct grid grid_try(void)
{
    struct grid g = { 0 };
    double loss[EPOCHS_MAX];
    for (int k = 0; k < METHODS; k++)
        for (size_t i = 0; i < RATES; i++) {
            digits_train((enum method)k, grid_rate[i], epochs, loss);
            g.loss[k][i] = loss[epochs - 1];
            if (g.loss[k][i] < g.loss[k][g.best[k]])
                g.best[k] = i;
        }
    return g;
}

static void show_grid(void)
{
    digits_prepare();
    const struct grid g = grid_try();
    printf("%zu digits, %s, batch %zu: training loss after %zu epochs\n\n",
           train.n, net_text, batch_size, epochs);
    printf("%-9s", "rate");
    for (size_t i = 0; i < RATES; i++)
        printf(" %6g ", grid_rate[i]);
    printf("\n");
    for (int k = 0; k < METHODS; k++) {
        printf("%-9s", method_name[k]);
        for (size_t i = 0; i < RATES; i++) {
            const double x = g.loss[k][i];
            const char *mark = i == g.best[k] ? "*" : " ";
            if (x < 10)
                printf("  %5.3f%s", x, mark);
            else
                printf("  %5.1g%s", x, mark);
        }
        printf("\n");
    }
}

static void show_digits(void)
{
    digits_prepare();
    const struct grid g = grid_try();
    double loss[EPOCHS_MAX];
    printf("%-10s %7s %8s %8s %8s %8s %9s\n", "method", "rate", "epoch 1",
           "2", "5", "last", "test");
    for (int k = 0; k < METHODS; k++) {
        const double rate = grid_rate[g.best[k]];
        const struct score s = digits_train((enum method)k, rate, epochs,
                                            loss);
        printf("%-10s %7g %8.3f %8.3f %8.3f %8.4f %8.1f%%\n",
               method_name[k], rate, loss[0], loss[epochs > 1],
               loss[epochs > 4 ? 4 : epochs - 1], loss[epochs - 1],
               100 * s.accuracy);
    }
}

/* The training losses with one of the corrections. */
static void correction_train(enum correction c, double rate, size_t n,
                             double loss[])
{
    struct arena a = { 0 };
    struct lesson l = lesson_new(&a, net_new(&a, net_text, "relu",
                                 batch_size, seed), &train, seed);
    struct optimizer o = optimizer_new(&a, ADAM, l.net.theta.shape[0],
                                       rate);
    for (size_t e = 0; e < n; e++) {
        index_shuffle(l.random, train.n, l.order);
        for (size_t t = 0; batch_fill(&l.batch, &train, train.n, l.order,
                                      t); t++) {
            network_gradient(&l.net, l.batch.X, l.batch.label);
            o.rate = rate * steady_step(c, o.t + 1);
            optimizer_step(&o, l.net.theta, l.net.grad);
        }
        loss[e] = network_score(&l.net, train.X, train.label).loss;
    }
    gsl_rng_free(l.random);
    arena_free(&a);
}

static void show_fault(void)
{
    static const double rate[] = { 0.001, 0.01, 0.03 };
    static const char *const name[CORRECTIONS] = {
        "none", "1 - beta", "1 - beta^t"
    };
    digits_prepare();
    printf("training loss of Adam on the digits\n\n");
    printf("%7s  %-12s %8s %8s %8s %8s\n", "rate", "divide by",
           "epoch 1", "2", "5", "last");
    for (size_t i = 0; i < 3; i++)
        for (int c = 0; c < CORRECTIONS; c++) {
            double loss[EPOCHS_MAX];
            correction_train((enum correction)c, rate[i], epochs, loss);
            printf("%7g  %-12s %8.3f %8.3f %8.3f %8.4f\n", rate[i],
                   name[c], loss[0], loss[epochs > 1],
                   loss[epochs > 4 ? 4 : epochs - 1], loss[epochs - 1]);
        }
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void mnist_prepare(void)
{
    const struct path p = images_find_mnist(data_folder);
    struct error e;
    if (p.s[0] == '\0')
        fail(&e, "MNIST", 0, 0, "not here: give --data FOLDER");
    if (p.s[0] == '\0'
        || !images_read_mnist(&train, &memory, p.s, "train", &e)
        || !images_read_mnist(&test, &memory, p.s, "t10k", &e))
        give_up(&e);
}

/* Five epochs from one seed, a line for each. */
static void mnist_run(size_t s, double *elapsed)
{
    struct arena a = { 0 };
    struct lesson l = lesson_new(&a, net_new(&a, "784-512-10", "leaky",
                                             256, s), &train, s);
    struct optimizer o = optimizer_new(&a, ADAM, l.net.theta.shape[0],
                                       0.001);
    for (int e = 1; e <= 5; e++) {
        const double start = seconds();
        lesson_epoch(&l, &o);
        *elapsed += seconds() - start;
        const struct score u = network_score(&l.net, train.X, train.label);
        const struct score v = network_score(&l.net, test.X, test.label);
        printf("%zu\t%d\t%.4f\t%.2f\t%.4f\t%.2f\n", s, e, u.loss,
               100 * u.accuracy, v.loss, 100 * v.accuracy);
        fflush(stdout);
    }
    gsl_rng_free(l.random);
    arena_free(&a);
}

static void run_mnist(void)
{
    double elapsed = 0;
    mnist_prepare();
    printf("seed\tepoch\ttrain loss\ttrain %%\ttest loss\ttest %%\n");
    for (size_t s = 1; s <= runs; s++)
        mnist_run(s, &elapsed);
    fprintf(stderr, "%.3f seconds an epoch\n",
            elapsed / (5 * (double)runs));
}

/* Adam as one would write it, with the root of the library. */
static void adam_plain(size_t n, real *restrict theta,
                       const real *restrict g, real *restrict m,
                       real *restrict v, struct adam a, size_t t)
{
    const struct adam_terms c = adam_terms(a, t);
    for (size_t i = 0; i < n; i++) {
        m[i] = c.keep1 * m[i] + c.take1 * g[i];
        v[i] = c.keep2 * v[i] + c.take2 * g[i] * g[i];
        theta[i] -= c.eta * m[i] / (c.scale * real_sqrt(v[i]) + c.eps);
    }
}

typedef void adam_rule(size_t n, real *restrict theta,
                       const real *restrict g, real *restrict m,
                       real *restrict v, struct adam a, size_t t);

/* Nanoseconds a parameter, the best of 20 rounds. */
static double step_time(adam_rule *rule, size_t n)
{
    const struct adam a = { 0.001, 0.9, 0.999, 1e-8, 0 };
    real *v[4];
    double best = INFINITY;
    for (int k = 0; k < 4; k++)
        v[k] = tensor_full(&memory, (real)0.01, SHAPE(n)).data;
    for (size_t round = 1; round <= 20; round++) {
        const double start = seconds();
        for (size_t t = 1; t <= 10; t++)
            rule(n, v[0], v[1], v[2], v[3], a, t);
        best = fmin(best, (seconds() - start) / (10 * (double)n));
    }
    return 1e9 * best;
}

static void bench(void)
{
    printf("parameters\tns_library_root\tns_fast_root\n");
    for (size_t n = 5130; n < 2000000; n = 9 * n) {
        arena_reset(&memory);
        const double plain = step_time(adam_plain, n);
        printf("%zu\t%.3f\t%.3f\n", n, plain, step_time(adam_step, n));
    }
}

/* x and y of several walks side by side, a column pair for each. */
static void table_paths(const char *name, const char *heads, size_t n,
                        const struct path_taken p[], size_t every)
{
    struct table t = table_open(name, heads);
    for (size_t i = 0; i <= p[0].steps; i += i < 100 ? 1 : every) {
        fprintf(t.file, "%zu", i);
        for (size_t k = 0; k < n; k++)
            fprintf(t.file, "\t%.5g\t%.5g", (double)p[k].at[i][0],
                    (double)p[k].at[i][1]);
        fputc('\n', t.file);
    }
    table_close(&t);
}

static void table_valley(void)
{
    struct path_taken p[4];
    double theory;
    p[0] = walk(&valley, valley_best(SGD, &theory), 60);
    p[1] = walk(&valley, valley_best(MOMENTUM, &theory), 60);
    p[2] = walk(&valley, valley_best(NESTEROV, &theory), 60);
    p[3] = walk(&valley, optimizer_new(&memory, ADAM, 2, 0.5), 60);
    table_paths("valley", "step\tsgd_x\tsgd_y\tball_x\tball_y\tnest_x\t"
                "nest_y\tadam_x\tadam_y", 4, p, 1);
}

static void table_rosenbrock(void)
{
    static const enum method list[] = { SGD, MOMENTUM, ADAM };
    struct path_taken p[3];
    for (size_t k = 0; k < 3; k++)
        p[k] = walk(&bent, optimizer_new(&memory, list[k], 2,
                                         bent_best(list[k])), 1000);
    table_paths("rosenbrock", "step\tsgd_x\tsgd_y\tball_x\tball_y\tadam_x\t"
                "adam_y", 3, p, 10);
}

static void table_bias(void)
{
    struct table t = table_open("bias", "t\tnone\tsources\tadam");
    for (double s = 1; s < 10001; s = fmax(s + 1, floor(s * 1.08)))
        fprintf(t.file, "%g\t%.5f\t%.5f\t%.5f\n", s,
                steady_step(NONE, (size_t)s),
                steady_step(SOURCES, (size_t)s),
                steady_step(KINGMA, (size_t)s));
    table_close(&t);
    value_write("bias.peak", "%.2f", steady_step(SOURCES, 12));
    value_write("bias.end", "%.3f", steady_step(SOURCES, 100000));
}

/* The losses by epoch, a column for each method at its best rate. */
static void table_digits(const struct grid *g)
{
    static double loss[METHODS][EPOCHS_MAX];
    struct table t = table_open("digits", "epoch\tsgd\tmomentum\tnesterov\t"
                                "adagrad\trmsprop\tadam\tadamw");
    for (int k = 0; k < METHODS; k++) {
        char name[60];
        const double rate = grid_rate[g->best[k]];
        const struct score s = digits_train((enum method)k, rate, epochs,
                                            loss[k]);
        snprintf(name, sizeof name, "digits.%s.rate", method_name[k]);
        value_write(name, "%g", rate);
        snprintf(name, sizeof name, "digits.%s.test", method_name[k]);
        value_write(name, "%.1f", 100 * s.accuracy);
    }
    for (size_t e = 0; e < epochs; e++) {
        fprintf(t.file, "%zu", e + 1);
        for (int k = 0; k < METHODS; k++)
            fprintf(t.file, "\t%.5f", loss[k][e]);
        fputc('\n', t.file);
    }
    table_close(&t);
}

static void tables(void)
{
    table_valley();
    table_rosenbrock();
    table_bias();
    digits_prepare();
    const struct grid g = grid_try();
    table_digits(&g);
    struct table t = table_open("grid", "rate\tsgd\tmomentum\tnesterov\t"
                                "adagrad\trmsprop\tadam\tadamw");
    for (size_t i = 0; i < RATES; i++) {
        fprintf(t.file, "%g", grid_rate[i]);
        for (int k = 0; k < METHODS; k++)
            fprintf(t.file, "\t%.4g", g.loss[k][i]);
        fputc('\n', t.file);
    }
    table_close(&t);
}

static void prepare(void)
{
    arena_reset(&memory);
}

static const struct part parts[] = {
    { "rates", show_rates, "descent up to the edge" },
    { "valley", show_valley, "the best rates in a valley" },
    { "momentum", show_momentum, "what the ball adds up" },
    { "bias", show_bias, "averages that start at zero" },
    { "bound", show_bound, "how long a step of Adam can be" },
    { "scale", show_scale, "gradients in other units" },
    { "decay", show_decay, "AdamW against a penalty" },
    { "rosenbrock", show_rosenbrock, "the bent valley" },
    { "grid", show_grid, "all rates on the digits" },
    { "digits", show_digits, "the best rates on the digits" },
    { "fault", show_fault, "1 - beta for 1 - beta^t" },
    { 0 }
};

static const struct part extras[] = {
    { "mnist", run_mnist, "784-512-10 with Adam" },
    { "bench", bench, "time the step of Adam" },
    { 0 }
};

int main(int argc, char **argv)
{
    static const struct setting settings[] = {
        { "kappa", NUMBER, &kappa, 1, 1e6, "condition of the valley" },
        { "net", TEXT, &net_text, 0, 0, "widths, as 64-64-10" },
        { "epochs", COUNT, &epochs, 1, EPOCHS_MAX, "on the digits" },
        { "batch", COUNT, &batch_size, 1, 2000, "images in a step" },
        { "seed", COUNT, &seed, 1, 4294967295, "of weights and order" },
        { "data", TEXT, &data_folder, 0, 0, "folder of MNIST" },
        { "runs", COUNT, &runs, 1, 100, "seeds of the part mnist" },
        { 0 }
    };
    static const struct program program = {
        "07-adam", "Adam and its ancestors.", settings, parts, tables,
        extras, prepare
    };
    const int status = program_run(argc, argv, &program);
    arena_free(&memory);
    return status;
}
