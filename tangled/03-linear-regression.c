#define REAL double
/*
 * Linear regression: a line, a plane, a polynomial.  Downhill, chapter 3.
 *
 * cc -O3 -march=native tangled/03-linear-regression.c -lgsl -lopenblas \
 *    -lm -o linear
 */
#include "report.h"
#include "linear.h"
#include "data/cars.h"

/* m start-ups: X (m,3) = [1 x1 x2], y = 2 x1 + 3 x2 + 2.6, in float. */
static void startups(size_t m, tensor *X, tensor *y)
{
    *X = tensor_ones(&memory, SHAPE(m, 3));
    *y = tensor_empty(&memory, SHAPE(m));
    for (size_t i = 0; i < m; i++) {
        const float x1 = (float)random_uniform(rng);
        const float x2 = (float)random_uniform(rng);
        AT(*X, i, 1) = x1, AT(*X, i, 2) = x2;
        AT(*y, i) = 2.0f * x1 + 3.0f * x2 + 2.6f;
    }
}

/* The path of a descent from theta = (start, 0, ..., 0). */
static tensor descend(tensor X, tensor y, double start, double rate,
                      size_t steps)
{
    tensor path = tensor_zeros(&memory, SHAPE(steps + 1, X.shape[1]));
    AT(path, 0, 0) = start;
    linear_descend(&memory, X, y, rate, 0, path);
    return path;
}

/* The loss at theta. */
static double loss(tensor X, tensor y, tensor theta)
{
    return linear_loss(X, y, theta, 0, tensor_clone(&memory, y));
}

/* A row for each hundredth of the paths, a column for each of them. */
static void print_losses(struct table t, tensor X, tensor y, double least,
                         const tensor path[])
{
    double now[COLUMNS_MAX] = { 0 }, rises[COLUMNS_MAX] = { 0 };
    for (size_t k = 0; k <= 100; k++, now[0]++) {
        for (size_t j = 1; j < t.columns; j++) {
            const tensor p = path[j - 1];
            const double last = now[j];
            now[j] = above(loss(X, y, row(p, p.shape[0] / 100 * k)), least);
            rises[j] += k > 0 && now[j] > last;
        }
        t.hidden = k == 0 || 100 % k > 0;
        table_row(&t, NULL, t.columns, now);
    }
    table_end(&t);
    printf("rises");
    for (size_t j = 1; j < t.columns; j++)
        printf(" %*.0f", t.column[j].width, rises[j]);
    printf("\n");
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
    double now[] = { 0, 2.5, 2.5, 2.5, 2.5, 2.5 };      /* k, x_k */
    printf("f(2.5) = %g, f'(2.5) = %g, f(2) = %g, f(0) = %g\n",
           parabola(2.5), parabola_slope(2.5), parabola(2), parabola(0));
    struct table t = table_new("parabola", "k %4.0f|0.1 %9.4f|0.5 %9.4f|"
                               "0.9 %9.4f|1.0 %9.4f|1.1 %9.4f");
    for (; now[0] <= 10; now[0]++) {
        table_row(&t, NULL, 6, now);
        for (size_t j = 0; j < 5; j++)
            now[j + 1] -= rate[j] * parabola_slope(now[j + 1]);
    }
    table_end(&t);
}

static void show_startups(void)
{
    tensor X, y, theta = vector(3);
    startups(10, &X, &y);
    struct table t = table_new(NULL, "x1 %10.7f|x2 %10.7f|y %10.6f");
    for (size_t i = 0; i < 10; i++)
        ROW(&t, NULL, AT(X, i, 1), AT(X, i, 2), AT(y, i));
    const tensor path = descend(X, y, 0, 0.5, 1000);
    linear_solve_qr(&memory, X, y, theta);
    printf("\n%-12s %8s %8s %8s\n", "", "b", "w1", "w2");
    print_vector("10 steps", row(path, 10));
    print_vector("100 steps", row(path, 100));
    print_vector("1000 steps", row(path, 1000));
    print_vector("solved", theta);
    printf("prediction at (4, 5): %.4f\n",
           AT(theta, 0) + 4 * AT(theta, 1) + 5 * AT(theta, 2));
}

static void show_rates(void)
{
    static const double part[] = { 0.1, 0.5, 0.9, 0.99, 1.01, 1.1 };
    tensor X, y, path[6];
    startups(10, &X, &y);
    const tensor lambda = linear_curvature(&memory, X);
    const double low = AT(lambda, 0), high = AT(lambda, 2);
    print_vector("eigenvalues", lambda);
    printf("condition    %8.2f\n", high / low);
    printf("bound 2/max  %8.4f\n", 2 / high);
    printf("best rate    %8.4f, which multiplies the error by %.4f\n\n",
           2 / (low + high), (high - low) / (high + low));
    for (size_t j = 0; j < 6; j++)
        path[j] = descend(X, y, 0, part[j] * 2 / high, 100);
    print_losses(table_new("rates", "step %5.0f|0.10 %9.4g|0.50 %9.4g|"
                           "0.90 %9.4g|0.99 %9.4g|1.01 %9.4g|1.10 %9.4g"),
                 X, y, 0, path);
}

