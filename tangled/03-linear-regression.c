#define REAL double
/*
 * Linear regression: a line, a plane, a polynomial.  Downhill, chapter 3.
 *
 * cc -O3 -march=native tangled/03-linear-regression.c -lgsl -lopenblas \
 *    -lm -o linear
 */
#include <gsl/gsl_cdf.h>

#include "program.h"
#include "linear.h"
#include "data/cars.h"

static struct arena memory;
static gsl_rng *rng;
static size_t seed = 100;
static const char *data_file;           /* NULL: the cars */
static const char *target = "dist";

enum { DEGREES = 3, POINTS = 24 };
#define NOISE 0.3
static const size_t degree[DEGREES] = { 1, 2, 9 };

/* x, or 0 where it would print as -0.0000. */
static double tidy(double x)
{
    return fabs(x) < 5e-5 ? 0 : x;
}

/* Root of the mean square of X theta - y. */
static double rmse(tensor X, tensor y, tensor theta)
{
    tensor r = tensor_empty(&memory, y.rank, y.shape);
    return sqrt(2 * linear_loss(X, y, theta, 0, r));
}

static void print_vector(const char *name, tensor v)
{
    printf("%-12s", name);
    for (size_t j = 0; j < v.shape[0]; j++)
        printf(" %8.4f", tidy((double)AT(v, j)));
    printf("\n");
}

/* m start-ups: X (m,3) = [1 x1 x2], y = 2 x1 + 3 x2 + 2.6, in float. */
static void startups(size_t m, tensor *X, tensor *y)
{
    tensor x = tensor_empty(&memory, SHAPE(m, 2));
    *y = tensor_empty(&memory, SHAPE(m));
    for (size_t i = 0; i < m; i++) {
        const float x1 = (float)random_uniform(rng);
        const float x2 = (float)random_uniform(rng);
        const float sum = 2.0f * x1 + 3.0f * x2;
        AT(x, i, 0) = x1, AT(x, i, 1) = x2;
        AT(*y, i) = sum + 2.6f;
    }
    *X = with_ones(&memory, x);
}

/* The cars: x = speed in mph, y = stopping distance in feet. */
static void cars(tensor *X, tensor *y)
{
    struct frame f;
    struct error e;
    if (!csv_lines(&f, &memory, cars_csv, cars_csv_lines, "cars.csv", &e))
        give_up(&e);
    *X = frame_matrix(&memory, &f, 1, (const char *const[]){ "speed" });
    *y = frame_column(&f, "dist")->number;
}

static double parabola(double x)
{
    return (x - 1.5) * (x - 1.5);
}

static double parabola_slope(double x)
{
    return 2 * (x - 1.5);
}

static void show_parabola(void)
{
    static const double rate[] = { 0.1, 0.5, 0.9, 1.0, 1.1 };
    double x[] = { 2.5, 2.5, 2.5, 2.5, 2.5 };
    printf("f(2.5) = %g, f'(2.5) = %g, f(2) = %g, f(0) = %g\n",
           parabola(2.5), parabola_slope(2.5), parabola(2), parabola(0));
    printf("rate ");
    for (size_t j = 0; j < 5; j++)
        printf(" %9.1f", rate[j]);
    for (size_t k = 0; k <= 10; k++) {
        printf("\nx_%-3zu", k);
        for (size_t j = 0; j < 5; j++) {
            printf(" %9.4f", x[j]);
            x[j] -= rate[j] * parabola_slope(x[j]);
        }
    }
    printf("\n");
}

