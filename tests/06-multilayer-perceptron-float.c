/*
 * Tests of chapter 6 in float: the program's networks learn, and the faults
 * that it shows are faults.
 */
#include "../tangled/tap.h"

#define main perceptron_main
#include "../tangled/06-multilayer-perceptron.c"
#undef main

static void setup(void)
{
    prepare();
}

static void digits_are_learned(void)
{
    struct score train[SEEDS], test[SEEDS];
    double x[SEEDS];
    setup();
    const struct task t = task_digits();
    ok_equal(t.train.n + t.test.n, 1797, "all digits are used");
    ok_equal(t.test.n, 359, "a fifth of them for testing");
    five_seeds(&t, *recipe_find("digits"), train, test);
    for (size_t k = 0; k < SEEDS; k++)
        x[k] = test[k].accuracy;
    const struct band b = band_of(x);
    ok(b.median >= 0.97, "64-64-10 on digits: median of five %.3f",
       b.median);                       /* measured: 0.978 */
    ok(b.low >= 0.95, "and the worst %.3f", b.low);
}

static void irises_are_learned(void)
{
    struct score train[SEEDS], test[SEEDS];
    double x[SEEDS];
    setup();
    const struct task t = task_iris();
    const struct recipe *r = recipe_find("iris");
    ok_equal(t.test.n, 50, "50 irises for testing");
    five_seeds(&t, *r, train, test);
    for (size_t k = 0; k < SEEDS; k++)
        x[k] = test[k].accuracy;
    ok(band_of(x).median >= r->reached,
       "the source's 96 %% is reached: median of five %.2f",
       band_of(x).median);
    struct trainer s = trainer_new(&t, *r);
    trainer_run(&s, &t.train);
    ok_equal(s.steps, 1000, "the recipe ends after 1000 steps");
}

/* begin float */
static void float_equals_double(void)
{
    double got[6 * 400], want[6 * 400];
    size_t n = 0;
    for (const struct activation *f = activations; f->name != NULL; f++)
        for (int i = -200; i < 200; i++, n++) {
            const double z = i * 0.0731, e = expm1(z);
            double slope;
            got[n] = activation_at(f, z, &slope);
            const double zf = (double)(real)z;
            want[n] = f->push == sigmoid_push ? 1 / (1 + exp(-zf))
                : f->push == tanh_push ? tanh(zf)
                : f->push == relu_push ? fmax(0, zf)
                : f->push == leaky_push ? (zf > 0 ? zf : 0.1 * zf)
                : f->push == elu_push ? (zf > 0 ? zf : e)
                : 1.0507009873554805 * (zf > 0 ? zf : 1.6732632423543772 * e);
        }
    /* measured: 2.5e-7 relative */
    ok_all_close(n, got, want, 1e-30, 1e-6,
                 "six activations in float, relative error below 1e-6");
}
/* end float */

static void deep_and_small(void)
{
    setup();
    const struct scales s = scales_of("tanh",
        (struct init){ INIT_NORMAL, 0.01, false });
    /* 0.16 a layer: 1.2e-16 at the twentieth, far below epsilon */
    ok(s.out[19] > 1e-17 && s.out[19] < 1e-15,
       "tanh keeps small signals: %.1e at layer 20", s.out[19]);
}

static void scales_are_kept(void)
{
    setup();
    struct scales s = scales_of("relu", (struct init){ INIT_HE, 0, false });
    ok(s.out[19] > 0.4 && s.out[19] < 2, "[eq:he] He keeps ReLU's scale "
       "through 20 layers: %.2f", s.out[19]);
    s = scales_of("relu", (struct init){ INIT_XAVIER, 0, false });
    ok_close(log2(s.out[19] / s.out[0]), -9.5, 0.7, 0,
             "[eq:xavier] Xavier loses half the variance a layer");
    s = scales_of("selu", (struct init){ INIT_LECUN, 0, false });
    ok_close(s.out[19], 1, 0.05, 0,
             "[eq:selu-fixed-point] SELU stays at 1");
}

static void faults_are_faults(void)
{
    ok(isnan((double)sigmoid_of_ratio(89)), "e^z/(1+e^z) is NaN at 89");
    ok(sigmoid_of(200) == 1 && sigmoid_of(-200) >= 0
       && sigmoid_of(-200) < 1e-38F, "ours is 1 and 0");
    setup();
    const struct task t = task_iris();
    struct trainer s = trainer_new(&t, *recipe_find("iris"));
    const tensor X = tensor_rows(t.train.X, 0, 8);
    network_gradient(&s.net, X, t.train.label);
    tensor good = tensor_clone(&memory, s.net.grad);
    network_use(&s.net, &forgetful_relu);
    network_gradient(&s.net, X, t.train.label);
    ok(largest_gap(good, s.net.grad) > 0.01,
       "without ReLU' the first layer's gradient is another");
    ok(memcmp(good.data + 100, s.net.grad.data + 100, 63 * sizeof(real))
       == 0, "and the last layer's is the same");
}

static void recipes_are_the_sources(void)
{
    static const struct { const char *name; size_t n; } want[] = {
        { "iris", 163 }, { "h28", 22270 }, { "h100", 89610 },
        { "h1024", 1863690 }, { "c512", 407050 }, { "digits", 4810 }
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        setup();
        const struct recipe *r = recipe_find(want[i].name);
        struct network n = network_mlp(&memory, r->widths.n,
            r->widths.width, activation_find(r->activation), r->batch);
        ok_equal(network_parameters(&n), want[i].n,
                 "[eq:parameter-count] %s", r->name);
    }
}

int main(void)
{
    TAP_RUN(digits_are_learned);
    TAP_RUN(irises_are_learned);
    TAP_RUN(float_equals_double);
    TAP_RUN(deep_and_small);
    TAP_RUN(scales_are_kept);
    TAP_RUN(faults_are_faults);
    TAP_RUN(recipes_are_the_sources);
    return tap_done();
}
