#define REAL float
/*
 * The multilayer perceptron.  Downhill, chapter 6.
 *
 * cc -O3 -march=native tangled/06-multilayer-perceptron.c \
 *     -lgsl -lopenblas -lz -lm -o perceptron
 */
#include <time.h>
#include <unistd.h>

#include <gsl/gsl_sort.h>

#include "program.h"
#include "dataset.h"
#include "images.h"
#include "layers.h"
#include "data/digits.h"
#include "data/iris.h"

static struct arena memory;
static gsl_rng *rng;
static size_t seed = 1;

/* What the options say; 0 or NULL: as the network's recipe has it. */
static const char *net_name = "iris", *data_folder;
static const char *activation_name, *init_name;
static size_t epochs, batch_size;
static double learning_rate;

static const struct program perceptron;

/* On a terminal, after two seconds: how much of an epoch is done. */
static void show_progress(size_t done, size_t all)
{
    static time_t start;
    static int shown;
    if (start == 0)
        start = time(NULL);
    if (!isatty(STDERR_FILENO) || difftime(time(NULL), start) < 2)
        return;
    const int percent = (int)(100 * done / all);
    if (done < all && percent != shown)
        fprintf(stderr, "\r%3d %% of an epoch ", percent);
    else if (done >= all)
        fprintf(stderr, "\r%22s\r", "");
    shown = percent;
}

/* What to learn from and what to be judged by. */
struct task {
    const char *name;
    struct images train, test;
};

/* Share out the images with a seed that no option changes. */
static struct task task_split(const char *name, const struct images *s,
                              double fraction)
{
    struct task t = { .name = name };
    gsl_rng *r = random_new(100);
    images_split(s, &memory, r, fraction, &t.train, &t.test);
    gsl_rng_free(r);
    return t;
}

/* 1797 digits of 8x8 pixels: 1438 to learn from, 359 to be judged by. */
static struct task task_digits(void)
{
    static const struct layout form = { 8, 8, 16, 10, false };
    struct images s;
    struct error e;
    if (!images_of_lines(&s, &memory, digits_csv, digits_csv_lines,
                         "digits.csv", &form, &e))
        give_up(&e);
    return task_split("digits", &s, 0.8);
}

/* 150 irises, four lengths in cm: 100 to learn from, 50 to be judged by. */
static struct task task_iris(void)
{
    static const char *const name[] = { "sepal_length", "sepal_width",
                                        "petal_length", "petal_width" };
    struct frame f;
    struct error e;
    if (!csv_lines(&f, &memory, iris_csv, iris_csv_lines, "iris.csv", &e)
        || !frame_needs(&f, 4, name, "iris.csv", &e))
        give_up(&e);
    const struct column *species = frame_column(&f, "species");
    REQUIRE(species != NULL && species->levels == 3, "iris.csv changed");
    const struct images s = { f.rows, 1, 4, 3,
        frame_matrix(&memory, &f, 4, name), species->level };
    return task_split("iris", &s, 2 / 3.0);
}

/* 60000 and 10000 digits of 28x28 pixels from the folder of --data. */
static struct task task_mnist(void)
{
    struct task t = { .name = "MNIST" };
    struct error e;
    if (!images_read_mnist(&t.train, &memory, data_folder, "train", &e)
        || !images_read_mnist(&t.test, &memory, data_folder, "t10k", &e))
        give_up(&e);
    return t;
}

/* A network and how to train it. */
struct recipe {
    const char *name;
    struct widths widths;       /* the first is set from the data */
    const char *activation;
    double constant;            /* of the activation; 0: its own */
    struct init init;
    size_t batch;
    double rate;
    bool summed;                /* the rate is for sums, not for means */
    bool in_order;              /* the data are not shuffled */
    size_t epochs, steps;       /* whichever ends first; 0: no limit */
    double reached;             /* accuracy that the source reports */
};

#define WIDTHS(...) { \
    sizeof (size_t[]){ __VA_ARGS__ } / sizeof(size_t), { __VA_ARGS__ } }

static const struct recipe recipes[] = {
    { "iris", WIDTHS(4, 20, 3), "relu", 0, { INIT_XAVIER, 0, false },
      8, 0.003, true, false, 0, 1000, 0.96 },
    { "h28", WIDTHS(784, 28, 10), "sigmoid", 0, { INIT_UNIFORM, 1, true },
      1, 0.1, false, false, 10, 0, 0.9080 },
    { "h100", WIDTHS(784, 100, 100, 10), "sigmoid", 0,
      { INIT_NORMAL, 1, true }, 100, 0.1, false, true, 5, 0, 0 },
    { "h1024", WIDTHS(784, 1024, 1024, 10), "sigmoid", 0,
      { INIT_UNIFORM, 0.3, false }, 64, 0.03, false, true, 2, 0, 0.9115 },
    { "c512", WIDTHS(784, 512, 10), "leaky", 0.1, { INIT_FAN, 0, false },
      256, 0.1, false, false, 5, 0, 0 },
    { "digits", WIDTHS(64, 64, 10), "relu", 0, { INIT_HE, 0, false },
      32, 0.1, false, false, 30, 0, 0 },
    { 0 }
};

/* The recipe of that name; NULL when there is none. */
static const struct recipe *recipe_find(const char *name)
{
    for (const struct recipe *r = recipes; r->name != NULL; r++)
        if (strcmp(r->name, name) == 0)
            return r;
    return NULL;
}

