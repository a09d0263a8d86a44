/*
 * Adam and its ancestors.  Downhill, chapter 7.
 *
 * cc -O3 -march=native tangled/07-adam.c -lgsl -lopenblas -lz -lm -o adam
 * With -DREAL=float it runs in float: faster, and no digit is sure.
 */
#include "program.h"
#include "sets.h"
#include "layers.h"
#include "optim.h"

struct landscape {
    void (*slope)(const real x[2], real g[2]);
    real start[2];
};

/* The slope of f = (x^2 + kappa y^2) / 2                     eq:valley */
static void valley_slope(const real x[2], real g[2])
{
    g[0] = x[0], g[1] = (real)option.kappa * x[1];
}

/* f = (1 - x)^2 + 100 (y - x^2)^2 */
static double bent_height(const real x[2])
{
    const double a = 1 - x[0], b = x[1] - x[0] * x[0];
    return a * a + 100 * b * b;
}

static void bent_slope(const real x[2], real g[2])
{
    const real b = x[1] - x[0] * x[0];
    g[0] = -2 * (1 - x[0]) - 400 * x[0] * b;
    g[1] = 200 * b;
}

static const struct landscape valley = { valley_slope, { 10, 1 } };
static const struct landscape bent = { bent_slope, { (real)-1.2, 1 } };

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

/* How far place t is from (0, 0). */
static double distance(struct path_taken p, size_t t)
{
    return hypot(p.at[t][0], p.at[t][1]);
}

/* The rate between steps s and t of a walk to (0, 0). */
static double rate_between(struct path_taken p, size_t s, size_t t)
{
    return pow(distance(p, t) / distance(p, s), 1 / (double)(t - s));
}

/* The first step with an error of at most `share` of the first one. */
static size_t steps_to(struct path_taken p, double share)
{
    size_t t = 0;
    while (t < p.steps && distance(p, t) > share * distance(p, 0))
        t++;
    return t;
}

/* The method with its constants for this valley, as in the text. */
static struct optimizer valley_best(enum method k, double *rate)
{
    const double kappa = option.kappa, root = sqrt(kappa);
    const double b = (root - 1) / (root + 1);
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

/* x and y of several walks side by side, for a figure. */
static void write_paths(const char *name, const char *columns, size_t n,
                        const struct path_taken p[], size_t every)
{
    struct table t = table_hidden(name, columns);
    for (size_t i = 0; i <= p[0].steps; i += i < 100 ? 1 : every) {
        double x[COLUMNS_MAX] = { (double)i };
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < 2; j++)
                x[1 + 2 * k + j] = p[k].at[i][j];
        table_row(&t, NULL, 1 + 2 * n, x);
    }
    table_end(&t);
}

static void show_valley(void)
{
    static const enum method list[] = { SGD, NESTEROV, MOMENTUM };
    struct path_taken path[4];
    printf("f = (x^2 + %g y^2)/2 from (10, 1)\n\n", option.kappa);
    struct table t = table_new(NULL, "method %-10s|rate %8.4f|beta %8.4f|"
                               "theory %8.4f|measured %10.4f|"
                               "steps to 1e-6 %14.0f");
    for (size_t k = 0; k < 3; k++) {
        double theory;
        const struct optimizer o = valley_best(list[k], &theory);
        path[k] = walk(&valley, o, PATH_MAX_STEPS);
        const size_t n = steps_to(path[k], 1e-6);
        ROW(&t, method_name[list[k]], o.rate, o.beta1, theory,
            rate_between(path[k], n / 2, n), (double)n);
        path[k].steps = 60;
    }
    path[3] = walk(&valley, optimizer_new(&memory, ADAM, 2, 0.5), 60);
    write_paths("valley", "step %g|sgd_x %g|sgd_y %g|nest_x %g|nest_y %g|"
                "ball_x %g|ball_y %g|adam_x %g|adam_y %g", 4, path, 1);
}

