#define REAL double
/*
 * Automatic differentiation, four ways.  Downhill, chapter 2.
 *
 * cc -O3 -march=native tangled/02-autodiff.c -lgsl -lopenblas -lm -o auto
 */
#include <gsl/gsl_deriv.h>
#include <gsl/gsl_fit.h>

#include "program.h"
#include "dual.h"
#include "tape.h"
#include "gradcheck.h"
#include "data/cars.h"

static struct arena memory;
static struct tape tape;
static double point = 1;                /* where exp is differentiated */
static size_t seed = 100, epochs = 100;
static double rate = 0.01;              /* the learning rate */

/* |quotient - f'(x)| for f = exp, whose derivative is known. */
static double error_forward(double x, double h)
{
    const double hi = x + h;
    return fabs((exp(hi) - exp(x)) / (hi - x) - exp(x));
}

static double error_central(double x, double h)
{
    const double hi = x + h, lo = x - h;
    return fabs((exp(hi) - exp(lo)) / (hi - lo) - exp(x));
}

static double error_forward_float(double x, double h)
{
    const float lo = (float)x, hi = lo + (float)h;
    const float quotient = (expf(hi) - expf(lo)) / (hi - lo);
    return fabs((double)quotient - exp((double)lo));
}

static double error_central_float(double x, double h)
{
    const float a = (float)x, hi = a + (float)h, lo = a - (float)h;
    const float quotient = (expf(hi) - expf(lo)) / (hi - lo);
    return fabs((double)quotient - exp((double)a));
}

/* Four ways to take a quotient: how, unit roundoff, power of h. */
enum { FORWARD = 1, CENTRAL };
static const struct method {
    const char *name;
    double (*error)(double x, double h);
    double roundoff;
    int order;
} method[] = {
    { "forward, float", error_forward_float, FLT_EPSILON / 2, FORWARD },
    { "central, float", error_central_float, FLT_EPSILON / 2, CENTRAL },
    { "forward, double", error_forward, DBL_EPSILON / 2, FORWARD },
    { "central, double", error_central, DBL_EPSILON / 2, CENTRAL },
};
enum { METHODS = sizeof method / sizeof method[0] };

/*
 * The bound E(h) on the error of a quotient.         eq:difference-error
 *   u unit roundoff; f and d: sizes of f and of its second derivative
 *   (forward) or third derivative (central)
 */
static double difference_bound(int order, double h, double u, double f,
                               double d)
{
    return order == FORWARD ? h / 2 * d + 2 * u * f / h
                            : h * h / 6 * d + u * f / h;
}

/* The step with the least bound.                             eq:best-h */
static double difference_step(int order, double u, double f, double d)
{
    return order == FORWARD ? 2 * sqrt(u * f / d) : cbrt(3 * u * f / d);
}

/* The least bound itself.                                    eq:best-h */
static double difference_least(int order, double u, double f, double d)
{
    return order == FORWARD ? 2 * sqrt(u * f * d)
                            : cbrt(9 * u * u * f * f * d) / 2;
}

static void show_difference(void)
{
    const double d = exp(point);        /* every derivative of exp */
    const double u = DBL_EPSILON / 2;
    printf("f(x) = exp(x) at x = %g: f'(x) = %.8g\n", point, d);
    printf("%-7s %14s %8s %17s %8s\n", "h", "error: forward", "bound",
           "error: central", "bound");
    for (int k = 1; k <= 12; k++) {
        const double h = pow(10, -k);
        printf("%-7.0e %14.1e %8.1e %17.1e %8.1e\n", h,
               error_forward(point, h),
               difference_bound(FORWARD, h, u, d, d),
               error_central(point, h),
               difference_bound(CENTRAL, h, u, d, d));
    }
}

enum { PER_DECADE = 8, NEAR = 32 };

/* The worst error with the step 10^(-i/8) or 31 others just below it. */
static double error_near(const struct method *m, int i)
{
    double worst = NAN;
    for (int k = 0; k < NEAR; k++) {
        const double e = (i + (double)k / NEAR) / PER_DECADE;
        worst = fmax(worst, m->error(point, pow(10, -e)));
    }
    return worst;
}