/* The number of an initialisation, or INIT_RULES for an unknown name. */
static enum rule rule_find(const char *name)
{
    int k = 0;
    while (k < INIT_RULES && strcmp(rule_name[k], name) != 0)
        k++;
    return (enum rule)k;
}

/* Refuse names that mean nothing, before anything runs. */
static void check_options(void)
{
    if (recipe_find(net_name) == NULL)
        refuse(&perceptron, "--net: there is no network '%s'", net_name);
    if (activation_name != NULL && activation_find(activation_name) == NULL)
        refuse(&perceptron, "--activation: there is no '%s'",
               activation_name);
    if (init_name != NULL && rule_find(init_name) == INIT_RULES)
        refuse(&perceptron, "--init: there is no '%s'", init_name);
}

/* The recipe of --net with the other options over it. */
static struct recipe recipe_chosen(void)
{
    struct recipe r = *recipe_find(net_name);
    if (activation_name != NULL)
        r.activation = activation_name, r.constant = 0;
    if (init_name != NULL)
        r.init = (struct init){ rule_find(init_name), 0.3, false };
    if (batch_size > 0)
        r.batch = batch_size;
    if (learning_rate > 0)
        r.rate = learning_rate;
    if (epochs > 0)
        r.epochs = epochs, r.steps = 0;
    return r;
}

/* The irises for their own network; else MNIST, or digits without it. */
static struct task task_for(const struct recipe *r)
{
    return strcmp(r->name, "iris") == 0 ? task_iris()
         : data_folder != NULL ? task_mnist() : task_digits();
}

/* Before each part: empty memory, the seed again. */
static void prepare(void)
{
    check_options();
    arena_reset(&memory);
    if (rng != NULL)
        gsl_rng_free(rng);
    rng = random_new(seed);
}

struct trainer {
    struct recipe recipe;
    struct network net;
    struct batch batch;
    size_t *order;              /* of the images, [train.n] */
    size_t steps;               /* taken so far */
    double *curve;              /* the loss of each step, or NULL */
};

/* A network for this task with its first weights. */
static struct trainer trainer_new(const struct task *t, struct recipe r)
{
    struct trainer s = { .recipe = r };
    const struct activation *f = activation_find(r.activation);
    const size_t n = t->train.n;
    r.widths.width[0] = t->train.X.shape[1];
    s.net = network_mlp(&memory, r.widths.n, r.widths.width, f, r.batch);
    for (size_t k = 0; r.constant > 0 && k < s.net.layers; k++)
        s.net.layer[k].c = (real)r.constant;
    network_init(&s.net, r.init, rng);
    s.batch = batch_new(&memory, r.batch, t->train.X.shape[1]);
    s.order = arena_take(&memory, n, sizeof *s.order);
    for (size_t i = 0; i < n; i++)
        s.order[i] = i;
    return s;
}

/*
 * One pass over the images, shuffled unless the recipe says otherwise.
 * Returns the mean loss of its steps; stops at a loss that is not finite
 * and when the recipe has no steps left.
 */
static double trainer_epoch(struct trainer *s, const struct images *x)
{
    const struct recipe *r = &s->recipe;
    double sum = 0, loss = 0;
    size_t t = 0;
    if (!r->in_order)
        index_shuffle(rng, x->n, s->order);
    while ((r->steps == 0 || s->steps < r->steps) && isfinite(loss)
           && batch_fill(&s->batch, x, x->n, s->order, t)) {
        const double scale = r->summed ? (double)s->batch.n : 1;
        loss = network_step(&s->net, s->batch.X, s->batch.label,
                            r->rate * scale);
        if (s->curve != NULL)
            s->curve[s->steps] = loss;
        sum += loss;
        s->steps++, t++;
        show_progress(t * r->batch, x->n);
    }
    return t > 0 ? sum / (double)t : NAN;
}

/* True when there is more to do before epoch e, counted from 0. */
static bool trainer_goes_on(const struct trainer *s, size_t e)
{
    const struct recipe *r = &s->recipe;
    return (r->epochs == 0 || e < r->epochs)
           && (r->steps == 0 || s->steps < r->steps);
}

/* All epochs of the recipe; the mean loss of the last one. */
static double trainer_run(struct trainer *s, const struct images *x)
{
    double loss = 0;
    for (size_t e = 0; isfinite(loss) && trainer_goes_on(s, e); e++)
        loss = trainer_epoch(s, x);
    return loss;
}

/* f(z), and f'(z) in *slope, of one number. */
static double activation_at(const struct activation *f, double z,
                            double *slope)
{
    real a = (real)z, d = 1;
    f->push(&a, 1, f->constant);
    f->pull(&a, &d, 1, f->constant);
    *slope = (double)d;
    return (double)a;
}

static void print_activation_row(double z, bool slopes)
{
    printf("%7.2f", z);
    for (const struct activation *f = activations; f->name != NULL; f++) {
        double slope;
        const double a = activation_at(f, z, &slope);
        printf(" %9.4f", slopes ? slope : a);
    }
    putchar('\n');
}

