#include "exercise.h"
#define REAL double
#include "glm.h"

bool loss_has_minimum(size_t m, const double x[], const double y[]);

static struct arena memory;

static void judge(size_t m, const double x[], const double y[], bool want)
{
    char text[200] = "";
    for (size_t i = 0; i < m; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "%s%g:%g", i > 0 ? " " : "", x[i], y[i]);
    ex_case("the data x:y = %s", text);
    ex_true(loss_has_minimum(m, x, y) == want, want
            ? "no threshold separates, so there is a minimum: true"
            : "a threshold separates the classes, or they only touch: "
              "false");
}

static void by_hand(void)
{
    const double x[6] = { 2.5, -1.25, 4, 0.5, 3.75, 1.5 };
    const double mixed[6] = { 0, 0, 1, 1, 0, 1 };
    const double left[6] = { 1, 0, 1, 0, 1, 0 };
    const double right[6] = { 0, 1, 0, 1, 0, 1 };
    judge(6, x, mixed, true);
    judge(6, x, left, false);
    judge(6, x, right, false);
}

static void special(void)
{
    const double x[5] = { 1.5, 2.5, 2.5, 2.5, 4.25 };
    const double touch[5] = { 0, 0, 1, 0, 1 };
    const double touch_again[5] = { 1, 0, 1, 1, 0 };
    const double inside[5] = { 0, 1, 0, 1, 0 };
    const double only[5] = { 1, 1, 1, 1, 1 };
    const double none[5] = { 0, 0, 0, 0, 0 };
    judge(5, x, touch, false);
    judge(5, x, touch_again, false);
    judge(5, x, inside, true);
    judge(5, x, only, false);
    judge(5, x, none, false);
}

/* Try every value as a threshold; equal values may fall on both sides. */
static bool separates(size_t m, const double x[], const double y[])
{
    for (size_t k = 0; k < m; k++) {
        bool up = true, down = true;
        for (size_t i = 0; i < m; i++) {
            const double side = y[i] > 0 ? x[i] - x[k] : x[k] - x[i];
            up = up && side >= 0;
            down = down && side <= 0;
        }
        if (up || down)
            return true;
    }
    return false;
}

/* Up to seven samples with values from 0 to 5. */
static size_t few(gsl_rng *r, double x[], double y[])
{
    const size_t m = 2 + gsl_rng_uniform_int(r, 6);
    bool different = false;
    while (!different)
        for (size_t i = 0; i < m; i++) {
            x[i] = (double)gsl_rng_uniform_int(r, 6);
            y[i] = (double)gsl_rng_uniform_int(r, 2);
            different = different || (i > 0 && x[i] > x[0])
                        || (i > 0 && x[i] < x[0]);
        }
    return m;
}

static void thresholds(void)
{
    double x[7], y[7];
    gsl_rng *r = random_new(257);
    for (int trial = 0; trial < 500; trial++) {
        const size_t m = few(r, x, y);
        judge(m, x, y, !separates(m, x, y));
    }
    gsl_rng_free(r);
}

/* The fit of the chapter finds a minimum, or says that there is none. */
static void fits(void)
{
    double x[7], y[7];
    gsl_rng *r = random_new(263);
    for (int trial = 0; trial < 60; trial++) {
        const size_t m = few(r, x, y);
        struct glm M = glm_new(&memory, &bernoulli,
            polynomial(&memory, tensor_from(&memory, m, x, SHAPE(m)), 1),
            tensor_from(&memory, m, y, SHAPE(m)), 0);
        judge(m, x, y, glm_fit(&M) == GLM_DONE);
    }
    gsl_rng_free(r);
}

EX_MAIN("4.5",
    { "six samples, three ways to label them", "eq:separable", by_hand },
    { "classes that touch, or have no sample", "eq:separable", special },
    { "every threshold tried out", "eq:separable", thresholds },
    { "what Newton's method finds", "eq:newton", fits })
