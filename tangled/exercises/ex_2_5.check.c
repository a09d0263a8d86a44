#include "exercise.h"
#define REAL double
#include "gradcheck.h"

bool agrees_along(objective *f, void *context, size_t n,
                  const double theta[], const double gradient[],
                  const double v[], double work[]);

enum { SIZE = 5 };
static size_t calls;

/* sum_i sin(c_i x_i) + x_0 x_1 ... , with c in the context */
static double wavy(void *context, const double x[], size_t n)
{
    const double *c = context;
    double sum = 0, product = 1;
    calls++;
    for (size_t i = 0; i < n; i++)
        sum += sin(c[i] * x[i]), product *= x[i];
    return sum + product;
}

static double c[SIZE] = { 0.7, -1.3, 2.1, 0.4, 1.6 };
static const double theta[SIZE] = { 0.91, -1.24, 0.57, 2.385, -0.83 };

/* The gradient, by hand. */
static void right(double g[SIZE])
{
    for (size_t i = 0; i < SIZE; i++) {
        g[i] = c[i] * cos(c[i] * theta[i]);
        double product = 1;
        for (size_t k = 0; k < SIZE; k++)
            product *= k == i ? 1 : theta[k];
        g[i] += product;
    }
}

/* A random direction of length 1. */
static void direction(gsl_rng *r, double v[SIZE])
{
    double sum = 0;
    for (size_t i = 0; i < SIZE; i++) {
        v[i] = gsl_ran_gaussian(r, 1.0);
        sum += v[i] * v[i];
    }
    for (size_t i = 0; i < SIZE; i++)
        v[i] /= sqrt(sum);
}

static bool agrees(const double g[SIZE], const double v[SIZE])
{
    double work[SIZE];
    return agrees_along(wavy, c, SIZE, theta, g, v, work);
}

static void accepts(void)
{
    double g[SIZE], v[SIZE];
    gsl_rng *r = random_new(21);
    right(g);
    for (int k = 0; k < 50; k++) {
        direction(r, v);
        calls = 0;
        ex_true(agrees(g, v), "the right gradient agrees along random "
                "direction %d", k);
        ex_equal("calls of f", calls, 2);
    }
    gsl_rng_free(r);
}

/* Make one of eight faults. */
enum { FAULTS = 8 };
static const char *fault(int k, double g[SIZE])
{
    const double first = g[0];
    switch (k) {
    case 0:
        for (size_t i = 0; i < SIZE; i++)
            g[i] = -g[i];
        return "with the wrong sign";
    case 1:
        for (size_t i = 0; i < SIZE; i++)
            g[i] *= 2;
        return "twice too large";
    case 2:
        for (size_t i = 0; i < SIZE; i++)
            g[i] = i + 1 < SIZE ? g[i + 1] : first;
        return "with its entries shifted";
    case 3: g[2] = 0; return "with a zero";
    case 4: g[3] += 3e-4; return "with a small error in one entry";
    case 5: g[1] = NAN; return "with a NaN";
    case 6: g[4] = INFINITY; return "with an infinity";
    default: memset(g, 0, SIZE * sizeof *g); return "of zeros";
    }
}

static void rejects(void)
{
    double g[SIZE], v[SIZE];
    gsl_rng *r = random_new(22);
    for (int k = 0; k < FAULTS; k++)
        for (int trial = 0; trial < 10; trial++) {
            direction(r, v);
            right(g);
            ex_true(agrees(g, v), "the right gradient agrees");
            const char *name = fault(k, g);
            ex_true(!agrees(g, v), "a gradient %s does not agree", name);
        }
    gsl_rng_free(r);
}

/* An error at right angles to v passes along v, and nowhere else. */
static void blind_spot(void)
{
    double g[SIZE], v[SIZE], e[SIZE], u[SIZE], ev = 0;
    gsl_rng *r = random_new(23);
    right(g);
    direction(r, v);
    direction(r, e);
    direction(r, u);
    gsl_rng_free(r);
    for (size_t i = 0; i < SIZE; i++)
        ev += e[i] * v[i];
    for (size_t i = 0; i < SIZE; i++)
        g[i] += e[i] - ev * v[i];
    ex_true(agrees(g, v), "an error at right angles to v does not show "
            "along v");
    ex_true(!agrees(g, u), "it shows along another direction");
}

/* f = 1e6 x_0 ^ 2: a large slope may have a larger error. */
static double steep(void *context, const double x[], size_t n)
{
    (void)context, (void)n;
    return 1e6 * x[0] * x[0];
}

static void large(void)
{
    const double x[1] = { 1.37 }, v[1] = { 1.0 };
    double g[1] = { 2.74e6 }, work[1];
    ex_true(agrees_along(steep, NULL, 1, x, g, v, work),
            "2.74e6 is the slope of 1e6 x^2 at 1.37");
    g[0] = 2.74e6 + 3;
    ex_true(!agrees_along(steep, NULL, 1, x, g, v, work),
            "2.74e6 + 3 is not");
}

EX_MAIN("2.5",
    { "accepts the right gradient", "eq:dual-direction", accepts },
    { "rejects eight wrong ones", "eq:central-difference", rejects },
    { "is blind at right angles", "eq:dual-direction", blind_spot },
    { "measures large slopes by their size", "eq:difference-error", large })