static void show_rates(void)
{
    static const double part[] = { 0.1, 0.5, 1, 1.5, 1.9, 0, 2, 2.02 };
    const double kappa = option.kappa;
    printf("f = (x^2 + %g y^2)/2, descent; the edge is 2/%g\n\n", kappa,
           kappa);
    struct table t = table_new(NULL, "rate %8.4f|floor %9.4f|wall %9.4f|"
                               "worst %9.4f|error, 60 steps %16.5f");
    for (size_t k = 0; k < sizeof part / sizeof *part; k++) {
        const double rate = part[k] > 0 ? part[k] / kappa : 2 / (1 + kappa);
        const double ground = 1 - rate, wall = 1 - rate * kappa;
        const struct path_taken p =
            walk(&valley, optimizer_new(&memory, SGD, 2, rate), 60);
        t.remark = part[k] > 0 ? NULL : "   best";
        ROW(&t, NULL, rate, ground, wall, fmax(fabs(ground), fabs(wall)),
            distance(p, 60));
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
    return m;
}

static void show_momentum(void)
{
    static const double beta[] = { 0, 0.5, 0.9, 0.99 };
    struct table t = table_new(NULL, "beta %6.2f|m_1 %9.3f|m_10 %8.3f|"
                               "m_100 %8.3f|1/(1-b) %8.0f|zigzag %11.3f");
    for (size_t k = 0; k < 4; k++)
        ROW(&t, NULL, beta[k], momentum_after(1, beta[k], false),
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
    static const size_t shown[] = { 1, 2, 5, 12, 50, 300, 1000, 10000 };
    printf("all gradients are 1; steps in units of the rate\n\n");
    struct table table = table_new("bias", "t %6.0f|m %8.4f|v %8.4f|"
                                   "m hat %8.4f|none %11.4f|1-beta %9.4f|"
                                   "1-beta^t %9.4f");
    for (size_t t = 1, k = 0; k < 8; t += 1 + t / 50) {
        t = t < shown[k] ? t : shown[k];
        const double m = 1 - pow(0.9, (double)t);
        table.hidden = t < shown[k];
        k += t == shown[k];
        ROW(&table, NULL, (double)t, m, 1 - pow(0.999, (double)t),
            m / divisor(KINGMA, 0.9, t), steady_step(NONE, t),
            steady_step(SOURCES, t), steady_step(KINGMA, t));
    }
    table_end(&table);
    value_write("bias.peak", "%.2f", steady_step(SOURCES, 12));
    value_write("bias.end", "%.3f", steady_step(SOURCES, 100000));
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
    return fabs(theta);
}

static void show_bound(void)
{
    static const size_t at[] = { 1, 10, 1000, 10000 };
    struct table t = table_new(NULL, "gradients %-26s|t = 1 %10.3f|"
                               "t = 10 %10.3f|t = 1000 %10.3f|"
                               "t = 10000 %10.3f");
    for (int f = 0; f < FEEDS; f++) {
        double x[4];
        for (int k = 0; k < 4; k++)
            x[k] = feed_step((enum feed)f, at[k]);
        table_row(&t, feed_name[f], 4, x);
    }
}

/* Ten steps through the valley with the gradient times c. */
static void scaled_walk(struct table *t, enum method k, double c)
{
    struct optimizer o = optimizer_new(&memory, k, 2, 0.01);
    const tensor x = tensor_from(&memory, 2, valley.start, SHAPE(2));
    const tensor g = tensor_zeros(&memory, SHAPE(2));
    for (int i = 0; i < 10; i++) {
        valley.slope(x.data, g.data);
        g.data[0] *= (real)c, g.data[1] *= (real)c;
        optimizer_step(&o, x, g);
    }
    ROW(t, method_name[k], c, x.data[0], x.data[1]);
}

static void show_scale(void)
{
    static const enum method list[] = { SGD, MOMENTUM, RMSPROP, ADAM };
    printf("ten steps from (10, 1) at the rate 0.01\n\n");
    struct table t = table_new(NULL, "method %-10s|factor %8.4g|"
                               "end: x %11.4g|y %11.4g");
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 2; i++)
            scaled_walk(&t, list[k], i ? 1000 : 1);
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
    return x.data[0];
}

static void show_decay(void)
{
    const double shrunk = pow(1 - 0.0002, 1000);
    printf("from 1, a thousand steps, rate 0.001, lambda 0.2\n\n");
    struct table t = table_new(NULL, "gradients of this size %-26s|"
                               "10 %10.4f|0.001 %10.4f");
    ROW(&t, "penalty in Adam's gradient", decayed(ADAM, 10),
        decayed(ADAM, 0.001));
    ROW(&t, "AdamW", decayed(ADAMW, 10), decayed(ADAMW, 0.001));
    ROW(&t, "(1 - 0.0002)^1000", shrunk, shrunk);
}

static const double bent_rate[] = {
    0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1
};
enum { BENT_RATES = sizeof bent_rate / sizeof *bent_rate };

/* Of the walks of 1000 steps at these rates the one that ends lowest. */
static struct path_taken bent_walk(enum method k, double *rate)
{
    struct path_taken best = { 0 };
    for (size_t i = 0; i < BENT_RATES; i++) {
        const struct path_taken p =
            walk(&bent, optimizer_new(&memory, k, 2, bent_rate[i]), 1000);
        if (i == 0 || bent_height(p.at[1000]) < bent_height(best.at[1000]))
            best = p, *rate = bent_rate[i];
    }
    return best;
}

static void show_rosenbrock(void)
{
    struct path_taken p[METHODS];
    double rate = 0;
    printf("Rosenbrock's valley from (-1.2, 1), height 24.2\n\n");
    struct table t = table_new(NULL, "method %-10s|rate %8.4g|"
                               "10 steps %10.2g|100 %10.2g|1000 %10.2g");
    for (int k = 0; k < ADAMW; k++) {
        p[k] = bent_walk((enum method)k, &rate);
        ROW(&t, method_name[k], rate, bent_height(p[k].at[10]),
            bent_height(p[k].at[100]), bent_height(p[k].at[1000]));
    }
    p[2] = p[ADAM];
    write_paths("rosenbrock", "step %g|sgd_x %g|sgd_y %g|ball_x %g|"
                "ball_y %g|adam_x %g|adam_y %g", 3, p, 10);
}

static struct halves task;      /* what all the methods learn */

/* A network of these widths with its first weights, by the seed s. */
static struct network net_new(struct arena *a, const char *widths,
                              const char *activation, size_t batch,
                              size_t s)
{
    struct widths w;
    struct error e;
    if (!widths_fit(&w, widths, "--net", task.train.X.shape[1],
                    (size_t)task.train.classes, &e))
        give_up(&e);
    struct network net = network_mlp(a, w.n, w.width,
                                     activation_find(activation), batch);
    gsl_rng *r = random_new(s);
    network_init(&net, (struct init){ .rule = INIT_HE }, r);
    gsl_rng_free(r);
    return net;
}

/* Scores after each of n epochs; a loss of INFINITY when training broke. */
static void train_epochs(struct network *net, struct rule *rule,
                         struct arena *a, size_t s, size_t n,
                         struct score on[], struct score off[])
{
    gsl_rng *r = random_new(s);
    struct learner l = learner_new(a, &net->model, rule,
                                   images_data(&task.train), net->batch, r);
    bool good = true;
    for (size_t e = 0; e < n; e++) {
        good = good && learner_epoch(&l);
        on[e] = network_score(net, task.train.X, task.train.label);
        off[e] = network_score(net, task.test.X, task.test.label);
        on[e].loss = good && isfinite(on[e].loss) ? on[e].loss : INFINITY;
    }
    gsl_rng_free(r);
}

/* The same with a method at a rate, by the options. */
static void method_train(enum method k, double rate, struct score on[],
                         struct score off[])
{
    struct arena a = { 0 };
    struct network net = net_new(&a, option.net, "relu", option.batch,
                                 option.seed);
    struct optimizer o = optimizer_new(&a, k, net.model.theta.shape[0],
                                       rate);
    train_epochs(&net, &o.rule, &a, option.seed, option.epochs, on, off);
    arena_free(&a);
}

static const double grid_rate[] = {
    0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3
};
enum { RATES = sizeof grid_rate / sizeof *grid_rate, EPOCHS_MAX = 200 };

struct grid {
    struct score on[METHODS][RATES][EPOCHS_MAX];
    struct score off[METHODS][RATES][EPOCHS_MAX];
    size_t best[METHODS];
};

/* Train with every method at every rate; once, for two parts ask. */
static const struct grid *grid_try(void)
{
    static struct grid g;
    static bool done;
    const size_t last = option.epochs - 1;
    if (option.epochs > EPOCHS_MAX)
        give_up_on("--epochs", "at most %d here", EPOCHS_MAX);
    task = digits_split(&memory, option.seed);
    for (int k = 0; k < METHODS && !done; k++)
        for (size_t i = 0; i < RATES; i++) {
            method_train((enum method)k, grid_rate[i], g.on[k][i],
                         g.off[k][i]);
            if (g.on[k][i][last].loss < g.on[k][g.best[k]][last].loss)
                g.best[k] = i;
        }
    done = true;
    return &g;
}

static void show_grid(void)
{
    const struct grid *g = grid_try();
    printf("%zu digits, %s, batch %zu: training loss after %zu epochs\n\n",
           task.train.n, option.net, option.batch, option.epochs);
    struct table t = table_new(NULL, "rate %-9s|0.001 %6.3f|0.003 %6.3f|"
                               "0.01 %6.3f|0.03 %6.3f|0.1 %6.3f|0.3 %6.3f|"
                               "1 %6.3f|3 %6.3f|best %6.4g");
    t.nan = "wild";
    for (int k = 0; k < METHODS; k++) {
        double x[RATES + 1] = { 0 };
        for (size_t i = 0; i < RATES; i++)
            x[i] = g->on[k][i][option.epochs - 1].loss;
        for (size_t i = g->best[k] + 1; i < RATES; i++)
            if (!(x[i] <= 10 * x[g->best[k]]))
                x[i] = NAN;
        x[RATES] = grid_rate[g->best[k]];
        table_row(&t, method_name[k], RATES + 1, x);
    }
}

static void show_digits(void)
{
    const struct grid *g = grid_try();
    const size_t n = option.epochs;
    struct table t = table_new(NULL, "method %-10s|rate %7.4g|"
                               "epoch 1 %8.3f|2 %8.3f|5 %8.3f|last %8.4f|"
                               "test %8.1f%");
    for (int k = 0; k < METHODS; k++) {
        const struct score *s = g->on[k][g->best[k]];
        ROW(&t, method_name[k], grid_rate[g->best[k]], s[0].loss,
            s[n > 1].loss, s[n > 4 ? 4 : n - 1].loss, s[n - 1].loss,
            100 * g->off[k][g->best[k]][n - 1].accuracy);
    }
    t = table_hidden("digits", "epoch %g|sgd %g|momentum %g|nesterov %g|"
                     "adagrad %g|rmsprop %g|adam %g|adamw %g");
    for (size_t e = 0; e < n; e++) {
        double x[1 + METHODS] = { (double)e + 1 };
        for (int k = 0; k < METHODS; k++)
            x[1 + k] = g->on[k][g->best[k]][e].loss;
        table_row(&t, NULL, 1 + METHODS, x);
    }
    table_end(&t);
}

/* Adam whose steps are those of one of the corrections. */
struct corrected {
    struct rule rule;
    struct optimizer adam;
    enum correction c;
    double rate;
};

static void corrected_step(struct rule *r, struct model *m)
{
    struct corrected *p = (struct corrected *)r;
    p->adam.rate = p->rate * steady_step(p->c, p->adam.t + 1);
    optimizer_learn(&p->adam.rule, m);
}

static void show_fault(void)
{
    static const double rate[] = { 0.001, 0.01, 0.03 };
    static const char *const name[CORRECTIONS] = {
        "none", "1 - beta", "1 - beta^t"
    };
    const size_t n = option.epochs;
    struct score *on = arena_take(&memory, 2 * n, sizeof *on);
    task = digits_split(&memory, option.seed);
    printf("training loss of Adam on the digits\n\n");
    struct table t = table_new(NULL, "divide by %-12s|rate %7.4g|"
                               "epoch 1 %8.3f|2 %8.3f|5 %8.3f|last %8.4f");
    for (size_t i = 0; i < 3; i++)
        for (int c = 0; c < CORRECTIONS; c++) {
            struct network net = net_new(&memory, option.net, "relu",
                                         option.batch, option.seed);
            struct corrected p = { { corrected_step },
                optimizer_new(&memory, ADAM, net.model.theta.shape[0], 0),
                (enum correction)c, rate[i] };
            train_epochs(&net, &p.rule, &memory, option.seed, n, on,
                         on + n);
            ROW(&t, name[c], rate[i], on[0].loss, on[n > 1].loss,
                on[n > 4 ? 4 : n - 1].loss, on[n - 1].loss);
        }
}

static void run_mnist(void)
{
    struct error e;
    struct score on[5], off[5];
    if (!mnist_load(&task.train, &task.test, &memory, option.data, &e))
        give_up(&e);
    struct table t = table_new("mnist", "seed %4.0f|epoch %6.0f|"
                               "train loss %11.4f|train % %8.2f|"
                               "test loss %10.4f|test % %7.2f");
    t.rounded = true;
    for (size_t s = 1; s <= option.runs; s++) {
        struct network n = net_new(&memory, "784-512-10", "leaky", 256, s);
        struct optimizer o = optimizer_new(&memory, ADAM,
                                           n.model.theta.shape[0], 0.001);
        train_epochs(&n, &o.rule, &memory, s, 5, on, off);
        for (int k = 0; k < 5; k++)
            ROW(&t, NULL, (double)s, k + 1, on[k].loss,
                100 * on[k].accuracy, off[k].loss, 100 * off[k].accuracy);
    }
    table_end(&t);
}

#define DIGITS "net epochs batch seed"

static const struct part parts[] = {
    { "rates", show_rates, "descent up to the edge", "kappa" },
    { "valley", show_valley, "the best rates in a valley", "kappa" },
    { "momentum", show_momentum, "what the ball adds up", NULL },
    { "bias", show_bias, "averages that start at zero", NULL },
    { "bound", show_bound, "how long a step of Adam can be", NULL },
    { "scale", show_scale, "gradients in other units", "kappa" },
    { "decay", show_decay, "AdamW against a penalty", NULL },
    { "rosenbrock", show_rosenbrock, "the bent valley", NULL },
    { "grid", show_grid, "all rates on the digits", DIGITS },
    { "digits", show_digits, "the best rates on the digits", DIGITS },
    { "fault", show_fault, "1 - beta for 1 - beta^t", DIGITS },
    { 0 }
}, extras[] = {
    { "mnist", run_mnist, "784-512-10 with Adam", "data runs" },
    { 0 }
};

int main(int argc, char **argv)
{
    option.kappa = 25, option.net = "64-64-10";
    option.epochs = 10, option.batch = 32, option.runs = 3;
    return program_run(argc, argv, "07-adam", "Adam and its ancestors.",
                       parts, extras);
}
