#include "exercise.h"
#define REAL double
#include "dataset.h"
#include "linear.h"
#include "data/cars.h"

double prediction_deviation(struct arena *a, tensor X, tensor y, tensor x);

static struct arena memory;

/* s^2 of eq:standard-error */
static double variance(tensor X, tensor y)
{
    const size_t m = X.shape[0], n = X.shape[1];
    const tensor theta = tensor_empty(&memory, SHAPE(n));
    const tensor r = tensor_empty(&memory, SHAPE(m));
    linear_solve_qr(&memory, X, y, theta);
    return 2 * (double)m * linear_loss(X, y, theta, 0, r)
           / (double)(m - n);
}

/* A line has a formula of its own. */
static void line(void)
{
    const tensor x = tensor_from(&memory,
        VALUES(0.4, 1.1, 2.3, 2.9, 4.6, 5.05, 7.2), SHAPE(7));
    const tensor y = tensor_from(&memory,
        VALUES(1.9, 0.6, 2.7, 3.05, 2.2, 4.75, 5.1), SHAPE(7));
    const tensor X = polynomial(&memory, x, 1);
    const double mean = 23.55 / 7, s2 = variance(X, y);
    double squares = 0;
    for (size_t i = 0; i < 7; i++)
        squares += (AT(x, i) - mean) * (AT(x, i) - mean);
    for (double at = -6.5; at < 20; at += 5.25) {
        const double d = at - mean;
        const tensor new = tensor_from(&memory, VALUES(1, at), SHAPE(2));
        ex_case("a line through 7 points, at x = %g", at);
        ex_close_to("the deviation",
                    prediction_deviation(&memory, X, y, new),
                    sqrt(s2 * (1 + 1.0 / 7 + d * d / squares)), 0.0, 1e-11);
        ex_close_to("x[1]", AT(new, 1), at, 0.0, 0.0);
    }
}

/*
 * Add the new row to X.  Its place on the diagonal of the new P is
 * h / (1 + h), where h = x^T (X^T X)^-1 x.
 */
static void one_row_more(void)
{
    gsl_rng *r = random_new(103);
    for (size_t n = 2; n <= 5; n++) {
        const size_t m = 2 * n + 3;
        const tensor X = with_ones(&memory,
            tensor_normal(&memory, r, 1.7, 2.2, SHAPE(m, n - 1)));
        const tensor y = tensor_normal(&memory, r, 0.9, 2.8, SHAPE(m));
        const tensor new = with_ones(&memory,
            tensor_normal(&memory, r, -1.1, 3.6, SHAPE(1, n - 1)));
        const tensor P = linear_hat(&memory,
                                    tensor_cat(&memory, X, new, 0));
        const tensor before = tensor_clone(&memory, X);
        ex_case("X of shape %s", TENSOR_SHAPE(X));
        ex_close_to("the deviation",
                    prediction_deviation(&memory, X, y,
                                         tensor_select(new, 0, 0)),
                    sqrt(variance(X, y) / (1 - AT(P, m, m))), 0.0, 1e-10);
        ex_unchanged("X", m * n, X.data, before.data);
    }
    gsl_rng_free(r);
}

/* What R says of its own data. */
static void cars(void)
{
    static const double speed[3] = { 10, 21, 31.5 };
    static const double want[3] = { 15.6938466168741, 15.7059432554245,
                                    16.9119825483995 };
    static const double want2[2] = { 15.4864713645147, 23.0677495928334 };
    struct frame f = { 0 };
    struct error error;
    if (!ex_true(csv_lines(&f, &memory, cars_csv, cars_csv_lines,
                           "cars.csv", &error), "the cars can be read"))
        return;
    const tensor x = frame_column(&f, "speed")->number;
    const tensor y = frame_column(&f, "dist")->number;
    for (size_t k = 0; k < 3; k++) {
        ex_case("a line through the cars, at speed %g", speed[k]);
        ex_close_to("the deviation", prediction_deviation(&memory,
                    polynomial(&memory, x, 1), y, tensor_from(&memory,
                    VALUES(1, speed[k]), SHAPE(2))), want[k], 0.0, 1e-9);
    }
    for (size_t k = 0; k < 2; k++) {
        const double v = speed[2 * k];
        ex_case("a parabola through the cars, at speed %g", v);
        ex_close_to("the deviation", prediction_deviation(&memory,
                    polynomial(&memory, x, 2), y, tensor_from(&memory,
                    VALUES(1, v, v * v), SHAPE(3))), want2[k], 0.0, 1e-9);
    }
}

EX_MAIN("3.7",
    { "the formula for a line", "eq:standard-error", line },
    { "from P with one row more", "eq:projection", one_row_more },
    { "the cars, as R has it", "eq:standard-error", cars })