/* The step on that grid whose worst error is least. */
static int step_best(const struct method *m)
{
    int best = 0;
    for (int i = 0; i < 13 * PER_DECADE; i++)
        if (error_near(m, i) < error_near(m, best))
            best = i;
    return best;
}

static double exp_of(double x, void *unused)
{
    return (void)unused, exp(x);
}

static void show_vcurve(void)
{
    const double d = exp(point);
    printf("%-16s %10s %9s %14s %9s\n", "", "best h:", "measured",
           "least error:", "measured");
    for (const struct method *m = method; m < method + METHODS; m++) {
        const int best = step_best(m);
        printf("%-16s %10.1e %9.1e %14.1e %9.1e\n", m->name,
               difference_step(m->order, m->roundoff, d, d),
               pow(10, -(double)best / PER_DECADE),
               difference_least(m->order, m->roundoff, d, d),
               error_near(m, best));
    }
    gsl_function f = { exp_of, NULL };
    double slope, bound;
    gsl_deriv_central(&f, point, 0.01, &slope, &bound);
    printf("gsl_deriv_central from h = 0.01: error %.0e, its bound %.0e\n",
           fabs(slope - d), bound);
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

static double surface_value(double x, double y)
{
    return surface(dual_constant(x), dual_constant(y)).a;
}

static void show_dual(void)
{
    const double x = 1.3, y = 0.7, h = 1e-5;
    const double fx = y + exp(sin(x)) * cos(x), fy = x;
    static const double v[][2] = { { 1, 0 }, { 0, 1 }, { 0.6, 0.8 } };
    printf("f(x, y) = x y + exp(sin x) at (%g, %g) is %.10f\n", x, y,
           surface_value(x, y));
    printf("%-12s %14s %14s %14s\n", "direction", "by hand", "dual",
           "difference");
    for (size_t i = 0; i < 3; i++) {
        const double a = v[i][0], b = v[i][1];
        printf("(%.1f, %.1f)   %14.10f %14.10f %14.8f\n", a, b,
               a * fx + b * fy, surface((dual){ x, a }, (dual){ y, b }).b,
               (surface_value(x + h * a, y + h * b)
                - surface_value(x - h * a, y - h * b)) / (2 * h));
    }
}

/* The sweep with = in place of +=: the last use wins. */
static double adjoint_overwriting(struct scalar_tape *t, scalar y, scalar x)
{
    scalar_step(t, y)->adjoint = dual_constant(1);
    for (int i = y.id; i >= 0; i--)
        for (int k = 0; k < 2; k++) {
            const struct step *z = &t->step[i];
            if (z->in[k] >= 0)
                t->step[z->in[k]].adjoint = dual_mul(z->adjoint,
                                                     z->slope[k]);
        }
    return scalar_adjoint(t, x).a;
}

/* Adds, but passes on at once what a step has got so far. */
static void adjoint_at_once(struct scalar_tape *t, int i)
{
    const struct step *z = &t->step[i];
    for (int k = 0; k < 2; k++)
        if (z->in[k] >= 0) {
            t->step[z->in[k]].adjoint.a += z->adjoint.a * z->slope[k].a;
            adjoint_at_once(t, z->in[k]);
        }
}

/* The sum over all paths from step i to x; counts the visits. */
static double adjoint_by_paths(const struct scalar_tape *t, int i, scalar x,
                               size_t *visits)
{
    const struct step *z = &t->step[i];
    double sum = i == x.id ? 1 : 0;
    (*visits)++;
    for (int k = 0; k < 2; k++)
        if (z->in[k] >= 0)
            sum += z->slope[k].a
                   * adjoint_by_paths(t, z->in[k], x, visits);
    return sum;
}

/* x doubled n times by addition: the last number on the tape. */
static scalar scalar_double(struct scalar_tape *t, scalar x, int n)
{
    for (; n > 0; n--)
        x = scalar_add(t, x, x);
    return x;
}

static void show_accumulate(void)
{
    struct scalar_tape t = { .arena = &memory };
    const scalar a = scalar_input(&t, dual_constant(3));
    const scalar c = scalar_double(&t, a, 2);
    size_t visits = 0;
    printf("a = 3, b = a + a, c = b + b = %g\n", scalar_value(&t, c).a);
    printf("overwrite                   dc/da = %g\n",
           adjoint_overwriting(&t, c, a));
    for (int i = 0; i < t.n; i++)
        t.step[i].adjoint = dual_constant(i == c.id ? 1 : 0);
    adjoint_at_once(&t, c.id);
    printf("add, pass on at each visit  dc/da = %g\n",
           scalar_adjoint(&t, a).a);
    scalar_sweep(&t, c);
    printf("add, last step first        dc/da = %g\n",
           scalar_adjoint(&t, a).a);
    const scalar d = scalar_double(&t, a, 20);
    scalar_sweep(&t, d);
    const double sum = adjoint_by_paths(&t, d.id, a, &visits);
    printf("a doubled 20 times: by one sweep over 21 steps %.0f\n",
           scalar_adjoint(&t, a).a);
    printf("                    by %zu visits %.0f\n", visits, sum);
}

/* (1 - x)^2 + 100 (y - x^2)^2, written on the tape. */
static scalar rosenbrock(struct scalar_tape *t, scalar x, scalar y)
{
    const scalar one = scalar_input(t, dual_constant(1));
    const scalar hundred = scalar_input(t, dual_constant(100));
    const scalar r = scalar_sub(t, one, x);
    const scalar s = scalar_sub(t, y, scalar_mul(t, x, x));
    return scalar_add(t, scalar_mul(t, r, r),
                      scalar_mul(t, hundred, scalar_mul(t, s, s)));
}

/* The adjoints of x and y, at (x, y) + (vx, vy) eps. */
static void rosenbrock_gradient(dual x, dual y, dual gradient[2])
{
    struct scalar_tape t = { .arena = &memory };
    const scalar X = scalar_input(&t, x), Y = scalar_input(&t, y);
    scalar_sweep(&t, rosenbrock(&t, X, Y));
    gradient[0] = scalar_adjoint(&t, X);
    gradient[1] = scalar_adjoint(&t, Y);
}

static void show_hessian(void)
{
    static const double v[][2] = { { 1, 0 }, { 0, 1 }, { 3, -7 } };
    const double x = -1.2, y = 1;
    dual g[2];
    printf("f(x, y) = (1 - x)^2 + 100 (y - x^2)^2 at (%g, %g)\n", x, y);
    rosenbrock_gradient(dual_constant(x), dual_constant(y), g);
    printf("gradient            (%.4g, %.4g)\n", g[0].a, g[1].a);
    for (size_t i = 0; i < 3; i++) {
        rosenbrock_gradient((dual){ x, v[i][0] }, (dual){ y, v[i][1] }, g);
        printf("H times %-11s (%.4g, %.4g)\n",
               i == 0 ? "(1, 0)" : i == 1 ? "(0, 1)" : "(3, -7)",
               g[0].b, g[1].b);
    }
    printf("by hand, (3, -7)    (%.4g, %.4g)\n",
           3 * (2 + 1200 * x * x - 400 * y) - 7 * -400 * x,
           3 * -400 * x - 7 * 200.0);
}

static tensor zeros_like(tensor x)
{
    return tensor_zeros(&memory, x.rank, x.shape);
}

/* A parameter whose gradient lies in `memory`, for inspection only. */
static var named_parameter(const char *name, tensor x)
{
    return tape_name(&tape, tape_parameter(&tape, x, zeros_like(x)), name);
}

/* y = 1 / (1 + exp(-(w x + b))) in single steps, and its gradient. */
static var neuron(void)
{
    tape_reset(&tape);
    const var w = named_parameter("w", tensor_from(&memory,
                                  VALUES(1, -2), SHAPE(1, 2)));
    const var x = named_parameter("x", tensor_from(&memory,
                                  VALUES(3, 2), SHAPE(2, 1)));
    const var b = named_parameter("b", tensor_from(&memory,
                                  VALUES(2), SHAPE(1, 1)));
    const var z = tape_add(&tape, tape_matmul(&tape, w, x), b);
    const var e = tape_exp(&tape, tape_neg(&tape, z));
    const var y = tape_power(&tape, tape_shift(&tape, e, 1), -1);
    tape_name(&tape, z, "z");
    tape_name(&tape, y, "y");
    tape_backward(&tape, y);
    return y;
}

static double two_digits(double x)
{
    return round(100 * x) / 100;
}

/* dy/dw as the sources work it out: every number cut to two digits. */
static void neuron_rounded(double dw[2])
{
    const double e = two_digits(exp(-1)), u = 1 + e;
    const double du = two_digits(-1 / (u * u));
    const double dz = -two_digits(du * e);
    dw[0] = two_digits(dz * 3), dw[1] = two_digits(dz * 2);
}

static void show_graph(void)
{
    double dw[2];
    (void)neuron();
    tape_print(stdout, &tape);
    neuron_rounded(dw);
    printf("w's gradient, rounded to two digits at each step: "
           "[%.4f, %.4f]\n", dw[0], dw[1]);
}

/* The gradient of sum_i s_i z_i by W, for z = W a + b and a = 1, ..., 5. */
static tensor weights_gradient(tensor s)
{
    tensor W = tensor_empty(&memory, SHAPE(3, 5));
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 5; k++)
            AT(W, i, k) = (real)(100 * (i + 1) + k + 1);
    tensor a = tensor_arange(&memory, 6);
    a = tensor_unsqueeze(tensor_rows(a, 1, 5), 1);
    const tensor b = tensor_from(&memory, VALUES(1001, 1002, 1003),
                                 SHAPE(3, 1));
    tape_reset(&tape);
    const var w = named_parameter("W", W);
    const var z = tape_add(&tape, tape_matmul(&tape, w,
                           tape_constant(&tape, a)),
                           tape_constant(&tape, b));
    tape_backward_from(&tape, z, s);
    return tape_gradient(&tape, w);
}