static void show_startups(void)
{
    tensor X, y, theta = tensor_empty(&memory, SHAPE(3));
    startups(10, &X, &y);
    printf("       x1         x2          y\n");
    for (size_t i = 0; i < 10; i++)
        printf("%10.7f %10.7f %10.6f\n", AT(X, i, 1), AT(X, i, 2),
               AT(y, i));

    const size_t steps = 1000;
    tensor path = tensor_zeros(&memory, SHAPE(steps + 1, 3));
    linear_descend(&memory, X, y, 0.5, 0, path);
    linear_solve_qr(&memory, X, y, theta);
    printf("\n%-12s %8s %8s %8s\n", "", "b", "w1", "w2");
    print_vector("10 steps", tensor_select(path, 0, 10));
    print_vector("100 steps", tensor_select(path, 0, 100));
    print_vector("1000 steps", tensor_select(path, 0, 1000));
    print_vector("solved", theta);
    printf("prediction at (4, 5): %.4f\n",
           AT(theta, 0) + 4 * AT(theta, 1) + 5 * AT(theta, 2));
}

/* How many steps of the path make the loss rise, of the first n. */
static size_t rises(tensor X, tensor y, tensor path, size_t n)
{
    size_t count = 0;
    double last = INFINITY;
    tensor r = tensor_empty(&memory, y.rank, y.shape);
    for (size_t k = 0; k <= n; k++) {
        tensor theta = tensor_select(path, 0, (ptrdiff_t)k);
        const double loss = linear_loss(X, y, theta, 0, r);
        count += loss > last;
        last = loss;
    }
    return count;
}

static double loss_at(tensor X, tensor y, tensor path, size_t k)
{
    tensor r = tensor_empty(&memory, y.rank, y.shape);
    return linear_loss(X, y, tensor_select(path, 0, (ptrdiff_t)k), 0, r);
}

static void show_rates(void)
{
    static const double part[] = { 0.1, 0.5, 0.9, 0.99, 1.01, 1.1 };
    tensor X, y;
    startups(10, &X, &y);
    const tensor lambda = linear_curvature(&memory, X);
    const double low = AT(lambda, 0), high = AT(lambda, 2);
    print_vector("eigenvalues", lambda);
    printf("condition    %8.2f\n", high / low);
    printf("bound 2/max  %8.4f\n", 2 / high);
    printf("best rate    %8.4f, which multiplies the error by %.4f\n\n",
           2 / (low + high), (high - low) / (high + low));
    printf("rate / bound  loss after 1         10        100   rises\n");
    for (size_t j = 0; j < 6; j++) {
        tensor path = tensor_zeros(&memory, SHAPE(101, 3));
        linear_descend(&memory, X, y, part[j] * 2 / high, 0, path);
        printf("%12.2f  %12.4g %10.4g %10.4g  %6zu\n", part[j],
               loss_at(X, y, path, 1), loss_at(X, y, path, 10),
               loss_at(X, y, path, 100), rises(X, y, path, 100));
    }
}

/* Descend for `epochs` on batches of `size` cars; the path, row by row. */
static tensor descend_cars(tensor X, tensor y, size_t size, size_t epochs)
{
    const size_t steps = epochs * batches(X.shape[0], size);
    tensor path = tensor_zeros(&memory, SHAPE(steps + 1, X.shape[1]));
    linear_descend_batches(&memory, rng, X, y, size, 0.1, path);
    return path;
}

/* The cars with their speed standardised. */
static void cars_scaled(tensor *X, tensor *y, struct scaling *s)
{
    cars(X, y);
    *s = scaling_fit(&memory, *X);
    *X = with_ones(&memory, scaling_apply(&memory, s, *X));
}

static void show_batches(void)
{
    static const size_t size[] = { 50, 8, 1 }, at[] = { 1, 2, 5, 20, 100 };
    struct scaling s;
    tensor X, y, theta = tensor_empty(&memory, SHAPE(2));
    tensor r = tensor_empty(&memory, SHAPE(50));
    cars_scaled(&X, &y, &s);
    linear_solve_qr(&memory, X, y, theta);
    const double least = linear_loss(X, y, theta, 0, r);
    printf("least loss %.4f; the loss above it after epochs\n", least);
    printf("batch  steps/epoch         1         2         5        20"
           "       100\n");
    for (size_t j = 0; j < 3; j++) {
        const size_t per = batches(50, size[j]);
        tensor path = descend_cars(X, y, size[j], 100);
        printf("%5zu %12zu", size[j], per);
        for (size_t k = 0; k < 5; k++)
            printf(" %9.4f", loss_at(X, y, path, at[k] * per) - least);
        printf("\n");
    }
}

