#include "exercise.h"
#define REAL double
#include "dataset.h"
#include "linear.h"
#include "data/cars.h"

void left_out_errors(struct arena *a, tensor X, tensor y, tensor e);

static struct arena memory;

/* As the definition says: one fit for each row. */
static void refit(tensor X, tensor y, double e[])
{
    const size_t m = X.shape[0], n = X.shape[1];
    const tensor theta = tensor_empty(&memory, SHAPE(n));
    size_t *row = arena_take(&memory, m, sizeof *row);
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k + 1 < m; k++)
            row[k] = k < i ? k : k + 1;
        linear_solve_qr(&memory,
                        tensor_index_select(&memory, X, 0, m - 1, row),
                        tensor_index_select(&memory, y, 0, m - 1, row),
                        theta);
        e[i] = AT(y, i);
        for (size_t j = 0; j < n; j++)
            e[i] -= AT(X, i, j) * AT(theta, j);
    }
}

static void compare(tensor X, tensor y)
{
    const size_t m = X.shape[0];
    const tensor e = tensor_empty(&memory, SHAPE(m));
    const tensor before = tensor_clone(&memory, y);
    double *want = arena_take(&memory, m, sizeof *want);
    refit(X, y, want);
    ex_fill(m, e.data);
    ex_case("X of shape %s", TENSOR_SHAPE(X));
    left_out_errors(&memory, X, y, e);
    ex_unchanged("y", m, y.data, before.data);
    ex_close("e", 1, m, e.data, want, 1e-9, 1e-9);
}

static void random_rows(void)
{
    gsl_rng *r = random_new(87);
    for (size_t n = 2; n <= 5; n++) {
        const size_t m = 3 * n + 1;
        const tensor X = tensor_normal(&memory, r, 0.4, 1.9,
                                       SHAPE(m, n - 1));
        compare(with_ones(&memory, X),
                tensor_normal(&memory, r, 2.6, 5.2, SHAPE(m)));
    }
    gsl_rng_free(r);
}

static void curves(void)
{
    gsl_rng *r = random_new(89);
    const tensor x = tensor_uniform(&memory, r, -1, 1, SHAPE(15));
    const tensor y = tensor_normal(&memory, r, 0.7, 1.1, SHAPE(15));
    gsl_rng_free(r);
    compare(polynomial(&memory, x, 2), y);
    compare(polynomial(&memory, x, 4), y);
}

/* The others predict their mean. */
static void constant(void)
{
    const tensor X = tensor_ones(&memory, SHAPE(5, 1));
    const tensor y = tensor_from(&memory,
        VALUES(1.5, -2.25, 8.75, 0.5, 3.125), SHAPE(5));
    const tensor e = tensor_empty(&memory, SHAPE(5));
    double want[5];
    for (size_t i = 0; i < 5; i++)
        want[i] = AT(y, i) - (11.625 - AT(y, i)) / 4;
    ex_fill(5, e.data);
    left_out_errors(&memory, X, y, e);
    ex_close("e", 1, 5, e.data, want, 1e-12, 1e-12);
}

static void cars(void)
{
    struct frame f = { 0 };
    struct error error;
    if (!ex_true(csv_lines(&f, &memory, cars_csv, cars_csv_lines,
                           "cars.csv", &error), "the cars can be read"))
        return;
    compare(with_ones(&memory, frame_matrix(&memory, &f, 1,
                      (const char *const[]){ "speed" })),
            frame_column(&f, "dist")->number);
}

EX_MAIN("3.5",
    { "four tables of random rows", "eq:projection", random_rows },
    { "polynomials of degree 2 and 4", "eq:projection", curves },
    { "a constant model", "eq:projection", constant },
    { "fifty cars", "eq:residual-orthogonal", cars })
