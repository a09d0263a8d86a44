#define REAL double
/*
 * Automatic differentiation, four ways.  Downhill, chapter 2.
 *
 * cc -O3 -march=native tangled/02-autodiff.c -lgsl -lopenblas -lm -o auto
 */
#include "program.h"
#include "dual.h"
#include "tape.h"
#include "gradcheck.h"
#include "data/cars.h"
#include <gsl/gsl_deriv.h>
#include <gsl/gsl_fit.h>

static struct tape tape[1];     /* one tape; each part begins anew */

/* |quotient - f'(x)| for f = exp, whose derivative is known. */
static double error_double(int order, double x, double h)
{
    const double hi = x + h, lo = order == CENTRAL ? x - h : x;
    return fabs((exp(hi) - exp(lo)) / (hi - lo) - exp(x));
}

static double error_float(int order, double at, double step)
{
    const float x = (float)at, h = (float)step;
    const float hi = x + h, lo = order == CENTRAL ? x - h : x;
    const float quotient = (expf(hi) - expf(lo)) / (hi - lo);
    return fabs((double)quotient - exp((double)x));
}

enum { METHODS = 4, PER_DECADE = 8, CURVE = 15 * PER_DECADE + 1 };

/* Name, error, unit roundoff, order. */
static const struct method {
    const char *name;
    double (*error)(int order, double x, double h);
    double roundoff;
    int order;
} method[METHODS] = {
    { "forward, float", error_float, FLT_EPSILON / 2, FORWARD },
    { "central, float", error_float, FLT_EPSILON / 2, CENTRAL },
    { "forward, double", error_double, DBL_EPSILON / 2, FORWARD },
    { "central, double", error_double, DBL_EPSILON / 2, CENTRAL },
};

static void show_difference(void)
{
    const double x = option.point, u = DBL_EPSILON / 2;
    const double d = exp(x);            /* every derivative of exp */
    printf("f(x) = exp(x) at x = %g: f'(x) = %.8g\n", x, d);
    struct table t = table_new(NULL, "h %-7.0e|error: forward %14.1e|"
                     "bound %8.1e|error: central %17.1e|bound %8.1e");
    for (int k = 1; k <= 12; k++) {
        const double h = pow(10, -k);
        ROW(&t, NULL, h, error_double(FORWARD, x, h),
            difference_bound(FORWARD, h, u, d, d),
            error_double(CENTRAL, x, h),
            difference_bound(CENTRAL, h, u, d, d));
    }
}

/* The worst error with the step 10^(-i/8) or 31 others just below it. */
static double error_near(const struct method *m, int i)
{
    double worst = NAN;
    for (double e = i; e < i + 1; e += 1.0 / 32)
        worst = fmax(worst, m->error(m->order, option.point,
                                     pow(10, -e / PER_DECADE)));
    return worst;
}

static double exp_of(double x, void *unused)
{
    return (void)unused, exp(x);
}

static void show_vcurve(void)
{
    const double d = exp(option.point);
    double E[METHODS][CURVE];
    struct table t = table_new(NULL, " %-16s|best h: %10.1e|"
                     "measured %9.1e|least error: %14.1e|measured %9.1e");
    for (size_t k = 0; k < METHODS; k++) {
        const struct method m = method[k];
        const double h = difference_step(m.order, m.roundoff, d, d);
        int best = 0;
        for (int i = 0; i < CURVE; i++) {
            E[k][i] = error_near(&m, i);
            best = E[k][i] < E[k][best] ? i : best;
        }
        ROW(&t, m.name, h, pow(10, -(double)best / PER_DECADE),
            difference_bound(m.order, h, m.roundoff, d, d), E[k][best]);
    }
    gsl_function f = { exp_of, NULL };
    double slope, bound;
    gsl_deriv_central(&f, option.point, 0.01, &slope, &bound);
    printf("gsl_deriv_central from h = 0.01: error %.0e, its bound %.0e\n",
           fabs(slope - d), bound);
    t = table_hidden("vcurve", "h %e|forward_float %e|central_float %e|"
                     "forward_double %e|central_double %e");
    for (int i = 0; i < CURVE; i++)
        ROW(&t, NULL, pow(10, -(double)i / PER_DECADE), E[0][i], E[1][i],
            E[2][i], E[3][i]);
    table_end(&t);
}

