#define REAL double
/*
 * Logistic regression: yes or no, and how many.  Downhill, chapter 4.
 *
 * cc -O3 -march=native tangled/04-logistic-regression.c -lgsl -lopenblas \
 *    -lm -o logistic
 */
#include "report.h"
#include "glm.h"
#include "data/cars.h"
#include "data/iris.h"
#include "data/warpbreaks.h"

enum { SETOSA, VERSICOLOR, VIRGINICA };

/*
 * Petals of two species, which have 50 rows each and follow one another:
 * X (100,3) = [1 length width] in cm or standardised, y = 1 for species b.
 */
static void petals(size_t a, size_t b, bool scaled, tensor *X, tensor *y)
{
    const struct frame f = frame_open(NULL, EMBEDDED(iris));
    tensor P = frame_matrix(&memory, &f, 2,
        (const char *const[]){ "petal_length", "petal_width" });
    P = tensor_cat(&memory, tensor_rows(P, 50 * a, 50),
                   tensor_rows(P, 50 * b, 50), 0);
    const struct scaling s = scaling_fit(&memory, P);
    *X = with_ones(&memory, scaled ? scaling_apply(&memory, &s, P) : P);
    *y = tensor_cat(&memory, tensor_zeros(&memory, SHAPE(50)),
                    tensor_ones(&memory, SHAPE(50)), 0);
}

/* Newton's step for f(x) = x^2 - 2.25.                 eq:newton-root */
static double root_step(double x)
{
    return x - (x * x - 2.25) / (2 * x);
}

static void show_newton(void)
{
    double x = 4.5, last = x - 1.5;
    printf("from %g, with an error of %g\n", x, last);
    struct table t = table_new(NULL, "step %4.0f|x %17.13f|error %11.4g|"
                               "error/last^2 %13.4f");
    for (double k = 1; k <= 5; k++) {
        x = root_step(x);
        const double error = x - 1.5;
        ROW(&t, NULL, k, x, error, error / (last * last));
        last = error;
    }
    printf("then %.13f\n", root_step(x));
}

static void show_sigmoid(void)
{
    static const double z[] = { -800, -10, -2, 0, 1, 2, 10, 800 };
    struct table t = table_new(NULL, "z %6g|sigma(z) %11.4g|"
                               "1-sigma(z) %11.4g|slope %11.4g|"
                               "log(1+e^z) %11.4g");
    for (size_t i = 0; i < 8; i++)
        ROW(&t, NULL, z[i], logistic(z[i]), logistic(-z[i]),
            bernoulli_variance(z[i]), softplus(z[i]));
    const double w[] = { 0.9104482, 0.12319656 }, b = 0.01103974;
    printf("sigma at (3.31, 0.21) with the sources' parameters: %.10f\n",
           logistic(w[0] * 3.31 + w[1] * 0.21 + b));
}

/* How many samples lie on the wrong side of the boundary. */
static size_t mistakes(tensor X, tensor y, tensor theta)
{
    size_t wrong = 0;
    const tensor z = vector(y.shape[0]);
    linear_predict(X, theta, z);
    for (size_t i = 0; i < y.shape[0]; i++)
        wrong += (AT(z, i) > 0) != (AT(y, i) == 1);
    return wrong;
}

static void show_flowers(void)
{
    static const char *const name[] = { "petal length", "petal width" };
    tensor X, y, error = vector(3);
    petals(VERSICOLOR, VIRGINICA, false, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    const enum glm_status status = glm_fit(&M);
    printf("%s in %zu steps, %zu halvings\n", glm_status_text[status],
           M.steps, M.halvings);
    glm_errors(&M, error);
    print_estimates(M.theta, error, INFINITY, name);
    const double b = AT(M.theta, 0), w1 = AT(M.theta, 1);
    const double w2 = AT(M.theta, 2);
    printf("deviance %.4f, mean loss %.4f\n", glm_deviance(&M), M.loss);
    printf("boundary: width = %.4f - %.4f length\n", -b / w2, w1 / w2);
    printf("%zu of %zu training flowers on the wrong side\n",
           mistakes(X, y, M.theta), X.shape[0]);
    printf("a petal of 5.0 by 1.7 cm: virginica with probability %.4f\n",
           logistic(b + 5.0 * w1 + 1.7 * w2));
    write_points("flowers", tensor_slice(X, 1, 1, END, 1));
    struct table t = table_hidden("boundary", "b %g|w1 %g|w2 %g");
    ROW(&t, NULL, b, w1, w2);
    table_end(&t);
}

static void show_digits(void)
{
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, false, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm end = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&end);
    const double best = AT(end.theta, 1);
    double last = best;
    printf("from 0, with an error of %.3g\n", last);
    struct table t = table_new(NULL, "step %4.0f|theta_1 %13.9f|"
                               "error %11.3g|error/last^2 %13.4f");
    for (double k = 1; k <= 8; k++) {
        glm_newton(&M);
        const double error = fabs(AT(M.theta, 1) - best);
        ROW(&t, NULL, k, AT(M.theta, 1), error, error / (last * last));
        last = error;
    }
    printf("then %.9f\n", best);
}