/* X (m,n) with one more column: `factor` times column j. */
static tensor with_multiple(tensor X, size_t j, double factor)
{
    tensor column = tensor_slice(X, 1, (ptrdiff_t)j, (ptrdiff_t)j + 1, 1);
    tensor scale = tensor_scalar(&memory, (real)factor);
    return tensor_cat(&memory, X, tensor_mul(&memory, column, scale), 1);
}

static void solve_all(tensor X, tensor y, double ridge)
{
    const size_t n = X.shape[1];
    tensor theta = tensor_empty(&memory, SHAPE(n));
    tensor s = tensor_empty(&memory, SHAPE(n));
    const size_t rank = linear_solve_svd(&memory, X, y, 1e-12, theta, s);
    print_vector("singular", s);
    printf("rank %zu of %zu\n", rank, n);
    print_vector("SVD", theta);
    if (linear_solve_qr(&memory, X, y, theta))
        print_vector("QR", theta);
    else
        printf("QR           columns depend on each other\n");
    if (linear_solve_cholesky(&memory, X, y, ridge, theta))
        print_vector(ridge > 0 ? "ridge" : "Cholesky", theta);
    else
        printf("Cholesky     columns depend on each other\n");
}

static void show_solvers(void)
{
    tensor X, y;
    startups(10, &X, &y);
    printf("columns 1, x1, x2\n");
    solve_all(X, y, 0);
    X = with_multiple(X, 1, 2);
    printf("\ncolumns 1, x1, x2, 2 x1\n");
    solve_all(X, y, 0);
    printf("\nthe same with ridge 0.000001\n");
    solve_all(X, y, 1e-6);
}

/* Three samples of a line: X (3,2), y (3). */
static void three_points(tensor *X, tensor *y)
{
    *X = with_ones(&memory, tensor_from(&memory, VALUES(0.4, 1.1, 2.3),
                                        SHAPE(3, 1)));
    *y = tensor_from(&memory, VALUES(1.9, 0.6, 2.7), SHAPE(3));
}

static void show_projection(void)
{
    tensor X, y, fit = tensor_empty(&memory, SHAPE(3));
    tensor dots = tensor_empty(&memory, SHAPE(2));
    three_points(&X, &y);
    const tensor P = linear_hat(&memory, X);
    linear_predict(P, y, fit);
    const tensor r = tensor_sub(&memory, y, fit);
    linear_predict(tensor_transpose(X), r, dots);
    tensor_print(stdout, "X", X);
    tensor_print(stdout, "P", P);
    print_vector("y", y);
    print_vector("P y", fit);
    print_vector("y - P y", r);
    print_vector("X^T(y-Py)", dots);
}

/* The columns of numbers other than the target; how many. */
static size_t explaining(const struct frame *f, const char *names[])
{
    size_t n = 0;
    for (size_t j = 0; j < f->columns; j++)
        if (f->column[j].is_number
            && strcmp(f->column[j].name, target) != 0)
            names[n++] = f->column[j].name;
    return n;
}

/* The table that was asked for; a fault in it ends the program. */
static struct frame read_table(void)
{
    struct frame f;
    struct error e;
    const bool ok = data_file == NULL
        ? csv_lines(&f, &memory, cars_csv, cars_csv_lines, "cars.csv", &e)
        : csv_file(&f, &memory, data_file, &e);
    if (!ok || !frame_needs(&f, 1, &target,
                            data_file ? data_file : "cars.csv", &e))
        give_up(&e);
    return f;
}

/* One line for each parameter: Student's t and its two-sided p. */
static void print_errors(size_t n, const char *const names[], tensor theta,
                         tensor error, double freedom)
{
    printf("%-14s %10s %10s %8s %10s\n", "", "estimate", "std.error", "t",
           "p");
    for (size_t j = 0; j <= n; j++) {
        const double t = AT(theta, j) / AT(error, j);
        printf("%-14.14s %10.4f %10.4f %8.3f %10.3g\n",
               j == 0 ? "(intercept)" : names[j - 1], AT(theta, j),
               AT(error, j), t, 2 * gsl_cdf_tdist_Q(fabs(t), freedom));
    }
}

