#define REAL double
/*
 * Logistic regression and its family: yes or no, how many.
 * Downhill, chapter 4.
 *
 * cc -O3 -march=native tangled/04-logistic-regression.c -lgsl -lopenblas \
 *    -lm -o logistic
 */
#include <gsl/gsl_cdf.h>

#include "program.h"
#include "glm.h"
#include "data/cars.h"
#include "data/iris.h"
#include "data/warpbreaks.h"

static struct arena memory;
static const char *data_file;           /* NULL: the warpbreaks */
static const char *target = "breaks";
static const char *family_name = "poisson";

static const struct program program;    /* for refuse() */

/* A frame from lines of this program, which must be right. */
static struct frame embedded(const char *const lines[], size_t n,
                             const char *name)
{
    struct frame f;
    struct error e;
    if (!csv_lines(&f, &memory, lines, n, name, &e))
        give_up(&e);
    return f;
}

static tensor vector(size_t n)
{
    return tensor_zeros(&memory, SHAPE(n));
}

static tensor row(tensor X, size_t i)
{
    return tensor_select(X, 0, (ptrdiff_t)i);
}

enum { SETOSA, VERSICOLOR, VIRGINICA };

/*
 * Petals of two species: X (100,3) = [1 length width] in cm, y (100) is 0
 * for species a and 1 for species b.
 */
static void petals(int a, int b, tensor *X, tensor *y)
{
    const struct frame f = embedded(iris_csv, iris_csv_lines, "iris.csv");
    const int *level = frame_column(&f, "species")->level;
    size_t *pick = arena_take(&memory, f.rows, sizeof *pick), n = 0;
    for (size_t i = 0; i < f.rows; i++)
        if (level[i] == a || level[i] == b)
            pick[n++] = i;
    const tensor P = frame_matrix(&memory, &f, 2,
        (const char *const[]){ "petal_length", "petal_width" });
    *X = with_ones(&memory, tensor_index_select(&memory, P, 0, n, pick));
    *y = vector(n);
    for (size_t i = 0; i < n; i++)
        AT(*y, i) = level[pick[i]] == b;
}

static double square_less(double x)
{
    return x * x - 2.25;
}

static double square_slope(double x)
{
    return 2 * x;
}

static void show_newton(void)
{
    double x = 4.5, last = 0;
    printf("step                x       error  error/last^2\n");
    for (int k = 0; k <= 6; k++) {
        const double error = x - 1.5;
        printf("%4d %16.13f  %10.4g", k, x, error);
        if (k > 0 && error > 0)
            printf("  %12.4f", error / (last * last));
        printf("\n");
        last = error;
        x -= square_less(x) / square_slope(x);
    }
}

static void show_sigmoid(void)
{
    static const double z[] = { -800, -10, -2, 0, 1, 2, 10, 800 };
    printf("     z    sigma(z)  1-sigma(z)       slope  log(1+e^z)\n");
    for (size_t i = 0; i < 8; i++)
        printf("%6g  %10.4g  %10.4g  %10.4g  %10.4g\n", z[i],
               logistic(z[i]), logistic(-z[i]),
               bernoulli_variance(z[i]), softplus(z[i]));
    const double w[] = { 0.9104482, 0.12319656 }, b = 0.01103974;
    printf("sigma at (3.31, 0.21) with the sources' parameters: %.10f\n",
           logistic(w[0] * 3.31 + w[1] * 0.21 + b));
}

/* One line for each parameter. */
static void print_model(struct glm *M, const struct text name[])
{
    tensor error = vector(M->theta.shape[0]);
    glm_errors(M, error);
    printf("%-14s %10s %10s %8s %10s\n", "", "estimate", "std.error", "z",
           "p");
    for (size_t j = 0; j < M->theta.shape[0]; j++) {
        const double z = AT(M->theta, j) / AT(error, j);
        const double p = 2 * gsl_cdf_ugaussian_Q(fabs(z));
        printf("%-14.14s %10.4f %10.4f %8.3f", name[j].s,
               AT(M->theta, j), AT(error, j), z);
        printf(p < 1e-15 ? "    < 1e-15\n" : " %10.3g\n", p);
    }
}