static void show_batches(void)
{
    static const size_t size[] = { 50, 8, 1 };
    const struct frame f = frame_open(NULL, EMBEDDED(cars));
    const tensor P = frame_matrix(&memory, &f, 2,
                                  (const char *const[]){ "speed", "dist" });
    const tensor x = tensor_slice(P, 1, 0, 1, 1);
    const tensor y = tensor_select(P, 1, 1);
    const struct scaling s = scaling_fit(&memory, x);
    tensor X = with_ones(&memory, scaling_apply(&memory, &s, x)), path[3];
    const tensor theta = vector(2);
    linear_solve_qr(&memory, X, y, theta);
    const double least = loss(X, y, theta);
    for (size_t j = 0; j < 3; j++) {
        const size_t steps = 100 * batches(50, size[j]);
        path[j] = tensor_zeros(&memory, SHAPE(steps + 1, 2));
        linear_descend_batches(&memory, rng, X, y, size[j], 0.1, path[j]);
    }
    printf("least loss %.4f; the loss above it after epochs of %zu, %zu "
           "and %zu steps\n", least, batches(50, size[0]),
           batches(50, size[1]), batches(50, size[2]));
    print_losses(table_new("batches", "epoch %5.0f|50 %9.4f|8 %9.4f|"
                           "1 %9.4f"), X, y, least, path);
    write_points("cars", P);
    write_points("path", path[0]);
    write_points("path-rows", path[2]);
    const tensor unit = tensor_scalar(&memory, 10);
    X = with_ones(&memory, tensor_div(&memory, x, unit));
    const double high = AT(linear_curvature(&memory, X), 1);
    write_points("path-raw", descend(X, y, 40, 1.9 / high, 60));
}

/* X with one more column: twice column 1, and a bit of a pattern. */
static tensor with_twice(tensor X, double bit)
{
    tensor more = tensor_empty(&memory, SHAPE(X.shape[0], 1));
    for (size_t i = 0; i < X.shape[0]; i++)
        AT(more, i, 0) = 2 * AT(X, i, 1) + (i % 3 ? -0.4 * bit : bit);
    return tensor_cat(&memory, X, more, 1);
}

static void solve_all(const char *title, tensor X, tensor y, double ridge)
{
    const size_t n = X.shape[1];
    const tensor theta = vector(n), s = vector(n), none = { 0 };
    const size_t rank = linear_solve_svd(&memory, X, y, 1e-12, theta, s);
    printf("%s\n", title);
    print_vector("singular", s);
    printf("rank %zu of %zu\n", rank, n);
    print_vector("SVD", theta);
    print_vector("QR",
        linear_solve_qr(&memory, X, y, theta) ? theta : none);
    print_vector(ridge > 0 ? "ridge" : "Cholesky",
        linear_solve_cholesky(&memory, X, y, ridge, theta) ? theta : none);
}

/* Disturb A, solve A theta = b: how far is theta from (1, 1, 1, 1)? */
static double disturbed(tensor A, tensor b)
{
    const tensor theta = vector(4), one = tensor_ones(&memory, SHAPE(4));
    const tensor factor = tensor_uniform(&memory, rng, 1 - 6e-8, 1 + 6e-8,
                                         A.rank, A.shape);
    linear_solve_qr(&memory, tensor_mul(&memory, A, factor), b, theta);
    const tensor off = tensor_sub(&memory, theta, one);
    return sqrt(linear_dot(off, off));
}

/* Condition and errors, as decimal logarithms of two digits. */
static void write_condition(tensor X)
{
    const tensor s = vector(4), b = vector(4);
    struct table t = table_hidden("condition", "kappa %g|qr %g|normal %g");
    for (double bit = 1; bit > 1e-8; bit /= 2) {
        const tensor Z = with_twice(X, bit), Zt = tensor_transpose(Z);
        const tensor y = tensor_sum(&memory, Z, 1);
        linear_solve_svd(&memory, Z, y, 0, b, s);
        linear_predict(Zt, y, b);
        double now[] = { AT(s, 0) / AT(s, 3), disturbed(Z, y),
                         disturbed(tensor_matmul(&memory, Zt, Z), b) };
        for (size_t j = 0; j < 3; j++)
            now[j] = round(100 * log10(now[j])) / 100;
        table_row(&t, NULL, 3, now);
    }
    table_end(&t);
}