static void show_cars(void)
{
    const struct frame f = read_table();
    const char **names = arena_take(&memory, f.columns, sizeof *names);
    const size_t n = explaining(&f, names), m = f.rows;
    const tensor X = with_ones(&memory,
                               frame_matrix(&memory, &f, n, names));
    const tensor y = frame_column(&f, target)->number;
    tensor theta = tensor_empty(&memory, SHAPE(n + 1));
    tensor error = tensor_empty(&memory, SHAPE(n + 1));
    if (m <= n + 1 || !linear_solve_qr(&memory, X, y, theta)) {
        struct error e;
        fail(&e, data_file ? data_file : "cars.csv", 0, 0, "the columns "
             "depend on each other, or there are too few rows");
        give_up(&e);
    }
    const double s = linear_errors(&memory, X, y, theta, error);
    print_errors(n, names, theta, error, (double)(m - n - 1));
    const double spread = tensor_item(tensor_std(&memory, y, 0));
    printf("residual standard error %.4g on %zu degrees of freedom\n", s,
           m - n - 1);
    printf("R^2 = %.4f\n", 1 - s * s * (double)(m - n - 1)
           / (spread * spread * (double)(m - 1)));
}

static double quadratic(double x)
{
    return (x + 0.5) * (8 * x - 1);
}

/* Ten points without noise: x uniform in [-0.5, 0.5). */
static void curve_points(tensor *x, tensor *y)
{
    *x = tensor_uniform(&memory, rng, -0.5, 0.5, SHAPE(10));
    *y = tensor_map(&memory, *x, quadratic);
}

static void show_polynomials(void)
{
    tensor x, y;
    curve_points(&x, &y);
    for (size_t d = 0; d < DEGREES; d++) {
        const tensor X = polynomial(&memory, x, degree[d]);
        tensor theta = tensor_empty(&memory, SHAPE(degree[d] + 1));
        tensor s = tensor_empty(&memory, SHAPE(degree[d] + 1));
        linear_solve_svd(&memory, X, y, 0, theta, s);
        const double e = rmse(X, y, theta);
        printf("degree %zu: sum of squares %.8f, condition %.3g\n",
               degree[d], 10 * e * e,
               AT(s, 0) / AT(s, degree[d]));
        for (size_t j = 0; j <= degree[d]; j++)
            printf("  x^%zu %11.8f%s", j, tidy(AT(theta, j)),
                   j % 4 == 3 || j == degree[d] ? "\n" : "");
    }
}

/* Points spread evenly over [-0.5, 0.5), half of them for training. */
static struct split noisy_points(void)
{
    tensor x = tensor_empty(&memory, SHAPE(POINTS));
    tensor y = tensor_empty(&memory, SHAPE(POINTS));
    for (size_t i = 0; i < POINTS; i++) {
        AT(x, i) = ((double)i + random_uniform(rng)) / POINTS - 0.5;
        AT(y, i) = quadratic(AT(x, i)) + gsl_ran_gaussian(rng, NOISE);
    }
    return rows_split(&memory, rng, x, y, 0.5);
}

/* Least squares of a degree, with ridge; the parameters. */
static tensor fit_degree(const struct split *p, size_t d, double ridge)
{
    tensor theta = tensor_empty(&memory, SHAPE(d + 1));
    const tensor X = polynomial(&memory, p->X_train, d);
    const bool solved = ridge > 0
        ? linear_solve_cholesky(&memory, X, p->y_train, ridge, theta)
        : linear_solve_qr(&memory, X, p->y_train, theta);
    REQUIRE(solved, "a polynomial of degree %zu through equal points", d);
    return theta;
}

/* The error of a polynomial at the points (x, y). */
static double curve_error(tensor theta, tensor x, tensor y)
{
    return rmse(polynomial(&memory, x, theta.shape[0] - 1), y, theta);
}

