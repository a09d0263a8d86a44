/*
 * The multilayer perceptron.  Downhill, chapter 6.
 *
 * cc -O3 -march=native tangled/06-multilayer-perceptron.c \
 *     -lgsl -lopenblas -lz -lm -o perceptron
 * With -DREAL=float it runs in float: faster, and no digit is sure.
 */
#include "program.h"

#include <gsl/gsl_sort.h>

#include "sets.h"
#include "layers.h"
#include "taped.h"

/* A network and how to train it. */
struct recipe {
    const char *name, *net, *activation;
    struct init init;
    size_t batch;
    double rate;
    bool summed;                /* the rate is for sums, not for means */
    bool in_order;              /* the data are not shuffled */
    size_t epochs, steps;       /* the one that is not 0 ends it */
    const struct activation *f; /* unless NULL, instead of the named one */
};

static const struct recipe recipes[] = {
    { "iris", "4-20-3", "relu", { INIT_XAVIER, 0, false }, 8, 0.003,
      true, false, 0, 1000, NULL },
    { "h28", "784-28-10", "sigmoid", { INIT_UNIFORM, 1, true }, 1, 0.1,
      false, false, 10, 0, NULL },
    { "h100", "784-100-100-10", "sigmoid", { INIT_NORMAL, 1, true }, 100,
      0.1, false, true, 5, 0, NULL },
    { "h1024", "784-1024-1024-10", "sigmoid", { INIT_UNIFORM, 0.3, false },
      64, 0.03, false, true, 2, 0, NULL },
    { "c512", "784-512-10", "leaky", { INIT_FAN, 0, false }, 256, 0.1,
      false, false, 5, 0, NULL },
    { "digits", "64-64-10", "relu", { INIT_HE, 0, false }, 32, 0.1,
      false, false, 30, 0, NULL }
};

/* The recipe of that name; the frame lets no other pass. */
static struct recipe recipe_of(const char *name)
{
    const struct recipe *r = recipes;
    while (strcmp(r->name, name) != 0)
        r++;
    return *r;
}

/* The recipe of --recipe with the other options over it. */
static struct recipe recipe_chosen(void)
{
    struct recipe r = recipe_of(option.recipe ? option.recipe : "iris");
    if (option.activation != NULL)
        r.activation = option.activation;
    if (option.init != NULL)
        r.init = (struct init){ init_find(option.init), 0.3, false };
    if (option.batch > 0)
        r.batch = option.batch;
    if (option.lr > 0)
        r.rate = option.lr;
    if (option.epochs > 0)
        r.epochs = option.epochs, r.steps = 0;
    return r;
}

/* What a recipe learns from and is judged by.  No MNIST: the end. */
static struct halves task_of(const char *recipe)
{
    struct halves d;
    struct error e;
    if (strcmp(recipe, "digits") == 0)
        return digits_split(&memory, 100);
    if (strcmp(recipe, "iris") == 0) {
        const struct images s = iris_load(&memory);
        gsl_rng *same = random_new(100);
        images_split(&s, &memory, same, 2 / 3.0, &d.train, &d.test);
        gsl_rng_free(same);
    } else if (!mnist_load(&d.train, &d.test, &memory, option.data, &e)) {
        give_up(&e);
    }
    return d;
}

/* A network in training by a recipe, and the rule that it follows. */
struct run {
    struct rule rule;
    struct recipe recipe;
    struct network net;
    struct learner learner;
    struct bar bar;
    double *loss;               /* sums of `every` steps; may be NULL */
    size_t every;
    struct score train, test;   /* when it is over */
};

/* theta <- theta - rate dL/dtheta, of the mean or of the sum. */
static void run_step(struct rule *r, struct model *m)
{
    const struct run *s = (const struct run *)r;
    const double n = s->recipe.summed ? (double)s->learner.batch.n : 1;
    m->backward(m, -n * s->recipe.rate, 1, m->theta);
}

static bool run_watch(struct learner *l)
{
    struct run *s = l->watcher;
    const struct score q = learner_score(l);
    if (s->loss != NULL)
        s->loss[(l->steps - 1) / s->every] += l->last;
    bar_show(&s->bar, (struct progress){ l->epoch + 1, s->recipe.epochs,
             l->t, learner_batches(l), q.loss, q.accuracy, 0 });
    return s->recipe.steps == 0 || l->steps < s->recipe.steps;
}