static void show_activations(void)
{
    static const double z[] = { -6, -2, -0.5, 0.5, 2, 6 };
    for (int slopes = 0; slopes < 2; slopes++) {
        printf("%7s", slopes ? "f'(z)" : "f(z)");
        for (const struct activation *f = activations; f->name; f++)
            printf(" %9s", f->name);
        putchar('\n');
        for (size_t i = 0; i < sizeof z / sizeof *z; i++)
            print_activation_row(z[i], slopes);
    }
    real t[] = { 0.1F, 0.2F, 0.3F, -1, 2, 0.5F, -0.2F, 0.8F, 0.05F, -1.5F };
    leaky_push(t, 10, 0.2F);
    printf("\nLeakyReLU with epsilon 0.2:\n");
    for (size_t i = 0; i < 10; i++)
        printf("%6.2f%s", t[i], i % 5 == 4 ? "\n" : " ");
}

/* The largest relative error of the series up to r^n/n!, |r| <= half. */
static double series_error(int n, double half)
{
    double worst = 0;
    for (int i = -1000; i <= 1000; i++) {
        const double r = half * i / 1000;
        double sum = 0, term = 1;
        for (int j = 0; j <= n; j++) {
            sum += term;
            term *= r / (j + 1);
        }
        worst = fmax(worst, fabs(1 - sum / exp(r)));
    }
    return worst;
}

/* The largest relative error of exp_float from -87 to 88. */
static double exp_float_error(void)
{
    double worst = 0;
    for (int i = -87 * 1024; i <= 88 * 1024; i++) {
        const float x = (float)i / 1024;
        const double want = exp((double)x);
        worst = fmax(worst, fabs((double)exp_float(x) / want - 1));
    }
    return worst;
}

static void show_exponential(void)
{
    const double half = log(2) / 2;
    double bound = sqrt(2) * half;
    printf("degree  largest error  bound\n");
    for (int n = 1; n <= 8; n++) {
        bound *= half / (n + 1);
        printf("%6d  %13.2e  %.2e%s\n", n, series_error(n, half), bound,
               n == 7 ? "  taken" : "");
    }
    printf("\nhalf a unit in the last place of a float: %.2e\n",
           (double)FLT_EPSILON / 2);
    printf("exp_float from -87 to 88: the error is %s %.2e\n",
           exp_float_error() < (double)FLT_EPSILON ? "below" : "ABOVE",
           (double)FLT_EPSILON);
}

static const int xor_label[] = { 0, 1, 1, 0 };

static tensor xor_inputs(void)
{
    return tensor_from(&memory, VALUES(0, 0, 0, 1, 1, 0, 1, 1),
                       SHAPE(4, 2));
}

/* The network of the formula: weights set by hand.     eq:xor-network */
static struct network xor_by_hand(size_t rows)
{
    static const real theta[] = { 1, 1, 1, 1, 0, -1, 1, -2, 0 };
    struct network n = network_mlp(&memory, 3, (size_t[]){ 2, 2, 1 },
                                   activation_find("relu"), rows);
    memcpy(n.theta.data, theta, sizeof theta);
    return n;
}

/* P(1) of the four corners after `steps` of descent; the loss. */
static double xor_learn(struct network *n, size_t steps, real p[4])
{
    const tensor X = xor_inputs();
    double loss = 0;
    network_init(n, (struct init){ INIT_XAVIER, 0, false }, rng);
    for (size_t i = 0; i < steps; i++)
        loss = network_step(n, X, xor_label, 0.5);
    const tensor P = tensor_clone(&memory, network_forward(n, X, false));
    softmax_rows(P, P);
    for (size_t i = 0; i < 4; i++)
        p[i] = AT(P, i, 1);
    return loss;
}

static void show_xor(void)
{
    struct network line = network_mlp(&memory, 2, (size_t[]){ 2, 2 }, NULL,
                                      4);
    struct network bent = network_mlp(&memory, 3, (size_t[]){ 2, 4, 2 },
                                      activation_find("tanh"), 4);
    struct network hand = xor_by_hand(4);
    real p[4], q[4];
    const double flat = xor_learn(&line, 2000, p);
    const double curved = xor_learn(&bent, 2000, q);
    const tensor X = xor_inputs(), y = network_forward(&hand, X, false);
    printf("x1 x2  xor    by hand   h1 h2    a line   four units\n");
    for (size_t i = 0; i < 4; i++)
        printf(" %.0f  %.0f    %d  %9.0f    %.0f  %.0f %9.4f    %9.2f\n",
               AT(X, i, 0), AT(X, i, 1), xor_label[i], AT(y, i, 0),
               AT(hand.layer[0].A, i, 0), AT(hand.layer[0].A, i, 1), p[i],
               q[i]);
    printf("loss of the line %.4f, ln 2 = %.4f; of four units %s 0.01\n",
           flat, log(2), curved < 0.01 ? "below" : "above");
}

/* The gradient of n by the tape, into grad (zeros); sigmoid between. */
static void tape_network(const struct network *n, tensor X,
                         const int label[], tensor grad)
{
    struct tape t = { 0 };
    var a = tape_constant(&t, X);
    for (size_t k = 0; k < n->layers; k++) {
        const struct layer *p = &n->layer[k];
        tensor dW = p->dW, db = p->db;
        dW.data = db.data = grad.data;      /* the same places there */
        if (p->parameters > 0)
            a = tape_add(&t, tape_matmul(&t, a,
                                 tape_parameter(&t, p->W, dW)),
                         tape_parameter(&t, p->b, db));
        else
            a = tape_sigmoid(&t, a);
    }
    tape_backward(&t, tape_cross_entropy(&t, a, label));
    tape_free(&t);
}