static void show_overfit(void)
{
    const struct split p = noisy_points();
    tensor x = tensor_uniform(&memory, rng, 0.5, 0.75, SHAPE(20));
    tensor y = tensor_map(&memory, x, quadratic);
    printf("root mean square error, noise of deviation %g\n", NOISE);
    printf("degree  12 training  12 test  20 outside  largest theta\n");
    for (size_t d = 0; d < DEGREES; d++) {
        const tensor theta = fit_degree(&p, degree[d], 0);
        double most = 0;
        for (size_t j = 0; j <= degree[d]; j++)
            most = fmax(most, fabs(AT(theta, j)));
        printf("%6zu  %11.4f  %7.4g  %10.4g  %13.4g\n", degree[d],
               curve_error(theta, p.X_train, p.y_train),
               curve_error(theta, p.X_test, p.y_test),
               curve_error(theta, x, y), most);
    }
}

static void show_ridge(void)
{
    static const double ridge[] = { 0, 1e-6, 1e-4, 1e-2, 1 };
    const struct split p = noisy_points();
    printf("degree 9\n");
    printf("  ridge  12 training  12 test  length of theta_1..9\n");
    for (size_t k = 0; k < 5; k++) {
        const tensor theta = fit_degree(&p, 9, ridge[k]);
        double squares = 0;
        for (size_t j = 1; j <= 9; j++)
            squares += AT(theta, j) * AT(theta, j);
        printf("%7g  %11.4f  %7.4g  %20.4g\n", ridge[k],
               curve_error(theta, p.X_train, p.y_train),
               curve_error(theta, p.X_test, p.y_test), sqrt(squares));
    }
}

/* The loss after 200 steps from zero. */
static double loss_after(tensor X, tensor y, double rate)
{
    tensor path = tensor_zeros(&memory, SHAPE(201, 3));
    linear_descend(&memory, X, y, rate, 0, path);
    return loss_at(X, y, path, 200);
}

static void show_sum(void)
{
    static const size_t rows[] = { 10, 20, 40, 80, 160, 320 };
    printf("rows  bound for the sum  sum at 0.01  mean at 0.2\n");
    for (size_t k = 0; k < 6; k++) {
        tensor X, y;
        startups(rows[k], &X, &y);
        const tensor lambda = linear_curvature(&memory, X);
        const double m = (double)rows[k];
        printf("%4zu  %17.4f  %11.3g  %11.3g\n", rows[k],
               1 / (m * AT(lambda, 2)), loss_after(X, y, 2 * m * 0.01),
               loss_after(X, y, 0.2));
    }
}

static void show_unfinished(void)
{
    tensor x, y, exact = tensor_empty(&memory, SHAPE(10));
    tensor s = tensor_empty(&memory, SHAPE(10));
    curve_points(&x, &y);
    const tensor X = polynomial(&memory, x, 9);
    tensor path = tensor_zeros(&memory, SHAPE(80001, 10));
    linear_descend(&memory, X, y, 0.2, 0, path);    /* 0.01 for the sum */
    linear_solve_svd(&memory, X, y, 0, exact, s);
    const double kappa = AT(s, 0) / AT(s, 9);
    printf("       8000 steps  80000 steps    solved\n");
    for (size_t j = 0; j < 10; j++)
        printf("x^%zu  %11.4f  %11.4f  %8.4f\n", j,
               tidy(AT(path, 8000, j)), tidy(AT(path, 80000, j)),
               tidy(AT(exact, j)));
    printf("condition of X %.2g, of the Hessian %.2g\n", kappa,
           kappa * kappa);
}

static void table_parabola(void)
{
    static const double rate[] = { 0.1, 0.9, 1.1 };
    double x[] = { 2.5, 2.5, 2.5 };
    struct table t = table_open("parabola", "k\tx1\tf1\tx2\tf2\tx3\tf3");
    for (size_t k = 0; k <= 6; k++) {
        fprintf(t.file, "%zu", k);
        for (size_t j = 0; j < 3; j++) {
            fprintf(t.file, "\t%.6f\t%.6f", x[j], parabola(x[j]));
            x[j] -= rate[j] * parabola_slope(x[j]);
        }
        fprintf(t.file, "\n");
    }
    table_close(&t);
}