static struct run *run_new(const struct halves *t, struct recipe r)
{
    struct run *s = arena_alloc(&memory, 1, sizeof *s);
    struct learner *l = &s->learner;
    struct widths w;
    struct error e;
    REQUIRE(widths_read(&w, r.net, "a recipe", &e), "%s", e.text);
    s->net = network_mlp(&memory, w.n, w.width, r.f != NULL ? r.f
                         : activation_find(r.activation), r.batch);
    network_init(&s->net, r.init, rng);
    *l = learner_new(&memory, &s->net.model, &s->rule,
                     images_data(&t->train), r.batch,
                     r.in_order ? NULL : rng);
    if (r.epochs == 0)
        r.epochs = (r.steps - 1) / learner_batches(l) + 1;
    l->watch = run_watch, l->watcher = s;
    s->rule.step = run_step, s->recipe = r, s->bar = bar_new(stderr, 0);
    return s;
}

/* An epoch, or what the recipe leaves of it; false: it was the last. */
static bool run_epoch(struct run *s)
{
    struct learner *l = &s->learner;
    const bool more = learner_epoch(l) && l->epoch < s->recipe.epochs;
    bar_clear(&s->bar);
    if (!isfinite(l->last))
        give_up_on("training", "the loss is not a number in epoch %zu, "
                   "batch %zu", l->epoch + 1, l->t + 1);
    return more;
}

static struct score run_score(struct run *s, const struct images *x)
{
    return network_score(&s->net, x->X, x->label);
}

/* A whole training by a recipe, with the scores. */
static struct run *run_all(const struct halves *t, struct recipe r)
{
    struct run *s = run_new(t, r);
    while (run_epoch(s))
        continue;
    s->train = run_score(s, &t->train), s->test = run_score(s, &t->test);
    return s;
}

#define SIX "sigmoid %9.4f|tanh %9.4f|relu %9.4f|leaky %9.4f|" \
            "elu %9.4f|selu %9.4f"

static void show_activations(void)
{
    for (int slopes = 0; slopes < 2; slopes++) {
        struct table t = slopes ? table_new("slopes", "f'(z) %7.2f|" SIX)
                         : table_new("activations", "f(z) %7.2f|" SIX);
        for (int i = -240; i <= 240; i++) {
            double row[7] = { i / 40.0 };
            for (size_t k = 0; k < 6; k++) {
                const struct activation *f = &activations[k];
                real a = (real)row[0], d = 1;
                f->push(&a, 1, f->constant);
                f->pull(&a, &d, 1, f->constant);
                row[k + 1] = (double)(slopes ? d : a);
            }
            t.hidden = abs(i) != 20 && abs(i) != 80 && abs(i) != 240;
            table_row(&t, NULL, 7, row);
        }
        table_end(&t);
    }
}

static void show_xor(void)
{
    static const real by_hand[] = { 1, 1, 1, 1, 0, -1, 1, -2, 0 };
    static int xor[] = { 0, 1, 1, 0 };
    const tensor X = tensor_from(&memory, VALUES(0, 0, 0, 1, 1, 0, 1, 1),
                                 SHAPE(4, 2));
    struct network n = network_mlp(&memory, 3, (size_t[]){ 2, 2, 1 },
                                   activation_find("relu"), 4);
    memcpy(n.model.theta.data, by_hand, sizeof by_hand);
    const tensor y = network_forward(&n, X, false), H = n.layer[1].A;
    const struct images all = { 4, 1, 2, 2, X, xor };
    const struct halves task = { all, all };
    struct run *s[2];
    tensor P[2];
    for (int k = 0; k < 2; k++) {
        s[k] = run_all(&task, (struct recipe){ .net = k ? "2-4-2" : "2-2",
            .activation = "tanh", .init = { INIT_XAVIER, 0, false },
            .batch = 4, .rate = 0.5, .in_order = true, .epochs = 2000 });
        P[k] = network_forward(&s[k]->net, X, false);
        softmax_rows(P[k], P[k]);
    }
    struct table t = table_new(NULL, "x1 %2.0f|x2 %2.0f|xor %4.0f|"
        "by hand %9.0f|h1 %4.0f|h2 %2.0f|a line %9.4f|four units %10.2f");
    for (size_t i = 0; i < 4; i++)
        ROW(&t, NULL, AT(X, i, 0), AT(X, i, 1), xor[i], AT(y, i, 0),
            AT(H, i, 0), AT(H, i, 1), AT(P[0], i, 1), AT(P[1], i, 1));
    printf("loss of the line %.4f, ln 2 = %.4f; of four units %.4f\n",
           s[0]->train.loss, log(2), s[1]->train.loss);
}

