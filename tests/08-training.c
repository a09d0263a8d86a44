/*
 * Tests of chapter 8: train.h and checkpoint.h, in double.
 * Means and variances are measured over many draws; a checkpoint is cut,
 * flipped and forged in every place.
 */
#include "../tangled/tap.h"

#define REAL double
#include "../tangled/checkpoint.h"
#include "../tangled/gradcheck.h"
#include "../tangled/images.h"
#include "../tangled/progress.h"

#include <gsl/gsl_statistics.h>

static struct arena memory;

/* ---- how sure, how long ----------------------------------------------- */

static void sureness(void)
{
    enum { DRAWS = 40000 };
    gsl_rng *r = random_new(3);
    static double share[DRAWS];
    for (int i = 0; i < DRAWS; i++)
        share[i] = gsl_ran_binomial(r, 0.93, 359) / 359.0;
    /* the deviation of a deviation: 1/sqrt(2 DRAWS) = 0.0035 of it */
    ok_close(gsl_stats_sd(share, 1, DRAWS), accuracy_deviation(0.93, 359),
             0, 0.012, "[eq:accuracy-deviation] over 40000 test parts");
    const double s = 0.0074;
    for (int k = 20; k <= 20000; k *= 1000) {
        double sum = 0;
        const int rounds = 4000000 / k;
        for (int i = 0; i < rounds; i++) {
            double best = -1;
            for (int j = 0; j < k; j++)
                best = fmax(best, gsl_ran_gaussian_ziggurat(r, s));
            sum += best;
        }
        const double bound = s * sqrt(2 * log(k)), got = sum / rounds;
        ok(got <= bound, "[eq:best-of-many] the best of %d is too good by "
           "%.2f%%, at most %.2f%%", k, 100 * got, 100 * bound);
        ok(got >= (k > 20 ? 0.88 : 0.74) * bound,
           "[eq:best-of-many] and the bound is near: %.3f", got / bound);
    }
    gsl_rng_free(r);
}

static void times(void)
{
    ok_close(time_left(23.5, 47, 188), 70.5, 0, 1e-15,
             "[eq:time-left] a quarter done in 23.5 s");
    ok(isinf(time_left(3, 0, 10)), "nothing done: not known");
    ok_close(time_left(3, 10, 10), 0, 0, 0, "[eq:time-left] all done");
    ok_text(time_text(7.2).s, "0:07", "seconds");
    ok_text(time_text(59.7).s, "1:00", "rounded up to a minute");
    ok_text(time_text(3723).s, "1:02:03", "hours");
    ok_text(time_text(INFINITY).s, "--:--", "infinite");
    ok_text(time_text(NAN).s, "--:--", "not a number");
}

/* ---- early stopping --------------------------------------------------- */

static void stopping(void)
{
    static const double v[] = { 0.9, 0.5, 0.497, 0.495, 0.48, 0.6, 0.479,
                                0.4789, 0.1 };
    static const bool better[] = { 1, 1, 0, 0, 1, 0, 0, 0 };
    static const size_t waited[] = { 0, 0, 1, 2, 0, 1, 2, 3 };
    struct stopper s = stopper_new(3, 0.01);
    size_t wrong = 0, e = 0;
    while (!stopper_says_stop(&s)) {
        wrong += stopper_take(&s, e + 1, v[e]) != better[e];
        wrong += s.waited != waited[e];
        e++;
    }
    ok_equal(wrong, 0, "[eq:early-stopping] what improves, what waits");
    ok_equal(e, 8, "[eq:early-stopping] stops after epoch 8");
    ok_equal(s.best_epoch, 5, "[eq:early-stopping] the best is epoch 5");
    ok_close(s.best, 0.48, 0, 0, "its value");
    s = stopper_new(2, 0);
    stopper_take(&s, 1, NAN);
    ok(s.waited == 1 && s.best_epoch == 0, "NaN is no improvement");
    s = stopper_new(0, 0);
    for (e = 1; e < 100; e++)
        stopper_take(&s, e, 1);
    ok(!stopper_says_stop(&s), "patience 0 never stops");
}

/* ---- dropout ---------------------------------------------------------- */

static void dropping(void)
{
    enum { PASSES = 60000, UNITS = 5 };
    static const real a[UNITS] = { 2.385, -0.731, 0.0042, 1.917, -3.1 };
    static const double w[UNITS] = { 0.41, -1.3, 0.77, 0.29, 0.58 };
    const double p = 0.3;
    gsl_rng *r = random_new(9);
    struct network n = network_new(&memory, 2, SHAPE(UNITS));
    network_dropout(&n, p, r);
    network_finish(&n);
    tensor X = tensor_zeros(&memory, SHAPE(2, UNITS));
    memcpy(X.data + UNITS, a, sizeof a);
    double sum[UNITS] = { 0 }, square[UNITS] = { 0 }, zs = 0, zz = 0;
    size_t other = 0, silent = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        const real *x = matrix_row(network_forward(&n, X, true), 1);
        double z = 0;
        for (int i = 0; i < UNITS; i++) {
            other += x[i] != 0 && fabs(x[i] - a[i] / 0.7) > 1e-15;
            silent += x[i] == 0;
            sum[i] += x[i] / PASSES, square[i] += x[i] * x[i] / PASSES;
            z += w[i] * x[i];
        }
        zs += z / PASSES, zz += z * z / PASSES;
    }
    ok_equal(other, 0, "[eq:dropout] nothing but 0 and a / (1 - p)");
    ok_close((double)silent / (PASSES * UNITS), p, 4e-3, 0,
             "[eq:dropout] a share p is silent");
    double mean = 0, variance = 0;
    for (int i = 0; i < UNITS; i++) {
        /* five standard errors of the mean and of the variance */
        const double s = fabs(a[i]) * sqrt(0.3 / 0.7 / PASSES);
        ok_close(sum[i], a[i], 5 * s, 0,
                 "[eq:dropout-moments] mean of unit %d", i);
        ok_close(square[i] - sum[i] * sum[i], 0.3 / 0.7 * a[i] * a[i], 0,
                 0.03, "[eq:dropout-moments] variance of unit %d", i);
        mean += a[i] * w[i];
        variance += 0.3 / 0.7 * a[i] * a[i] * w[i] * w[i];
    }
    ok_close(zs, mean, 5 * sqrt(variance / PASSES), 0,
             "[eq:dropout-sum] mean of a weighted sum");
    ok_close(zz - zs * zs, variance, 0, 0.03,
             "[eq:dropout-sum] its variance");
    const tensor A = network_forward(&n, X, false);
    ok(memcmp(matrix_row(A, 1), a, sizeof a) == 0,
       "in use nothing is dropped");
    gsl_rng_free(r);
}

/* How two rows of coins with P(1) = p hang together, in deviations. */
static double together(size_t n, const bool a[], const bool b[], double p)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (a[i] - p) * (b[i] - p);
    return sum / (p * (1 - p) * sqrt((double)n));
}