/* The loss over a grid of two parameters, for contours. */
static void table_surface(const char *name, tensor X, tensor y,
                          const double low[2], const double high[2])
{
    enum { GRID = 80 };
    tensor theta = tensor_empty(&memory, SHAPE(2));
    tensor r = tensor_empty(&memory, y.rank, y.shape);
    struct table t = table_open(name, "theta0\ttheta1\tloss");
    for (int i = 0; i <= GRID; i++) {
        AT(theta, 0) = low[0] + (high[0] - low[0]) * i / GRID;
        for (int j = 0; j <= GRID; j++) {
            AT(theta, 1) = low[1] + (high[1] - low[1]) * j / GRID;
            fprintf(t.file, "%g\t%g\t%.6g\n", AT(theta, 0), AT(theta, 1),
                    linear_loss(X, y, theta, 0, r));
        }
        fprintf(t.file, "\n");
    }
    table_close(&t);
}

/* The steps of a path of two parameters. */
static void table_path(const char *name, tensor path)
{
    struct table t = table_open(name, "theta0\ttheta1");
    for (size_t k = 0; k < path.shape[0]; k++)
        fprintf(t.file, "%.6g\t%.6g\n", AT(path, k, 0), AT(path, k, 1));
    table_close(&t);
}

/* X (m,2) with its second column in units of ten miles an hour. */
static tensor tens(tensor X)
{
    const tensor unit = tensor_from(&memory, VALUES(1, 0.1), SHAPE(2));
    return tensor_mul(&memory, X, unit);
}

/* Descent on the cars: a narrow valley, a round bowl, single rows. */
static void table_paths(void)
{
    struct scaling s;
    tensor X, y, path = tensor_zeros(&memory, SHAPE(61, 2));
    cars(&X, &y);
    X = tens(with_ones(&memory, X));
    const tensor lambda = linear_curvature(&memory, X);
    AT(path, 0, 0) = 40;
    linear_descend(&memory, X, y, 1.9 / AT(lambda, 1), 0, path);
    table_path("path-raw", path);
    table_surface("surface-raw", X, y, (const double[]){ -40, 0 },
                  (const double[]){ 50, 60 });
    cars_scaled(&X, &y, &s);
    table_surface("surface", X, y, (const double[]){ -5, -10 },
                  (const double[]){ 65, 45 });
    path = tensor_zeros(&memory, SHAPE(31, 2));
    linear_descend(&memory, X, y, 0.3, 0, path);
    table_path("path", path);
    table_path("path-rows", descend_cars(X, y, 1, 4));
}

/* The loss by step, for rates above and below the bound. */
static void table_rates(void)
{
    static const double part[] = { 0.1, 0.5, 0.9, 0.99, 1.01, 1.1 };
    tensor X, y, path[6];
    startups(10, &X, &y);
    const tensor lambda = linear_curvature(&memory, X);
    const double high = AT(lambda, 2);
    for (size_t j = 0; j < 6; j++) {
        path[j] = tensor_zeros(&memory, SHAPE(101, 3));
        linear_descend(&memory, X, y, part[j] * 2 / high, 0, path[j]);
    }
    struct table t = table_open("rates",
                                "step\t0.1\t0.5\t0.9\t0.99\t1.01\t1.1");
    for (size_t k = 0; k <= 100; k++) {
        fprintf(t.file, "%zu", k);
        for (size_t j = 0; j < 6; j++)
            fprintf(t.file, "\t%.6g", loss_at(X, y, path[j], k));
        fprintf(t.file, "\n");
    }
    table_close(&t);
    value_write("startups.lambda_max", "%.4f", high);
    value_write("startups.lambda_min", "%.4f", AT(lambda, 0));
    value_write("startups.bound", "%.4f", 2 / high);
}