static double largest_gap(tensor x, tensor y)
{
    double gap = 0;
    for (size_t i = 0; i < x.shape[0]; i++)
        gap = fmax(gap, fabs((double)AT(x, i) - (double)AT(y, i)));
    return gap;
}

/* One gradient by the batch rule, sample by sample, and by the tape. */
static void compare_gradients(struct network *n, struct taped *s,
                              const struct images *x)
{
    const tensor batch = n->model.grad, tape = s->model.grad;
    const tensor mean = tensor_zeros(&memory, 1, batch.shape);
    const struct batch b = { .n = 32, .X = tensor_rows(x->X, 0, 32),
                             .label = x->label };
    network_gradient(n, b.X, b.label);
    taped_loss(&s->model, &b, true);
    taped_backward(&s->model, 1, 0, tape);
    for (size_t i = 0; i < b.n; i++) {
        const struct batch one = { .n = 1, .X = tensor_rows(b.X, i, 1),
                                   .label = b.label + i };
        network_loss(&n->model, &one, true);
        network_backward(&n->model, 1 / 32.0, 1, mean);
    }
    struct table t = table_new(NULL, "entry %5.0f|batch %11.4f|"
                               "samples %11.4f|tape %11.4f");
    for (size_t i = batch.shape[0] - 10; i < batch.shape[0]; i += 3)
        ROW(&t, NULL, (double)i, AT(batch, i), AT(mean, i), AT(tape, i));
    printf("all %zu entries agree to 1e-14: %s\n\n", batch.shape[0],
           largest_gap(batch, mean) < 1e-14
           && largest_gap(batch, tape) < 1e-14 ? "yes" : "NO");
}

static void show_tape(void)
{
    const struct halves t = task_of("digits");
    const struct recipe r = recipe_of("digits");
    struct run *a = run_new(&t, r);
    struct taped s = taped_new(&memory, &a->net, tape_relu);
    gsl_rng *same = gsl_rng_clone(rng);         /* for the same order */
    struct learner b = learner_new(&memory, &s.model, &a->rule,
                                   images_data(&t.train), r.batch, same);
    compare_gradients(&a->net, &s, &t.train);
    struct table out = table_new(NULL, "epoch %5.0f|steps %6.0f|"
                                 "loss, layers %13.4f|loss, tape %12.4f");
    while (b.epoch < 5 && run_epoch(a) && learner_epoch(&b))
        ROW(&out, NULL, (double)b.epoch, (double)b.steps,
            learner_score(&a->learner).loss, learner_score(&b).loss);
    printf("largest difference of the weights: %s 1e-12\n",
           largest_gap(a->net.model.theta, s.model.theta) < 1e-12 ? "below"
           : "ABOVE");
    gsl_rng_free(same);
    tape_free(&s.tape);
}

static double root_mean_square(tensor t)
{
    t = tensor_mean(&memory, tensor_mul(&memory, t, t), ALL);
    return sqrt((double)tensor_item(t));
}

enum { TALL = 20, BROAD = 256, ROWS = 100, STARTS = 8 };

static const struct { const char *f; struct init init; } starts[STARTS] = {
    { "tanh", { INIT_NORMAL, 0.01, 0 } },
    { "tanh", { INIT_NORMAL, 0.2, 0 } },
    { "tanh", { INIT_FAN, 0, 0 } }, { "tanh", { INIT_XAVIER, 0, 0 } },
    { "relu", { INIT_XAVIER, 0, 0 } }, { "relu", { INIT_HE, 0, 0 } },
    { "selu", { INIT_LECUN, 0, 0 } }, { "sigmoid", { INIT_XAVIER, 0, 0 } }
};

