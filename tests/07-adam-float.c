/*
 * Tests of chapter 7 in single precision: PyTorch's values again, the fast
 * root inside the rules, and what the program claims about the digits.
 */
#include "../tangled/tap.h"

#define REAL float
#define main adam_main
#include "../tangled/07-adam.c"
#undef main
#include "oracle/07-adam.h"

enum { N = 7 };

static void oracle_gradient(const real theta[], real g[])
{
    for (size_t i = 0; i < N; i++)
        g[i] = (real)(oracle_a[i] * ((double)theta[i] - oracle_c[i])
                      + oracle_b[i] * sin(3 * (double)theta[i]));
}

static void against_pytorch(struct optimizer o, const double ten[N],
                            const char *label, const char *title)
{
    const tensor theta = tensor_empty(&memory, SHAPE(N));
    const tensor g = tensor_empty(&memory, SHAPE(N));
    double got[N];
    for (size_t i = 0; i < N; i++)
        theta.data[i] = (real)oracle_start[i];
    for (int t = 0; t < 10; t++) {
        oracle_gradient(theta.data, g.data);
        optimizer_step(&o, theta, g);
    }
    for (size_t i = 0; i < N; i++)
        got[i] = (double)theta.data[i];
    /* measured 1.0e-6: ten steps, each rounded to 6e-8 */
    ok_all_close(N, got, ten, 4e-6, 4e-6,
                 "[%s] %s in float, 10 steps as PyTorch", label, title);
}

static struct optimizer rule(enum method k, double rate, double beta1,
                             double beta2, double decay)
{
    struct optimizer o = optimizer_new(&memory, k, N, rate);
    o.beta1 = beta1, o.beta2 = beta2, o.decay = decay;
    return o;
}

static void pytorch(void)
{
    const struct optimizer adam = rule(ADAM, 0.19, 0.87, 0.9931, 0);
    against_pytorch(rule(SGD, 0.137, 0, 0, 0), oracle_sgd_10, "eq:sgd",
                    "descent");
    against_pytorch(rule(MOMENTUM, 0.053, 0.83, 0, 0), oracle_momentum_10,
                    "eq:momentum", "heavy ball");
    against_pytorch(rule(NESTEROV, 0.053, 0.83, 0, 0), oracle_nesterov_10,
                    "eq:nesterov", "Nesterov");
    against_pytorch(rule(ADAGRAD, 0.31, 0, 0, 0), oracle_adagrad_10,
                    "eq:adagrad", "AdaGrad");
    against_pytorch(rule(RMSPROP, 0.027, 0, 0.971, 0), oracle_rmsprop_10,
                    "eq:rmsprop", "RMSProp");
    against_pytorch(adam, oracle_adam_10, "eq:adam", "Adam");
    against_pytorch(rule(ADAMW, 0.19, 0.87, 0.9931, 0.23), oracle_adamw_10,
                    "eq:adamw", "AdamW");
}

/* Does the loop do what one element at a time does, at any length? */
static void any_length(void)
{
    enum { LONGEST = 70 };
    static real a[4][LONGEST], b[4][LONGEST];
    const struct adam c = { 0.0713, 0.9, 0.999, 1e-8, 0 };
    gsl_rng *r = random_new(7);
    double worst = 0;
    for (size_t n = 1; n <= LONGEST; n++) {
        for (int k = 0; k < 4; k++)
            for (size_t i = 0; i < n; i++)
                a[k][i] = b[k][i] = (real)(0.01 + gsl_rng_uniform(r));
        adam_step(n, a[0], a[1], a[2], a[3], c, 3);
        for (size_t i = 0; i < n; i++) {
            adam_step(1, &b[0][i], &b[1][i], &b[2][i], &b[3][i], c, 3);
            worst = fmax(worst, fabs((double)(a[0][i] - b[0][i])));
        }
    }
    ok(worst <= 1.2e-7, "a vector of 1 to 70 parameters, worst %.2g",
       worst);
    gsl_rng_free(r);
}