/* How many samples lie on the wrong side of the boundary. */
static size_t mistakes(tensor X, tensor y, tensor theta)
{
    size_t wrong = 0;
    tensor z = vector(y.shape[0]);
    linear_predict(X, theta, z);
    for (size_t i = 0; i < y.shape[0]; i++)
        wrong += (AT(z, i) > 0) != (AT(y, i) == 1);
    return wrong;
}

static void show_flowers(void)
{
    static const struct text name[] = { { "(intercept)" },
        { "petal length" }, { "petal width" } };
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    const enum glm_status status = glm_fit(&M);
    printf("%s in %zu steps, %zu halvings\n", glm_status_text[status],
           M.steps, M.halvings);
    print_model(&M, name);
    const double b = AT(M.theta, 0), w1 = AT(M.theta, 1);
    const double w2 = AT(M.theta, 2);
    printf("deviance %.4f, mean loss %.4f\n", glm_deviance(&M), M.loss);
    printf("boundary: width = %.4f - %.4f length\n", -b / w2, w1 / w2);
    printf("%zu of %zu training flowers on the wrong side\n",
           mistakes(X, y, M.theta), X.shape[0]);
    printf("a petal of 5.0 by 1.7 cm: virginica with probability %.4f\n",
           logistic(b + 5.0 * w1 + 1.7 * w2));
}

static void show_digits(void)
{
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm end = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&end);
    const double best = AT(end.theta, 1);
    printf("step          theta_1       error  error/last^2\n");
    for (double last = 0; M.steps <= 9; ) {
        const double error = fabs(AT(M.theta, 1) - best);
        printf("%4zu %16.9f", M.steps, AT(M.theta, 1));
        if (error > 1e-10)
            printf("  %10.3g", error);
        if (M.steps > 0 && error > 1e-10)
            printf("  %12.4f", error / (last * last));
        printf("\n");
        last = error;
        if (glm_newton(&M) != GLM_GOES_ON)
            break;
    }
}

/* The flowers with standardised columns. */
static void petals_scaled(int a, int b, tensor *X, tensor *y)
{
    petals(a, b, X, y);
    const tensor P = tensor_slice(*X, 1, 1, END, 1);
    const struct scaling s = scaling_fit(&memory, P);
    *X = with_ones(&memory, scaling_apply(&memory, &s, P));
}

/* A rate at which descent on the Bernoulli loss always falls. */
static double safe_rate(tensor X)
{
    const tensor lambda = linear_curvature(&memory, X);
    return 4 / AT(lambda, lambda.shape[0] - 1);
}

static void show_race(void)
{
    static const size_t at[] = { 1, 2, 4, 6, 7, 100, 1000, 10000 };
    tensor X, y, path = tensor_zeros(&memory, SHAPE(10001, 3));
    petals_scaled(VERSICOLOR, VIRGINICA, &X, &y);
    struct glm D = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm N = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm end = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&end);
    glm_descend(&D, safe_rate(X), path);
    printf("least loss %.6f; the loss above it\n", end.loss);
    printf("step      descent      Newton\n");
    for (size_t k = 0; k < 8; k++) {
        const double above = glm_loss(&D, row(path, at[k])) - end.loss;
        printf("%-6zu %10.4g", at[k], above < 1e-13 ? 0 : above);
        while (N.steps < at[k] && at[k] < 10)
            glm_newton(&N);
        if (at[k] < 10)
            printf("  %10.4g", N.loss - end.loss);
        printf("\n");
    }
}

static void show_halving(void)
{
    tensor X, y, start;
    petals_scaled(VERSICOLOR, VIRGINICA, &X, &y);
    start = tensor_from(&memory, VALUES(0, -3, -3), SHAPE(3));
    struct glm full = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm half = glm_new(&memory, &bernoulli, X, y, 0);
    tensor_copy(full.theta, start);
    tensor_copy(half.theta, start);
    printf("            full steps           halved steps\n");
    printf("step     loss    theta_1       loss    theta_1   halvings\n");
    for (int k = 0; k <= 8; k++) {
        printf("%4d  %7.2g  %9.2g  %9.4f  %9.4f", k,
               glm_loss(&full, full.theta), AT(full.theta, 1),
               glm_loss(&half, half.theta), AT(half.theta, 1));
        printf("  %9zu\n", half.halvings);
        if (glm_direction(&full))
            descent_step(full.theta, full.theta, 1, full.step);
        glm_newton(&half);
    }
}