/* A rate at which descent on the Bernoulli loss always falls. */
static double safe_rate(tensor X)
{
    return 4 / AT(linear_curvature(&memory, X), X.shape[1] - 1);
}

static void show_race(void)
{
    tensor X, y, path = tensor_zeros(&memory, SHAPE(10001, 3));
    petals(VERSICOLOR, VIRGINICA, true, &X, &y);
    struct glm D = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm N = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm end = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&end);
    glm_descend(&D, safe_rate(X), path);
    printf("least loss %.6f; the loss above it\n", end.loss);
    struct table t = table_new("race", "step %5.0f|descent %10.4g|"
                               "Newton %10.4g");
    for (size_t k = 1; k <= 10000; k += k < 100 ? 1 : 20) {
        if (k < 10)
            glm_newton(&N);
        t.hidden = k > 8 && k != 100 && k != 1000 && k != 10000;
        ROW(&t, NULL, (double)k,
            above(glm_loss(&D, row(path, k)), end.loss),
            above(N.loss, end.loss));
    }
    table_end(&t);
}

static void show_halving(void)
{
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, true, &X, &y);
    struct glm full = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm half = glm_new(&memory, &bernoulli, X, y, 0);
    for (size_t j = 1; j < 3; j++)
        AT(full.theta, j) = AT(half.theta, j) = -3;
    struct table t = table_new(NULL, "step %4.0f|full: loss %12.2g|"
                               "theta_1 %9.2g|halved: loss %14.4f|"
                               "theta_1 %9.4f|halvings %9.0f");
    for (double k = 0; k <= 8; k++) {
        ROW(&t, NULL, k, glm_loss(&full, full.theta), AT(full.theta, 1),
            glm_loss(&half, half.theta), AT(half.theta, 1),
            (double)half.halvings);
        if (glm_direction(&full))
            descent_step(full.theta, full.theta, 1, full.step);
        glm_newton(&half);
    }
}