static void show_vectors(void)
{
    const tensor x = tensor_rows(tensor_arange(&memory, 6), 1, 5);
    var p = named_parameter("x", x);
    tape_backward(&tape, tape_sum(&tape, tape_square(&tape, p), ALL));
    tensor_print(stdout, "d sum(x^2) / dx", tape_gradient(&tape, p));
    tape_reset(&tape);
    p = named_parameter("x", x);
    tape_backward_from(&tape, tape_square(&tape, p),
                       tensor_ones(&memory, SHAPE(5)));
    tensor_print(stdout, "x^2, seed 1", tape_gradient(&tape, p));
    tensor_print(stdout, "W a + b by W, seed (1, 1, 1)",
                 weights_gradient(tensor_ones(&memory, SHAPE(3, 1))));
    tensor_print(stdout, "W a + b by W, seed (1, 0, 0)",
                 weights_gradient(tensor_from(&memory, VALUES(1, 0, 0),
                                              SHAPE(3, 1))));
}

/* The Jacobian (2,3) of y = W x^2, one sweep for each row. */
static tensor jacobian(tensor W, tensor x)
{
    const tensor J = tensor_empty(&memory, SHAPE(W.shape[0], x.shape[0]));
    const tensor dx = zeros_like(x);
    const var p = tape_parameter(&tape, x, dx);
    const var y = tape_matmul(&tape, tape_constant(&tape, W),
                              tape_square(&tape, p));
    for (size_t i = 0; i < W.shape[0]; i++) {
        const tensor e = zeros_like(tape_value(&tape, y));
        AT(e, i, 0) = 1;
        tensor_copy(dx, tensor_scalar(&memory, 0));
        tape_rewind(&tape);
        tape_backward_from(&tape, y, e);
        tensor_copy(tensor_select(J, 0, (ptrdiff_t)i),
                    tensor_squeeze(dx, 1));
    }
    return J;
}