/* The mean of the gradients of the rows of X, one at a time. */
static void mean_of_samples(struct network *n, tensor X, const int label[],
                            tensor mean)
{
    for (size_t i = 0; i < X.shape[0]; i++) {
        network_gradient(n, tensor_rows(X, i, 1), label + i);
        for (size_t j = 0; j < mean.shape[0]; j++)
            mean.data[j] += n->grad.data[j] / (real)X.shape[0];
    }
}

static double largest_gap(tensor x, tensor y)
{
    double gap = 0;
    for (size_t i = 0; i < tensor_len(x); i++)
        gap = fmax(gap, fabs((double)x.data[i] - (double)y.data[i]));
    return gap;
}

static void show_gradients(void)
{
    static const size_t width[] = { 3, 4, 2 };
    static const int label[] = { 1, 0, 1 };
    struct network n = network_mlp(&memory, 3, width,
                                   activation_find("sigmoid"), 3);
    network_init(&n, (struct init){ INIT_NORMAL, 1, true }, rng);
    const tensor X = tensor_normal(&memory, rng, 0.3, 1, SHAPE(3, 3));
    tensor tape = tensor_zeros(&memory, 1, n.grad.shape);
    tensor mean = tensor_zeros(&memory, 1, n.grad.shape);
    tape_network(&n, X, label, tape);
    mean_of_samples(&n, X, label, mean);
    network_gradient(&n, X, label);
    printf("%5s %11s %11s %11s\n", "entry", "batch", "samples", "tape");
    for (size_t i = 0; i < n.grad.shape[0]; i += 2)
        printf("%5zu %11.4f %11.4f %11.4f\n", i, n.grad.data[i],
               mean.data[i], tape.data[i]);
    const double gap = fmax(largest_gap(n.grad, mean),
                            largest_gap(n.grad, tape));
    printf("all %zu entries agree to 1e-6: %s\n", n.grad.shape[0],
           gap < 1e-6 ? "yes" : "NO");
}

enum { DEPTH = 10 };

static double root_mean_square(tensor t)
{
    double sum = 0;
    for (size_t i = 0; i < t.shape[0]; i++)
        for (size_t j = 0; j < t.shape[1]; j++)
            sum += (double)AT(t, i, j) * (double)AT(t, i, j);
    return sqrt(sum / (double)tensor_len(t));
}

/* The size of dL/dZ at each of ten layers, for one batch of digits. */
static void slopes_by_layer(const struct images *s, const char *activation,
                            enum rule rule, double size[DEPTH])
{
    struct network n = network_new(&memory, s->X.shape[1], 100);
    for (size_t k = 0; k < DEPTH; k++) {
        network_dense(&n, 64);
        network_activation(&n, activation_find(activation));
    }
    network_dense(&n, 10);
    network_finish(&n);
    network_init(&n, (struct init){ rule, 0, false }, rng);
    network_gradient(&n, tensor_rows(s->X, 0, 100), s->label);
    for (size_t k = 0; k < DEPTH; k++)
        size[k] = root_mean_square(n.layer[2 * k].dA);
}

static const struct { const char *activation; enum rule rule; } deep[] = {
    { "sigmoid", INIT_XAVIER }, { "tanh", INIT_XAVIER },
    { "relu", INIT_HE }, { "selu", INIT_LECUN }
};
enum { DEEP = sizeof deep / sizeof *deep };

static void all_slopes(double size[DEEP][DEPTH])
{
    const struct task t = task_digits();
    for (size_t f = 0; f < DEEP; f++)
        slopes_by_layer(&t.train, deep[f].activation, deep[f].rule,
                        size[f]);
}

static void show_saturation(void)
{
    double size[DEEP][DEPTH];
    all_slopes(size);
    printf("layer");
    for (size_t f = 0; f < DEEP; f++)
        printf("  %10s", deep[f].activation);
    printf("  %10s\n", "(1/4)^k");
    for (size_t k = DEPTH; k-- > 0; ) {
        printf("%5zu", k + 1);
        for (size_t f = 0; f < DEEP; f++)
            printf("  %10.2e", size[f][k] / size[f][DEPTH - 1]);
        printf("  %10.2e\n", pow(0.25, (double)(DEPTH - 1 - k)));
    }
}

enum { TALL = 20, BROAD = 256, ROWS = 100 };

struct scales { double out[TALL], back[TALL]; };        /* of A, of dZ */

/* Sizes of outputs and gradients at twenty layers. */
static struct scales scales_of(const char *activation, struct init init)
{
    struct scales s;
    struct network n = network_new(&memory, BROAD, ROWS);
    for (size_t k = 0; k < TALL; k++) {
        network_dense(&n, BROAD);
        network_activation(&n, activation_find(activation));
    }
    network_finish(&n);
    network_init(&n, init, rng);
    const tensor X = tensor_normal(&memory, rng, 0, 1, SHAPE(ROWS, BROAD));
    network_forward(&n, X, false);
    for (size_t k = 0; k < TALL; k++)
        s.out[k] = root_mean_square(n.layer[2 * k].A);
    tensor_copy(network_top(&n, ROWS),
                tensor_normal(&memory, rng, 0, 1, SHAPE(ROWS, BROAD)));
    network_backward(&n, 0);
    for (size_t k = 0; k < TALL; k++)
        s.back[k] = root_mean_square(n.layer[2 * k].dA);
    return s;
}