/* Masks of 32 rows of 520 units, one after the other in memory. */
static void masks(void)
{
    enum { ROW = 520, N = 32 * ROW, MASKS = 64, COINS = MASKS * N };
    static const double share[] = { 0.1, 0.2, 0.5, 0.9 };
    static real f[N];
    static bool off[COINS];
    for (int k = 0; k < 4; k++) {
        const double p = share[k];
        gsl_rng *r = random_new(80 + (unsigned long)k);
        const struct dropout d = { p, r, NULL };
        double count = 0, most = 0;
        size_t other = 0;
        for (size_t m = 0; m < MASKS; m++) {
            dropout_draw(&d, N, f);
            for (size_t i = 0; i < N; i++) {
                off[m * N + i] = f[i] == 0;
                count += f[i] == 0;
                other += f[i] != 0 && fabs(f[i] - 1 / (1 - p)) > 1e-15;
            }
        }
        ok_equal(other, 0, "[eq:dropout] p = %g: 0 or 1 / (1 - p)", p);
        ok_close((count - COINS * p) / sqrt(COINS * p * (1 - p)), 0, 4, 0,
                 "[eq:dropout] p = %g: so many are dropped, in deviations",
                 p);
        for (size_t lag = 1; lag <= 9; lag++)
            most = fmax(most, fabs(together(COINS - lag, off, off + lag, p)));
        ok(most < 4.5, "p = %g: neighbours are independent, %.1f", p, most);
        ok_close(together(COINS - ROW, off, off + ROW, p), 0, 4, 0,
                 "p = %g: rows are independent", p);
        ok_close(together(COINS - N, off, off + N, p), 0, 4, 0,
                 "p = %g: a mask and the next are independent", p);
        gsl_rng_free(r);
    }
}

static void same_masks(void)
{
    enum { N = 1000 };
    static real f[N], g[N];
    gsl_rng *r = random_new(81), *s = random_new(1);
    struct dropout d = { 0.4, r, NULL };
    gsl_rng_memcpy(s, r);
    dropout_draw(&d, N, f);
    gsl_rng_memcpy(r, s);
    dropout_draw(&d, N, g);
    ok(memcmp(f, g, sizeof f) == 0, "the same state, the same mask");
    dropout_draw(&d, N, g);
    ok(memcmp(f, g, sizeof f) != 0, "the state moves on: another mask");
    gsl_rng_memcpy(r, s);
    dropout_draw(&d, N / 2, g);
    ok(memcmp(f, g, sizeof f / 2) == 0, "fewer rows, the same coins");
    d.p = 0;
    dropout_draw(&d, N, g);
    size_t ones = 0;
    for (size_t i = 0; i < N; i++)
        ones += g[i] == 1;
    ok_equal(ones, N, "[eq:dropout] p = 0: nothing is dropped");
    gsl_rng_free(r), gsl_rng_free(s);
}

/* A network with dropout, a batch, and the generator's state to repeat. */
static struct network net;
static tensor batch_X;
static int batch_y[4] = { 2, 0, 1, 2 };
static gsl_rng *dice, *dice_start;

static void net_make(const char *activation)
{
    struct widths w;
    struct error e;
    arena_reset(&memory);
    dice = random_new(21), dice_start = random_new(1);
    if (!widths_read(&w, "5-7-6-3", "net", &e))
        abort();
    net = network_with_dropout(&memory, &w, activation_find(activation), 4,
                               0.4, 1, dice);
    network_init(&net, (struct init){ .rule = INIT_XAVIER, .biases = true },
                 dice);
    batch_X = tensor_uniform(&memory, dice, -1.3, 1.7, SHAPE(4, 5));
    gsl_rng_memcpy(dice_start, dice);
}

static void net_free(void)
{
    gsl_rng_free(dice), gsl_rng_free(dice_start);
}

/* The loss with the same units dropped every time. */
static double net_loss(void)
{
    gsl_rng_memcpy(dice, dice_start);
    return softmax_nll(network_forward(&net, batch_X, true), batch_y);
}

static void dropout_gradients(void)
{
    net_make("tanh");
    const tensor theta = net.model.theta;
    const size_t n = theta.shape[0];
    static double got[200], want[200];
    gsl_rng_memcpy(dice, dice_start);
    network_gradient(&net, batch_X, batch_y);
    real gradient[200];
    memcpy(gradient, net.model.grad.data, n * sizeof *gradient);
    for (size_t i = 0; i < n; i++) {
        real *x = &theta.data[i];
        const real old = *x, h = 6e-6;
        *x = old + h;
        const double up = net_loss();
        *x = old - h;
        want[i] = (up - net_loss()) / (2 * h);
        *x = old;
        got[i] = gradient[i];
    }
    /* measured 4e-11 */
    ok_all_close(n, got, want, 1e-9, 1e-7,
                 "[eq:dropout-gradient] all %zu gradients of a network", n);
    const struct layer *d = &net.layer[2];
    const struct dropout *m = d->more;
    size_t wrong = 0, silent = 0;
    for (size_t i = 0; i < 4 * 7; i++) {
        const real dX = net.layer[1].dA.data[i];
        silent += m->factor[i] == 0;
        wrong += m->factor[i] == 0 && dX != 0;
    }
    ok(silent > 3 && wrong == 0,
       "[eq:dropout-gradient] %zu silent units learn nothing", silent);
    net_free();
}

/* begin relu dropout */
static void before_or_after(void)
{
    net_make("relu");
    const real z[3] = { 1.917, -0.42, 0.31 }, louder = 1 / 0.6;
    for (int i = 0; i < 3; i++)
        for (int r = 0; r < 2; r++) {
            real after = z[i], before = z[i] * (r ? louder : 0);
            relu_push(&after, 1, 0), relu_push(&before, 1, 0);
            ok_close(after * (r ? louder : 0), before, 0, 0,
                     "dropout before ReLU is dropout after it");
        }
    net_free();
}
/* end relu dropout */

/* ---- rates and gradients ---------------------------------------------- */

static void schedules(void)
{
    const struct schedule fall = { EXPONENTIAL, 0.2385, 0.93, 0, 0, 0 };
    const struct schedule stairs = { STEPS, 0.2385, 0.4, 3, 0, 0 };
    const struct schedule wave = { COSINE, 0.2385, 0, 0, 7, 31 };
    double rate = 0.2385, steps = 0.2385, compound = 0.2385;
    for (size_t e = 1; e <= 8; e++) {
        rate *= 0.93;
        steps *= e % 3 == 0 ? 0.4 : 1;
        compound *= pow(0.93, (double)e);
    }
    ok_close(schedule_rate(fall, 8, 800), rate, 0, 1e-14,
             "[eq:rate-exponential] eight factors after eight epochs");
    ok_close(schedule_rate(fall, 0, 0), 0.2385, 0, 0,
             "[eq:rate-exponential] none before the first");
    ok_close(schedule_rate(stairs, 8, 800), steps, 0, 1e-15,
             "[eq:rate-step] two stairs of three epochs in eight");
    ok_close(schedule_rate(stairs, 2, 0), 0.2385, 0, 0,
             "[eq:rate-step] none in the first three");
    ok_close(compound, 0.2385 * pow(0.93, 8 * 9 / 2), 0, 1e-13,
             "[eq:rate-compound] the exponents add up");
    ok_close(schedule_rate(wave, 0, 0), 0.2385 / 7, 0, 1e-15,
             "[eq:rate-cosine] the first of seven steps up");
    ok_close(schedule_rate(wave, 0, 6), 0.2385, 0, 1e-15,
             "[eq:rate-cosine] the top");
    ok_close(schedule_rate(wave, 0, 7), 0.2385, 0, 1e-15,
             "[eq:rate-cosine] where the wave begins");
    ok_close(schedule_rate(wave, 0, 19), 0.2385 / 2, 0, 1e-14,
             "[eq:rate-cosine] half way down");
    ok_close(schedule_rate(wave, 0, 15), 0.2385 * 0.75, 0, 1e-14,
             "[eq:rate-cosine] three quarters after a third");
    ok_close(schedule_rate(wave, 0, 31), 0, 0, 0,
             "[eq:rate-cosine] nothing at the end");
    ok_equal(fall_find("step"), STEPS, "found by name");
    ok_equal(fall_find("stepp"), FALLS, "an unknown name");
}