/* The gradient of z1^2 + z2^2 + z1^3 + z1^4 + z1^5 at (1, ..., 5). */
static void sources_gradient(double gradient[5])
{
    static const struct { int i; double power; } term[] =
        { { 0, 2 }, { 1, 2 }, { 0, 3 }, { 0, 4 }, { 0, 5 } };
    struct scalar_tape t = { .arena = &memory };
    scalar z[5], sum = scalar_input(&t, dual_constant(0));
    for (int i = 0; i < 5; i++)
        z[i] = scalar_input(&t, dual_constant(i + 1));
    for (int k = 0; k < 5; k++)
        sum = scalar_add(&t, sum, scalar_power(&t, z[term[k].i],
                                               term[k].power));
    scalar_sweep(&t, sum);
    for (int i = 0; i < 5; i++)
        gradient[i] = scalar_adjoint(&t, z[i]).a;
}

static void show_jacobian(void)
{
    const tensor W = tensor_from(&memory, VALUES(1, 2, 3, 4, 5, 6),
                                 SHAPE(2, 3));
    const tensor x = tensor_from(&memory, VALUES(1, 2, 3), SHAPE(3, 1));
    const tensor J = jacobian(W, x);
    double g[5];
    tensor_print(stdout, "J of y = W x^2", J);
    tensor_print(stdout, "J 1", tensor_sum(&memory, J, 1));
    tensor_print(stdout, "1^T J", tensor_sum(&memory, J, 0));
    tape_reset(&tape);
    const var p = named_parameter("x", x);
    const var y = tape_matmul(&tape, tape_constant(&tape, W),
                              tape_square(&tape, p));
    tape_backward_from(&tape, y, tensor_ones(&memory, SHAPE(2, 1)));
    tensor_print(stdout, "one sweep, seed 1",
                 tensor_squeeze(tape_gradient(&tape, p), 1));
    sources_gradient(g);
    printf("(z1^2, z2^2, z1^3, z1^4, z1^5), seed 1:\n    "
           "[%g, %g, %g, %g, %g]\n", g[0], g[1], g[2], g[3], g[4]);
}