/* The loss above the least one by epoch, for three sizes of batches. */
static void table_batches(void)
{
    static const size_t size[] = { 50, 8, 1 };
    struct scaling s;
    tensor X, y, path[3], theta = tensor_empty(&memory, SHAPE(2));
    tensor r = tensor_empty(&memory, SHAPE(50));
    cars_scaled(&X, &y, &s);
    linear_solve_qr(&memory, X, y, theta);
    const double least = linear_loss(X, y, theta, 0, r);
    for (size_t j = 0; j < 3; j++)
        path[j] = descend_cars(X, y, size[j], 60);
    struct table t = table_open("batches", "epoch\t50\t8\t1");
    for (size_t k = 0; k <= 60; k++) {
        fprintf(t.file, "%zu", k);
        for (size_t j = 0; j < 3; j++)
            fprintf(t.file, "\t%.6g", loss_at(X, y, path[j], k
                    * batches(50, size[j])) - least);
        fprintf(t.file, "\n");
    }
    table_close(&t);
}

/* The largest error of theta against (2.6, 2, 3, 1); NaN if unsolved. */
static double solution_error(bool solved, tensor theta)
{
    static const double want[] = { 2.6, 2, 3, 1 };
    double most = 0;
    for (size_t j = 0; j < 4; j++)
        most = fmax(most, fabs(AT(theta, j) - want[j]));
    return solved ? most : NAN;
}

/* A fourth column that depends more and more on the second. */
static tensor nearly_dependent(tensor X, double distance)
{
    tensor Z = with_multiple(X, 1, 2);
    for (size_t i = 0; i < X.shape[0]; i++)
        AT(Z, i, 3) += distance * (i % 3 == 0 ? 1 : -0.4);
    return Z;
}

/* How the error grows with the condition number, for three solvers. */
static void table_condition(void)
{
    tensor X, unused;
    startups(10, &X, &unused);
    struct table t = table_open("condition", "kappa\tcholesky\tqr\tsvd");
    for (double distance = 1; distance > 1e-14; distance /= sqrt(10)) {
        tensor Z = nearly_dependent(X, distance);
        tensor y = tensor_empty(&memory, SHAPE(10));
        tensor theta = tensor_empty(&memory, SHAPE(4));
        tensor s = tensor_empty(&memory, SHAPE(4));
        linear_predict(Z, tensor_from(&memory, VALUES(2.6, 2, 3, 1),
                                      SHAPE(4)), y);
        const bool c = linear_solve_cholesky(&memory, Z, y, 0, theta);
        const double by_c = solution_error(c, theta);
        const bool q = linear_solve_qr(&memory, Z, y, theta);
        const double by_q = solution_error(q, theta);
        linear_solve_svd(&memory, Z, y, 0, theta, s);
        fprintf(t.file, "%.4g\t%.3g\t%.3g\t%.3g\n", AT(s, 0) / AT(s, 3),
                by_c, by_q, solution_error(true, theta));
    }
    table_close(&t);
}

/* The columns of X, y, and its shadow on their plane. */
static void table_projection(void)
{
    tensor X, y, fit = tensor_empty(&memory, SHAPE(3));
    tensor theta = tensor_empty(&memory, SHAPE(2));
    three_points(&X, &y);
    linear_solve_qr(&memory, X, y, theta);
    linear_predict(X, theta, fit);
    struct table t = table_open("projection", "x\ty\tz");
    const tensor row[] = { tensor_select(X, 1, 0), tensor_select(X, 1, 1),
                           y, fit };
    for (size_t k = 0; k < 4; k++)
        fprintf(t.file, "%.4f\t%.4f\t%.4f\n", AT(row[k], 0),
                AT(row[k], 1), AT(row[k], 2));
    table_close(&t);
}

/* The value of a polynomial at one place. */
static double curve_at(tensor theta, double x)
{
    double sum = 0;
    for (size_t j = theta.shape[0]; j-- > 0; )
        sum = sum * x + AT(theta, j);
    return sum;
}

