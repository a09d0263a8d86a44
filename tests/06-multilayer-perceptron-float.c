/*
 * Tests of chapter 6 in float: the program's networks learn, and the faults
 * that it shows are faults.
 */
#include "../tangled/tap.h"

#define REAL float
#define main perceptron_main
#include "../tangled/06-multilayer-perceptron.c"
#undef main

/* As before a part. */
static void setup(void)
{
    arena_reset(&memory);
    if (rng != NULL)
        gsl_rng_free(rng);
    rng = random_new(1);
}

/* Test accuracies of a recipe from five seeds, the lowest first. */
static void five_seeds(const char *name, double x[5])
{
    setup();
    const struct task t = task_of(name);
    for (size_t k = 0; k < 5; k++) {
        gsl_rng_set(rng, 1 + k);
        x[k] = run_all(&t, recipe_of(name))->test.accuracy;
    }
    gsl_sort(x, 1, 5);
}

static void digits_are_learned(void)
{
    double x[5];
    setup();
    const struct task t = task_of("digits");
    ok_equal(t.train.n + t.test.n, 1797, "all digits are used");
    ok_equal(t.test.n, 359, "a fifth of them for testing");
    five_seeds("digits", x);
    ok(x[2] >= 0.97, "64-64-10 on digits: median of five %.3f", x[2]);
    ok(x[0] >= 0.95, "and the worst %.3f", x[0]);   /* measured: 0.967 */
}

static void irises_are_learned(void)
{
    double x[5];
    five_seeds("iris", x);
    ok(x[2] >= 0.96, "the source's 96 %% is reached: median of five %.2f",
       x[2]);
    const struct task t = task_of("iris");
    ok_equal(t.test.n, 50, "50 irises for testing");
    const struct run *s = run_all(&t, recipe_of("iris"));
    ok_equal(s->learner.steps, 1000, "the recipe ends after 1000 steps");
    ok_equal(s->learner.epoch, 76, "in its 77th epoch");
}

/* A rate of sums: the last batch of an epoch has 4 irises and not 8. */
static void sums_are_sums(void)
{
    setup();
    const struct task t = task_of("iris");
    struct recipe r = recipe_of("iris");
    r.in_order = true;
    struct run *s = run_new(&t, r);
    for (size_t k = 0; k < 13; k++) {
        const size_t n = k < 12 ? 8 : 4;
        const struct model *m = &s->net.model;
        network_gradient(&s->net, tensor_rows(t.train.X, 8 * k, n),
                         t.train.label + 8 * k);
        tensor want = tensor_clone(&memory, m->theta);
        for (size_t i = 0; i < m->theta.shape[0]; i++)
            want.data[i] -= (real)(0.003 * (double)n) * m->grad.data[i];
        learner_step(&s->learner);
        if (k % 12 == 0)
            ok(largest_gap(want, m->theta) < 1e-6, "a step by the sum over "
               "%zu: rate times gradient times %zu", n, n);
    }
}

/* begin float */
static void float_equals_double(void)
{
    double got[6 * 400], want[6 * 400];
    size_t n = 0;
    for (const struct activation *f = activations; f->name != NULL; f++)
        for (int i = -200; i < 200; i++, n++) {
            real a = (real)(i * 0.0731);
            const double z = (double)a, e = expm1(z);
            f->push(&a, 1, f->constant);
            got[n] = (double)a;
            want[n] = f->push == sigmoid_push ? 1 / (1 + exp(-z))
                : f->push == tanh_push ? tanh(z)
                : f->push == relu_push ? fmax(0, z)
                : f->push == leaky_push ? (z > 0 ? z : 0.1 * z)
                : f->push == elu_push ? (z > 0 ? z : e)
                : 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * e);
        }
    /* measured: 2.5e-7 relative */
    ok_all_close(n, got, want, 1e-30, 1e-6,
                 "six activations in float, relative error below 1e-6");
}
/* end float */

/* The size of what comes out of layer k, counted from 1. */
static double size_at(const char *f, struct init init, size_t k)
{
    setup();
    const struct network n = network_tall(f, init);
    return root_mean_square(n.layer[2 * k - 2].A);
}