/* A network as tall and broad as that, at work. */
static struct network network_tall(const char *f, struct init init)
{
    struct network n = network_new(&memory, ROWS, SHAPE(BROAD));
    for (size_t k = 0; k < TALL; k++) {
        network_dense(&n, BROAD);
        network_activation(&n, activation_find(f));
    }
    network_finish(&n);
    network_init(&n, init, rng);
    network_forward(&n, tensor_normal(&memory, rng, 0, 1,
                                      SHAPE(ROWS, BROAD)), false);
    tensor_copy(network_top(&n, ROWS),
                tensor_normal(&memory, rng, 0, 1, SHAPE(ROWS, BROAD)));
    network_backward(&n.model, 1, 0, n.model.grad);
    return n;
}

/* A row for each layer, a column for each start; every fifth is printed. */
static void sizes_table(const char *name, double x[TALL][STARTS + 1])
{
    printf("         tanh    tanh    tanh    tanh    relu    relu    selu "
           "sigmoid\n");
    struct table t = table_new(name, "layer %5.0f|0.01 %7.1e|0.2 %7.1e|"
        "fan %7.1e|xavier %7.1e|xavier %7.1e|he %7.1e|lecun %7.1e|"
        "xavier %7.1e");
    for (size_t k = 0; k < TALL; k++) {
        x[k][0] = (double)k + 1;
        t.hidden = k > 0 && (k + 1) % 5 > 0;
        table_row(&t, NULL, STARTS + 1, x[k]);
    }
    table_end(&t);
}

static void show_initialisation(void)
{
    double A[TALL][STARTS + 1], dZ[TALL][STARTS + 1];
    for (size_t i = 1; i <= STARTS; i++) {
        const struct network n = network_tall(starts[i - 1].f,
                                              starts[i - 1].init);
        const double top = root_mean_square(n.layer[2 * TALL - 2].dA);
        for (size_t k = 0; k < TALL; k++) {
            A[k][i] = root_mean_square(n.layer[2 * k].A);
            dZ[k][i] = root_mean_square(n.layer[2 * k].dA) / top;
        }
    }
    printf("what comes out of a layer\n");
    sizes_table("initialisation", A);
    printf("\nthe gradient there, beside that of the topmost\n");
    sizes_table("saturation", dZ);
}

static void show_symmetry(void)
{
    static const char *const f[] = { "sigmoid", "sigmoid", "tanh", "tanh" };
    const struct halves t = task_of("digits");
    struct recipe r = recipe_of("digits");
    struct table out = table_new(NULL, "first weights %-16s|"
        "units differ by %15.2f|loss %10.3f|test accuracy %14.0f %");
    r.epochs = 10;
    for (size_t k = 0; k < 4; k++) {
        char name[20];
        double gap = 0;
        r.activation = f[k], r.init.rule = k % 2 ? INIT_XAVIER : INIT_ZERO;
        const struct run *s = run_all(&t, r);
        const tensor W = s->net.layer[0].p[WEIGHT].value;
        for (ptrdiff_t j = 1; j < 64; j++)      /* each unit and unit 0 */
            gap = fmax(gap, largest_gap(tensor_select(W, 1, j),
                                        tensor_select(W, 1, 0)));
        snprintf(name, 20, "%s, %s", f[k], rule_name[r.init.rule]);
        ROW(&out, name, gap, s->test.loss, 100 * s->test.accuracy);
    }
}

ACTIVATION(forgetful, z > 0 ? z : 0, 1)         /* no slope */

/* The difference quotient of the loss of eight irises by *w. */
static double quotient(struct network *n, const struct images *x, real *w)
{
    const tensor X = tensor_rows(x->X, 0, 8);
    const real old = *w, h = (real)1e-3;
    *w = old + h;
    const double up = network_gradient(n, X, x->label);
    *w = old - h;
    const double down = network_gradient(n, X, x->label);
    *w = old;
    return (up - down) / (2 * (double)h);
}