static void clipping(void)
{
    real g[4] = { 2, -3, 6, 0 }, h[4];
    double want[4];
    memcpy(h, g, sizeof h);
    ok_close(gradient_clip(4, h, 7.0001), 7, 0, 1e-15,
             "[eq:clip] the norm is returned");
    ok(memcmp(g, h, sizeof h) == 0, "[eq:clip] a short one is left alone");
    gradient_clip(4, h, 2.1);
    for (int i = 0; i < 4; i++)
        want[i] = 0.3 * g[i];
    ok_all_close(4, h, want, 0, 1e-15, "[eq:clip] same direction, length c");
    h[2] = NAN;
    ok(isnan(gradient_clip(4, h, 1)), "NaN is returned");
}

/* ---- networks with frozen layers -------------------------------------- */

static void freezing(void)
{
    for (int k = 0; k < METHODS; k++) {
        net_make("tanh");
        const struct batch b = { .n = 4, .X = batch_X, .label = batch_y };
        struct model *m = &net.model;
        const size_t n = m->theta.shape[0], low = 5 * 7 + 7;
        struct pace p = { .rule = { pace_step }, .schedule = { .rate = 0.1 },
            .per_epoch = 1,
            .optimizer = optimizer_new(&memory, (enum method)k, n, 0.1) };
        struct optimizer *o = &p.optimizer;
        real before[200], kept_m[200], kept_v[200];
        size_t moved = 0;
        o->decay = 0.3;
        for (int t = 0; t < 4; t++) {
            if (t == 2) {               /* now it has a memory */
                network_freeze_lowest(&net, 1);
                memcpy(before, m->theta.data, n * sizeof *before);
                if (o->m != NULL)
                    memcpy(kept_m, o->m, low * sizeof *kept_m);
                if (o->v != NULL)
                    memcpy(kept_v, o->v, low * sizeof *kept_v);
            }
            p.clip = t == 3 ? 1e-3 : 0;
            m->loss(m, &b, true);
            p.rule.step(&p.rule, m);
        }
        for (size_t i = low; i < n; i++)
            moved += before[i] != m->theta.data[i];
        ok(memcmp(before, m->theta.data, low * sizeof *before) == 0,
           "%s: the frozen layer keeps its bits", method_name[k]);
        ok(moved > (n - low) / 2, "%s: the others move", method_name[k]);
        ok((o->m == NULL || memcmp(o->m, kept_m, low * sizeof *kept_m) == 0)
           && (o->v == NULL || memcmp(o->v, kept_v, low * sizeof *kept_v)
               == 0), "%s: what it remembers of them stays", method_name[k]);
        net_free();
    }
}

/* All layers frozen: nothing moves, whatever the method. */
static void frozen_all(void)
{
    net_make("tanh");
    ok_equal(network_trainable(&net), 42 + 48 + 21, "all are learned");
    network_freeze_lowest(&net, 2);
    ok_equal(network_trainable(&net), 21, "two layers frozen");
    network_freeze_lowest(&net, 3);
    ok_equal(network_trainable(&net), 0, "all of them frozen");
    const struct batch b = { .n = 4, .X = batch_X, .label = batch_y };
    struct model *m = &net.model;
    real before[200];
    const size_t n = m->theta.shape[0];
    memcpy(before, m->theta.data, n * sizeof *before);
    for (int k = 0; k < METHODS; k++) {
        struct optimizer o = optimizer_new(&memory, (enum method)k, n, 0.1);
        o.decay = 0.3;
        m->loss(m, &b, true);
        o.rule.step(&o.rule, m);
    }
    ok(memcmp(before, m->theta.data, n * sizeof *before) == 0,
       "then no method moves anything, decay or not");
    network_freeze_lowest(&net, 0);
    ok_equal(network_trainable(&net), 111, "and free again");
    net_free();
}

/* ---- pace: schedule, limit, method ------------------------------------ */

/* A bowl of three numbers, whose gradient is a_i theta_i. */
static const double bowl[3] = { 1.7, 0.31, 4.2 };

static double bowl_loss(struct model *m, const struct batch *b,
                        bool training)
{
    double sum = 0;
    (void)b, (void)training;
    for (int i = 0; i < 3; i++)
        sum += bowl[i] / 2 * pow(m->theta.data[i], 2);
    return sum;
}

static void bowl_backward(struct model *m, double scale, double keep,
                          tensor to)
{
    for (int i = 0; i < 3; i++) {
        const real g = scale * bowl[i] * m->theta.data[i];
        to.data[i] = (keep == 0 ? 0 : keep * to.data[i]) + g;
    }
}

/* What step t = 0, 1, ... should make of x, by the formulas alone. */
static void step_by_hand(enum method k, double rate, double clip,
                         double decay, int t, double x[3], double m[3],
                         double v[3])
{
    double g[3], norm = 0;
    for (int i = 0; i < 3; i++)
        g[i] = bowl[i] * x[i], norm += g[i] * g[i];
    const double cut = clip > 0 ? fmin(1, clip / sqrt(norm)) : 1;
    for (int i = 0; i < 3; i++) {
        g[i] = cut * g[i] + (k == ADAMW ? 0 : decay * x[i]);
        if (k == SGD || k == MOMENTUM) {
            m[i] = (k == SGD ? 0 : 0.9 * m[i]) + g[i];
            x[i] -= rate * m[i];
            continue;
        }
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        const double high = m[i] / (1 - pow(0.9, t + 1));
        const double wide = v[i] / (1 - pow(0.999, t + 1));
        x[i] -= rate * high / (sqrt(wide) + 1e-8)
                + (k == ADAMW ? rate * decay * x[i] : 0);
    }
}

/* Twelve steps, five an epoch, with every schedule, limit and decay. */
static void pacing(void)
{
    static const enum method method[] = { SGD, MOMENTUM, ADAM, ADAMW };
    static const struct schedule fall[] = {
        { CONSTANT, 0.2, 0, 0, 0, 0 }, { EXPONENTIAL, 0.2, 0.7, 0, 0, 0 },
        { STEPS, 0.2, 0.3, 2, 0, 0 }, { COSINE, 0.2, 0, 0, 3, 11 }
    };
    for (int k = 0; k < 16; k++) {
        const struct schedule s = fall[k / 4];
        for (int d = 0; d < 4; d++) {
            const double decay = d % 2 ? 0.07 : 0, clip = d / 2 ? 0.8 : 0;
            const tensor x = tensor_from(&memory, VALUES(2, -3, 1),
                                         SHAPE(3));
            struct model b = { x, tensor_zeros(&memory, SHAPE(3)),
                               bowl_loss, bowl_backward, 0, 0, NULL };
            struct pace p = { { pace_step }, optimizer_new(&memory,
                              method[k % 4], 3, 7), s, 5, clip };
            double want[3] = { 2, -3, 1 }, m[3] = { 0 }, v[3] = { 0 };
            double worst = 0;
            p.optimizer.decay = decay;
            for (int t = 0; t < 12; t++) {
                const size_t step = (size_t)t;
                const double rate = schedule_rate(s, step / 5, step);
                p.rule.step(&p.rule, &b);
                step_by_hand(method[k % 4], rate, clip, decay, t, want, m,
                             v);
                worst = fmax(worst, fabs(p.optimizer.rate - rate));
                for (int i = 0; i < 3; i++)
                    worst = fmax(worst, fabs(x.data[i] - want[i]));
            }
            ok(worst < 1e-13, "%s, %s, clip %g, decay %g: by hand the same",
               method_name[method[k % 4]], fall_name[s.fall], clip, decay);
        }
    }
}