static const struct { const char *activation; struct init init; }
    starts[] = {
    { "tanh", { INIT_NORMAL, 0.01, false } },
    { "tanh", { INIT_NORMAL, 0.2, false } },
    { "tanh", { INIT_FAN, 0, false } },
    { "tanh", { INIT_XAVIER, 0, false } },
    { "relu", { INIT_XAVIER, 0, false } },
    { "relu", { INIT_HE, 0, false } },
    { "selu", { INIT_LECUN, 0, false } },
    { "sigmoid", { INIT_XAVIER, 0, false } }
};
enum { STARTS = sizeof starts / sizeof *starts };

static void show_initialisation(void)
{
    printf("%-8s %-11s %9s %9s %9s %9s  %s\n", "", "", "layer 1", "5", "10",
           "20", "dZ 1 / dZ 20");
    for (size_t i = 0; i < STARTS; i++) {
        const struct scales s = scales_of(starts[i].activation,
                                          starts[i].init);
        char rule[20];
        snprintf(rule, sizeof rule, starts[i].init.scale > 0 ? "%s %g"
                 : "%s", rule_name[starts[i].init.rule],
                 starts[i].init.scale);
        printf("%-8s %-11s %9.1e %9.1e %9.1e %9.1e   %9.1e\n",
               starts[i].activation, rule, s.out[0], s.out[4], s.out[9],
               s.out[19], s.back[0] / s.back[TALL - 1]);
    }
}

/* The largest distance of a hidden unit's weight from the first unit's. */
static double widest_gap(const struct network *n)
{
    const tensor W = n->layer[0].W;
    double gap = 0;
    for (size_t i = 0; i < W.shape[0]; i++) {
        const real *w = matrix_row(W, i);
        for (size_t j = 1; j < W.shape[1]; j++)
            gap = fmax(gap, fabs((double)w[j] - (double)w[0]));
    }
    return gap;
}

static void show_symmetry(void)
{
    static const enum rule rule[] = { INIT_ZERO, INIT_XAVIER };
    static const char *const name[] = { "sigmoid", "tanh" };
    const struct task t = task_digits();
    printf("%-9s %-9s %15s %10s %16s\n", "", "weights", "units differ by",
           "loss", "test accuracy");
    for (size_t f = 0; f < 2; f++)
        for (size_t k = 0; k < 2; k++) {
            struct recipe r = *recipe_find("digits");
            r.activation = name[f], r.epochs = 10;
            r.init = (struct init){ rule[k], 0, false };
            struct trainer s = trainer_new(&t, r);
            trainer_run(&s, &t.train);
            const double gap = widest_gap(&s.net);
            const struct score q = network_score(&s.net, t.test.X,
                                                 t.test.label);
            printf("%-9s %-9s %15.2f %10.3f %14.0f %%\n", name[f],
                   rule_name[rule[k]], gap, q.loss, 100 * q.accuracy);
        }
}

/* ReLU whose slope is 1 everywhere. */
static void forgetful_pull(const real *restrict a, real *restrict d,
                           size_t n, real c)
{
    (void)a, (void)d, (void)n, (void)c;
}

static const struct activation forgetful_relu = {
    "forgetful", 0, relu_push, forgetful_pull
};

/* Put f in the place of every activation of a network. */
static void network_use(struct network *n, const struct activation *f)
{
    for (size_t k = 0; k < n->layers; k++)
        if (n->layer[k].parameters == 0)
            n->layer[k].f = f;
}

/* The gradient of the first layer, both ways, against differences. */
static void compare_slopes(struct trainer *s, const struct task *t)
{
    const real h = 0.01F;
    const tensor X = tensor_rows(t->train.X, 0, 8);
    printf("%-8s %12s %12s %12s\n", "dW1", "differences", "with ReLU'",
           "without");
    for (size_t i = 0; i < 5; i++) {
        real *w = &s->net.theta.data[21 * i], old = *w;
        double f[2];
        network_use(&s->net, activation_find("relu"));
        for (int k = 0; k < 2; k++) {
            *w = k ? old - h : old + h;
            f[k] = network_gradient(&s->net, X, t->train.label);
        }
        *w = old;
        network_gradient(&s->net, X, t->train.label);
        const double with = (double)s->net.grad.data[21 * i];
        network_use(&s->net, &forgetful_relu);
        network_gradient(&s->net, X, t->train.label);
        printf("[%zu,%2zu]   %12.3f %12.3f %12.3f\n", 21 * i / 20, 21 * i % 20,
               (f[0] - f[1]) / (2 * (double)h), with,
               (double)s->net.grad.data[21 * i]);
    }
}

static void show_relu(void)
{
    const struct task t = task_iris();
    const struct recipe *r = recipe_find("iris");
    struct trainer s = trainer_new(&t, *r);
    compare_slopes(&s, &t);
    printf("\n%-12s %14s %14s\n", "learned", "training loss",
           "test accuracy");
    for (int k = 0; k < 2; k++) {
        gsl_rng_set(rng, seed);                 /* the same start */
        s = trainer_new(&t, *r);
        network_use(&s.net, k ? &forgetful_relu : activation_find("relu"));
        trainer_run(&s, &t.train);
        const struct score a = network_score(&s.net, t.train.X,
                                             t.train.label);
        const struct score b = network_score(&s.net, t.test.X,
                                             t.test.label);
        printf("%-12s %14.2f %12.0f %%\n", k ? "without" : "with ReLU'",
               a.loss, 100 * b.accuracy);
    }
}