static void show_relu(void)
{
    const struct halves t = task_of("iris");
    struct recipe r = recipe_of("iris");
    struct network *n = &run_new(&t, r)->net;
    const tensor W = n->layer[0].p[WEIGHT].value;
    const struct activation f = { "forgetful", 0, forgetful_push,
                                  forgetful_pull };
    tensor dW[2];
    for (int k = 0; k < 2; k++) {
        network_gradient(n, tensor_rows(t.train.X, 0, 8), t.train.label);
        dW[k] = tensor_clone(&memory, n->layer[0].p[WEIGHT].grad);
        n->layer[1].f = &f;
    }
    struct table a = table_new(NULL, "input %5.0f|unit %4.0f|"
        "differences %12.3f|with ReLU' %12.3f|without %12.3f");
    for (size_t j = 0; j < 5; j++)
        ROW(&a, NULL, (double)(j % 4), (double)j,
            quotient(n, &t.train, &AT(W, j % 4, j)), AT(dW[0], j % 4, j),
            AT(dW[1], j % 4, j));
    putchar('\n');
    struct table b = table_new(NULL, "learned %-12s|training loss %14.2f|"
                               "test accuracy %12.0f %");
    for (int k = 0; k < 2; k++) {
        gsl_rng_set(rng, option.seed);          /* the same start */
        r.f = k ? &f : NULL;
        const struct run *s = run_all(&t, r);
        ROW(&b, k ? "without" : "with ReLU'", s->train.loss,
            100 * s->test.accuracy);
    }
}

static float sigmoid_of_ratio(float z)
{
    return expf(z) / (1 + expf(z));
}

ACTIVATION(ratio, (real)sigmoid_of_ratio((float)z), a * (1 - a))

static void show_overflow(void)
{
    static const struct activation f = { "ratio", 0, ratio_push,
                                         ratio_pull };
    static const float z[] = { -200, -90, -20, 0, 20, 88, 89, 200 };
    struct table t = table_new(NULL, "z %6.0f|e^z/(1+e^z) %14.4g|"
                               "1/(1+e^-z) %14.4g");
    for (size_t i = 0; i < sizeof z / sizeof *z; i++)
        ROW(&t, NULL, (double)z[i], (double)sigmoid_of_ratio(z[i]),
            (double)(1 / (1 + expf(-z[i]))));
    struct halves task = task_of("digits");
    struct recipe r = recipe_of("h100");
    for (size_t i = 0; i < task.train.n * 64; i++)
        task.train.X.data[i] *= 255;
    r.net = "64-100-100-10";
    for (int k = 0; k < 2; k++) {
        r.f = k ? NULL : &f;
        struct learner *l = &run_new(&task, r)->learner;
        while (l->epoch < 2 && learner_epoch(l))
            ;
        printf("pixels 0..255, %s: after %zu steps the loss is %s\n",
               k ? "sigmoid" : "ratio", l->steps,
               isfinite(l->last) ? "finite" : "nan");
    }
}

static void show_optimism(void)
{
    static const size_t size[] = { 50, 100, 200, 400, 800 };
    const struct halves t = task_of("digits");
    struct recipe r = recipe_of("digits");
    struct table out = table_new(NULL, "images %7.0f|"
        "accuracy on them %16.1f %|on new ones %16.1f %");
    r.epochs = 0, r.steps = 1500;
    for (size_t i = 0; i < 5; i++) {
        struct halves part = t;
        part.train.n = size[i];
        part.train.X = tensor_rows(t.train.X, 0, size[i]);
        const struct run *s = run_all(&part, r);
        ROW(&out, NULL, (double)size[i], 100 * s->train.accuracy,
            100 * s->test.accuracy);
    }
}