/* ---- the parts of the data -------------------------------------------- */

/* n images of 2 x 3 pixels that carry their number. */
static struct images numbered(size_t n)
{
    struct images s = images_new(&memory, n, 2, 3, 3);
    gsl_rng *r = random_new(17);
    for (size_t i = 0; i < n; i++) {
        s.label[i] = (int)(i % 3);
        for (size_t j = 0; j < 6; j++)
            s.X.data[6 * i + j] = gsl_ran_gaussian(r, 1)
                                  + (j == i % 3 ? 2.5 : 0);
        s.X.data[6 * i] = (real)i / (real)n;
    }
    gsl_rng_free(r);
    return s;
}

static void three_parts(void)
{
    arena_reset(&memory);
    const struct images all = numbered(150);
    gsl_rng *r = random_new(4);
    const struct parts_of_data p = images_three(&all, &memory, r, 0.18, 0.2);
    const struct images *const part[] = { &p.train, &p.validation, &p.test };
    size_t count[150] = { 0 }, wrong = 0;
    ok_equal(p.test.n, 30, "a fifth for the test");
    ok_equal(p.validation.n, 27, "0.18 for validation");
    ok_equal(p.train.n, 93, "the rest to train");
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < part[k]->n; i++)
            count[lround(part[k]->X.data[6 * i] * 150)]++;
    for (int i = 0; i < 150; i++)
        wrong += count[i] != 1;
    ok_equal(wrong, 0, "every image is in exactly one part");
    struct parts_of_data q = p;
    q.train.X = tensor_clone(&memory, p.train.X);
    q.test.X = tensor_clone(&memory, p.test.X);
    const struct pixel_scale s = parts_scale(&q, &memory);
    const size_t n = tensor_len(q.train.X);
    const double *x = q.train.X.data;
    ok_close(gsl_stats_mean(x, 1, n), 0, 1e-15, 0,
             "training pixels have mean 0");
    ok_close(gsl_stats_sd(x, 1, n) * sqrt((double)(n - 1) / (double)n), 1,
             0, 1e-14, "and deviation 1");
    ok_close(q.test.X.data[7], (p.test.X.data[7] - s.mean.data[0])
             / s.deviation.data[0], 0, 0,
             "the test part is scaled by the numbers of the training part");
    pixels_unscale(s, q.test.X);
    ok_all_close(tensor_len(q.test.X), q.test.X.data, p.test.X.data, 1e-15,
                 1e-14, "and back again");
    gsl_rng_free(r);
}

/* ---- training --------------------------------------------------------- */

/* A small training of its own, from the same start every time. */
struct small {
    struct arena a;
    struct network net;
    struct training t;
    struct images train, validation;
    struct plan plan;
    gsl_rng *random;
};

static void small_make(struct small *s, enum method k, const char *widths)
{
    struct widths w;
    struct error e;
    *s = (struct small){ .random = random_new(33) };
    const struct images all = numbered(80);
    gsl_rng *r = random_new(5);
    images_split(&all, &s->a, r, 0.7, &s->train, &s->validation);
    gsl_rng_free(r);
    if (!widths_read(&w, widths, "net", &e))
        abort();
    s->net = network_with_dropout(&s->a, &w, activation_find("tanh"), 10,
                                  0.3, 1, s->random);
    network_init(&s->net, (struct init){ .rule = INIT_HE }, s->random);
    s->t = training_new(&s->a, &s->net.model, k, (struct schedule){
        EXPONENTIAL, k == ADAM || k == ADAMW || k == RMSPROP ? 0.01 : 0.1,
        0.9, 1, 0, 0 }, images_data(&s->train),
        images_data(&s->validation), 10, s->random);
    s->t.stopper = stopper_new(4, 0);
    s->t.watch_loss = true;
    plan_add(&s->plan, "net %s", widths);
    plan_add(&s->plan, "method %s", method_name[k]);
}

static void small_free(struct small *s)
{
    gsl_rng_free(s->random);
    arena_free(&s->a);
}

static void sums_of_batches(void)
{
    struct small s;
    small_make(&s, SGD, "6-5-3");
    ok_equal(learner_batches(&s.t.learner), 6,
             "56 images: 5 batches of 10, one of 6");
    const struct score whole = network_score(&s.net, s.train.X,
                                             s.train.label);
    double sum = 0, plain = 0;
    for (size_t i = 0; i < 56; i += 10) {
        const size_t m = i < 50 ? 10 : 6;
        const tensor X = tensor_rows(s.train.X, i, m);
        const double l = softmax_nll(network_forward(&s.net, X, false),
                                     s.train.label + i);
        sum += l * (double)m, plain += l;
    }
    ok_close(whole.loss, sum / 56, 0, 1e-14,
             "[eq:mean-of-batches] each batch by its size");
    ok(fabs(plain / 6 - whole.loss) > 1e-4 && plain / 56 < whole.loss / 5,
       "[eq:mean-of-batches] other means differ");
    s.t.pace->schedule.rate = 0;        /* the weights stay as they are */
    ((struct dropout *)s.net.layer[2].more)->p = 0;
    training_epoch(&s.t);
    ok_close(s.t.note[0].train_loss, whole.loss, 0, 1e-13,
             "[eq:mean-of-batches] the loss of an epoch");
    ok_close(s.t.note[0].train_accuracy, whole.accuracy, 0, 1e-15,
             "its accuracy");
    small_free(&s);
}

static void best_restored(void)
{
    struct small s;
    real best[100], last[100];
    small_make(&s, MOMENTUM, "6-5-3");
    const real *theta = s.net.model.theta.data;
    const size_t n = network_parameters(&s.net);
    double lowest = INFINITY;
    size_t epoch = 0;
    for (int e = 0; e < 12; e++) {
        s.t.pace->schedule.rate = e < 5 ? 0.1 : 3;      /* it gets worse */
        training_epoch(&s.t);
        if (s.t.note[e].loss < lowest) {
            lowest = s.t.note[e].loss, epoch = (size_t)e + 1;
            memcpy(best, theta, n * sizeof *best);
        }
    }
    memcpy(last, theta, n * sizeof *last);
    ok(training_is_over(&s.t, 100), "it has waited long enough");
    ok_equal(s.t.stopper.best_epoch, epoch, "it knows the best epoch");
    training_restore(&s.t);
    ok(memcmp(theta, best, n * sizeof *best) == 0
       && memcmp(last, best, n * sizeof *best) != 0,
       "[eq:early-stopping] the weights of the best epoch come back");
    const struct score v = network_score(&s.net, s.validation.X,
                                         s.validation.label);
    ok_close(v.loss, s.t.stopper.best, 0, 1e-15,
             "[eq:early-stopping] with its validation loss");
    small_free(&s);
}

