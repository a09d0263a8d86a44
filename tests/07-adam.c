/*
 * Tests of chapter 7: the rules of optim.h, in double.
 * Stored values are PyTorch's (oracle/07-adam.py); rates of convergence are
 * measured by running the rules, never by a copy of the formula.
 */
#include "../tangled/tap.h"

#define REAL double
#include "../tangled/optim.h"
#include "oracle/07-adam.h"

enum { N = 7, LONG = 400 };

static struct arena memory;

/* The gradient that the stored values were made with. */
static void oracle_gradient(const double theta[N], double g[N])
{
    for (size_t i = 0; i < N; i++)
        g[i] = oracle_a[i] * (theta[i] - oracle_c[i])
               + oracle_b[i] * sin(3 * theta[i]);
}

/* Ten steps of the optimizer; theta after 1 and 10 against PyTorch. */
static void against_pytorch(struct optimizer o, const double one[N],
                            const double ten[N], const char *label,
                            const char *title)
{
    tensor theta = tensor_from(&memory, N, oracle_start, SHAPE(N));
    tensor g = tensor_empty(&memory, SHAPE(N));
    for (int t = 1; t <= 10; t++) {
        oracle_gradient(theta.data, g.data);
        optimizer_step(&o, theta, g);
        /* measured 9e-16: the two round in another order */
        if (t == 1)
            ok_all_close(N, theta.data, one, 4e-15, 4e-15,
                         "%s %s, 1 step as PyTorch", label, title);
    }
    ok_all_close(N, theta.data, ten, 2e-14, 2e-14,
                 "%s %s, 10 steps as PyTorch", label, title);
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
    struct optimizer o = adam;
#define AGAINST(o, name, label, title) \
    against_pytorch(o, oracle_##name##_1, oracle_##name##_10, label, title)
    AGAINST(rule(SGD, 0.137, 0, 0, 0), sgd, "[eq:sgd]", "descent");
    AGAINST(rule(SGD, 0.137, 0, 0, 0.23), sgd_l2, "[eq:l2]",
            "descent with a penalty");
    AGAINST(rule(MOMENTUM, 0.053, 0.83, 0, 0), momentum, "[eq:momentum]",
            "heavy ball");
    AGAINST(rule(MOMENTUM, 0.053, 0.83, 0, 0.23), momentum_l2, "[eq:l2]",
            "heavy ball with a penalty");
    AGAINST(rule(NESTEROV, 0.053, 0.83, 0, 0), nesterov, "[eq:nesterov]",
            "Nesterov");
    AGAINST(rule(ADAGRAD, 0.31, 0, 0, 0), adagrad, "[eq:adagrad]",
            "AdaGrad");
    AGAINST(rule(RMSPROP, 0.027, 0, 0.971, 0), rmsprop, "[eq:rmsprop]",
            "RMSProp");
    AGAINST(adam, adam, "[eq:adam]", "Adam");
    o = rule(ADAM, 0.19, 0.87, 0.9931, 0.23);
    AGAINST(o, adam_l2, "[eq:l2]", "Adam with a penalty");
    o = rule(ADAMW, 0.19, 0.87, 0.9931, 0.23);
    AGAINST(o, adamw, "[eq:adamw]", "AdamW");
    o = optimizer_new(&memory, ADAM, N, 0.19);
    o.epsilon = 0.37;
    AGAINST(o, adam_eps, "[eq:adam-loop]", "Adam with a large epsilon");
}

/* begin momentum zero */
static void momentum_zero(void)
{
    double a[N], b[N], g[N], m[N] = { 0 };
    size_t differ = 0;
    memcpy(a, oracle_start, sizeof a), memcpy(b, a, sizeof b);
    for (int t = 0; t < 100; t++) {
        oracle_gradient(a, g);
        sgd_step(N, a, g, 0.0713);
        momentum_step(N, b, g, m, 0.0713, 0);
        differ += memcmp(a, b, sizeof a) != 0;
    }
    ok_equal(differ, 0, "[eq:momentum] beta = 0 is descent, bit for bit");
}
/* end momentum zero */

static void decay_zero(void)
{
    const struct adam c = { 0.0713, 0.9, 0.999, 1e-8, 0 };
    double a[N], b[N], g[N], m[2][N] = { 0 }, v[2][N] = { 0 };
    size_t differ = 0;
    memcpy(a, oracle_start, sizeof a), memcpy(b, a, sizeof b);
    for (size_t t = 1; t <= 100; t++) {
        oracle_gradient(a, g);
        adam_step(N, a, g, m[0], v[0], c, t);
        adamw_step(N, b, g, m[1], v[1], c, t);
        differ += memcmp(a, b, sizeof a) != 0;
    }
    ok_equal(differ, 0, "[eq:adamw] decay 0 is Adam, bit for bit");
}

/* ---- the valley ------------------------------------------------------- */

enum rule_kind { PLAIN, BALL, AHEAD };

/*
 * |x_t / x_s|^(1/(t-s)) in one coordinate of a valley, the rule being run
 * from x = 1; the mean over many steps is the size of the largest root.
 */
static double rate_of(enum rule_kind kind, double lambda, double eta,
                      double beta, int from, int to)
{
    double x = 1, m = 0, start = 0;
    for (int t = 1; t <= to; t++) {
        const double g = lambda * x;
        if (kind == PLAIN)
            sgd_step(1, &x, &g, eta);
        else if (kind == BALL)
            momentum_step(1, &x, &g, &m, eta, beta);
        else
            nesterov_step(1, &x, &g, &m, eta, beta);
        if (t == from)
            start = hypot(x, eta * m);
    }
    return pow(hypot(x, eta * m) / start, 1.0 / (to - from));
}

static void valley(void)
{
    const double low = 0.37, high = 0.37 * 23.85, kappa = 23.85;
    const double eta = 2 / (low + high), best = (kappa - 1) / (kappa + 1);
    /* measured 2e-16 */
    ok_close(rate_of(PLAIN, low, eta, 0, 10, 60), best, 1e-13, 0,
             "[eq:valley-rate] along the floor");
    ok_close(rate_of(PLAIN, high, eta, 0, 10, 60), best, 1e-13, 0,
             "[eq:valley-rate] across the walls");
    size_t better = 0;
    for (int k = 1; k < 400; k++) {
        const double e = eta * k / 200;
        const double a = rate_of(PLAIN, low, e, 0, 5, 9);
        const double b = rate_of(PLAIN, high, e, 0, 5, 9);
        better += fmax(a, b) < best - 1e-12;
    }
    ok_equal(better, 0, "[eq:valley-rate] no other rate is better");
    double x[2] = { 1, 1 };
    size_t t = 0;
    while (hypot(x[0], x[1]) > 1e-6 * sqrt(2)) {
        const double g[2] = { low * x[0], high * x[1] };
        sgd_step(2, x, g, eta);
        t++;
    }
    ok_equal(t, (size_t)ceil(log(1e6) / log((kappa + 1) / (kappa - 1))),
             "[eq:valley-steps] steps to a millionth: %zu", t);
    ok_close(log(1e6) / log(10001.0 / 9999), 5000 * log(1e6), 0, 1e-7,
             "[eq:valley-steps] about kappa/2 for a large kappa");
}

/* ---- momentum --------------------------------------------------------- */

static void momentum_sums(void)
{
    const double beta = 0.83;
    double theta = 0, m = 0, series[12];
    double steady = 0, zigzag = 0, weighted = 0, last = 0;
    for (int t = 1; t <= 12; t++) {
        series[t - 1] = sin(1.7 * t) + 0.31;
        momentum_step(1, &theta, &series[t - 1], &m, 0.01, beta);
        const double g = 2.385, h = t % 2 ? -2.385 : 2.385;
        momentum_step(1, &theta, &g, &steady, 0.01, beta);
        momentum_step(1, &theta, &h, &zigzag, 0.01, beta);
        last = h;
    }
    for (int i = 1; i <= 12; i++)
        weighted += pow(beta, 12 - i) * series[i - 1];
    ok_close(m, weighted, 1e-14, 1e-14,
             "[eq:momentum-sum] older gradients weigh less");
    ok_close(steady, 2.385 * (1 - pow(beta, 12)) / (1 - beta), 0, 1e-14,
             "[eq:momentum-sum] a gradient that stays");
    ok_close(zigzag, last * (1 - pow(-beta, 12)) / (1 + beta), 0, 1e-14,
             "[eq:momentum-sum] a gradient that alternates");
}

static void heavy_ball(void)
{
    const double eta = 0.053, beta = 0.83, lambda = 2.7;
    double theta[N], old[N], older[N], g[N], m[N] = { 0 }, want[N];
    memcpy(theta, oracle_start, sizeof theta);
    memcpy(older, theta, sizeof older), memcpy(old, theta, sizeof old);
    for (int t = 1; t <= 9; t++) {
        oracle_gradient(theta, g);
        for (size_t i = 0; i < N; i++)
            want[i] = old[i] - eta * g[i] + beta * (old[i] - older[i]);
        momentum_step(N, theta, g, m, eta, beta);
        memcpy(older, old, sizeof old), memcpy(old, theta, sizeof old);
    }
    ok_all_close(N, theta, want, 1e-14, 1e-14,
                 "[eq:heavy-ball] from the last two places");
    double x[2] = { 1.3, 1.3 }, y = 1.3, v = 0;     /* (x_t, x_t-1) */
    for (int t = 1; t <= 9; t++) {
        const double next = (1 + beta - eta * lambda) * x[0] - beta * x[1];
        const double gy = lambda * y;
        x[1] = x[0], x[0] = next;
        momentum_step(1, &y, &gy, &v, eta, beta);
    }
    ok_close(y, x[0], 1e-14, 0, "[eq:momentum-matrix] nine products");
}

/* The larger root of r^2 - trace r + det = 0, in size. */
static double larger_root(double trace, double det)
{
    const double d = trace * trace - 4 * det;
    return d <= 0 ? sqrt(det) : (fabs(trace) + sqrt(d)) / 2;
}

static void momentum_rates(void)
{
    const double beta = 0.64, eta = 0.29;
    /* inside the window (0.04, 3.24) / eta, and outside on both sides */
    ok_close(rate_of(BALL, 1.7, eta, beta, 100, 2100), 0.8, 1e-3, 0,
             "[eq:momentum-complex] inside the window: sqrt(beta)");
    ok_close(rate_of(BALL, 10.9, eta, beta, 100, 2100), 0.8, 1e-3, 0,
             "[eq:momentum-complex] near its upper end too");
    for (int k = 0; k < 2; k++) {
        const double lambda = k ? 3.3 / eta : 0.03 / eta;
        const double r = larger_root(1 + beta - eta * lambda, beta);
        ok_close(rate_of(BALL, lambda, eta, beta, 100, 2100), r, 1e-9, 0,
                 "[eq:momentum-matrix] the larger root, %s the window",
                 k ? "above" : "below");
        ok(r > 0.81, "[eq:momentum-complex] slower outside: %.4f", r);
    }
    const double edge = 2 * (1 + beta) / 7.3;
    ok(rate_of(BALL, 7.3, 0.999 * edge, beta, 100, 4100) < 1
       && rate_of(BALL, 7.3, 1.001 * edge, beta, 100, 4100) > 1,
       "[eq:momentum-stable] stable up to 2 (1 + beta) / lambda");
}

/* The worst rate of the heavy ball over the ends of a valley. */
static double ball_rate(double low, double high, double eta, double beta)
{
    return fmax(larger_root(1 + beta - eta * low, beta),
                larger_root(1 + beta - eta * high, beta));
}

static void momentum_best(void)
{
    const double low = 0.37, kappa = 23.85, high = low * kappa;
    const double root = (sqrt(kappa) - 1) / (sqrt(kappa) + 1);
    const double eta = pow(2 / (sqrt(low) + sqrt(high)), 2);
    ok_close(sqrt(eta * low), 1 - root, 1e-15, 0,
             "[eq:momentum-best] the lower end of the window");
    ok_close(sqrt(eta * high), 1 + root, 0, 1e-15,
             "[eq:momentum-best] the upper end of the window");
    size_t better = 0;
    for (int i = 1; i < 200; i++)
        for (int k = 1; k < 200; k++)
            better += ball_rate(low, high, eta * i / 100, k / 200.0)
                      < root - 1e-9;
    ok_equal(better, 0, "[eq:momentum-best] nothing on a grid is better");
    /* (a + b t) rho^t: the rate comes near from above, like log(t)/t */
    for (int k = 0; k < 2; k++)
        ok_close(rate_of(BALL, k ? high : low, eta, root * root, 400, 900),
                 root, 2e-3, 0, "[eq:momentum-best] run at the %s end",
                 k ? "upper" : "lower");
}

static void nesterov_forms(void)
{
    const double eta = 0.053, beta = 0.83;
    double x[N], ahead[N], theta[N], g[N], m[N] = { 0 }, n[N] = { 0 };
    memcpy(x, oracle_start, sizeof x), memcpy(theta, x, sizeof x);
    for (int t = 1; t <= 9; t++) {
        for (size_t i = 0; i < N; i++)
            ahead[i] = x[i] - eta * beta * m[i];
        oracle_gradient(ahead, g);
        for (size_t i = 0; i < N; i++) {
            m[i] = beta * m[i] + g[i];
            x[i] -= eta * m[i];
        }
        oracle_gradient(theta, g);
        nesterov_step(N, theta, g, n, eta, beta);
    }
    for (size_t i = 0; i < N; i++)
        ahead[i] = x[i] - eta * beta * m[i];
    ok_all_close(N, theta, ahead, 1e-14, 1e-14,
                 "[eq:nesterov-ahead] [eq:nesterov] the two forms");
    const double low = 0.37, kappa = 23.85, high = low * kappa;
    const double b = (sqrt(kappa) - 1) / (sqrt(kappa) + 1);
    ok_close(rate_of(AHEAD, low, 1 / high, b, 400, 900),
             1 - 1 / sqrt(kappa), 2e-3, 0,
             "[eq:nesterov-rate] along the floor");
    for (int k = 1; k <= 3; k++) {
        const double l = low * k * 1.9, s = 1 - l / high;
        ok_close(rate_of(AHEAD, l, 1 / high, b, 200, 900),
                 larger_root((1 + b) * s, b * s), 2e-3, 0,
                 "[eq:nesterov-rate] the larger root for lambda %.2f", l);
    }
}

/* ---- adaptive rates --------------------------------------------------- */

/* How far one parameter moves in step t when all its gradients are g. */
static double move_of(enum method k, double rate, double g, size_t steps,
                      double *way)
{
    struct optimizer o = optimizer_new(&memory, k, 1, rate);
    tensor theta = tensor_zeros(&memory, SHAPE(1));
    double last = 0;
    o.epsilon = 0;
    for (size_t t = 1; t <= steps; t++) {
        last = theta.data[0];
        const tensor G = tensor_full(&memory, g, SHAPE(1));
        optimizer_step(&o, theta, G);
    }
    *way = theta.data[0];
    return last - theta.data[0];
}

static void adaptive(void)
{
    double way, way2, want = 0;
    for (int i = 1; i <= 57; i++)
        want += 0.31 / sqrt(i);
    ok_close(move_of(ADAGRAD, 0.31, 0.0042, 57, &way), 0.31 / sqrt(57),
             0, 1e-13, "[eq:adagrad-slows] the step falls like 1/sqrt(t)");
    ok_close(-way, want, 0, 1e-13, "[eq:adagrad-slows] the way is a sum");
    ok(-way <= 2 * 0.31 * sqrt(57) && -way > 1.8 * 0.31 * sqrt(57),
       "[eq:adagrad-slows] nearly 2 eta sqrt(t)");
    ok_close(move_of(ADAGRAD, 0.31, -4200, 57, &way2), -0.31 / sqrt(57), 0,
             1e-13, "[eq:adagrad-slows] whatever the gradient's size");
    ok_close(move_of(RMSPROP, 0.31, -0.17, 1, &way), -0.31 / sqrt(0.01), 0,
             1e-13, "[eq:rmsprop-first] the first step is 10 eta");
    ok_close(move_of(RMSPROP, 0.31, 0.17, 4000, &way), 0.31, 0, 1e-12,
             "[eq:rmsprop] a gradient that stays ends at eta");
}

/* begin adam first */
static void adam_first(void)
{
    const struct adam a = { 0.0713, 0.9, 0.999, 1e-8, 0 };
    const double g[5] = { 2.385, -0.0042, 917, -3.1e-5, 0 };
    double theta[5] = { 0 }, m[5] = { 0 }, v[5] = { 0 }, want[5];
    adam_step(5, theta, g, m, v, a, 1);
    for (int i = 0; i < 5; i++)
        want[i] = -0.0713 * g[i] / (fabs(g[i]) + 1e-8);
    ok_all_close(5, theta, want, 0, 1e-13,
                 "[eq:adam-first] the first step is eta, for any gradient");
}
/* end adam first */

static void adam_averages(void)
{
    enum { RUNS = 40000, STEPS = 7 };
    const double mu = 0.731, deviation = 1.917;
    const struct adam a = { 0, 0.9, 0.999, 1e-8, 0 };
    gsl_rng *r = random_new(5);
    double sum_m = 0, sum_v = 0;
    for (int run = 0; run < RUNS; run++) {
        double theta = 0, m = 0, v = 0;
        for (size_t t = 1; t <= STEPS; t++) {
            const double g = mu + gsl_ran_gaussian(r, deviation);
            adam_step(1, &theta, &g, &m, &v, a, t);
        }
        sum_m += m / RUNS, sum_v += v / RUNS;
    }
    /* standard errors 0.0017 and 1.1e-4; measured 0.0003 and 0.4e-4 */
    ok_close(sum_m, (1 - pow(0.9, STEPS)) * mu, 6e-3, 0,
             "[eq:adam-bias] the mean of m over 40000 runs");
    const double square = mu * mu + deviation * deviation;
    ok_close(sum_v, (1 - pow(0.999, STEPS)) * square, 4e-4, 0,
             "[eq:adam-bias] the mean of v");
    double theta = 0, m = 0, v = 0, want_m = 0, want_v = 0;
    for (size_t t = 1; t <= STEPS; t++) {
        const double g = sin(1.7 * (double)t) + 0.2;
        adam_step(1, &theta, &g, &m, &v, a, t);
        want_m += 0.1 * pow(0.9, STEPS - (double)t) * g;
        want_v += 0.001 * pow(0.999, STEPS - (double)t) * g * g;
    }
    ok_close(m, want_m, 1e-15, 1e-14, "[eq:adam-moments] m unrolled");
    ok_close(v, want_v, 1e-15, 1e-14, "[eq:adam-moments] v unrolled");
    gsl_rng_free(r);
}

/* begin scale */
static void adam_scale(void)
{
    double theta[2][N], g[N];
    for (int k = 0; k < 2; k++) {
        const double c = k ? 1024 : 1;      /* a power of 2: exact */
        const struct adam a = { 0.0713, 0.9, 0.999, 1e-8 * c, 0 };
        double m[N] = { 0 }, v[N] = { 0 };
        memcpy(theta[k], oracle_start, sizeof theta[k]);
        for (size_t t = 1; t <= 50; t++) {
            oracle_gradient(theta[k], g);
            for (size_t i = 0; i < N; i++)
                g[i] *= c;
            adam_step(N, theta[k], g, m, v, a, t);
        }
    }
    ok(memcmp(theta[0], theta[1], sizeof theta[0]) == 0,
       "[eq:adam-scale] gradients 1024 times as large: the same bits");
}
/* end scale */

/* The largest |step| / eta of Adam's last step over these gradients. */
static double last_step(size_t steps, const double g[])
{
    const struct adam a = { 1, 0.9, 0.999, 0, 0 };
    double theta = 0, m = 0, v = 0, before = 0;
    for (size_t t = 1; t <= steps; t++) {
        before = theta;
        if (g[t - 1] != 0 || m != 0)        /* 0/0 before the first */
            adam_step(1, &theta, &g[t - 1], &m, &v, a, t);
    }
    return fabs(theta - before);
}

static double bound(double t)
{
    const double q = 0.81 / 0.999, a = 1 - pow(0.9, t);
    const double b = 1 - pow(0.999, t);
    return sqrt(0.01 * b / (a * a * 0.001) * (1 - pow(q, t)) / (1 - q));
}

static void adam_bounds(void)
{
    double g[LONG] = { 0 };
    gsl_rng *r = random_new(11);
    for (size_t t = 1; t <= LONG; t = 2 * t + 1) {
        for (size_t i = 0; i < t; i++)
            g[i] = pow(0.999 / 0.9, (double)i);
        ok_close(last_step(t, g), bound((double)t), 0, 1e-12,
                 "[eq:adam-bound] attained at t = %zu: %.4f", t,
                 bound((double)t));
    }
    size_t over = 0;
    for (int run = 0; run < 3000; run++) {
        const size_t t = 1 + gsl_rng_uniform_int(r, 60);
        for (size_t i = 0; i < t; i++)
            g[i] = gsl_ran_cauchy(r, 1) * pow(1.1, (double)i);
        over += last_step(t, g) > bound((double)t) * (1 + 1e-12);
    }
    ok_equal(over, 0, "[eq:adam-bound] 3000 wild sequences stay below");
    ok_close(bound(1), 1, 0, 1e-14, "[eq:adam-bound] 1 at the start");
    ok_close(bound(1e5), 7.2703, 1e-4, 0, "[eq:adam-bound] 7.27 at last");
    for (size_t i = 0; i < LONG; i++)
        g[i] = -0.0042;
    ok_close(last_step(LONG, g), 1, 0, 1e-12,
             "[eq:adam-sparse] a gradient that stays: eta");
    memset(g, 0, sizeof g);
    g[LONG - 1] = 2.385;
    const double m = 0.1 / (1 - pow(0.9, LONG));
    const double v = 0.001 / (1 - pow(0.999, LONG));
    ok_close(last_step(LONG, g), m / sqrt(v), 0, 1e-12,
             "[eq:adam-sparse] a gradient after 399 zeros: %.4f eta",
             m / sqrt(v));
    gsl_rng_free(r);
}

static void adam_wrong(void)
{
    double m = 0, v = 0;
    for (int t = 1; t <= 300; t++) {
        const double g = -2.385;
        m = 0.9 * m + 0.1 * g, v = 0.999 * v + 0.001 * g * g;
        const double step = m / 0.1 / sqrt(v / 0.001);
        const double want = (1 - pow(0.9, t)) / 0.1
                            * sqrt(0.001 / (1 - pow(0.999, t)));
        if (t == 1 || t == 12 || t == 300)
            ok_close(-step, want, 0, 1e-12,
                     "[eq:adam-wrong] 1 - beta for 1 - beta^t, step %d: "
                     "%.4f eta", t, want);
    }
    ok_close(sqrt(0.001) / 0.1, 0.3162, 1e-4, 0,
             "[eq:adam-wrong] where it ends");
}

/* ---- decay, root, misuse ---------------------------------------------- */

static double penalised(const double theta[N], double lambda)
{
    double sum = 0;
    for (size_t i = 0; i < N; i++)
        sum += oracle_a[i] * pow(theta[i] - oracle_c[i], 2) / 2
               - oracle_b[i] * cos(3 * theta[i]) / 3
               + lambda / 2 * theta[i] * theta[i];
    return sum;
}

static void penalties(void)
{
    double theta[N], g[N], want[N], shrunk[N];
    memcpy(theta, oracle_start, sizeof theta);
    oracle_gradient(theta, g);
    l2_add(N, theta, g, 0.43);
    for (size_t i = 0; i < N; i++) {
        const double h = 6e-6, x = theta[i];
        theta[i] = x + h;
        const double up = penalised(theta, 0.43);
        theta[i] = x - h;
        want[i] = (up - penalised(theta, 0.43)) / (2 * h);
        theta[i] = x;
    }
    /* measured 2e-10 */
    ok_all_close(N, g, want, 4e-9, 0, "[eq:l2] the gradient of the penalty");
    oracle_gradient(theta, g);
    for (size_t i = 0; i < N; i++)
        shrunk[i] = (1 - 0.07 * 0.43) * theta[i] - 0.07 * g[i];
    l2_add(N, theta, g, 0.43);
    sgd_step(N, theta, g, 0.07);
    ok_all_close(N, theta, shrunk, 1e-15, 1e-15,
                 "[eq:decay] penalty and decay agree under descent");
}

static void roots(void)
{
    double worst = 0;
    for (float x = 1.2e-38F; x < 3e38F; x *= 1.0001F)
        worst = fmax(worst, fabs((double)root_float(x) / sqrt((double)x)
                                 - 1));
    /* measured 1.7e-7 */
    ok(worst < 2e-7, "[eq:root-newton] relative error %.2g", worst);
    ok(root_float(0) == 0, "the root of 0");
    ok(isnan(root_float(NAN)), "the root of NaN");
    const double x = 2.385;
    for (double e = -0.3; e < 0.35; e += 0.1) {
        const double y = (1 + e) / sqrt(x);
        ok_close(y * (1.5 - 0.5 * x * y * y) * sqrt(x) - 1,
                 -1.5 * e * e - 0.5 * e * e * e, 1e-15, 0,
                 "[eq:root-newton] an error of %+.1f is squared", e);
    }
}

static void in_pieces(void)
{
    for (int k = 0; k < METHODS; k++) {
        struct optimizer a = rule((enum method)k, 0.07, 0.83, 0.97, 0.11);
        struct optimizer b = rule((enum method)k, 0.07, 0.83, 0.97, 0.11);
        tensor x = tensor_from(&memory, N, oracle_start, SHAPE(N));
        tensor y = tensor_from(&memory, N, oracle_start, SHAPE(N));
        tensor g = tensor_empty(&memory, SHAPE(N));
        for (int t = 0; t < 5; t++) {
            oracle_gradient(x.data, g.data);
            optimizer_step(&a, x, g);
            oracle_gradient(y.data, g.data);
            optimizer_begin(&b);
            optimizer_move(&b, 3, 4, y.data, g.data);
            optimizer_move(&b, 0, 3, y.data, g.data);
        }
        ok(memcmp(x.data, y.data, N * sizeof(real)) == 0,
           "%s in two pieces: the same bits", method_name[k]);
        optimizer_reset(&a);
        ok(a.t == 0 && (a.m == NULL || a.m[3] == 0)
           && (a.v == NULL || a.v[3] == 0), "%s forgets", method_name[k]);
        ok_equal(method_find(method_name[k]), (size_t)k, "found by name");
    }
    ok_equal(method_find("madam"), METHODS, "an unknown name");
}

/* A model without data: the loss of the oracle, N parameters. */
static double oracle_model_loss(struct model *m, const struct batch *b,
                                bool training)
{
    return (void)m, (void)b, (void)training, 0;
}

static void oracle_model_backward(struct model *m, double scale,
                                  double keep, tensor to)
{
    double g[N];
    oracle_gradient(m->theta.data, g);
    keep_times(to.data, N, keep);
    for (size_t i = 0; i < N; i++)
        to.data[i] += scale * g[i];
}

static struct model oracle_model(void)
{
    return (struct model){
        .theta = tensor_from(&memory, N, oracle_start, SHAPE(N)),
        .grad = tensor_full(&memory, NAN, SHAPE(N)),
        .loss = oracle_model_loss, .backward = oracle_model_backward
    };
}

/* Five steps of the rule on the model, and by hand on the spans. */
static void in_the_loop(void)
{
    static const struct span learns[] = { { 0, 2 }, { 4, 3 } };
    for (int k = 0; k < METHODS; k++)
        for (size_t spans = 0; spans <= 2; spans += 2) {
            struct optimizer a = rule((enum method)k, 0.07, 0.83, 0.97, 0);
            struct optimizer b = a;
            struct model m = oracle_model();
            tensor x = tensor_from(&memory, N, oracle_start, SHAPE(N));
            tensor g = tensor_empty(&memory, SHAPE(N));
            m.spans = spans, m.span = learns;
            b.m = a.m ? arena_alloc(&memory, N, sizeof(real)) : NULL;
            b.v = a.v ? arena_alloc(&memory, N, sizeof(real)) : NULL;
            for (int t = 0; t < 5; t++) {
                const double old[2] = { x.data[2], x.data[3] };
                a.rule.step(&a.rule, &m);
                oracle_gradient(x.data, g.data);
                optimizer_step(&b, x, g);
                if (spans > 0)
                    memcpy(&x.data[2], old, sizeof old);
                if (k == SGD && spans > 0)      /* the model's affair */
                    memcpy(&m.theta.data[2], old, sizeof old);
            }
            ok_all_close(N, m.theta.data, x.data, 1e-15, 1e-15,
                         "[eq:collect] %s in the loop%s", method_name[k],
                         spans > 0 ? ", two spans" : "");
            ok_equal(a.t, 5, "and it counts its steps");
        }
}

static void adam_from_zero(void)
{
    const struct adam a = { 0.1, 0.9, 0.999, 0, 0 };
    double x = 1, g = 1, m = 0, v = 0;
    adam_step(1, &x, &g, &m, &v, a, 0);
}

static void too_far(void)
{
    struct optimizer o = rule(SGD, 0.1, 0, 0, 0);
    tensor x = tensor_zeros(&memory, SHAPE(N));
    optimizer_begin(&o);
    optimizer_move(&o, 3, N - 2, x.data, x.data);
}

static void other_size(void)
{
    struct optimizer o = rule(SGD, 0.1, 0, 0, 0);
    tensor x = tensor_zeros(&memory, SHAPE(N + 1));
    optimizer_step(&o, x, x);
}

static void bugs(void)
{
    ok_dies(adam_from_zero, "counts its steps from 1", "step 0 of Adam");
    ok_dies(too_far, "optimizer_move: 5 of 7 from 3", "a range too long");
    ok_dies(other_size, "theta (8), g (8), n 7", "vectors of another size");
}

int main(void)
{
    TAP_RUN(pytorch);
    TAP_RUN(momentum_zero);
    TAP_RUN(decay_zero);
    TAP_RUN(valley);
    TAP_RUN(momentum_sums);
    TAP_RUN(heavy_ball);
    TAP_RUN(momentum_rates);
    TAP_RUN(momentum_best);
    TAP_RUN(nesterov_forms);
    TAP_RUN(adaptive);
    TAP_RUN(adam_first);
    TAP_RUN(adam_averages);
    TAP_RUN(adam_scale);
    TAP_RUN(adam_bounds);
    TAP_RUN(adam_wrong);
    TAP_RUN(penalties);
    TAP_RUN(roots);
    TAP_RUN(in_pieces);
    TAP_RUN(in_the_loop);
    TAP_RUN(bugs);
    arena_free(&memory);
    return tap_done();
}