static void show_chain(void)
{
    const var x = named_parameter("x", tensor_scalar(&memory, 1));
    var y = x;
    for (int k = 0; k < 100000; k++)
        y = tape_scale(&tape, y, 1 + 1e-5);
    tape_backward(&tape, y);
    printf("%d nodes: y = %.8f, dy/dx = %.8f, (1 + 1e-5)^1e5 = %.8f\n",
           tape.n, tensor_item(tape_value(&tape, y)),
           tensor_item(tape_gradient(&tape, x)),
           exp(1e5 * log1p(1e-5)));
}

enum { POINTS = 10 };

/* x from 0 to 1 in equal steps, y = 2x + 0.06 times a normal number. */
static void line_points(double x[], double y[])
{
    gsl_rng *rng = random_new(seed);
    for (size_t i = 0; i < POINTS; i++) {
        x[i] = (double)i / (POINTS - 1);
        y[i] = 2 * x[i] + gsl_ran_gaussian(rng, 0.06);
    }
    gsl_rng_free(rng);
}

/* The loss (w x - y)^2 of one sample on an empty tape. */
static var line_loss(var w, double x, double y)
{
    const var guess = tape_scale(&tape, w, x);
    return tape_square(&tape, tape_shift(&tape, guess, -y));
}

/* One epoch of y = w x; returns the loss of its last sample. */
static double line_epoch(double *w, double *dw, bool zero, const double x[],
                         const double y[])
{
    double loss = 0;
    for (size_t i = 0; i < POINTS; i++) {
        tape_reset(&tape);
        const var p = tape_parameter(&tape, tensor_wrap(w, SCALAR),
                                     tensor_wrap(dw, SCALAR));
        const var L = line_loss(p, x[i], y[i]);
        tape_backward(&tape, L);
        *w -= rate * *dw;
        if (zero)
            *dw = 0;
        loss = tensor_item(tape_value(&tape, L));
    }
    return loss;
}