/* ---- the claims of the program ---------------------------------------- */

static void corrections(void)
{
    ok_close(steady_step(KINGMA, 1), 1, 0, 1e-12,
             "[eq:adam-sparse] Adam's first step is the rate");
    ok_close(steady_step(SOURCES, 1), 1, 0, 1e-12,
             "[eq:adam-wrong] the fault cannot be seen in the first step");
    ok_close(steady_step(SOURCES, 12), 2.0771, 1e-4, 0,
             "[eq:adam-wrong] but in the twelfth");
    ok_close(steady_step(NONE, 12), 6.5685, 1e-4, 0,
             "[eq:adam-wrong] no correction: 3.16 times that");
    ok_close(feed_step(GROWING, 10000), 7.270, 1e-2, 0,
             "[eq:adam-bound] the longest step in the program");
}

static void valleys(void)
{
    double theory;
    option.kappa = 25;
    for (int k = SGD; k <= NESTEROV; k++) {
        const struct optimizer o = valley_best((enum method)k, &theory);
        const struct path_taken p = walk(&valley, o, 300);
        const size_t t = steps_to(p, 1e-6);
        const double got = rate_between(p, t / 2, t);
        ok(got < theory + 0.03 && got > theory - 0.01,
           "[eq:valley-rate] %s in the valley: %.4f, theory %.4f",
           method_name[k], got, theory);
    }
}

static void decays(void)
{
    ok_close(decayed(ADAMW, 10), pow(1 - 0.0002, 1000), 3e-3, 0,
             "[eq:adamw] every parameter decays alike");
    ok_close(decayed(ADAMW, 0.001), decayed(ADAMW, 10), 1e-4, 0,
             "[eq:adamw] whatever its gradients");
    ok(decayed(ADAM, 10) > 0.95 && decayed(ADAM, 0.001) < 0.4,
       "[eq:l2] in Adam's gradient a penalty does not");
}

static void digits(void)
{
    static struct score on[EPOCHS_MAX], off[EPOCHS_MAX];
    static const double tuned[METHODS] = { 1, 0.1, 0.1, 0.1, 0.01, 0.01,
                                           0.01 };
    option.net = "64-64-10", option.batch = 32, option.epochs = 30;
    task = digits_split(&memory, option.seed);
    for (int k = 0; k < METHODS; k++) {
        method_train((enum method)k, tuned[k], on, off);
        ok(off[29].accuracy >= 0.94 && on[29].loss < 0.05,
           "%s on the digits: loss %.4f, test accuracy %.1f%%",
           method_name[k], on[29].loss, 100 * off[29].accuracy);
    }
    option.epochs = 2;
    method_train(SGD, 100, on, off);
    ok(isinf(on[1].loss) || on[1].loss > 2 || off[1].accuracy < 0.3,
       "a rate of 100 is too large");
}

static void mnist(void)
{
    struct error e;
    if (getenv("DOWNHILL_SLOW") == NULL
        || !mnist_load(&task.train, &task.test, &memory, NULL, &e)) {
        skip("takes a minute: set MNIST_DIR and DOWNHILL_SLOW",
             "784-512-10 with Adam on MNIST");
        return;
    }
    struct score on[5], off[5];
    option.net = "784-512-10", option.batch = 256, option.epochs = 5;
    method_train(ADAM, 0.001, on, off);
    ok(off[4].accuracy >= 0.975, "784-512-10 with Adam, 5 epochs: %.2f%%",
       100 * off[4].accuracy);
}

int main(void)
{
    setenv("TAP_TIMEOUT", "120", 0);
    TAP_RUN(pytorch);
    TAP_RUN(any_length);
    TAP_RUN(corrections);
    TAP_RUN(valleys);
    TAP_RUN(decays);
    TAP_RUN(digits);
    TAP_RUN(mnist);
    arena_free(&memory);
    return tap_done();
}