static double length_of(tensor theta)
{
    double sum = 0;
    for (size_t j = 1; j < theta.shape[0]; j++)
        sum += AT(theta, j) * AT(theta, j);
    return sqrt(sum);
}

static void show_separable(void)
{
    static const double ridge[] = { 1e-6, 1e-4, 1e-2, 1 };
    tensor X, y, path = tensor_zeros(&memory, SHAPE(10001, 3));
    petals_scaled(SETOSA, VERSICOLOR, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    glm_descend(&M, safe_rate(X), path);
    for (size_t k = 10; k <= 10000; k *= 10)
        printf("descent, %5zu steps   loss %.6f   |theta| %7.3f\n", k,
               glm_loss(&M, row(path, k)), length_of(row(path, k)));
    struct glm N = glm_new(&memory, &bernoulli, X, y, 0);
    printf("Newton: %s\n", glm_status_text[glm_fit(&N)]);
    for (size_t k = 0; k < 4; k++) {
        struct glm R = glm_new(&memory, &bernoulli, X, y, ridge[k]);
        const char *status = glm_status_text[glm_fit(&R)];
        printf("ridge %-8g %s   loss %.6f   |theta| %7.3f\n", ridge[k],
               status, R.loss, length_of(R.theta));
    }
}

static void print_fit(const char *data, const struct family *f, tensor X,
                      tensor y)
{
    struct glm M = glm_new(&memory, f, X, y, 0);
    const enum glm_status status = glm_fit(&M);
    printf("%-10s %-10s %s, steps %zu, deviance %.4f\n", f->name, data,
           glm_status_text[status], M.steps, glm_deviance(&M));
    printf("          ");
    for (size_t j = 0; j < M.theta.shape[0]; j++)
        printf(" %9.4f", AT(M.theta, j));
    printf("\n");
}

static void show_families(void)
{
    tensor X, y;
    struct frame f = embedded(cars_csv, cars_csv_lines, "cars.csv");
    print_fit("cars", &gaussian, frame_design(&memory, &f, "dist"),
              frame_column(&f, "dist")->number);
    petals(VERSICOLOR, VIRGINICA, &X, &y);
    print_fit("iris", &bernoulli, X, y);
    f = embedded(warpbreaks_csv, warpbreaks_csv_lines, "warpbreaks.csv");
    print_fit("warpbreaks", &poisson, frame_design(&memory, &f, "breaks"),
              frame_column(&f, "breaks")->number);
}

/* The family of that name; a name that is none is a bad option. */
static const struct family *family_find(const char *name)
{
    static const struct family *const all[] = { &gaussian, &bernoulli,
                                                &poisson };
    for (size_t k = 0; k < 3; k++)
        if (strcmp(all[k]->name, name) == 0)
            return all[k];
    refuse(&program, "--family: expected gaussian, bernoulli or poisson, "
           "found '%s'", name);
}

/* The table that was asked for; a fault in it ends the program. */
static struct frame read_table(const char **name)
{
    struct frame f;
    struct error e;
    *name = data_file != NULL ? data_file : "warpbreaks.csv";
    const bool ok = data_file == NULL
        ? csv_lines(&f, &memory, warpbreaks_csv, warpbreaks_csv_lines,
                    *name, &e)
        : csv_file(&f, &memory, data_file, &e);
    if (!ok)
        give_up(&e);
    return f;
}

/* The target as numbers; two words become 0 and 1. */
static tensor read_target(const struct frame *f, const struct family *k,
                          const char *file)
{
    struct error e;
    const struct column *c = frame_column(f, target);
    if (c != NULL && !c->is_number && c->levels == 2)
        return tensor_select(column_design(&memory, c, f->rows), 1, 0);
    if (!frame_needs(f, 1, &target, file, &e))
        give_up(&e);
    for (size_t i = 0; i < f->rows; i++)
        if (!k->valid(AT(c->number, i))) {
            fail(&e, file, i + 2, 0, "column '%s': %g is no value of the "
                 "%s family", target, AT(c->number, i), k->name);
            give_up(&e);
        }
    return c->number;
}

static void show_warpbreaks(void)
{
    const char *file;
    const struct family *k = family_find(family_name);
    const struct frame f = read_table(&file);
    const tensor y = read_target(&f, k, file);
    const tensor X = frame_design(&memory, &f, target);
    struct text *name = arena_take(&memory, X.shape[1], sizeof *name);
    for (size_t j = 0; j < X.shape[1]; j++)
        name[j] = design_name(&f, target, j);
    struct glm M = glm_new(&memory, k, X, y, 0);
    struct glm none = glm_new(&memory, k, tensor_slice(X, 1, 0, 1, 1), y,
                              0);
    const enum glm_status status = glm_fit(&M);
    printf("%s in %zu steps\n", glm_status_text[status], M.steps);
    if (status != GLM_DONE)
        return;
    print_model(&M, name);
    if (glm_fit(&none) == GLM_DONE)
        printf("deviance of the intercept alone %.4f on %zu degrees\n",
               glm_deviance(&none), f.rows - 1);
    printf("deviance %.4f on %zu degrees of freedom\n", glm_deviance(&M),
           f.rows - X.shape[1]);
}

/* The loss of one sample, as the formula says. */
static double loss_as_written(double y, double z)
{
    const double p = 1 / (1 + exp(-z));
    return -y * log(p) - (1 - y) * log(1 - p);
}

/* "nan" without the sign that machines disagree on. */
static struct text number(double x)
{
    struct text out;
    if (isnan(x))
        strcpy(out.s, "nan");
    else
        snprintf(out.s, sizeof out.s, "%.4g", x);
    return out;
}

static void show_overflow(void)
{
    static const double z[] = { -800, -40, -10, 0, 10, 36, 40, 800 };
    printf("             as written                 log1p\n");
    printf("     z      y = 0      y = 1      y = 0      y = 1\n");
    for (size_t i = 0; i < 8; i++)
        printf("%6g  %9s  %9s  %9.4g  %9.4g\n", z[i],
               number(loss_as_written(0, z[i])).s,
               number(loss_as_written(1, z[i])).s, softplus(z[i]),
               softplus(-z[i]));
}

/* p at length 5 on the line width = slope 5 + intercept. */
static void print_line(const char *name, tensor theta, double slope,
                       double intercept)
{
    const double width = slope * 5 + intercept;
    const double z = AT(theta, 0) + AT(theta, 1) * 5
                     + AT(theta, 2) * width;
    printf("%-28s width %8.4f   p %.4f\n", name, width, logistic(z));
}

static void show_boundary(void)
{
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&M);
    const double b = AT(M.theta, 0), w1 = AT(M.theta, 1);
    const double w2 = AT(M.theta, 2);
    printf("at length 5 cm\n");
    print_line("-w1/w2 x1 + b/w2 (text)", M.theta, -w1 / w2, b / w2);
    print_line("-w1/w2 x1 - 1.14 b/w2 (code)", M.theta, -w1 / w2,
               -1.14 * b / w2);
    print_line("-w1/w2 x1 - b/w2", M.theta, -w1 / w2, -b / w2);
}