static void nan_stops(void)
{
    struct small s;
    small_make(&s, ADAM, "6-5-3");
    real before[100];
    struct learner *l = &s.t.learner;
    const real *theta = s.net.model.theta.data;
    const size_t n = network_parameters(&s.net);
    learner_step(l);
    s.train.X.data[6 * l->order[13] + 2] = NAN;
    memcpy(before, theta, n * sizeof *before);
    ok(!training_epoch(&s.t) && isnan(l->last) && l->epoch == 0
       && l->t == 1, "a loss that is not a number stops");
    ok(memcmp(before, theta, n * sizeof *before) == 0,
       "before a weight is touched");
    ok(isnan(s.t.note[0].loss), "and nothing is noted");
    small_free(&s);
}

/* ---- other data, another loss ------------------------------------------ */

/* y = 3 x_0 - 2 x_1 + 0.5 and a second answer, from a table. */
static struct data line_table(gsl_rng *r, size_t n)
{
    const tensor X = tensor_normal(&memory, r, 0, 1, SHAPE(n, 2));
    const tensor Y = tensor_zeros(&memory, SHAPE(n, 2));
    for (size_t i = 0; i < n; i++) {
        AT(Y, i, 0) = 3 * AT(X, i, 0) - 2 * AT(X, i, 1) + 0.5;
        AT(Y, i, 1) = AT(X, i, 0) + AT(X, i, 1) - 1;
    }
    return data_table(X, Y);
}

/* A network of one dense layer with squared loss, trained for a while. */
static struct training line_train(struct network *n, struct data train,
                                  struct data validation, gsl_rng *r)
{
    *n = network_new(&memory, 16, SHAPE(train.numbers));
    network_dense(n, train.answers);
    network_finish(n);
    n->loss = &squared_loss;
    network_init(n, (struct init){ .rule = INIT_XAVIER }, r);
    struct training t = training_new(&memory, &n->model, NESTEROV,
        (struct schedule){ COSINE, 0.05, 0, 0, 10, 1500 }, train,
        validation, 16, r);
    t.watch_loss = true, t.pace->clip = 1;
    while (!training_is_over(&t, 100) && training_epoch(&t))
        continue;
    training_restore(&t);
    return t;
}

static void tables_and_windows(void)
{
    struct network n;
    gsl_rng *r = random_new(41);
    const struct data train = line_table(r, 230);
    const struct data validation = line_table(r, 77);
    struct training t = line_train(&n, train, validation, r);
    const tensor W = n.layer[0].p[WEIGHT].value, b = n.layer[0].p[BIAS].value;
    const double got[] = { AT(W, 0, 0), AT(W, 1, 0), AT(b, 0, 0),
                           AT(W, 0, 1), AT(W, 1, 1), AT(b, 0, 1) };
    const double want[] = { 3, -2, 0.5, 1, 1, -1 };
    ok_all_close(6, got, want, 1e-6, 0, "a table, squared error: two lines");
    ok(t.note[99].loss < 1e-20 && t.note[99].loss > 0
       && t.note[0].loss > 0.01, "on others it falls from %.2g to below 1e-20",
       t.note[0].loss);
    const tensor wave = tensor_zeros(&memory, SHAPE(400));
    for (size_t i = 0; i < 400; i++)
        wave.data[i] = 2 * sin(0.31 * (double)i + 0.4);
    const struct data ahead = data_windows(tensor_rows(wave, 0, 300), 2);
    const struct data later = data_windows(tensor_rows(wave, 300, 100), 2);
    t = line_train(&n, ahead, later, r);
    /* sin(x + h) = 2 cos(h) sin(x) - sin(x - h) */
    const double w[] = { -1, 2 * cos(0.31), 0 };
    const real *theta = n.model.theta.data;
    ok_all_close(3, theta, w, 1e-3, 0, "windows: a wave goes on as "
                 "%.4f x_(t-1) + %.4f x_t", theta[0], theta[1]);
    ok(t.stopper.best < 1e-20, "and so it does later");
    gsl_rng_free(r);
}

/* ---- confusion -------------------------------------------------------- */

static void confusing(void)
{
    struct small s;
    small_make(&s, SGD, "6-5-3");
    const struct data d = images_data(&s.train);
    const tensor C = confusion_count(&memory, &s.net, &d);
    double want[9] = { 0 }, trace = 0, all = 0;
    for (size_t i = 0; i < s.train.n; i++) {
        const tensor Z = network_forward(&s.net,
                                         tensor_rows(s.train.X, i, 1), false);
        const real *z = matrix_row(Z, 0);
        const int k = z[1] > z[0] ? (z[2] > z[1] ? 2 : 1)
                                  : (z[2] > z[0] ? 2 : 0);
        want[3 * s.train.label[i] + k]++;
    }
    ok_all_close(9, C.data, want, 0, 0,
                 "[eq:confusion] row: truth, column: answer");
    for (int i = 0; i < 9; i++)
        all += want[i], trace += i % 4 == 0 ? want[i] : 0;
    ok_close(network_score(&s.net, s.train.X, s.train.label).accuracy,
             trace / all, 0, 1e-15, "[eq:confusion] accuracy: the diagonal");
    const tensor D = tensor_from(&memory, VALUES(7, 2, 0, 1, 5, 3, 0, 0, 0),
                                 SHAPE(3, 3));
    ok_close(confusion_precision(D, 1), 5.0 / 7, 0, 1e-15,
             "[eq:confusion] precision: down the column");
    ok_close(confusion_recall(D, 1), 5.0 / 9, 0, 1e-15,
             "[eq:confusion] recall: along the row");
    ok(isnan(confusion_recall(D, 2)), "recall of a class that is not there");
    static const char table[] =
        " true    0    1    2 precision    recall\n"
        "    0    7    2    .     87.5%     77.8%\n"
        "    1    1    5    3     71.4%     55.6%\n"
        "    2    .    .    .      0.0%         -\n";
    char printed[400] = "";
    FILE *f = tmpfile();
    confusion_print(f, tensor_from(&memory, VALUES(7, 2, 0, 1, 5, 3, 0, 0, 0),
                                   SHAPE(3, 3)));
    rewind(f);
    printed[fread(printed, 1, sizeof printed - 1, f)] = '\0';
    fclose(f);
    ok_text(printed, table, "the matrix with points for zeros");
    small_free(&s);
}

static void answering(void)
{
    struct small s;
    small_make(&s, SGD, "6-5-3");
    const struct data d = images_data(&s.train);
    const struct answer *list = answers_sorted(&memory, &s.net, &d);
    size_t wrong = 0, mistakes = 0, seen[56] = { 0 };
    double p[3];
    for (size_t i = 0; i < 56; i++) {
        const size_t k = list[i].sample;
        softmax_row(3, matrix_row(network_forward(&s.net,
                    tensor_rows(s.train.X, k, 1), false), 0), p);
        seen[k]++;
        wrong += list[i].label != s.train.label[k]
                 || fabs(list[i].p_label - p[s.train.label[k]]) > 1e-15
                 || list[i].p_guess < fmax(p[0], fmax(p[1], p[2])) - 1e-15
                 || fabs(list[i].p_guess - p[list[i].guess]) > 1e-15
                 || (i > 0 && list[i].p_label < list[i - 1].p_label);
        mistakes += list[i].guess != list[i].label;
    }
    for (size_t k = 0; k < 56; k++)
        wrong += seen[k] != 1;
    ok_equal(wrong, 0, "an answer to each sample, the worst first");
    const struct score t = network_score(&s.net, s.train.X, s.train.label);
    ok_close(t.accuracy, 1 - (double)mistakes / 56, 0, 1e-15,
             "as many mistakes as the accuracy says");
    small_free(&s);
}