static void show_separable(void)
{
    static const double ridge[] = { 1e-6, 1e-4, 1e-2, 1 };
    tensor X, y, path = tensor_zeros(&memory, SHAPE(10001, 3));
    petals(SETOSA, VERSICOLOR, true, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    glm_descend(&M, safe_rate(X), path);
    for (size_t k = 10; k <= 10000; k *= 10)
        printf("descent, %5zu steps   loss %.6f   |theta| %7.3f\n", k,
               glm_loss(&M, row(path, k)),
               sqrt(2 * linear_penalty(row(path, k), 1)));
    struct glm N = glm_new(&memory, &bernoulli, X, y, 0);
    printf("Newton: %s\n", glm_status_text[glm_fit(&N)]);
    for (size_t k = 0; k < 4; k++) {
        struct glm R = glm_new(&memory, &bernoulli, X, y, ridge[k]);
        const char *status = glm_status_text[glm_fit(&R)];
        printf("ridge %-8g %s   loss %.6f   |theta| %7.3f\n", ridge[k],
               status, R.loss, sqrt(2 * linear_penalty(R.theta, 1)));
    }
}

static void print_fit(const char *data, const struct family *f, tensor X,
                      tensor y)
{
    struct glm M = glm_new(&memory, f, X, y, 0);
    const char *status = glm_status_text[glm_fit(&M)];
    printf("%-10s %-10s %s, steps %zu, deviance %.4f\n", f->name, data,
           status, M.steps, glm_deviance(&M));
    print_vector("", M.theta);
}

static void show_families(void)
{
    tensor X, y;
    struct frame f = frame_open(NULL, EMBEDDED(cars));
    print_fit("cars", &gaussian, frame_design(&memory, &f, "dist"),
              frame_column(&f, "dist")->number);
    petals(VERSICOLOR, VIRGINICA, false, &X, &y);
    print_fit("iris", &bernoulli, X, y);
    f = frame_open(NULL, EMBEDDED(warpbreaks));
    print_fit("warpbreaks", &poisson, frame_design(&memory, &f, "breaks"),
              frame_column(&f, "breaks")->number);
}

/* The target as numbers; two words become 0 and 1. */
static tensor read_target(const struct frame *f, const struct family *k,
                          const char *target, const char *file)
{
    struct error e;
    const struct column *c = frame_column(f, target);
    if (c != NULL && !c->is_number && c->levels == 2)
        return tensor_select(column_design(&memory, c, f->rows), 1, 0);
    bool ok = frame_needs(f, 1, &target, file, &e);
    for (size_t i = 0; ok && i < f->rows; i++)
        if (!k->valid(AT(c->number, i)))
            ok = fail(&e, file, i + 2, 0, "column '%s': %g is no value of "
                      "the %s family", cell_text(target).s,
                      AT(c->number, i), k->name);
    if (!ok)
        give_up(&e);
    return c->number;
}

static void show_warpbreaks(void)
{
    const char *file = option.data ? option.data : "warpbreaks.csv";
    const char *target = option.target ? option.target : "breaks";
    const struct family *k = family_find(option.family ? option.family
                                         : "poisson");
    const struct frame f = frame_open(option.data, EMBEDDED(warpbreaks));
    const tensor y = read_target(&f, k, target, file);
    const tensor X = frame_design(&memory, &f, target);
    const size_t n = X.shape[1];
    struct glm M = glm_new(&memory, k, X, y, 0);
    const enum glm_status status = glm_fit(&M);
    printf("%s in %zu steps\n", glm_status_text[status], M.steps);
    if (status != GLM_DONE)
        return;
    const char **name = arena_take(&memory, n, sizeof *name);
    for (size_t j = 1; j < n; j++)
        name[j - 1] = csv_text(&memory, design_name(&f, target, j).s);
    const tensor error = vector(n), ones = tensor_slice(X, 1, 0, 1, 1);
    struct glm none = glm_new(&memory, k, ones, y, 0);
    glm_errors(&M, error);
    print_estimates(M.theta, error, INFINITY, name);
    if (glm_fit(&none) == GLM_DONE)
        printf("deviance of the intercept alone %.4f on %zu degrees\n",
               glm_deviance(&none), f.rows - 1);
    printf("deviance %.4f on %zu degrees of freedom\n", glm_deviance(&M),
           f.rows - n);
}

/* The loss of one sample, as the formula says. */
static double loss_as_written(double y, double z)
{
    const double p = 1 / (1 + exp(-z));
    return -y * log(p) - (1 - y) * log(1 - p);
}

static void show_overflow(void)
{
    static const double z[] = { -800, -40, -10, 0, 10, 36, 40, 800 };
    struct table t = table_new(NULL, "z %6g|as written: y = 0 %18.4g|"
                               "y = 1 %9.4g|log1p: y = 0 %13.4g|"
                               "y = 1 %9.4g");
    for (size_t i = 0; i < 8; i++)
        ROW(&t, NULL, z[i], loss_as_written(0, z[i]),
            loss_as_written(1, z[i]), softplus(z[i]), softplus(-z[i]));
}

static void show_boundary(void)
{
    static const char *const name[] = { "-w1/w2 x1 + b/w2 (text)",
        "-w1/w2 x1 - 1.14 b/w2 (code)", "-w1/w2 x1 - b/w2" };
    static const double factor[] = { 1, -1.14, -1 };
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, false, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&M);
    const double b = AT(M.theta, 0), w1 = AT(M.theta, 1);
    const double w2 = AT(M.theta, 2);
    struct table t = table_new(NULL, "at length 5 cm %-28s|width %9.4f|"
                               "p %8.4f");
    for (size_t k = 0; k < 3; k++) {
        const double width = -w1 / w2 * 5 + factor[k] * b / w2;
        ROW(&t, name[k], width, logistic(b + w1 * 5 + w2 * width));
    }
}

static const struct part parts[] = {
    { "newton", show_newton, "tangents to a root, in digits", NULL },
    { "sigmoid", show_sigmoid, "far out and in the middle", NULL },
    { "flowers", show_flowers, "two species by their petals", NULL },
    { "digits", show_digits, "Newton's digits double", NULL },
    { "race", show_race, "descent against Newton", NULL },
    { "halving", show_halving, "a start far away", NULL },
    { "separable", show_separable, "a fault: no best line", NULL },
    { "families", show_families, "one fit for three families", NULL },
    { "warpbreaks", show_warpbreaks, "broken yarn", "data target family" },
    { "overflow", show_overflow, "a fault: the logarithm of 0", NULL },
    { "boundary", show_boundary, "a fault: a line elsewhere", NULL },
    { 0 }
};

int main(int argc, char **argv)
{
    return program_run(argc, argv, "04-logistic-regression",
                       "Logistic regression and its family.", parts, NULL);
}