/* f(x, y, z) = x y + sin z, so its gradient is (y, x, cos z). */
static double example(void *unused, const double x[], size_t n)
{
    REQUIRE(unused == NULL && n == 3, "example of %zu numbers", n);
    return x[0] * x[1] + sin(x[2]);
}

static void show_check(void)
{
    double x[] = { 2.385, -0.671, 1.207 };
    const struct { const char *name; double claim[3]; } claims[] = {
        { "by hand", { x[1], x[0], cos(x[2]) } },
        { "sign forgotten", { x[1], x[0], -cos(x[2]) } },
        { "factor 2", { x[1], 2 * x[0], cos(x[2]) } },
        { "off by one", { cos(x[2]), x[1], x[0] } },
        { "nothing written", { 0, 0, 0 } },
        { "not a number", { x[1], NAN, cos(x[2]) } },
    };
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        grad_print(stdout, claims[i].name, grad_check(example, NULL, x,
                   claims[i].claim, 3, 1e-9, 1e-7));
}

/* f(x, y) = x y + exp(sin x) */
static dual surface(dual x, dual y)
{
    return dual_add(dual_mul(x, y), dual_exp(dual_sin(x)));
}

static void show_dual(void)
{
    static const struct { const char *name; double a, b; } v[] =
        { { "(1.0, 0.0)", 1, 0 }, { "(0.0, 1.0)", 0, 1 },
          { "(0.6, 0.8)", 0.6, 0.8 } };
    const double x = 1.3, y = 0.7, h = 1e-5;
    const double fx = y + exp(sin(x)) * cos(x), fy = x;
    printf("f(x, y) = x y + exp(sin x) at (%g, %g) is %.10f\n", x, y,
           surface((dual){ x, 0 }, (dual){ y, 0 }).a);
    struct table t = table_new(NULL, "direction %-12s|by hand %14.10f|"
                               "dual %14.10f|difference %14.8f");
    for (size_t i = 0; i < 3; i++) {
        const double a = v[i].a, b = v[i].b;
        const dual f = surface((dual){ x, a }, (dual){ y, b });
        const dual hi = surface((dual){ x + h * a, 0 },
                                (dual){ y + h * b, 0 });
        const dual lo = surface((dual){ x - h * a, 0 },
                                (dual){ y - h * b, 0 });
        ROW(&t, v[i].name, a * fx + b * fy, f.b, (hi.a - lo.a) / (2 * h));
    }
}

enum way { OVERWRITE, PASS_ON_ALL, EVERY_PATH };

/* Give v to step i and at once to all behind it; returns the visits. */
static size_t adjoint_visit(struct scalar_tape *t, int i, double v,
                            enum way way)
{
    struct step *z = &t->step[i];
    size_t visits = 1;
    z->adjoint.a = way == OVERWRITE ? v : z->adjoint.a + v;
    if (way == PASS_ON_ALL)
        v = z->adjoint.a;
    for (int k = 0; k < 2; k++)
        if (z->in[k] >= 0)
            visits += adjoint_visit(t, z->in[k], v * z->slope[k].a, way);
    return visits;
}

static void show_accumulate(void)
{
    static const char *const name[] = { "overwrite",
        "add, pass on all at each visit", "add, follow every path" };
    struct scalar_tape t = { .arena = &memory };
    const scalar a = scalar_input(&t, dual_constant(3));
    const scalar b = scalar_add(&t, a, a), c = scalar_add(&t, b, b);
    struct table rows = table_new(NULL, "a = 3, b = a + a, c = b + b %-32s|"
                                        "dc/da %5.0f");
    for (enum way way = OVERWRITE; way <= EVERY_PATH; way++) {
        for (int i = 0; i < t.n; i++)
            t.step[i].adjoint = dual_constant(0);
        adjoint_visit(&t, c.id, 1, way);
        ROW(&rows, name[way], scalar_adjoint(&t, a).a);
    }
    scalar_sweep(&t, c);
    ROW(&rows, "add, last step first", scalar_adjoint(&t, a).a);
    scalar d = c;
    for (int k = 2; k < 20; k++)
        d = scalar_add(&t, d, d);
    const size_t visits = adjoint_visit(&t, d.id, 1, EVERY_PATH);
    scalar_sweep(&t, d);
    printf("a doubled 20 times, dd/da = %.0f: 21 steps, or %zu visits\n",
           scalar_adjoint(&t, a).a, visits);
}