static void scales_are_kept(void)
{
    double size = size_at("tanh", (struct init){ INIT_NORMAL, 0.01, false },
                          20);
    /* 0.16 a layer: 1.2e-16 at the twentieth, far below epsilon */
    ok(size > 1e-17 && size < 1e-15,
       "tanh keeps small signals: %.1e at layer 20", size);
    size = size_at("relu", (struct init){ INIT_HE, 0, false }, 20);
    ok(size > 0.4 && size < 2, "[eq:he] He keeps ReLU's scale through 20 "
       "layers: %.2f", size);
    const struct init xavier = { INIT_XAVIER, 0, false };
    ok_close(log2(size_at("relu", xavier, 20) / size_at("relu", xavier, 1)),
             -9.5, 0.7, 0, "[eq:xavier] Xavier loses half the variance a "
             "layer");
    ok_close(size_at("selu", (struct init){ INIT_LECUN, 0, false }, 20), 1,
             0.05, 0, "[eq:selu-fixed-point] SELU stays at 1");
}

static void faults_are_faults(void)
{
    ok(isnan((double)sigmoid_of_ratio(89)), "e^z/(1+e^z) is NaN at 89");
    ok(sigmoid_of(200) == 1 && sigmoid_of(-200) >= 0
       && sigmoid_of(-200) < 1e-38F, "ours is 1 and 0");
    setup();
    const struct activation f = { "forgetful", 0, forgetful_push,
                                  forgetful_pull };
    const struct task t = task_of("iris");
    struct network *n = &run_new(&t, recipe_of("iris"))->net;
    const tensor X = tensor_rows(t.train.X, 0, 8);
    network_gradient(n, X, t.train.label);
    tensor good = tensor_clone(&memory, n->model.grad);
    n->layer[1].f = &f;
    network_gradient(n, X, t.train.label);
    ok(largest_gap(good, n->model.grad) > 0.01,
       "without ReLU' the first layer's gradient is another");
    ok(memcmp(good.data + 100, n->model.grad.data + 100, 63 * sizeof(real))
       == 0, "and the last layer's is the same");
}

static void recipes_are_the_sources(void)
{
    static const struct { const char *name; size_t n; } want[] = {
        { "iris", 163 }, { "h28", 22270 }, { "h100", 89610 },
        { "h1024", 1863690 }, { "c512", 407050 }, { "digits", 4810 }
    };
    size_t words = 0;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        setup();
        const struct recipe r = recipe_of(want[i].name);
        struct widths w;
        struct error e;
        if (!ok(widths_read(&w, r.net, r.name, &e), "%s", r.net))
            continue;
        struct network n = network_mlp(&memory, w.n, w.width,
                                       activation_find(r.activation), 1);
        ok_equal(network_parameters(&n), want[i].n,
                 "[eq:parameter-count] %s", r.name);
    }
    for (const struct setting *s = settings; s->name != NULL; s++)
        for (const char *p = s->help; strcmp(s->name, "recipe") == 0; p++) {
            char word[20];
            const size_t n = strcspn(p, " ");
            snprintf(word, sizeof word, "%.*s", (int)n, p);
            words += strcmp(recipe_of(word).name, word) == 0;
            p += n;
            if (*p == '\0')
                break;
        }
    ok_equal(words, sizeof recipes / sizeof *recipes,
             "--recipe takes the names of all recipes and no others");
}

/* A loss that is no number ends the program. */
static void lost(void)
{
    setup();
    const struct task t = task_of("digits");
    struct recipe r = recipe_of("digits");
    r.rate = 1e30;
    run_all(&t, r);
}

static void no_mnist(void)
{
    setup();
    option.data = "/nonexistent";
    task_of("h28");
}

/* Run f in a child: its exit status. */
static int status_of(void (*f)(void))
{
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        f();
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child
           && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void faults_of_the_world(void)
{
    ok(status_of(lost) == 1, "a loss that is no number: status 1");
    ok(status_of(no_mnist) == 1, "no MNIST: status 1");
}

int main(void)
{
    TAP_RUN(digits_are_learned);
    TAP_RUN(irises_are_learned);
    TAP_RUN(sums_are_sums);
    TAP_RUN(float_equals_double);
    TAP_RUN(scales_are_kept);
    TAP_RUN(faults_are_faults);
    TAP_RUN(recipes_are_the_sources);
    TAP_RUN(faults_of_the_world);
    return tap_done();
}