static void show_solvers(void)
{
    tensor X, y;
    startups(10, &X, &y);
    const tensor Z = with_twice(X, 0);
    solve_all("columns 1, x1, x2", X, y, 0);
    solve_all("\ncolumns 1, x1, x2, 2 x1", Z, y, 0);
    solve_all("\nthe same with ridge 0.000001", Z, y, 1e-6);
    write_condition(X);
}

static void show_projection(void)
{
    const tensor x = tensor_from(&memory, VALUES(0.4, 1.1, 2.3), SHAPE(3));
    const tensor y = tensor_from(&memory, VALUES(1.9, 0.6, 2.7), SHAPE(3));
    const tensor X = polynomial(&memory, x, 1), P = linear_hat(&memory, X);
    const tensor Py = vector(3), dots = vector(2);
    linear_predict(P, y, Py);
    const tensor r = tensor_sub(&memory, y, Py);
    linear_predict(tensor_transpose(X), r, dots);
    tensor_print(stdout, "X", X);
    tensor_print(stdout, "P", P);
    struct table t = table_new("projection", "sample %-12s|1 %8.4f|2 %8.4f|"
                               "3 %8.4f");
    ROW(&t, "1", 1, 1, 1);
    table_row(&t, "x", 3, x.data);
    table_row(&t, "y", 3, y.data);
    table_row(&t, "P y", 3, Py.data);
    table_row(&t, "y - P y", 3, r.data);
    table_end(&t);
    print_vector("X^T(y-Py)", dots);
}

static void show_cars(void)
{
    const char *file = option.data != NULL ? option.data : "cars.csv";
    const char *target = option.target != NULL ? option.target : "dist";
    const struct frame f = frame_open(option.data, EMBEDDED(cars));
    const char **name = arena_take(&memory, f.columns, sizeof *name);
    struct error e;
    if (!frame_needs(&f, 1, &target, file, &e))
        give_up(&e);
    const size_t n = frame_numbers(&f, target, name), m = f.rows;
    const tensor X = with_ones(&memory, frame_matrix(&memory, &f, n, name));
    const tensor y = frame_column(&f, target)->number;
    const tensor theta = vector(n + 1), error = vector(n + 1);
    if (m <= n + 1 || !linear_solve_qr(&memory, X, y, theta))
        give_up_on(file, "the columns depend on each other, or there are "
                   "too few rows");
    const double s = linear_errors(&memory, X, y, theta, error);
    const double freedom = (double)(m - n - 1);
    print_estimates(theta, error, freedom, name);
    const double spread = tensor_item(tensor_std(&memory, y, 0));
    printf("residual standard error %.4g on %g degrees of freedom\n", s,
           freedom);
    printf("R^2 = %.4f\n", 1 - s * s * freedom
           / (spread * spread * (double)(m - 1)));
}

static const size_t degree[] = { 1, 2, 9 };

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
    for (size_t k = 0; k < 3; k++) {
        const size_t d = degree[k];
        const tensor X = polynomial(&memory, x, d);
        const tensor theta = vector(d + 1), s = vector(d + 1);
        linear_solve_svd(&memory, X, y, 0, theta, s);
        printf("degree %zu: sum of squares %.8f, condition %.3g\n", d,
               20 * loss(X, y, theta), AT(s, 0) / AT(s, d));
        for (size_t j = 0; j <= d; j++)
            printf("  x^%zu %11.8f%s", j, tidy(AT(theta, j)),
                   j % 4 == 3 || j == d ? "\n" : "");
    }
}

/* 24 points (x, y) spread over [-0.5, 0.5), half of them to train on. */
static struct split noisy_points(void)
{
    const tensor P = tensor_empty(&memory, SHAPE(24, 2));
    for (size_t i = 0; i < 24; i++) {
        AT(P, i, 0) = ((double)i + random_uniform(rng)) / 24 - 0.5;
        AT(P, i, 1) = quadratic(AT(P, i, 0)) + gsl_ran_gaussian(rng, 0.3);
    }
    return rows_split(&memory, rng, P, tensor_select(P, 1, 1), 0.5);
}

/* Least squares for the training points, with ridge: 10 parameters. */
static tensor fit_curve(const struct split *p, size_t d, double ridge)
{
    const tensor x = tensor_select(p->X_train, 1, 0), theta = vector(10);
    const tensor X = polynomial(&memory, x, d);
    const tensor low = tensor_rows(theta, 0, d + 1);
    const bool solved = ridge > 0
        ? linear_solve_cholesky(&memory, X, p->y_train, ridge, low)
        : linear_solve_qr(&memory, X, p->y_train, low);
    REQUIRE(solved, "a polynomial of degree %zu through equal points", d);
    return theta;
}

/* The root mean square error of a polynomial at points (m,2). */
static double curve_error(tensor theta, tensor P)
{
    const tensor x = tensor_select(P, 1, 0), y = tensor_select(P, 1, 1);
    return sqrt(2 * loss(polynomial(&memory, x, 9), y, theta));
}

