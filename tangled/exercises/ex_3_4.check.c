#include "exercise.h"
#define REAL double
#include "linear.h"

bool weighted_least_squares(struct arena *a, tensor X, tensor y, tensor w,
                            tensor theta);

static struct arena memory;

struct problem { size_t m, n; tensor X, y; };

static struct problem draw(unsigned long seed, size_t m, size_t n)
{
    gsl_rng *r = random_new(seed);
    const struct problem p = { m, n,
        with_ones(&memory,
                  tensor_normal(&memory, r, 1.2, 2.1, SHAPE(m, n - 1))),
        tensor_normal(&memory, r, -0.8, 3.3, SHAPE(m)),
    };
    gsl_rng_free(r);
    return p;
}

/* Call the answer; the inputs must stay. */
static tensor solve(const struct problem *p, tensor w)
{
    const tensor theta = tensor_empty(&memory, SHAPE(p->n));
    const tensor X = tensor_clone(&memory, p->X);
    const tensor y = tensor_clone(&memory, p->y);
    const tensor v = tensor_clone(&memory, w);
    ex_fill(p->n, theta.data);
    ex_true(weighted_least_squares(&memory, p->X, p->y, w, theta),
            "theta is determined, so the answer is true");
    ex_unchanged("X", p->m * p->n, p->X.data, X.data);
    ex_unchanged("y", p->m, p->y.data, y.data);
    ex_unchanged("w", p->m, w.data, v.data);
    return theta;
}

/* A whole weight does what so many copies of the row would do. */
static void copies(void)
{
    static const size_t times[9] = { 2, 1, 0, 5, 3, 1, 0, 4, 2 };
    const struct problem p = draw(71, 9, 3);
    const tensor w = tensor_empty(&memory, SHAPE(9));
    const tensor want = tensor_empty(&memory, SHAPE(3));
    size_t row[18], n = 0;
    for (size_t i = 0; i < 9; i++) {
        AT(w, i) = (double)times[i];
        for (size_t k = 0; k < times[i]; k++)
            row[n++] = i;
    }
    linear_solve_qr(&memory, tensor_index_select(&memory, p.X, 0, n, row),
                    tensor_index_select(&memory, p.y, 0, n, row), want);
    ex_case("the weights 2, 1, 0, 5, 3, 1, 0, 4, 2");
    const tensor theta = solve(&p, w);
    ex_close("theta", 1, 3, theta.data, want.data, 1e-11, 1e-11);
}

static double weighted_sum(const struct problem *p, tensor w, tensor theta)
{
    double sum = 0;
    for (size_t i = 0; i < p->m; i++) {
        double r = -AT(p->y, i);
        for (size_t j = 0; j < p->n; j++)
            r += AT(p->X, i, j) * AT(theta, j);
        sum += AT(w, i) * r * r;
    }
    return sum;
}

/* A step away in any direction costs more. */
static void lowest(void)
{
    const struct problem p = draw(73, 14, 4);
    gsl_rng *r = random_new(79);
    const tensor w = tensor_uniform(&memory, r, 0.1, 7.3, SHAPE(14));
    gsl_rng_free(r);
    ex_case("14 weights between 0.1 and 7.3");
    const tensor theta = solve(&p, w);
    const double best = weighted_sum(&p, w, theta);
    for (size_t j = 0; j < 4; j++)
        for (int side = -1; side <= 1; side += 2) {
            const double was = AT(theta, j);
            AT(theta, j) = was + side * 1e-4;
            ex_true(weighted_sum(&p, w, theta) > best, "no step of 0.0001 "
                    "lowers the weighted sum, but one of theta[%zu] does",
                    j);
            AT(theta, j) = was;
        }
}

/* The mean of numbers, each with a weight. */
static void constant(void)
{
    const struct problem p = { 4, 1, tensor_ones(&memory, SHAPE(4, 1)),
        tensor_from(&memory, VALUES(2.5, -1.25, 7, 3.75), SHAPE(4)) };
    const tensor w = tensor_from(&memory, VALUES(0.5, 2.25, 1, 0),
                                 SHAPE(4));
    ex_case("a constant model");
    ex_close_to("theta[0]", AT(solve(&p, w), 0),
                (0.5 * 2.5 - 2.25 * 1.25 + 7) / 3.75, 0.0, 1e-13);
}

static void undetermined(void)
{
    const struct problem p = draw(83, 6, 3);
    const tensor w = tensor_zeros(&memory, SHAPE(6));
    const tensor theta = tensor_full(&memory, 8.125, SHAPE(3));
    AT(w, 1) = 2.5, AT(w, 4) = 0.75;
    ex_case("two rows that count, three parameters");
    ex_true(!weighted_least_squares(&memory, p.X, p.y, w, theta),
            "theta is not determined, so the answer is false");
    ex_close_to("theta[1], which must stay", AT(theta, 1), 8.125, 0, 0);
    AT(w, 0) = 1.5;
    ex_case("three rows that count, three parameters");
    const tensor exact = solve(&p, w);
    for (size_t k = 0; k < 2; k++) {
        const size_t i = k == 0 ? 0 : 4;
        ex_close_to("the prediction for a row that counts", AT(p.X, i, 0)
                    * AT(exact, 0) + AT(p.X, i, 1) * AT(exact, 1)
                    + AT(p.X, i, 2) * AT(exact, 2), AT(p.y, i), 1e-9,
                    1e-9);
    }
}

EX_MAIN("3.4",
    { "whole weights are copies of rows", "eq:half-mse", copies },
    { "no lower point nearby", "eq:normal-equations", lowest },
    { "the weighted mean of four numbers", "eq:half-mse", constant },
    { "too few rows that count", "eq:qr-solve", undetermined })