/* ---- checkpoints ------------------------------------------------------ */

static char folder[40], path[60];

static void folder_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/downhill-test-XXXXXX");
    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof path, "%s/x.ckpt", folder);
}

static void folder_remove(void)
{
    unlink(path);
    if (rmdir(folder) != 0)
        diag("%s is not empty: %s", folder, strerror(errno));
}

/* Train until that epoch. */
static void train_to(struct training *t, size_t epoch)
{
    while (t->learner.epoch < epoch && training_epoch(t))
        continue;
}

static bool same_state(const struct small *a, const struct small *b)
{
    struct checkpoint c = { 0 }, d = { 0 };
    training_pack(&c, &memory, &a->t, &a->plan);
    training_pack(&d, &memory, &b->t, &b->plan);
    return c.size == d.size && memcmp(c.byte, d.byte, c.size) == 0;
}

static void resuming(void)
{
    struct error e;
    folder_make();
    for (int k = 0; k < METHODS; k++) {
        struct small whole, part, rest;
        const struct stopper hard = stopper_new(40, k % 2 ? 0.9 : 0);
        size_t wrong = 0;
        small_make(&whole, (enum method)k, "6-5-3");
        whole.t.stopper = hard;
        train_to(&whole.t, 4);
        /* put aside after every batch of two epochs: 13 * 2 times */
        for (size_t k2 = 0; k2 < 26; k2++) {
            const size_t steps = k2 / 2;
            small_make(&part, (enum method)k, "6-5-3");
            part.t.stopper = hard;
            struct learner *l = &part.t.learner;
            for (size_t i = 0; i < steps; i++) {
                if (l->t == 6)
                    training_epoch(&part.t);    /* only closes it */
                learner_step(l);
            }
            if (k2 % 2 && l->t == 6)
                training_epoch(&part.t);
            wrong += l->steps != steps;

            wrong += !training_save(&part.t, &part.plan, path, &e);
            small_make(&rest, (enum method)k, "6-5-3");
            rest.t.stopper = hard;
            wrong += !training_load(&rest.t, &rest.plan, path, &e);
            wrong += !same_state(&part, &rest);
            train_to(&rest.t, 4);
            wrong += !same_state(&whole, &rest);
            small_free(&part), small_free(&rest);
        }
        ok_equal(wrong, 0, "%s: resumed after any batch, the same bits",
                 method_name[k]);
        small_free(&whole);
    }
    folder_remove();
}

/* A file whose THET, MOMM, RAND or ORDR is not what it was: other bits. */
static void all_is_needed(void)
{
    static const char *const tag[] = { "THET", "MOMM", "RAND", "ORDR",
                                       "WHER" };
    struct error e;
    struct small whole, part, rest;
    folder_make();
    small_make(&whole, MOMENTUM, "6-5-3");
    small_make(&part, MOMENTUM, "6-5-3");
    train_to(&whole.t, 2), train_to(&part.t, 1);
    for (int k = 0; k < 5; k++) {
        struct checkpoint c = { 0 };
        struct section s;
        uint32_t crc;
        training_pack(&c, &memory, &part.t, &part.plan);
        if (!section_find(&c, tag[k], &s, &e))
            abort();
        unsigned char *item = c.byte + (s.item - c.byte);
        if (k == 3)             /* two images change places */
            for (int i = 0; i < 4; i++) {
                const unsigned char x = item[i];
                item[i] = item[4 + i], item[4 + i] = x;
            }
        else if (k == 2)        /* all words of the generator */
            for (size_t i = 0; i + 8 < s.n; i += 8)
                item[i] ^= 4;
        else                    /* one bit; of WHER, the steps taken */
            item[k == 4 ? 16 : 6] ^= 4;
        crc = (uint32_t)crc32_z(0, c.byte, c.size - 4);
        memcpy(c.byte + c.size - 4, &crc, 4);
        small_make(&rest, MOMENTUM, "6-5-3");
        if (!file_replace(path, c.byte, c.size, &e)
            || !training_load(&rest.t, &rest.plan, path, &e))
            diag("%s", e.text);
        train_to(&rest.t, 2);
        ok(!same_state(&whole, &rest), "without its %s it is another run",
           tag[k]);
        small_free(&rest);
    }
    small_free(&whole), small_free(&part);
    folder_remove();
}

/* Load what must be refused: nothing may change. */
static bool refused(struct small *s, const unsigned char *byte, size_t n,
                    struct error *e)
{
    struct checkpoint c = { 0 }, d = { 0 };
    struct arena a = { 0 };
    training_pack(&c, &a, &s->t, &s->plan);
    const int out = open(path, O_WRONLY | O_CREAT, 0666);
    if (out < 0 || !write_all(out, byte, n) || ftruncate(out, (off_t)n) != 0
        || close(out) != 0)
        abort();                /* a file made anew may wait for the disk */
    const bool loaded = training_load(&s->t, &s->plan, path, e);
    training_pack(&d, &a, &s->t, &s->plan);
    const bool same = c.size == d.size
                      && memcmp(c.byte, d.byte, c.size) == 0;
    arena_free(&a);
    return !loaded && same;
}