static double line_fit(size_t n, bool zero, const double x[],
                       const double y[])
{
    double w = 1, dw = 0;
    for (size_t epoch = 0; epoch < n; epoch++)
        line_epoch(&w, &dw, zero, x, y);
    return w;
}

static void show_line(void)
{
    double x[POINTS], y[POINTS], best, variance, sum;
    line_points(x, y);
    gsl_fit_mul(x, 1, y, 1, POINTS, &best, &variance, &sum);
    printf("%8s %10s %12s\n", "epochs", "w", "not zeroed");
    const size_t stop[] = { 1, 10, epochs, 10 * epochs, 50 * epochs };
    for (size_t i = 0; i < sizeof stop / sizeof stop[0]; i++)
        printf("%8zu %10.6f %12.4f\n", stop[i],
               line_fit(stop[i], true, x, y),
               line_fit(stop[i], false, x, y));
    printf("least squares of the %d points  %.6f\n", POINTS, best);
    printf("slope that made them            %.6f\n", 2.0);
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

/* mean((x w + b - y)^2) on an empty tape; theta = (w, b). */
static var cars_loss(tensor theta, tensor gradient, tensor x, tensor y)
{
    const var w = tape_parameter(&tape, tensor_rows(theta, 0, 1),
                                 tensor_rows(gradient, 0, 1));
    const var b = tape_parameter(&tape, tensor_rows(theta, 1, 1),
                                 tensor_rows(gradient, 1, 1));
    const var guess = tape_add(&tape, tape_mul(&tape,
                               tape_constant(&tape, x), w), b);
    const var r = tape_sub(&tape, guess, tape_constant(&tape, y));
    return tape_mean(&tape, tape_square(&tape, r), ALL);
}

/* One step of descent on all cars; returns the loss before it. */
static double cars_step(tensor theta, tensor gradient, tensor x, tensor y,
                        double step)
{
    tape_reset(&tape);
    tensor_copy(gradient, tensor_scalar(&tape.arena, 0));
    const var L = cars_loss(theta, gradient, x, y);
    tape_backward(&tape, L);
    for (size_t i = 0; i < 2; i++)
        AT(theta, i) -= step * AT(gradient, i);
    return tensor_item(tape_value(&tape, L));
}

/* (speed - mean) / deviation, as a new tensor. */
static tensor standardize(tensor x)
{
    const tensor mean = tensor_mean(&memory, x, ALL);
    return tensor_div(&memory, tensor_sub(&memory, x, mean),
                      tensor_std(&memory, x, ALL));
}

/* Descend from theta = 0; print the loss after some of the steps. */
static tensor cars_fit(tensor x, tensor dist)
{
    const tensor theta = tensor_zeros(&memory, SHAPE(2));
    const tensor gradient = zeros_like(theta);
    printf("%5s %10s\n", "step", "loss/ft^2");
    for (int k = 0; k <= 100; k++) {
        const double loss = cars_step(theta, gradient, x, dist, 0.1);
        if (k == 0 || k == 1 || k == 10 || k == 30 || k == 100)
            printf("%5d %10.4f\n", k, loss);
    }
    return theta;
}

static void show_cars(void)
{
    tensor speed, dist;
    cars_read(&speed, &dist);
    const tensor theta = cars_fit(standardize(speed), dist);
    const double m = tensor_item(tensor_mean(&memory, speed, ALL));
    const double s = tensor_item(tensor_std(&memory, speed, ALL));
    const double slope = AT(theta, 0) / s;
    double c0, c1, c00, c01, c11, sum;
    gsl_fit_linear(speed.data, 1, dist.data, 1, CARS, &c0, &c1, &c00, &c01,
                   &c11, &sum);
    printf("tape            dist = %.6f + %.6f speed\n",
           AT(theta, 1) - slope * m, slope);
    printf("gsl_fit_linear  dist = %.6f + %.6f speed\n", c0, c1);
}

static void table_vcurve(void)
{
    struct table t = table_open("vcurve", "h\tforward_float\t"
                    "central_float\tforward_double\tcentral_double");
    for (int i = 0; i <= 15 * PER_DECADE; i++) {
        fprintf(t.file, "%.4e", pow(10, -(double)i / PER_DECADE));
        for (size_t k = 0; k < METHODS; k++) {
            const double worst = error_near(&method[k], i);
            if (isnan(worst))
                fputs("\tNaN", t.file);
            else
                fprintf(t.file, "\t%.3e", worst);
        }
        fputc('\n', t.file);
    }
    table_close(&t);
}

/* The best step in theory, and the error measured at the best one. */
static void value_vcurve(const char *name, const struct method *m)
{
    char text[60];
    const double d = exp(point);
    snprintf(text, sizeof text, "vcurve.%s.h", name);
    value_write(text, "%.1e",
                difference_step(m->order, m->roundoff, d, d));
    snprintf(text, sizeof text, "vcurve.%s.error", name);
    value_write(text, "%.0e", error_near(m, step_best(m)));
}

/* The graph of the neuron, drawn by its tape, for dot. */
static void table_neuron(void)
{
    struct table t = table_open("sigmoid.dot", NULL);
    const var y = neuron();
    tape_draw(t.file, &tape);
    table_close(&t);
    value_write("neuron.y", "%.10f", tensor_item(tape_value(&tape, y)));
}

static void table_line(void)
{
    double x[POINTS], y[POINTS], best, variance, sum, w = 1, dw = 0;
    line_points(x, y);
    gsl_fit_mul(x, 1, y, 1, POINTS, &best, &variance, &sum);
    struct table t = table_open("line", "epoch\tw\tbest\ttrue");
    for (size_t epoch = 0; epoch <= 2 * epochs; epoch++) {
        fprintf(t.file, "%zu\t%.6f\t%.6f\t2\n", epoch, w, best);
        line_epoch(&w, &dw, true, x, y);
    }
    table_close(&t);
    value_write("line.best", "%.4f", best);
    value_write("line.w", "%.4f", line_fit(epochs, true, x, y));
    value_write("line.longer", "%.4f", line_fit(50 * epochs, true, x, y));
}

static void tables(void)
{
    table_vcurve();
    value_vcurve("forward_float", &method[0]);
    value_vcurve("central_float", &method[1]);
    value_vcurve("forward_double", &method[2]);
    value_vcurve("central_double", &method[3]);
    table_neuron();
    table_line();
}

static void prepare(void)
{
    arena_reset(&memory);
    tape_reset(&tape);
}

static const struct part parts[] = {
    { "difference", show_difference, "the error of a quotient" },
    { "vcurve", show_vcurve, "the best step, and GSL's" },
    { "check", show_check, "what the gradient checker finds" },
    { "dual", show_dual, "forward mode: dual numbers" },
    { "accumulate", show_accumulate, "why adjoints are added" },
    { "hessian", show_hessian, "Hessian times vector" },
    { "graph", show_graph, "a neuron, step by step" },
    { "vectors", show_vectors, "gradients of vectors, matrices" },
    { "jacobian", show_jacobian, "one sweep for each row" },
    { "chain", show_chain, "a hundred thousand nodes" },
    { "line", show_line, "a slope, one sample at a time" },
    { "cars", show_cars, "braking distances" },
    { 0 }
};

int main(int argc, char **argv)
{
    static const struct setting settings[] = {
        { "point", NUMBER, &point, 0.5, 2, "where exp is differentiated" },
        { "seed", COUNT, &seed, 1, 4294967295, "of the noise" },
        { "epochs", COUNT, &epochs, 1, 10000, "through the ten points" },
        { "lr", NUMBER, &rate, 1e-6, 1, "learning rate of the line" },
        { 0 }
    };
    static const struct program program = {
        "02-autodiff", "Automatic differentiation, four ways.", settings,
        parts, tables, NULL, prepare
    };
    const int status = program_run(argc, argv, &program);
    tape_free(&tape);
    arena_free(&memory);
    return status;
}