/* The adjoints of x and y for (1 - x)^2 + 100 (y - x^2)^2. */
static void rosenbrock_gradient(dual x, dual y, dual gradient[2])
{
    struct scalar_tape t = { .arena = &memory };
    const scalar X = scalar_input(&t, x), Y = scalar_input(&t, y);
    const scalar one = scalar_input(&t, dual_constant(1));
    const scalar hundred = scalar_input(&t, dual_constant(100));
    const scalar r = scalar_sub(&t, one, X);
    const scalar s = scalar_sub(&t, Y, scalar_mul(&t, X, X));
    const scalar s2 = scalar_mul(&t, hundred, scalar_mul(&t, s, s));
    scalar_sweep(&t, scalar_add(&t, scalar_mul(&t, r, r), s2));
    gradient[0] = scalar_adjoint(&t, X);
    gradient[1] = scalar_adjoint(&t, Y);
}

static void show_hessian(void)
{
    static const struct { const char *name; double x, y; } v[] =
        { { "H times (1, 0)", 1, 0 }, { "H times (0, 1)", 0, 1 },
          { "H times (3, -7)", 3, -7 } };
    const double x = -1.2, y = 1;
    dual g[2];
    printf("f(x, y) = (1 - x)^2 + 100 (y - x^2)^2 at (%g, %g)\n", x, y);
    rosenbrock_gradient(dual_constant(x), dual_constant(y), g);
    struct table t = table_new(NULL, " %-18s|by x %8.4g|by y %8.4g");
    ROW(&t, "gradient", g[0].a, g[1].a);
    for (size_t i = 0; i < 3; i++) {
        rosenbrock_gradient((dual){ x, v[i].x }, (dual){ y, v[i].y }, g);
        ROW(&t, v[i].name, g[0].b, g[1].b);
    }
    ROW(&t, "by hand, (3, -7)",
        3 * (2 + 1200 * x * x - 400 * y) - 7 * -400 * x,
        3 * -400 * x - 7 * 200.0);
}

/* y = 1 / (1 + exp(-(w x + b))) in single steps, and its gradient. */
static var neuron(void)
{
    tape_reset(tape);
    const var w = tape_variable(tape,
                      tensor_from(&memory, VALUES(1, -2), SHAPE(1, 2)));
    const var x = tape_variable(tape,
                      tensor_from(&memory, VALUES(3, 2), SHAPE(2, 1)));
    const var b = tape_variable(tape, tensor_full(&memory, 2, SHAPE(1, 1)));
    const var z = tape_add(tape, tape_matmul(tape, w, x), b);
    const var e = tape_exp(tape, tape_neg(tape, z));
    const var y = tape_power(tape, tape_shift(tape, e, 1), -1);
    tape_name(tape, w, "w"), tape_name(tape, x, "x");
    tape_name(tape, b, "b"), tape_name(tape, z, "z");
    tape_name(tape, y, "y");
    tape_backward(tape, y);
    return y;
}

static double two_digits(double x)
{
    return round(100 * x) / 100;
}

static void show_graph(void)
{
    const double e = two_digits(exp(-1)), u = 1 + e;
    const double dz = two_digits(two_digits(1 / (u * u)) * e);
    (void)neuron();
    tape_print(stdout, tape);
    printf("w's gradient, rounded to two digits at each step: "
           "[%.4f, %.4f]\n", two_digits(dz * 3), two_digits(dz * 2));
    struct table drawing = table_hidden("sigmoid.dot", NULL);
    if (drawing.file != NULL)
        tape_draw(drawing.file, tape);
    table_end(&drawing);
}

/* The gradient of sum_i s_i z_i by W, for z = W a + b and a = 1, ..., 5. */
static tensor weights_gradient(tensor s)
{
    const tensor a = tensor_rows(tensor_arange(&memory, 6), 1, 5);
    tape_reset(tape);
    const var W = tape_variable(tape, tensor_ones(&memory, SHAPE(3, 5)));
    const var b = tape_constant(tape, tensor_ones(&memory, SHAPE(3, 1)));
    const var c = tape_constant(tape, tensor_unsqueeze(a, 1));
    tape_backward_from(tape, tape_add(tape, tape_matmul(tape, W, c), b), s);
    return tape_gradient(tape, W);
}