static void table_points(const char *name, tensor x, tensor y)
{
    struct table t = table_open(name, "x\ty");
    for (size_t i = 0; i < x.shape[0]; i++)
        fprintf(t.file, "%.6f\t%.6f\n", AT(x, i), AT(y, i));
    table_close(&t);
}

/* Noisy points and the polynomials through them. */
static void table_curves(void)
{
    const struct split p = noisy_points();
    tensor theta[DEGREES + 1];
    for (size_t d = 0; d < DEGREES; d++)
        theta[d] = fit_degree(&p, degree[d], 0);
    theta[DEGREES] = fit_degree(&p, 9, 1e-4);
    table_points("training", p.X_train, p.y_train);
    table_points("test", p.X_test, p.y_test);
    struct table t = table_open("curves",
                                "x\ttrue\tone\ttwo\tnine\tridge");
    for (int i = -150; i <= 150; i++) {
        const double x = 0.005 * i;
        fprintf(t.file, "%.4f\t%.5f", x, quadratic(x));
        for (size_t d = 0; d <= DEGREES; d++)
            fprintf(t.file, "\t%.5g", curve_at(theta[d], x));
        fprintf(t.file, "\n");
    }
    table_close(&t);
}

/* The cars with their line. */
static void table_cars(void)
{
    tensor X, y, theta = tensor_empty(&memory, SHAPE(2));
    tensor error = tensor_empty(&memory, SHAPE(2));
    cars(&X, &y);
    table_points("cars", tensor_select(X, 1, 0), y);
    X = with_ones(&memory, X);
    linear_solve_qr(&memory, X, y, theta);
    const double s = linear_errors(&memory, X, y, theta, error);
    value_write("cars.intercept", "%.4f", AT(theta, 0));
    value_write("cars.slope", "%.4f", AT(theta, 1));
    value_write("cars.slope_error", "%.4f", AT(error, 1));
    value_write("cars.deviation", "%.3f", s);
}

/* Before each part and each table: the same numbers again. */
static void prepare(void)
{
    arena_reset(&memory);
    if (rng != NULL)
        gsl_rng_free(rng);
    rng = random_new(seed);
}

static void tables(void)
{
    static void (*const each[])(void) = {
        table_parabola, table_paths, table_rates, table_batches,
        table_condition, table_projection, table_curves, table_cars
    };
    for (size_t k = 0; k < sizeof each / sizeof each[0]; k++) {
        prepare();
        each[k]();
    }
}

static const struct setting settings[] = {
    { "seed", COUNT, &seed, 1, 4294967295, "of the random numbers" },
    { "data", TEXT, &data_file, 0, 0, "a CSV file for the part cars" },
    { "target", TEXT, &target, 0, 0, "the column to explain (dist)" },
    { 0 }
};

static const struct part parts[] = {
    { "parabola", show_parabola, "descent on one parabola" },
    { "startups", show_startups, "ten start-ups, three parameters" },
    { "rates", show_rates, "rates below and above the bound" },
    { "batches", show_batches, "all rows, some rows, single rows" },
    { "solvers", show_solvers, "Cholesky, QR and singular values" },
    { "projection", show_projection, "the shadow of y on a plane" },
    { "cars", show_cars, "stopping distance by speed, with errors" },
    { "polynomials", show_polynomials, "degree 1, 2, 9 without noise" },
    { "overfit", show_overfit, "degree 1, 2, 9 on noisy points" },
    { "ridge", show_ridge, "degree 9 with its parameters shrunk" },
    { "sum", show_sum, "a fault: the sum in place of the mean" },
    { "unfinished", show_unfinished, "a fault: a descent stopped early" },
    { 0 }
};

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "03-linear-regression",
        .purpose = "Linear regression: a line, a plane, a polynomial.",
        .settings = settings, .parts = parts, .tables = tables,
        .prepare = prepare
    };
    const int status = program_run(argc, argv, &program);
    gsl_rng_free(rng);
    arena_free(&memory);
    return status;
}