static void table_sigmoid(void)
{
    struct table t = table_open("sigmoid", "z\tsigma\tslope\tsoftplus");
    for (int i = -120; i <= 120; i++) {
        const double z = 0.05 * i;
        fprintf(t.file, "%.2f\t%.6f\t%.6f\t%.6f\n", z, logistic(z),
                bernoulli_variance(z), softplus(z));
    }
    table_close(&t);
}

/* Points (x, 0), (x, f(x)), and on to where the tangent meets the axis. */
static void table_tangents(void)
{
    struct table t = table_open("newton", "x\tf");
    double x = 4.5;
    for (int k = 0; k < 3; k++) {
        fprintf(t.file, "%.6f\t0\n%.6f\t%.6f\n", x, x, square_less(x));
        x -= square_less(x) / square_slope(x);
    }
    fprintf(t.file, "%.6f\t0\n", x);
    table_close(&t);
}

/* The flowers, and the lines of probability 0.1, 0.5 and 0.9. */
static void table_flowers(void)
{
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&M);
    struct table t = table_open("flowers", "length\twidth\tspecies");
    for (size_t i = 0; i < y.shape[0]; i++)
        fprintf(t.file, "%.1f\t%.1f\t%g\n", AT(X, i, 1), AT(X, i, 2),
                AT(y, i));
    table_close(&t);
    t = table_open("boundary", "length\tp10\tp50\tp90\ttext");
    const double b = AT(M.theta, 0), w1 = AT(M.theta, 1);
    const double w2 = AT(M.theta, 2), odds = log(9);
    for (int i = 0; i <= 80; i++) {
        const double x = 0.1 * i;
        fprintf(t.file, "%.1f\t%.5f\t%.5f\t%.5f\t%.5f\n", x,
                (-odds - b - w1 * x) / w2, (-b - w1 * x) / w2,
                (odds - b - w1 * x) / w2, (b - w1 * x) / w2);
    }
    table_close(&t);
    value_write("flowers.mistakes", "%zu", mistakes(X, y, M.theta));
    value_write("flowers.steps", "%zu", M.steps);
    value_write("flowers.deviance", "%.4f", glm_deviance(&M));
}