static void damaged(void)
{
    struct small s, old;
    struct checkpoint c = { 0 };
    struct error e;
    size_t wrong = 0, tried = 0;
    folder_make();
    small_make(&s, ADAM, "6-2-3"), small_make(&old, ADAM, "6-2-3");
    train_to(&old.t, 2);
    training_pack(&c, &memory, &old.t, &old.plan);
    checkpoint_put(&c, &memory, NULL, 8), c.size -= 8;
    for (size_t n = 0; n < c.size; n += n < 300 ? 1 : 37)
        wrong += !refused(&s, c.byte, n, &e), tried++;
    ok_equal(wrong, 0, "cut off after any of %zu lengths: refused", tried);
    tried = 0;
    for (size_t bit = 0; bit < 8 * c.size; bit += bit < 3000 ? 1 : 41) {
        c.byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
        wrong += !refused(&s, c.byte, c.size, &e), tried++;
        c.byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ok_equal(wrong, 0, "any of %zu bits flipped: refused", tried);
    ok(refused(&s, c.byte, c.size - 8, &e)
       && strstr(e.text, "truncated") != NULL, "8 bytes less: %s", e.text);
    ok(refused(&s, c.byte, c.size + 8, &e)
       && strstr(e.text, "too long") != NULL, "8 bytes more: %s", e.text);
    ok(!refused(&s, c.byte, c.size, &e), "whole: taken");
    small_free(&s), small_free(&old);
    folder_remove();
}

static void seal_again(struct checkpoint *c)
{
    const uint32_t crc = (uint32_t)crc32_z(0, c->byte, c->size - 4);
    memcpy(c->byte + c->size - 4, &crc, 4);
}

/* Change bytes of a section, seal again, and see what is said. */
static void forged(struct small *s, const char *tag, ptrdiff_t at,
                   uint64_t value, const char *text)
{
    struct checkpoint c = { 0 };
    struct section t;
    struct error e = { .text = "" };
    training_pack(&c, &memory, &s->t, &s->plan);
    if (!section_find(&c, tag, &t, &e))
        abort();
    memcpy(c.byte + (t.item - c.byte) + at, &value, at == -12 ? 4 : 8);
    seal_again(&c);
    ok(refused(s, c.byte, c.size, &e) && strstr(e.text, text) != NULL,
       "%s forged: %s", tag, e.text);
}

static void forgeries(void)
{
    struct small s, other;
    struct checkpoint c = { 0 };
    struct error e;
    folder_make();
    small_make(&s, MOMENTUM, "6-2-3");
    train_to(&s.t, 1);
    forged(&s, "THET", -8, 1000000, "leaves the file");
    forged(&s, "THET", -8, UINT64_MAX, "leaves the file");
    forged(&s, "THET", -8, 10, "section THET: 10 items");
    forged(&s, "THET", -12, 4, "items of 4 bytes");
    forged(&s, "THET", -12, 0, "leaves the file");
    forged(&s, "WHER", 0, 1u << 30, "cannot be");
    forged(&s, "WHER", 0, EPOCHS_MOST + 1, "cannot be");
    forged(&s, "WHER", 0, EPOCHS_MOST, "section NOTE");
    forged(&s, "WHER", 8, 700, "cannot be");
    forged(&s, "WHER", 40, 2, "cannot be");
    forged(&s, "WHER", 0, 2, "section NOTE");
    forged(&s, "ORDR", 0, 7, "no order");
    forged(&s, "ORDR", 16, 1u << 20, "no order");
    forged(&s, "RAND", -8, 4999, "section RAND");
    forged(&s, "PLAN", -8, 0, "section PLAN");
    small_make(&other, MOMENTUM, "6-3-3");
    training_pack(&c, &memory, &other.t, &other.plan);
    ok(refused(&s, c.byte, c.size, &e)
       && strcmp(e.text, "made with 'net 6-3-3', this run has 'net 6-2-3'")
          == 0, "%s", e.text);
    small_free(&other), small_make(&other, ADAM, "6-2-3");
    c = (struct checkpoint){ 0 };
    training_pack(&c, &memory, &other.t, &other.plan);
    ok(refused(&s, c.byte, c.size, &e) && strcmp(e.text, "made with 'method "
       "adam', this run has 'method momentum'") == 0, "%s", e.text);
    small_free(&s), small_free(&other);
    folder_remove();
}

static void writing(void)
{
    static const unsigned char old[] = "the old content", new[] = "the new";
    struct error e;
    struct stat st;
    char nowhere[100], part[100], got[40] = "";
    folder_make();
    snprintf(part, sizeof part, "%s.part", path);
    snprintf(nowhere, sizeof nowhere, "%s/no/such/x", folder);
    ok(file_replace(path, old, sizeof old, &e)
       && file_replace(path, new, sizeof new, &e), "written and replaced");
    FILE *in = fopen(path, "rb");
    ok(in != NULL && fread(got, 1, sizeof got, in) == sizeof new
       && strcmp(got, "the new") == 0, "the new content");
    fclose(in);
    ok(!file_replace(nowhere, new, sizeof new, &e)
       && strstr(e.text, "cannot write") != NULL, "no folder: %s", e.text);
    ok(!file_replace(folder, new, sizeof new, &e) && strcmp(e.text,
       "is a folder, expected a file") == 0, "a folder: %s", e.text);
    ok(!file_replace("/dev/null", new, sizeof new, &e)
       && strcmp(e.text, "not a regular file") == 0, "a device: %s", e.text);
    struct rlimit few = { 5, 5 };
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &few);
    ok(!file_replace(path, old, sizeof old, &e), "a full disk: %s", e.text);
    in = fopen(path, "rb");
    ok(in != NULL && fread(got, 1, sizeof got, in) == sizeof new
       && strcmp(got, "the new") == 0, "the file is what it was");
    fclose(in);
    ok(stat(part, &st) != 0, "and nothing lies beside it");
    snprintf(nowhere, sizeof nowhere, "%s.part", folder);
    unlink(nowhere);
    folder_remove();
}

static void reading(void)
{
    struct checkpoint c;
    struct error e;
    ok(!checkpoint_read(&c, &memory, "/no/such/file", &e)
       && strstr(e.text, "cannot open") != NULL, "%s", e.text);
    ok(!checkpoint_read(&c, &memory, "/tmp", &e)
       && strcmp(e.text, "is a folder, expected a file") == 0, "%s", e.text);
    folder_make();
    ok(truncate(path, 0) != 0 && file_replace(path, NULL, 0, &e)
       && truncate(path, (off_t)1 << 31) == 0
       && !checkpoint_read(&c, &memory, path, &e)
       && strstr(e.text, "not a file of at most") != NULL,
       "two gigabytes: %s", e.text);
    folder_remove();
    ok_close((double)crc32_z(0, (const unsigned char *)"123456789", 9),
             0xCBF43926, 0, 0, "the checksum is CRC32 as in zlib and PNG");
}

static void plans(void)
{
    struct plan p = { "" };
    char value[10];
    plan_add(&p, "net %s", "6-5-3"), plan_add(&p, "network big");
    plan_add(&p, "lr %g", 0.25);
    ok(plan_find(&p, "net", value, 10) && strcmp(value, "6-5-3") == 0,
       "a value by its whole name");
    ok(plan_find(&p, "lr", value, 10) && strcmp(value, "0.25") == 0,
       "the last one");
    ok(!plan_find(&p, "big", value, 10), "a value is no name");
}

/* ---- a stored network ------------------------------------------------- */

/* Save a small training with these lines in its plan, and load it. */
static bool stored_try(const char *widths, const char *rest,
                       struct stored *m, struct error *e)
{
    struct small s;
    struct plan p = { "" };
    small_make(&s, MOMENTUM, "6-5-3");
    train_to(&s.t, 6);
    training_restore(&s.t);
    plan_add(&p, "net %s", widths);
    plan_add(&p, "%s", rest);
    const bool saved = training_save(&s.t, &p, path, e);
    const bool good = saved && stored_load(m, &memory, path, e);
    if (good) {
        const real *x = s.train.X.data + 6 * 7;
        real z[6], want[3];
        for (int i = 0; i < 6; i++)
            z[i] = (x[i] - 0.31) / 1.7;
        const tensor Z = network_forward(&s.net, tensor_from(&memory, 6, z,
                                         SHAPE(1, 6)), false);
        softmax_row(3, matrix_row(Z, 0), want);
        const tensor got = stored_answer(m, &memory, tensor_from(&memory, 6,
                                         x, SHAPE(1, 6)));
        ok_all_close(3, got.data, want, 0, 1e-14,
                     "a stored network says what the trained one said");
    }
    small_free(&s);
    return good;
}