static void show_overfit(void)
{
    const struct split p = noisy_points();
    const tensor x = tensor_uniform(&memory, rng, 0.5, 0.75, SHAPE(20, 1));
    const tensor out = tensor_cat(&memory, x, tensor_map(&memory, x,
                                                         quadratic), 1);
    tensor theta[3];
    printf("root mean square error, noise of deviation 0.3\n");
    struct table t = table_new(NULL, "degree %6.0f|12 training %12.4f|"
                               "12 test %8.4g|20 outside %11.4g|"
                               "largest theta %14.4g");
    for (size_t k = 0; k < 3; k++) {
        theta[k] = fit_curve(&p, degree[k], 0);
        const tensor size = tensor_map(&memory, theta[k], fabs);
        ROW(&t, NULL, (double)degree[k], curve_error(theta[k], p.X_train),
            curve_error(theta[k], p.X_test), curve_error(theta[k], out),
            tensor_item(tensor_max(&memory, size, 0)));
    }
    write_points("training", p.X_train);
    write_points("test", p.X_test);
    t = table_hidden("curves", "t0 %g|t1 %g|t2 %g|t3 %g|t4 %g|t5 %g|t6 %g|"
                     "t7 %g|t8 %g|t9 %g");
    for (size_t k = 0; k < 3; k++)
        table_row(&t, NULL, 10, theta[k].data);
    table_end(&t);
}

static void show_ridge(void)
{
    static const double ridge[] = { 0, 1e-6, 1e-4, 1e-2, 1 };
    const struct split p = noisy_points();
    printf("degree 9\n");
    struct table t = table_new(NULL, "ridge %7g|12 training %12.4f|"
                               "12 test %8.4g|length of theta_1..9 %21.4g");
    for (size_t k = 0; k < 5; k++) {
        const tensor theta = fit_curve(&p, 9, ridge[k]);
        ROW(&t, NULL, ridge[k], curve_error(theta, p.X_train),
            curve_error(theta, p.X_test),
            sqrt(2 * linear_penalty(theta, 1)));
    }
}

static void show_sum(void)
{
    struct table t = table_new(NULL, "rows %4.0f|bound for the sum %18.4f|"
                               "sum at 0.01 %12.3g|mean at 0.2 %12.3g");
    for (double m = 10; m <= 320; m *= 2) {
        tensor X, y;
        startups((size_t)m, &X, &y);
        const tensor lambda = linear_curvature(&memory, X);
        const tensor sum = descend(X, y, 0, 2 * m * 0.01, 200);
        const tensor mean = descend(X, y, 0, 0.2, 200);
        ROW(&t, NULL, m, 1 / (m * AT(lambda, 2)),
            loss(X, y, row(sum, 200)), loss(X, y, row(mean, 200)));
    }
}

static void show_unfinished(void)
{
    tensor x, y, exact = vector(10), s = vector(10);
    curve_points(&x, &y);
    const tensor X = polynomial(&memory, x, 9);
    const tensor path = descend(X, y, 0, 0.2, 80000); /* 0.01: the sum's */
    linear_solve_svd(&memory, X, y, 0, exact, s);
    struct table t = table_new(NULL, "power of x %10.0f|8000 steps %11.4f|"
                               "80000 steps %12.4f|solved %8.4f");
    for (size_t j = 0; j < 10; j++)
        ROW(&t, NULL, (double)j, tidy(AT(path, 8000, j)),
            tidy(AT(path, 80000, j)), tidy(AT(exact, j)));
    const double kappa = AT(s, 0) / AT(s, 9);
    printf("condition of X %.2g, of the Hessian %.2g\n", kappa,
           kappa * kappa);
}

static const struct part parts[] = {
    { "parabola", show_parabola, "descent on one parabola", NULL },
    { "startups", show_startups, "ten rows, three parameters", "seed" },
    { "rates", show_rates, "rates below and above the bound", "seed" },
    { "batches", show_batches, "all rows, some rows, single rows", "seed" },
    { "solvers", show_solvers, "Cholesky, QR, singular values", "seed" },
    { "projection", show_projection, "the shadow of y on a plane", NULL },
    { "cars", show_cars, "a line and its errors", "data target" },
    { "polynomials", show_polynomials, "three degrees, no noise", "seed" },
    { "overfit", show_overfit, "three degrees on noisy points", "seed" },
    { "ridge", show_ridge, "degree 9 with its parameters shrunk", "seed" },
    { "sum", show_sum, "a fault: the sum in place of the mean", "seed" },
    { "unfinished", show_unfinished, "a fault: stopped early", "seed" },
    { 0 }
};

int main(int argc, char **argv)
{
    option.seed = 100;
    return program_run(argc, argv, "03-linear-regression",
        "Linear regression: a line, a plane, a polynomial.", parts, NULL);
}
