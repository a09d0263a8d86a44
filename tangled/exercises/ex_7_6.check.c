#include "exercise.h"
#define REAL double
#include "optim.h"

typedef void step_rule(size_t n, double theta[], const double g[],
                       double memory[], size_t t);

bool forgets_unit(step_rule *rule);

static void descent(size_t n, double x[], const double g[], double w[],
                    size_t t)
{
    (void)w, (void)t;
    sgd_step(n, x, g, 0.02);
}

static void ball(size_t n, double x[], const double g[], double w[],
                 size_t t)
{
    (void)t;
    momentum_step(n, x, g, w, 0.02, 0.9);
}

static void adagrad(size_t n, double x[], const double g[], double w[],
                    size_t t)
{
    (void)t;
    adagrad_step(n, x, g, w, 0.02, 0);
}

static void rmsprop(size_t n, double x[], const double g[], double w[],
                    size_t t)
{
    (void)t;
    rmsprop_step(n, x, g, w, 0.02, 0.9, 0);
}

static void adam(size_t n, double x[], const double g[], double w[],
                 size_t t)
{
    const struct adam a = { 0.02, 0.9, 0.99, 0, 0 };
    adam_step(n, x, g, w, w + n, a, t);
}

/* Adam with a large epsilon. */
static void careful(size_t n, double x[], const double g[], double w[],
                    size_t t)
{
    const struct adam a = { 0.02, 0.9, 0.99, 0.1, 0 };
    adam_step(n, x, g, w, w + n, a, t);
}

static void adamw(size_t n, double x[], const double g[], double w[],
                  size_t t)
{
    const struct adam a = { 0.02, 0.9, 0.99, 0, 0.3 };
    adamw_step(n, x, g, w, w + n, a, t);
}

/* Adam with a penalty in the gradient. */
static void punished(size_t n, double x[], const double g[], double w[],
                     size_t t)
{
    double *own = w + 2 * n;
    memcpy(own, g, n * sizeof *own);
    l2_add(n, x, own, 0.3);
    adam(n, x, own, w, t);
}

/* Signs only. */
static void signs(size_t n, double x[], const double g[], double w[],
                  size_t t)
{
    (void)w, (void)t;
    for (size_t i = 0; i < n; i++)
        x[i] -= 0.02 * ((g[i] > 0) - (g[i] < 0));
}

/* A step of length 0.02, along the gradient. */
static void unit_length(size_t n, double x[], const double g[], double w[],
                        size_t t)
{
    double sum = 0;
    (void)w, (void)t;
    for (size_t i = 0; i < n; i++)
        sum += g[i] * g[i];
    sgd_step(n, x, g, sum > 0 ? 0.02 / sqrt(sum) : 0);
}

/* The same for gradients longer than 0.01, plain descent below. */
static void clipped(size_t n, double x[], const double g[], double w[],
                    size_t t)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += g[i] * g[i];
    if (sum > 0.0001)
        unit_length(n, x, g, w, t);
    else
        sgd_step(n, x, g, 2);
}

/* The same for gradients below 100, plain descent above. */
static void turned(size_t n, double x[], const double g[], double w[],
                   size_t t)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(g[i]));
    if (most < 100)
        unit_length(n, x, g, w, t);
    else
        sgd_step(n, x, g, 0.02);
}

/* Signs, and from step 40 on descent. */
static void late(size_t n, double x[], const double g[], double w[],
                 size_t t)
{
    (t < 40 ? signs : descent)(n, x, g, w, t);
}

/* The last parameter is descended plainly. */
static void one_of_them(size_t n, double x[], const double g[], double w[],
                        size_t t)
{
    signs(n - 1, x, g, w, t);
    sgd_step(1, x + n - 1, g + n - 1, 0.02);
}

static void ask(const char *name, step_rule *rule, bool want)
{
    ex_case("%s", name);
    ex_true(forgets_unit(rule) == want, "forgets_unit returns %s",
            want ? "true" : "false");
}

static void chapter(void)
{
    ask("Adam without epsilon", adam, true);
    ask("descent", descent, false);
    ask("the heavy ball", ball, false);
    ask("AdaGrad without epsilon", adagrad, true);
    ask("RMSProp without epsilon", rmsprop, true);
    ask("Adam with epsilon = 0.1", careful, false);
}

static void decays(void)
{
    ask("AdamW without epsilon", adamw, true);
    ask("Adam with a penalty in the gradient", punished, false);
}

static void others(void)
{
    ask("the sign of the gradient", signs, true);
    ask("steps of one length", unit_length, true);
    ask("one length, but descent below 0.01", clipped, false);
    ask("one length, but descent above 100", turned, false);
    ask("signs, but descent from step 40 on", late, false);
    ask("signs, but descent for the last parameter", one_of_them, false);
}

EX_MAIN("7.6",
    { "rules of this chapter", "eq:adam-scale", chapter },
    { "two kinds of decay", "eq:adamw", decays },
    { "rules made for this test", "eq:adam-scale", others })
