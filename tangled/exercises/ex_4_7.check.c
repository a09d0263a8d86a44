#include "exercise.h"
#define REAL double
#include "glm.h"

void fit_rates(struct arena *a, tensor X, tensor y, tensor t, tensor theta);

static struct arena memory;

static tensor answer(tensor X, tensor y, tensor t)
{
    const tensor theta = tensor_empty(&memory, SHAPE(X.shape[1]));
    ex_fill(X.shape[1], theta.data);
    fit_rates(&memory, X, y, t, theta);
    return theta;
}

/* Stored values, from R's glm with offset = log(t). */
static void stored(void)
{
    static const double line[2] = { 0.716066091371500, 0.719668083993784 };
    static const double curve[3] = { 0.6849882724754554,
                                     0.6053042614873578,
                                     0.0922521586141596 };
    const tensor t = tensor_from(&memory,
        VALUES(0.5, 2.25, 1.75, 4, 0.8, 3.1, 6.5, 1.2, 2.9), SHAPE(9));
    const tensor x = tensor_from(&memory,
        VALUES(0.3, -1.2, 0.85, 1.4, 2.1, -0.6, 0.15, -0.45, 1.05),
        SHAPE(9));
    const tensor y = tensor_from(&memory,
        VALUES(1, 3, 6, 21, 9, 4, 17, 0, 12), SHAPE(9));
    ex_case("nine samples and a line");
    ex_close("theta", 1, 2, answer(polynomial(&memory, x, 1), y, t).data,
             line, 1e-9, 1e-9);
    ex_case("nine samples and a parabola");
    ex_close("theta", 1, 3, answer(polynomial(&memory, x, 2), y, t).data,
             curve, 1e-9, 1e-9);
}

/* One rate for all: the total count by the total time. */
static void one_rate(void)
{
    const tensor t = tensor_from(&memory, VALUES(0.25, 6.5, 2.375, 11),
                                 SHAPE(4));
    const tensor y = tensor_from(&memory, VALUES(0, 31, 9, 42), SHAPE(4));
    const tensor theta = answer(tensor_ones(&memory, SHAPE(4, 1)), y, t);
    ex_case("an intercept alone");
    ex_close_to("theta[0]", AT(theta, 0), log(82 / 20.125), 0.0, 1e-12);
}

/*
 * A sample of k hours is k samples of one hour, however its count is
 * shared among them; for those the chapter has a fit.
 */
static void hour_by_hour(void)
{
    static const size_t hours[8] = { 3, 1, 7, 2, 4, 1, 9, 5 };
    static const double count[8] = { 2, 3, 5, 4, 0, 1, 23, 7 };
    gsl_rng *r = random_new(271);
    const tensor X = with_ones(&memory,
        tensor_normal(&memory, r, 0.3, 0.8, SHAPE(8, 2)));
    gsl_rng_free(r);
    const tensor t = tensor_empty(&memory, SHAPE(8));
    const tensor each = tensor_zeros(&memory, SHAPE(32));
    size_t row[32], n = 0;
    for (size_t i = 0; i < 8; i++) {
        AT(t, i) = (double)hours[i];
        AT(each, n) = count[i];
        for (size_t k = 0; k < hours[i]; k++)
            row[n++] = i;
    }
    struct glm M = glm_new(&memory, &poisson,
                           tensor_index_select(&memory, X, 0, 32, row),
                           each, 0);
    glm_fit(&M);
    const tensor theta = answer(X, tensor_from(&memory, 8, count, SHAPE(8)),
                                t);
    ex_case("eight samples, from 1 to 9 hours");
    ex_close("theta", 1, 3, theta.data, M.theta.data, 1e-10, 1e-10);
}

/* Minutes in place of hours: a smaller rate, and nothing else. */
static void minutes(void)
{
    gsl_rng *r = random_new(277);
    const tensor X = with_ones(&memory,
        tensor_normal(&memory, r, -0.2, 0.7, SHAPE(13, 2)));
    const tensor t = tensor_uniform(&memory, r, 0.4, 5.5, SHAPE(13));
    const tensor y = tensor_zeros(&memory, SHAPE(13));
    for (size_t i = 0; i < 13; i++)
        AT(y, i) = gsl_ran_poisson(r, 3 * AT(t, i));
    gsl_rng_free(r);
    const tensor hours = answer(X, y, t);
    const tensor scale = tensor_scalar(&memory, 60);
    const tensor other = answer(X, y, tensor_mul(&memory, t, scale));
    ex_case("thirteen samples, in hours and in minutes");
    AT(hours, 0) -= log(60);
    ex_close("theta", 1, 3, other.data, hours.data, 1e-10, 1e-10);
    ex_true(fabs(AT(hours, 0) - log(3.0 / 60)) < 1,
            "theta[0] is near log(3/60), from which the counts were made");
}

EX_MAIN("4.7",
    { "nine samples, as R has it", "eq:glm-gradient", stored },
    { "an intercept alone", "eq:glm-gradient", one_rate },
    { "the same hour by hour", "eq:glm-loss", hour_by_hour },
    { "minutes in place of hours", "eq:glm-loss", minutes })