static float sigmoid_of_ratio(float z)
{
    return expf(z) / (1 + expf(z));
}

static void ratio_push(real *restrict a, size_t n, real c)
{
    (void)c;
    for (size_t i = 0; i < n; i++)
        a[i] = (real)sigmoid_of_ratio((float)a[i]);
}

static const struct activation ratio_sigmoid = {
    "ratio", 0, ratio_push, sigmoid_pull
};

/* NaN has a sign that compilers do not agree on: print none. */
static struct text number_text(double x)
{
    struct text s;
    snprintf(s.s, sizeof s.s, isnan(x) ? "nan" : "%.4g", x);
    return s;
}

/* Learn from pixels 0..255 with normal weights; when the loss is lost. */
static void learn_from_raw_pixels(const struct activation *f)
{
    struct task t = task_digits();
    for (size_t i = 0; i < tensor_len(t.train.X); i++)
        t.train.X.data[i] *= 255;
    struct recipe r = *recipe_find("h100");
    r.epochs = 2;
    struct trainer s = trainer_new(&t, r);
    network_use(&s.net, f);
    const double loss = trainer_run(&s, &t.train);
    printf("pixels 0..255, %-8s loss %s after %zu step%s\n", f->name,
           isfinite(loss) ? "finite" : "nan", s.steps,
           s.steps == 1 ? "" : "s");
}

static void show_overflow(void)
{
    static const float z[] = { -200, -90, -20, 0, 20, 88, 89, 200 };
    printf("%6s %14s %14s %14s\n", "z", "e^z/(1+e^z)", "1/(1+e^-z)",
           "ours");
    for (size_t i = 0; i < sizeof z / sizeof *z; i++)
        printf("%6.0f %14s %14s %14s\n", (double)z[i],
               number_text((double)sigmoid_of_ratio(z[i])).s,
               number_text(1 / (1 + (double)expf(-z[i]))).s,
               number_text((double)sigmoid_of(z[i])).s);
    putchar('\n');
    learn_from_raw_pixels(&ratio_sigmoid);
    learn_from_raw_pixels(activation_find("sigmoid"));
}

static void show_optimism(void)
{
    static const size_t size[] = { 50, 100, 200, 400, 800 };
    const struct task t = task_digits();
    printf("%7s %18s %18s\n", "images", "accuracy on them", "on new ones");
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        struct task part = t;
        struct recipe r = *recipe_find("digits");
        part.train.n = size[i];
        part.train.X = tensor_rows(t.train.X, 0, size[i]);
        r.epochs = 0, r.steps = 1500;
        struct trainer s = trainer_new(&part, r);
        trainer_run(&s, &part.train);
        const struct score a = network_score(&s.net, part.train.X,
                                             part.train.label);
        const struct score b = network_score(&s.net, t.test.X,
                                             t.test.label);
        printf("%7zu %16.1f %% %16.1f %%\n", size[i], 100 * a.accuracy,
               100 * b.accuracy);
    }
}

enum { SEEDS = 5 };

struct band { double low, median, high; };

static struct band band_of(double x[SEEDS])
{
    gsl_sort(x, 1, SEEDS);
    return (struct band){ x[0], x[SEEDS / 2], x[SEEDS - 1] };
}

/* Train one network from each of five seeds; the score of each. */
static void five_seeds(const struct task *t, struct recipe r,
                       struct score train[SEEDS], struct score test[SEEDS])
{
    for (size_t k = 0; k < SEEDS; k++) {
        gsl_rng_set(rng, seed + k);
        struct trainer s = trainer_new(t, r);
        trainer_run(&s, &t->train);
        train[k] = network_score(&s.net, t->train.X, t->train.label);
        test[k] = network_score(&s.net, t->test.X, t->test.label);
    }
}

static void show_digits(void)
{
    struct score train[SEEDS], test[SEEDS];
    double sorted[SEEDS];
    const struct task t = task_digits();
    five_seeds(&t, *recipe_find("digits"), train, test);
    printf("%4s %14s %16s\n", "seed", "test loss", "test accuracy");
    for (size_t k = 0; k < SEEDS; k++) {
        printf("%4zu %14.3f %14.1f %%\n", seed + k, test[k].loss,
               100 * test[k].accuracy);
        sorted[k] = test[k].accuracy;
    }
    printf("median %28.1f %%\n", 100 * band_of(sorted).median);
}

static void print_recipe(const struct trainer *s, const struct task *t)
{
    const struct recipe *r = &s->recipe;
    printf("%s: %zu", r->name, s->net.inputs);
    for (size_t k = 0; k < s->net.layers; k++)
        if (s->net.layer[k].parameters > 0)
            printf("-%zu", s->net.layer[k].outputs);
    printf(" %s, %zu parameters\n", r->activation,
           network_parameters(&s->net));
    printf("%s, %zu images; weights %s", t->name, t->train.n,
           rule_name[r->init.rule]);
    if (r->init.rule == INIT_UNIFORM || r->init.rule == INIT_NORMAL)
        printf(" %g", r->init.scale);
    printf("; batch %zu, rate %g%s\n", r->batch, r->rate,
           r->summed ? " of sums" : "");
}

static void print_scores(struct trainer *s, const struct task *t,
                         size_t epoch, double loss)
{
    const struct score q = network_score(&s->net, t->test.X, t->test.label);
    printf("%5zu %6zu %10.3f %10.3f %14.1f %%\n", epoch, s->steps, loss,
           q.loss, 100 * q.accuracy);
}