static void show_vectors(void)
{
    const tensor a = tensor_rows(tensor_arange(&memory, 6), 1, 5);
    tape_reset(tape);
    const var x = tape_variable(tape, a), z = tape_square(tape, x);
    tape_backward(tape, tape_sum(tape, z, ALL));
    tensor_print(stdout, "d sum(x^2) / dx", tape_gradient(tape, x));
    tape_rewind(tape);
    tape_backward_from(tape, z, tensor_ones(&memory, SHAPE(5)));
    tensor_print(stdout, "x^2, seed 1", tape_gradient(tape, x));
    tensor_print(stdout, "W a + b by W, seed (1, 1, 1)",
                 weights_gradient(tensor_ones(&memory, SHAPE(3, 1))));
    tensor_print(stdout, "W a + b by W, seed (1, 0, 0)",
                 weights_gradient(tensor_from(&memory, VALUES(1, 0, 0),
                                              SHAPE(3, 1))));
}

static void show_jacobian(void)
{
    tape_reset(tape);
    const var W = tape_constant(tape, tensor_from(&memory,
                      VALUES(1, 2, 3, 4, 5, 6), SHAPE(2, 3)));
    const var x = tape_variable(tape, tensor_from(&memory,
                      VALUES(1, 2, 3), SHAPE(3, 1)));
    const var y = tape_matmul(tape, W, tape_square(tape, x));
    const tensor J = tape_jacobian(&memory, tape, y, x);
    tensor_print(stdout, "J of y = W x^2", J);
    tensor_print(stdout, "J 1", tensor_sum(&memory, J, 1));
    tensor_print(stdout, "1^T J", tensor_sum(&memory, J, 0));
    tape_rewind(tape);
    tape_backward_from(tape, y, tensor_ones(&memory, SHAPE(2, 1)));
    tensor_print(stdout, "one sweep, seed 1",
                 tensor_squeeze(tape_gradient(tape, x), 1));
}

static void show_chain(void)
{
    tape_reset(tape);
    const var x = tape_variable(tape, tensor_scalar(&memory, 1));
    var y = x;
    for (int k = 0; k < 100000; k++)
        y = tape_scale(tape, y, 1 + 1e-5);
    tape_backward(tape, y);
    printf("%d nodes: y = %.8f, dy/dx = %.8f, (1 + 1e-5)^1e5 = %.8f\n",
           tape->n, tensor_item(tape_value(tape, y)),
           tensor_item(tape_gradient(tape, x)),
           exp(1e5 * log1p(1e-5)));
}

enum { POINTS = 10 };

/* x from 0 to 1 in equal steps, y = 2x + 0.06 times a normal number. */
static void line_points(double x[], double y[])
{
    for (size_t i = 0; i < POINTS; i++) {
        x[i] = (double)i / (POINTS - 1);
        y[i] = 2 * x[i] + gsl_ran_gaussian(rng, 0.06);
    }
}

/* One step of descent on (w x - y)^2; the gradient is added to *dw. */
static void line_step(double *w, double *dw, double x, double y)
{
    tape_reset(tape);
    const var p = tape_parameter(tape, tensor_wrap(w, SCALAR),
                                 tensor_wrap(dw, SCALAR));
    const var r = tape_shift(tape, tape_scale(tape, p, x), -y);
    tape_backward(tape, tape_square(tape, r));
    *w -= option.lr * *dw;
}

static void show_line(void)
{
    const size_t E = option.epochs;
    double x[POINTS], y[POINTS], best, variance, sum;
    double w = 1, dw = 0, wrong = 1, wrong_dw = 0;
    line_points(x, y);
    gsl_fit_mul(x, 1, y, 1, POINTS, &best, &variance, &sum);
    struct table path = table_hidden("line", "epoch %g|w %g|best %g");
    struct table t = table_new(NULL,
                               "epochs %8.0f|w %10.6f|not zeroed %12.5g");
    for (size_t n = 0; n <= 50 * E; n++) {
        if (n <= 2 * E)
            ROW(&path, NULL, (double)n, w, best);
        if (n == 1 || n == 10 || n == E || n == 10 * E || n == 50 * E)
            ROW(&t, NULL, (double)n, w, wrong);
        for (size_t i = 0; i < POINTS; i++) {
            line_step(&w, &dw, x[i], y[i]), dw = 0;
            line_step(&wrong, &wrong_dw, x[i], y[i]);
        }
    }
    table_end(&path);
    printf("least squares of the %d points  %.6f\n"
           "slope that made them            %.6f\n", POINTS, best, 2.0);
}