/* The loss above the least by step, for descent and for Newton. */
static void table_race(void)
{
    enum { STEPS = 1000 };
    tensor X, y, path = tensor_zeros(&memory, SHAPE(STEPS + 1, 3));
    petals_scaled(VERSICOLOR, VIRGINICA, &X, &y);
    struct glm D = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm N = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm end = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&end);
    glm_descend(&D, safe_rate(X), path);
    struct table t = table_open("race", "step\tloss");
    for (size_t k = 0; k <= STEPS; k++)
        fprintf(t.file, "%zu\t%.6g\n", k,
                glm_loss(&D, row(path, k)) - end.loss);
    table_close(&t);
    t = table_open("race-newton", "step\tloss");
    for (size_t k = 0; k <= 8; k++) {
        const double above = glm_loss(&N, N.theta) - end.loss;
        if (above > 0)
            fprintf(t.file, "%zu\t%.3g\n", k, above);
        glm_newton(&N);
    }
    table_close(&t);
}

/* The deviance of the warpbreaks, and two effects as factors. */
static void table_warpbreaks(void)
{
    const struct frame f = embedded(warpbreaks_csv, warpbreaks_csv_lines,
                                    "warpbreaks.csv");
    const struct column *c = frame_column(&f, "breaks");
    struct glm M = glm_new(&memory, &poisson,
                           frame_design(&memory, &f, "breaks"), c->number,
                           0);
    glm_fit(&M);
    value_write("warpbreaks.deviance", "%.4f", glm_deviance(&M));
    value_write("warpbreaks.wool", "%.4f", exp(AT(M.theta, 1)));
    value_write("warpbreaks.tension_h", "%.4f", exp(AT(M.theta, 3)));
}

static void tables(void)
{
    table_sigmoid();
    table_tangents();
    table_flowers();
    table_race();
    table_warpbreaks();
}

static void prepare(void)
{
    arena_reset(&memory);
}

static const struct setting settings[] = {
    { "data", TEXT, &data_file, 0, 0, "a CSV file for warpbreaks" },
    { "target", TEXT, &target, 0, 0, "the column to explain (breaks)" },
    { "family", TEXT, &family_name, 0, 0,
      "gaussian, bernoulli or poisson (poisson)" },
    { 0 }
};

static const struct part parts[] = {
    { "newton", show_newton, "tangents to a root, in digits" },
    { "sigmoid", show_sigmoid, "values far out and in the middle" },
    { "flowers", show_flowers, "two species of iris by their petals" },
    { "digits", show_digits, "Newton's digits double" },
    { "race", show_race, "descent against Newton" },
    { "halving", show_halving, "a start far away" },
    { "separable", show_separable, "a fault: no best line" },
    { "families", show_families, "one fit for three families" },
    { "warpbreaks", show_warpbreaks, "counts by wool and tension" },
    { "overflow", show_overflow, "a fault: the logarithm of 0" },
    { "boundary", show_boundary, "a fault: a line in the wrong place" },
    { 0 }
};

static const struct program program = {
    .name = "04-logistic-regression",
    .purpose = "Logistic regression and its family.",
    .settings = settings, .parts = parts, .tables = tables,
    .prepare = prepare
};

int main(int argc, char **argv)
{
    const int status = program_run(argc, argv, &program);
    arena_free(&memory);
    return status;
}