static void show_train(void)
{
    const struct recipe r = recipe_chosen();
    const struct task t = task_for(&r);
    struct trainer s = trainer_new(&t, r);
    print_recipe(&s, &t);
    printf("%5s %6s %10s %10s %16s\n", "epoch", "steps", "loss",
           "test loss", "test accuracy");
    print_scores(&s, &t, 0,
                 network_score(&s.net, t.train.X, t.train.label).loss);
    const size_t all = r.epochs > 0 ? r.epochs
        : (r.steps * r.batch + t.train.n - 1) / t.train.n;
    const size_t every = (all + 9) / 10;
    for (size_t e = 0; trainer_goes_on(&s, e); e++) {
        const double loss = trainer_epoch(&s, &t.train);
        if ((e + 1) % every == 0 || !trainer_goes_on(&s, e + 1))
            print_scores(&s, &t, e + 1, loss);
        if (!isfinite(loss)) {
            fprintf(stderr, "%s: the loss is not a number at step %zu\n",
                    perceptron.name, s.steps);
            exit(1);
        }
    }
}

static void print_band(double x[SEEDS])
{
    const struct band b = band_of(x);
    printf("\t%.2f\t%.2f\t%.2f", 100 * b.low, 100 * b.median, 100 * b.high);
}

/* The networks of the sources, five seeds each: accuracies in percent. */
static void experiments(void)
{
    static const char *const name[] = { "iris", "h28", "h100", "h1024" };
    printf("net\tsource\tlow\tmedian\thigh"
           "\ttrain low\tmedian\thigh\n");
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        const struct recipe *r = recipe_find(name[i]);
        struct score train[SEEDS], test[SEEDS];
        double a[SEEDS], b[SEEDS];
        arena_reset(&memory);
        const struct task t = task_for(r);
        five_seeds(&t, *r, train, test);
        for (size_t k = 0; k < SEEDS; k++)
            a[k] = test[k].accuracy, b[k] = train[k].accuracy;
        printf("%s\t", r->name);
        printf(r->reached > 0 ? "%.2f" : "-", 100 * r->reached);
        print_band(a);
        print_band(b);
        putchar('\n');
        fflush(stdout);
    }
}

/* The loss of every step of --net: the mean over `every` steps, a line. */
static void curve(void)
{
    const struct recipe r = recipe_chosen();
    const struct task t = task_for(&r);
    struct trainer s = trainer_new(&t, r);
    const size_t per_epoch = (t.train.n + r.batch - 1) / r.batch;
    const size_t all = r.steps > 0 ? r.steps : r.epochs * per_epoch;
    const size_t every = (all + 399) / 400;
    s.curve = arena_alloc(&memory, all, sizeof *s.curve);
    trainer_run(&s, &t.train);
    printf("step\tloss\n");
    for (size_t i = 0; i + every <= s.steps; i += every) {
        double sum = 0;
        for (size_t k = 0; k < every; k++)
            sum += s.curve[i + k];
        printf("%zu\t%.4f\n", i + every, sum / (double)every);
    }
}

static double seconds_now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds for one epoch, shuffling and gathering included. */
static void bench(void)
{
    static const char *const name[] = { "iris", "h28", "h100", "h1024",
                                        "c512" };
    printf("net\tdata\tseconds per epoch: median\tleast\n");
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        double seconds[SEEDS];
        struct recipe r = *recipe_find(name[i]);
        arena_reset(&memory);
        const struct task t = task_for(&r);
        r.in_order = false, r.steps = 0;
        struct trainer s = trainer_new(&t, r);
        for (size_t k = 0; k < SEEDS; k++) {
            const double start = seconds_now();
            trainer_epoch(&s, &t.train);
            seconds[k] = seconds_now() - start;
        }
        const struct band b = band_of(seconds);
        printf("%s\t%s\t%.4g\t%.4g\n", r.name, t.name, b.median, b.low);
        fflush(stdout);
    }
}

static void activations_table(void)
{
    struct table t = table_open("activations", "z\tsigmoid\tsigmoid'\ttanh"
        "\ttanh'\trelu\trelu'\tleaky\tleaky'\telu\telu'\tselu\tselu'");
    for (int i = -160; i <= 160; i++) {
        const double z = (i + (i > 0 ? 0 : 1e-6)) / 40.0;
        fprintf(t.file, "%.4f", z);
        for (const struct activation *f = activations; f->name; f++) {
            double slope;
            const double a = activation_at(f, z, &slope);
            fprintf(t.file, "\t%.5f\t%.5f", a, slope);
        }
        putc('\n', t.file);
    }
    table_close(&t);
}

/* The output of the hand-made network over the plane, in rows of x1. */
static void xor_table(void)
{
    struct table t = table_open("xor", "x1\tx2\ty");
    struct network n = xor_by_hand(1);
    for (int i = -10; i <= 30; i++) {
        for (int j = -10; j <= 30; j++) {
            const tensor x = tensor_from(&memory,
                VALUES((real)i / 20, (real)j / 20), SHAPE(1, 2));
            fprintf(t.file, "%.2f\t%.2f\t%.4f\n", i / 20.0, j / 20.0,
                    (double)network_forward(&n, x, false).data[0]);
        }
        putc('\n', t.file);
    }
    table_close(&t);
}