enum { CARS = cars_csv_lines - 1 };

/* Speeds (mph) and stopping distances (ft) of 50 cars: (50,1) each. */
static void cars_read(tensor *speed, tensor *dist)
{
    *speed = tensor_empty(&memory, SHAPE(CARS, 1));
    *dist = tensor_empty(&memory, SHAPE(CARS, 1));
    for (size_t i = 0; i < CARS; i++)
        REQUIRE(sscanf(cars_csv[i + 1], "%lf,%lf", &AT(*speed, i, 0),
                       &AT(*dist, i, 0)) == 2, "cars, row %zu", i + 1);
}

/* A step on mean((x w + b - y)^2), theta = (w, b); the loss before it. */
static double cars_step(tensor theta, tensor gradient, tensor x, tensor y,
                        double rate)
{
    size_t at = 0;
    tape_reset(tape);
    const var w = tape_next(tape, theta, gradient, &at, SHAPE(1));
    const var b = tape_next(tape, theta, gradient, &at, SHAPE(1));
    const var X = tape_constant(tape, x), Y = tape_constant(tape, y);
    const var guess = tape_add(tape, tape_mul(tape, X, w), b);
    const var r = tape_sub(tape, guess, Y);
    const var L = tape_mean(tape, tape_square(tape, r), ALL);
    tape_collect(tape, L, -rate, 1, gradient, theta);
    return tensor_item(tape_value(tape, L));
}

static void show_cars(void)
{
    tensor speed, dist;
    cars_read(&speed, &dist);
    const tensor m = tensor_mean(&memory, speed, ALL);
    const tensor s = tensor_std(&memory, speed, ALL);
    const tensor x = tensor_div(&memory, tensor_sub(&memory, speed, m), s);
    const tensor theta = tensor_zeros(&memory, SHAPE(2));
    const tensor gradient = tensor_empty(&memory, SHAPE(2));
    struct table t = table_new(NULL, "step %5.0f|loss/ft^2 %10.4f");
    for (int k = 0; k <= 100; k++) {
        const double loss = cars_step(theta, gradient, x, dist, 0.1);
        if (k == 0 || k == 1 || k == 10 || k == 30 || k == 100)
            ROW(&t, NULL, k, loss);
    }
    const double slope = AT(theta, 0) / tensor_item(s);
    double c0, c1, c00, c01, c11, sum;
    gsl_fit_linear(speed.data, 1, dist.data, 1, CARS, &c0, &c1, &c00, &c01,
                   &c11, &sum);
    printf("tape            dist = %.6f + %.6f speed\n",
           AT(theta, 1) - slope * tensor_item(m), slope);
    printf("gsl_fit_linear  dist = %.6f + %.6f speed\n", c0, c1);
}

static const struct part parts[] = {
    { "difference", show_difference, "the error of a quotient", "point" },
    { "vcurve", show_vcurve, "the best step, and GSL's", "point" },
    { "check", show_check, "what the gradient checker finds", NULL },
    { "dual", show_dual, "forward mode: dual numbers", NULL },
    { "accumulate", show_accumulate, "why adjoints are added", NULL },
    { "hessian", show_hessian, "Hessian times vector", NULL },
    { "graph", show_graph, "a neuron, step by step", NULL },
    { "vectors", show_vectors, "gradients of vectors, matrices", NULL },
    { "jacobian", show_jacobian, "one sweep for each row", NULL },
    { "chain", show_chain, "a hundred thousand nodes", NULL },
    { "line", show_line, "a slope, sample by sample", "seed epochs lr" },
    { "cars", show_cars, "braking distances", NULL },
    { 0 }
};

int main(int argc, char **argv)
{
    option.seed = option.epochs = 100, option.point = 1, option.lr = 0.01;
    return program_run(argc, argv, "02-autodiff",
        "Automatic differentiation, four ways.", parts, NULL);
}