static void stored(void)
{
#define SEEN "\nmean 0.31\ndeviation 1.7"
    static const struct { const char *net, *rest, *text; } bad[] = {
        { "6-5-3", "activation rely\nimages 2x3 56" SEEN, "unknown activ" },
        { "6-5-3", "activation tanh\nimages 2x3 56\nmean 0.31", "lacks" },
        { "6-5-3", "activation tanh\nimages 6 56" SEEN, "lacks something" },
        { "6-5-3", "activation tanh\nimages 3x3 56" SEEN, "do not fit" },
        { "6-4-3", "activation tanh\nimages 2x3 56" SEEN, "expected 43" },
        { "6-5", "activation tanh\nimages 2x3 56" SEEN, "expected 35" },
        { "6--5-3", "activation tanh\nimages 2x3 56" SEEN, "a width" },
        { "900000-900000-900000-3", "activation tanh\nimages 2x3 56" SEEN,
          "section BEST: 53 items of 8 bytes, expected" }
    };
    struct stored m;
    struct error e = { .text = "" };
    folder_make();
    ok(stored_try("6-5-3", "activation tanh\nimages 2x3 56" SEEN, &m, &e)
       && m.rows == 2 && m.cols == 3, "a network of a checkpoint %s",
       e.text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!stored_try(bad[i].net, bad[i].rest, &m, &e)
           && strstr(e.text, bad[i].text) != NULL, "refused: %s", e.text);
    folder_remove();
}

/* What `format` prints: all sections of a file and where they begin. */
static void contents(void)
{
    struct small s;
    struct checkpoint c = { 0 };
    char text[2000] = "", tag[8], *line = text;
    size_t at, items, each, bytes, sum = HEADER_SIZE, lines = 0;
    small_make(&s, ADAM, "6-2-3");
    train_to(&s.t, 2);
    training_pack(&c, &memory, &s.t, &s.plan);
    FILE *f = tmpfile();
    checkpoint_print(f, &c);
    rewind(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    ok(strncmp(text, "44 4f 57 4e 48 49 4c 4c   04 03 02 01", 37) == 0,
       "the first bytes");
    for (; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (sscanf(line, "%zu %5s %zu %zu %zu", &at, tag, &items, &each,
                   &bytes) == 5) {
            lines += at == sum && bytes == items * each;
            sum += HEAD_SIZE + (bytes + 7) / 8 * 8;
        }
    ok_equal(lines, 11, "ten sections and the checksum, none left out");
    ok_equal(at + 4, c.size, "which ends the file");
    small_free(&s);
}

/* ---- the terminal ----------------------------------------------------- */

/* Columns a text takes: escape sequences take none. */
static size_t columns(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++)
        if (*s == '\033')
            s += strcspn(s, "m");
        else
            n++;
    return n;
}

static void bars(void)
{
    const struct progress p = { 3, 20, 17, 39, 0.12345, 0.9561, 83 };
    char s[BAR_TEXT];
    size_t wide = 0;
    bar_text(s, &p, 100, false);
    ok_text(s, "epoch 3/20  43%  loss 0.1235  acc 95.61%  1:23 left  "
            "[=================>                      ]",
            "a wide window");
    bar_text(s, &p, 74, true);
    ok_text(s, "epoch 3/20  43%  loss 0.1235  acc 95.61%  1:23 left  "
            "[\033[32m=======>          \033[0m]", "a usual one, in colour");
    bar_text(s, &p, 60, false);
    ok_text(s, "epoch 3/20  43%  loss 0.1235  acc 95.61%  1:23 left",
            "no room for the bar");
    bar_text(s, &p, 45, false);
    ok_text(s, "epoch 3/20  43%  loss 0.1235  acc 95.61%", "nor the time");
    bar_text(s, &p, 12, false);
    ok_text(s, "epoch 3/20 ", "hardly a window");
    for (size_t w = 1; w <= 300; w++)
        for (int colour = 0; colour < 2; colour++) {
            bar_text(s, &p, w, colour);
            wide += columns(s) >= w || strlen(s) >= BAR_TEXT;
        }
    ok_equal(wide, 0, "never as wide as the window, for 300 widths");
    size_t cut = 0;
    for (size_t w = 20; w <= 300; w++) {
        char words[BAR_TEXT];
        bool whole = false;
        bar_text(s, &p, w, false);
        for (int much = 1; much <= 4; much++) {
            const size_t n = bar_words(words, &p, much);
            whole = whole || (strncmp(s, words, n) == 0
                              && (s[n] == '\0' || s[n + 2] == '['));
        }
        cut += !whole;
    }
    ok_equal(cut, 0, "and no word is cut where one fits");
    struct bar b = bar_new(stdout, 0);
    ok(!b.on && !b.colour, "no bar where there is no terminal");
}

static void summaries(void)
{
    static const char want[] =
        "+-----+--------------+--------------+------------+\n"
        "|     | layer        | output shape | parameters |\n"
        "+-----+--------------+--------------+------------+\n"
        "|     | input        |          (5) |            |\n"
        "|   1 | dense        |          (7) |         42 | frozen\n"
        "|   2 | tanh         |          (7) |          0 |\n"
        "|   3 | dropout 0.4  |          (7) |          0 |\n"
        "|   4 | dense        |          (6) |         48 |\n"
        "|   5 | tanh         |          (6) |          0 |\n"
        "|   6 | dense        |          (3) |         21 |\n"
        "+-----+--------------+--------------+------------+\n"
        "111 parameters, 69 of them learned\n";
    char got[1000] = "";
    net_make("tanh");
    network_freeze_lowest(&net, 1);
    FILE *f = tmpfile();
    network_summary(f, &net);
    rewind(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    ok_text(got, want, "the table of a network");
    fclose(f), net_free();
}

static void drawings(void)
{
    struct images s = images_new(&memory, 3, 2, 2, 3);
    char got[60] = "";
    const real x[12] = { 0, 0, 0, 0, -0.2, 0.34, 0.5, 1.7, 1, 0, 0, 1 };
    memcpy(s.X.data, x, sizeof x);
    FILE *f = tmpfile();
    image_row_print(f, &s, 1, 0);
    image_row_print(f, &s, 1, 1);
    fputc('\n', f);
    images_print(f, &s, 1, 2);
    rewind(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    ok_text(got, "  --++@@\n  --   @@  \n++@@     @@\n",
            "pixels as ink, clamped; two images side by side");
    fclose(f);
}

static void certain(void)
{
    struct network n = network_new(&memory, 2, SHAPE(3));
    network_dropout(&n, 1, NULL);
}

static void too_deep(void)
{
    net_make("tanh");
    network_freeze_lowest(&net, 4);
}

static void bugs(void)
{
    ok_dies(certain, "dropout with probability 1", "everything dropped");
    ok_dies(too_deep, "freezing 4 layers of 3", "a layer too many frozen");
}

int main(void)
{
    TAP_RUN(sureness);
    TAP_RUN(times);
    TAP_RUN(stopping);
    TAP_RUN(dropping);
    TAP_RUN(masks);
    TAP_RUN(same_masks);
    TAP_RUN(dropout_gradients);
    TAP_RUN(before_or_after);
    TAP_RUN(schedules);
    TAP_RUN(clipping);
    TAP_RUN(freezing);
    TAP_RUN(frozen_all);
    TAP_RUN(pacing);
    TAP_RUN(three_parts);
    TAP_RUN(sums_of_batches);
    TAP_RUN(best_restored);
    TAP_RUN(nan_stops);
    TAP_RUN(tables_and_windows);
    TAP_RUN(confusing);
    TAP_RUN(answering);
    TAP_RUN(resuming);
    TAP_RUN(all_is_needed);
    TAP_RUN(damaged);
    TAP_RUN(forgeries);
    TAP_RUN(writing);
    TAP_RUN(reading);
    TAP_RUN(plans);
    TAP_RUN(stored);
    TAP_RUN(contents);
    TAP_RUN(bars);
    TAP_RUN(summaries);
    TAP_RUN(drawings);
    TAP_RUN(bugs);
    arena_free(&memory);
    return tap_done();
}