/* Accuracies of some recipes, from some seeds each; the last median. */
static double seeds_table(const char *file, size_t n, const char *name[])
{
    const size_t runs = option.runs > 0 ? option.runs : 5;
    double a[100], b[100];                      /* as --runs allows */
    struct table out = table_new(file, "net %-6s|low %6.2f|median %6.2f|"
        "high %6.2f|train low %9.2f|median %6.2f|high %6.2f");
    out.rounded = true;
    for (size_t i = 0; i < n; i++) {
        arena_reset(&memory);
        const struct halves t = task_of(name[i]);
        for (size_t k = 0; k < runs; k++) {
            gsl_rng_set(rng, option.seed + k);
            const struct run *s = run_all(&t, recipe_of(name[i]));
            a[k] = 100 * s->test.accuracy, b[k] = 100 * s->train.accuracy;
        }
        gsl_sort(a, 1, runs), gsl_sort(b, 1, runs);
        ROW(&out, name[i], a[0], a[runs / 2], a[runs - 1], b[0],
            b[runs / 2], b[runs - 1]);
    }
    table_end(&out);
    return a[runs / 2];
}

static void show_digits(void)
{
    value_write("digits.test_median", "%.1f",
                seeds_table(NULL, 1, (const char *[]){ "digits" }));
}

static void show_train(void)
{
    const struct recipe r = recipe_chosen();
    const struct halves t = task_of(r.name);
    struct run *s = run_new(&t, r);
    const size_t every = (s->recipe.epochs + 9) / 10;
    struct score p = run_score(s, &t.train);
    printf("%s: %s %s, %zu parameters, %zu images\n", r.name, r.net,
           r.activation, network_parameters(&s->net), t.train.n);
    printf("weights %s", rule_name[r.init.rule]);
    if (r.init.scale > 0)
        printf(" %g", r.init.scale);
    printf("; batch %zu, rate %g%s\n", r.batch, r.rate,
           r.summed ? " of sums" : "");
    struct table out = table_new(NULL, "epoch %5.0f|steps %6.0f|"
        "loss %10.3f|test loss %10.3f|test accuracy %14.1f %");
    for (size_t e = 0, more = true; ; p = learner_score(&s->learner)) {
        const struct score q = run_score(s, &t.test);
        ROW(&out, NULL, (double)e, (double)s->learner.steps, p.loss, q.loss,
            100 * q.accuracy);
        if (!more)
            break;
        do
            more = run_epoch(s);
        while (++e % every != 0 && more);
    }
}

/* The loss of every step, or the mean of every few: at most 1000 rows. */
static void show_curve(void)
{
    const struct recipe r = recipe_chosen();
    const struct halves task = task_of(r.name);
    struct run *s = run_new(&task, r);
    const size_t all = r.steps > 0 ? r.steps
                       : r.epochs * learner_batches(&s->learner);
    struct table t = table_new("curve", "step %6.0f|loss %8.4f");
    t.rounded = true;
    s->every = (all + 999) / 1000;
    s->loss = arena_alloc(&memory, 1000, sizeof *s->loss);
    while (run_epoch(s))
        continue;
    for (size_t i = 1; i * s->every <= all; i++) {
        t.hidden = i % 100 != 0;
        ROW(&t, NULL, (double)(i * s->every),
            s->loss[i - 1] / (double)s->every);
    }
    table_end(&t);
}

static void show_experiments(void)
{
    const char *name[] = { "iris", "h28", "h100", "h1024" };
    seeds_table("experiments", 4, name);
}

#define TRAINING "recipe data epochs batch lr activation init seed"

static const struct part parts[] = {
    { "activations", show_activations, "six of them, and slopes", NULL },
    { "xor", show_xor, "what one line cannot do", "seed" },
    { "tape", show_tape, "layers and tape agree", "seed" },
    { "initialisation", show_initialisation, "20 layers", "seed" },
    { "symmetry", show_symmetry, "why not zero", "seed" },
    { "relu", show_relu, "the forgotten slope", "seed" },
    { "overflow", show_overflow, "exp of a large number", "seed" },
    { "optimism", show_optimism, "judged by what was learned", "seed" },
    { "digits", show_digits, "64-64-10, five seeds", "seed runs" },
    { "train", show_train, "a network by its recipe", TRAINING },
    { "curve", show_curve, "its loss step by step", TRAINING },
    { 0 }
}, extras[] = {
    { "experiments", show_experiments, "all sources", "data seed runs" },
    { 0 }
};

int main(int argc, char **argv)
{
    return program_run(argc, argv, "06-multilayer-perceptron",
                       "The multilayer perceptron.", parts, extras);
}