static void saturation_table(void)
{
    struct table t = table_open("saturation",
                                "layer\tsigmoid\ttanh\trelu\tselu\tbound");
    double size[DEEP][DEPTH];
    all_slopes(size);
    for (size_t k = 0; k < DEPTH; k++) {
        fprintf(t.file, "%zu", k + 1);
        for (size_t f = 0; f < DEEP; f++)
            fprintf(t.file, "\t%.3e", size[f][k] / size[f][DEPTH - 1]);
        fprintf(t.file, "\t%.3e\n", pow(0.25, (double)(DEPTH - 1 - k)));
    }
    table_close(&t);
    value_write("saturation.sigmoid", "%.1e", size[0][0]
                / size[0][DEPTH - 1]);
}

static void initialisation_table(void)
{
    struct table t = table_open("initialisation", "layer\tsmall\tlarge"
                                "\tfan\txavier\trelu-xavier\the\tlecun"
                                "\tsigmoid");
    struct scales s[STARTS];
    for (size_t i = 0; i < STARTS; i++)
        s[i] = scales_of(starts[i].activation, starts[i].init);
    for (size_t k = 0; k < TALL; k++) {
        fprintf(t.file, "%zu", k + 1);
        for (size_t i = 0; i < STARTS; i++)
            fprintf(t.file, "\t%.3e", s[i].out[k]);
        putc('\n', t.file);
    }
    table_close(&t);
}

/* The loss of every step on the irises, as the source draws it. */
static void iris_table(void)
{
    struct table out = table_open("iris-loss", "step\tloss\tmean of 25");
    const struct task t = task_iris();
    const struct recipe r = *recipe_find("iris");
    struct trainer s = trainer_new(&t, r);
    double mean = 0;
    s.curve = arena_alloc(&memory, r.steps, sizeof *s.curve);
    trainer_run(&s, &t.train);
    for (size_t i = 0; i < s.steps; i++) {
        mean += s.curve[i] - (i >= 25 ? s.curve[i - 25] : 0);
        fprintf(out.file, "%zu\t%.4f\t%.4f\n", i + 1, s.curve[i],
                mean / (i < 25 ? (double)i + 1 : 25));
    }
    table_close(&out);
    const struct score q = network_score(&s.net, t.test.X, t.test.label);
    value_write("iris.test_accuracy", "%.0f", 100 * q.accuracy);
}

static void digits_values(void)
{
    struct score train[SEEDS], test[SEEDS];
    double x[SEEDS];
    const struct task t = task_digits();
    five_seeds(&t, *recipe_find("digits"), train, test);
    for (size_t k = 0; k < SEEDS; k++)
        x[k] = test[k].accuracy;
    const struct band b = band_of(x);
    value_write("digits.test_low", "%.1f", 100 * b.low);
    value_write("digits.test_median", "%.1f", 100 * b.median);
    value_write("digits.test_high", "%.1f", 100 * b.high);
}

static void tables(void)
{
    static void (*const write[])(void) = {
        activations_table, xor_table, saturation_table,
        initialisation_table, iris_table, digits_values
    };
    for (size_t i = 0; i < sizeof write / sizeof *write; i++) {
        prepare();
        write[i]();
    }
}

static const struct setting settings[] = {
    { "net", TEXT, &net_name, 0, 0,
      "iris, h28, h100, h1024, c512 or digits" },
    { "data", TEXT, &data_folder, 0, 0, "the folder of MNIST" },
    { "epochs", COUNT, &epochs, 1, 10000, "passes over the data" },
    { "batch", COUNT, &batch_size, 1, 4096, "images in a step" },
    { "lr", NUMBER, &learning_rate, 1e-9, 1e6, "learning rate" },
    { "activation", TEXT, &activation_name, 0, 0,
      "sigmoid, tanh, relu, leaky, elu or selu" },
    { "init", TEXT, &init_name, 0, 0,
      "zero, uniform, normal, fan, lecun, xavier or he" },
    { "seed", COUNT, &seed, 1, 4294967290, "of the random numbers" },
    { 0 }
};

static const struct part parts[] = {
    { "activations", show_activations, "six activations and their slopes" },
    { "exponential", show_exponential, "a series and its bound" },
    { "xor", show_xor, "what one line cannot do" },
    { "gradients", show_gradients, "batch, samples and tape agree" },
    { "saturation", show_saturation, "gradients ten layers deep" },
    { "initialisation", show_initialisation, "scales through 20 layers" },
    { "symmetry", show_symmetry, "why not zero" },
    { "relu", show_relu, "the forgotten slope" },
    { "overflow", show_overflow, "exp of a large number" },
    { "optimism", show_optimism, "accuracy on what was learned" },
    { "digits", show_digits, "64-64-10 on digits, five seeds" },
    { "train", show_train, "the network of --net by its recipe" },
    { 0 }
};

static const struct part extras[] = {
    { "experiments", experiments, "five seeds of each source; TSV" },
    { "curve", curve, "the loss of --net by step; TSV" },
    { "bench", bench, "seconds per epoch; TSV" },
    { 0 }
};

static const struct program perceptron = {
    "06-multilayer-perceptron", "The multilayer perceptron.", settings,
    parts, tables, extras, prepare
};

int main(int argc, char **argv)
{
    const int status = program_run(argc, argv, &perceptron);
    gsl_rng_free(rng);
    arena_free(&memory);
    return status;
}
