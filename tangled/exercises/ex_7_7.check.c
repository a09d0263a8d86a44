#include "exercise.h"
#define REAL double
#include "optim.h"

void lazy_ball_step(size_t count, const size_t index[], const double g[],
                    double theta[], double m[], size_t last[], size_t t,
                    double rate, double beta);

enum { N = 9 };

/* Two sets of the same parameters: one lazy, one that visits all. */
struct pair {
    double lazy[N], lazy_m[N], all[N], all_m[N];
    size_t last[N];
};

static struct pair pair_new(gsl_rng *r)
{
    struct pair p = { .last = { 0 } };
    for (size_t i = 0; i < N; i++)
        p.lazy[i] = p.all[i] = gsl_ran_gaussian(r, 1.7);
    return p;
}

/* Step t: gradients for some, chosen at random with that probability. */
static void step(struct pair *p, gsl_rng *r, size_t t, double chance,
                 double beta)
{
    double g[N] = { 0 }, some[N];
    size_t index[N], count = 0;
    for (size_t i = N; i-- > 0; )
        if (random_uniform(r) < chance) {
            g[i] = some[count] = gsl_ran_gaussian(r, 0.9) + 0.4;
            index[count++] = i;
        }
    momentum_step(N, p->all, g, p->all_m, 0.07, beta);
    lazy_ball_step(count, index, some, p->lazy, p->lazy_m, p->last, t,
                   0.07, beta);
    for (size_t j = 0; j < count; j++)
        ex_equal("last[] of a parameter that was visited",
                 p->last[index[j]], t);
}

/* Visit all with gradients of 0, and compare. */
static void visit_all(struct pair *p, size_t t, double beta)
{
    const double zero[N] = { 0 };
    size_t index[N];
    for (size_t i = 0; i < N; i++)
        index[i] = i;
    momentum_step(N, p->all, zero, p->all_m, 0.07, beta);
    lazy_ball_step(N, index, zero, p->lazy, p->lazy_m, p->last, t, 0.07,
                   beta);
    ex_close("theta", 1, N, p->lazy, p->all, 1e-13, 1e-11);
    ex_close("m", 1, N, p->lazy_m, p->all_m, 1e-13, 1e-11);
}

static void walk(unsigned long seed, size_t steps, double chance,
                 double beta)
{
    gsl_rng *r = random_new(seed);
    struct pair p = pair_new(r);
    ex_case("%zu steps, beta = %g, a gradient in %g of 100 visits", steps,
            beta, 100 * chance);
    for (size_t t = 1; t <= steps; t++)
        step(&p, r, t, chance, beta);
    visit_all(&p, steps + 1, beta);
    gsl_rng_free(r);
}

static void all_the_time(void)
{
    walk(771, 12, 1, 0.8);
}

static void some_of_the_time(void)
{
    walk(772, 30, 0.3, 0.8);
    walk(773, 200, 0.02, 0.95);
    walk(774, 25, 0.4, 0);
}

/* Those that are not named keep their values. */
static void others(void)
{
    double theta[3] = { 1.5, 2.5, 3.5 }, m[3] = { 0.4, 0.5, 0.6 };
    const double want[3] = { 1.5, 2.5 - 0.1 * (0.25 + 0.125)
                             - 0.1 * (0.0625 + 2), 3.5 };
    const double want_m[3] = { 0.4, 2.0625, 0.6 };
    size_t last[3] = { 4, 7, 2 };
    const size_t index[1] = { 1 };
    const double g[1] = { 2 };
    lazy_ball_step(1, index, g, theta, m, last, 10, 0.1, 0.5);
    ex_case("three parameters, the middle one visited at step 10");
    ex_close("theta", 1, 3, theta, want, 0.0, 1e-12);
    ex_close("m", 1, 3, m, want_m, 0.0, 1e-12);
    ex_equal("last[0]", last[0], 4);
    ex_equal("last[1]", last[1], 10);
}

/* A rare word. */
static void rare(void)
{
    const size_t index[1] = { 0 }, never = 1000000000000;
    double theta = 0, m = 0;
    size_t last = 0;
    double g = 1;
    lazy_ball_step(1, index, &g, &theta, &m, &last, 1, 0.1, 0.75);
    g = 0;
    lazy_ball_step(1, index, &g, &theta, &m, &last, never, 0.1, 0.75);
    ex_case("a gradient of 1, then none for 10^12 steps");
    ex_close_to("theta", theta, -0.4, 0.0, 1e-12);
    ex_equal("last[0]", last, never);
}

EX_MAIN("7.7",
    { "a gradient at every step", "eq:momentum", all_the_time },
    { "a gradient now and then", "eq:momentum-sum", some_of_the_time },
    { "parameters that are not named", "eq:momentum", others },
    { "a rare word", "eq:momentum-sum", rare })
