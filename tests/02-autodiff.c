/*
 * Tests of chapter 2: gradcheck.h, dual.h, tape->h and the program itself.
 * Values of an independent system are in oracle/02-autodiff.h (PyTorch);
 * the rules are compared with difference quotients as well, every entry.
 */
#include "../tangled/tap.h"

#define main autodiff_main
#include "../tangled/02-autodiff.c"
#undef main

#include "oracle/02-autodiff.h"
#include "oracle/02-operations.h"

#define U (DBL_EPSILON / 2)

/* As a part of the program begins. */
static void prepare(void)
{
    arena_reset(&memory);
    tape_reset(tape);
}

/* -- difference quotients ------------------------------------------------ */

/* The signed errors of quotients of log at 2.385, with h = 0.01. */
static void truncation(void)
{
    const double x = 2.385, h = 0.01;
    const double forward = (log(x + h) - log(x)) / h - 1 / x;
    const double central = (log(x + h) - log(x - h)) / (2 * h) - 1 / x;
    /* log'' = -1/x^2, log''' = 2/x^3; the next terms are 0.3 % and 2e-5 */
    ok_close(forward, h / 2 * (-1 / (x * x)), 0, 0.01,
             "[eq:forward-difference] h/2 f'', sign and factor");
    ok_close(central, h * h / 6 * (2 / (x * x * x)), 0, 1e-4,
             "[eq:central-difference] h^2/6 f''', sign and factor");
    ok_close(error_double(FORWARD, 1.3, 1e-4), 1e-4 / 2 * exp(1.3), 0, 1e-4,
             "[eq:forward-difference] of exp");
    ok_close(error_double(CENTRAL, 1.3, 1e-3), 1e-6 / 6 * exp(1.3), 0, 1e-4,
             "[eq:central-difference] of exp");
}

/*
 * Quotients of x^2: the truncation is h and 0, exactly, so the rest is
 * rounding alone, and the bound on it is nearly reached: x just over 1, where
 * half a unit of the last place is u.
 */
static void rounding(void)
{
    gsl_rng *r = random_new(7);
    double forward = 0, central = 0;
    for (int k = 0; k < 200000; k++) {
        const double x = 1 + 1e-3 * random_uniform(r);
        const double step = 1e-7 * (1 + random_uniform(r));
        volatile double hi = x + step, lo = x - step;
        volatile double f_hi = hi * hi, f = x * x, f_lo = lo * lo;
        const double h = hi - x, width = hi - lo;
        const double e = fabs((f_hi - f) / h - 2 * x - h);
        const double d = (f_hi - f_lo) / width - (hi + lo);
        forward = fmax(forward, e / difference_bound(FORWARD, h, U, f, 0));
        central = fmax(central, fabs(d)
                       / difference_bound(CENTRAL, width / 2, U, f, 0));
    }
    gsl_rng_free(r);
    ok(forward > 0.7 && forward < 1.01,
       "[eq:difference-error] forward rounding reaches its bound");
    ok(central > 0.7 && central < 1.01,
       "[eq:difference-error] central rounding reaches its bound");
    diag("largest part of the bound: %.3f, %.3f", forward, central);
    ok_close(difference_bound(FORWARD, 1e-3, U, 0, 2.385), 1e-3 * 2.385 / 2,
             0, 1e-15, "[eq:difference-error] forward truncation");
    ok_close(difference_bound(CENTRAL, 1e-3, U, 0, 2.385), 1e-6 * 2.385 / 6,
             0, 1e-15, "[eq:difference-error] central truncation");
}

/* No step exceeds the bound, in either precision. */
static void bounds(void)
{
    const double d = exp(1.0);
    for (size_t k = 0; k < METHODS; k++) {
        double worst = 0;
        for (int i = 0; i < 12 * PER_DECADE; i++) {
            const double h = pow(10, -(double)i / PER_DECADE / 12
                                     * (method[k].roundoff > 1e-10 ? 6 : 12));
            /* f'' and f''' are taken at x + h, where they are largest */
            const double bound = difference_bound(method[k].order, h,
                                     method[k].roundoff, d * exp(h),
                                     d * exp(h));
            worst = fmax(worst, method[k].error(method[k].order, 1, h)
                                / bound);
        }
        ok(worst > 0.2 && worst < 1.2,
           "[eq:difference-error] %s: the bound holds", method[k].name);
        diag("worst part of the bound: %.3f", worst);
    }
}

/* At the best step the bound is level, and it is the least bound. */
static void best_step(void)
{
    for (int order = FORWARD; order <= CENTRAL; order++) {
        const char *name = order == FORWARD ? "forward" : "central";
        const double f = 2.385, d = 0.671;
        const double h = difference_step(order, U, f, d);
        const double least = difference_bound(order, h, U, f, d);
        const double above = difference_bound(order, h * 1.001, U, f, d);
        const double below = difference_bound(order, h / 1.001, U, f, d);
        ok(above > least && below > least
           && fabs(above - below) < 1e-2 * (above - least),
           "[eq:best-h] the %s bound is level at the step", name);
        ok_close(least, order == FORWARD ? 2 * sqrt(U * f * d)
                        : cbrt(9 * U * U * f * f * d) / 2, 0, 1e-14,
                 "[eq:best-h] the least %s bound", name);
    }
    for (size_t k = 0; k < METHODS; k++) {
        int best = 0;
        for (int i = 0; i < CURVE; i++)
            if (error_near(&method[k], i) < error_near(&method[k], best))
                best = i;
        const double h = pow(10, -(double)best / PER_DECADE);
        const double theory = difference_step(method[k].order,
                                  method[k].roundoff, exp(1), exp(1));
        ok(h > theory / 3 && h < theory * 3,
           "[eq:best-h] %s: the step found by trial", method[k].name);
    }
}

/* -- the checker --------------------------------------------------------- */

/* f = x0 x1 + sin(x2) + x3^2 x0; its gradient is known. */
static double smooth(void *calls, const double x[], size_t n)
{
    (void)n;
    if (calls != NULL)
        ++*(size_t *)calls;
    return x[0] * x[1] + sin(x[2]) + x[3] * x[3] * x[0];
}

static void smooth_gradient(const double x[], double g[])
{
    g[0] = x[1] + x[3] * x[3], g[1] = x[0];
    g[2] = cos(x[2]), g[3] = 2 * x[3] * x[0];
}

static double not_a_number(void *unused, const double x[], size_t n)
{
    return (void)unused, (void)x, (void)n, (double)NAN;
}

static double square_of_first(void *unused, const double x[], size_t n)
{
    return (void)unused, (void)n, x[0] * x[0];
}

static double constant(void *unused, const double x[], size_t n)
{
    return (void)unused, (void)x, (void)n, 2.385;
}

static void checker_passes(void)
{
    double x[] = { 0.731, -1.917e-7, 1.284, 0.366 }, g[4], saved[4];
    size_t calls = 0;
    memcpy(saved, x, sizeof x);
    smooth_gradient(x, g);
    const struct gradcheck c = grad_check(smooth, &calls, x, g, 4, 1e-9,
                                          1e-7);
    ok(grad_passed(c), "[eq:central-difference] a right gradient passes");
    ok_equal(c.checked, 4, "every entry was compared");
    ok_equal(calls, 8, "two calls for each entry");
    ok(c.worst_error < 1e-9, "the error is below 1e-9");  /* 2e-11 */
    ok_close(c.sum_abs, fabs(g[0]) + fabs(g[1]) + fabs(g[2]) + fabs(g[3]),
             0, 1e-9, "the sum of all sizes");
    ok(memcmp(x, saved, sizeof x) == 0, "theta is given back bit for bit");
    double big[] = { 3e7 }, slope[] = { 6e7 };
    ok(grad_passed(grad_check(square_of_first, NULL, big, slope, 1, 0,
                              1e-9)), "the step grows with theta");
}

static void checker_fails(void)
{
    double x[] = { 0.731, -1.917, 1.284, 0.366 }, g[4];
    const struct { const char *fault; size_t at; double times, plus; } p[] =
        { { "a sign", 2, -1, 0 }, { "a factor of 2", 0, 2, 0 },
          { "one part in 10^5", 3, 1.00001, 0 }, { "a NaN", 1, 1, NAN },
          { "an infinity", 1, 1, INFINITY }, { "one entry zero", 3, 0, 0 } };
    for (size_t i = 0; i < sizeof p / sizeof p[0]; i++) {
        smooth_gradient(x, g);
        g[p[i].at] = g[p[i].at] * p[i].times + p[i].plus;
        const struct gradcheck c = grad_check(smooth, NULL, x, g, 4, 1e-9,
                                              1e-7);
        ok(!grad_passed(c) && c.bad == 1 && c.worst == p[i].at,
           "the checker finds %s", p[i].fault);
    }
    const double zero[4] = { 0 };
    ok_equal(grad_check(smooth, NULL, x, zero, 4, 1e-9, 1e-7).bad, 4,
             "the checker finds a gradient never written");
    ok(!grad_passed(grad_check(smooth, NULL, x, g, 0, 1e-9, 1e-7)),
       "nothing checked is not a pass");
    ok(!grad_passed(grad_check(constant, NULL, x, zero, 4, 1e-9, 1e-7)),
       "only zeros is not a pass");
    ok_equal(grad_check(not_a_number, NULL, x, zero, 4, 1e-9, 1e-7).bad, 4,
             "a function that is NaN fails");
}

/* -- dual numbers -------------------------------------------------------- */

static dual dual_by_name(const char *f, dual x)
{
    return strcmp(f, "exp") == 0 ? dual_exp(x)
           : strcmp(f, "log") == 0 ? dual_log(x)
           : strcmp(f, "sin") == 0 ? dual_sin(x)
           : strcmp(f, "cos") == 0 ? dual_cos(x)
           : strcmp(f, "sqrt") == 0 ? dual_sqrt(x)
           : strcmp(f, "tanh") == 0 ? dual_tanh(x)
           : strcmp(f, "sigmoid") == 0 ? dual_sigmoid(x)
           : dual_power(x, -1.7);
}

static void ok_dual(dual got, double a, double b, const char *title)
{
    const double pair[] = { got.a, got.b }, want[] = { a, b };
    ok_all_close(2, pair, want, 0, 1e-14, "%s", title);     /* 4e-16 */
}

static void duals(void)
{
    const dual x = { 2.385, -0.6 }, y = { -1.25, 0.45 };
    ok_dual(dual_add(x, y), 1.135, -0.15, "[eq:dual-arithmetic] sum");
    ok_dual(dual_sub(x, y), 3.635, -1.05, "[eq:dual-arithmetic] difference");
    /* 2.385 * 0.45 + 0.6 * 1.25 = 1.82325 */
    ok_dual(dual_mul(x, y), -2.98125, 1.82325,
            "[eq:dual-arithmetic] product");
    /* (0.75 - 1.07325) / 1.5625 */
    ok_dual(dual_div(x, y), -1.908, -0.20688,
            "[eq:dual-arithmetic] quotient");
    ok_dual(dual_mul(dual_div(x, y), y), 2.385, -0.6,
            "[eq:dual-arithmetic] x / y * y is x");
    ok_dual(dual_scale(x, -1.5), -3.5775, 0.9, "[eq:dual] a multiple");
    for (size_t i = 0; i < sizeof oracle_dual / sizeof oracle_dual[0]; i++) {
        char title[60];
        snprintf(title, sizeof title, "[eq:dual] %s", oracle_dual[i].f);
        ok_dual(dual_by_name(oracle_dual[i].f, (dual){ 1.37, -0.6 }),
                oracle_dual[i].a, oracle_dual[i].b, title);
    }
    ok_dual(dual_variable(0.7), 0.7, 1, "[eq:dual] the variable");
    ok_dual(dual_constant(0.7), 0.7, 0, "[eq:dual] a constant");
    const dual far = dual_sigmoid((dual){ -800, 1 });
    ok(far.a == 0 && far.b == 0 && dual_sigmoid((dual){ 800, 1 }).a == 1,
       "the sigmoid of -800 and 800");
    ok_dual(dual_sigmoid((dual){ -40, 1 }), 4.248354255291589e-18,
            4.248354255291589e-18, "the sigmoid of -40 keeps its digits");
}

static void directions(void)
{
    const double x = 1.3, y = 0.7, v = -0.37, w = 1.91;
    const double fx = y + exp(sin(x)) * cos(x), fy = x;
    ok_close(surface((dual){ x, v }, (dual){ y, w }).b, v * fx + w * fy, 0,
             1e-14, "[eq:dual-direction] slope in direction (-0.37, 1.91)");
    ok_close(surface((dual){ x, 0 }, (dual){ y, 0 }).a,
             x * y + exp(sin(x)), 0, 1e-15,
             "the value of the same");
}

/* -- the scalar tape ----------------------------------------------------- */

/* exp(xy)/z + sin(y) log(z) + sigmoid(x-z) z^1.5, as the oracle has it. */
static scalar mixed(struct scalar_tape *t, scalar x, scalar y, scalar z)
{
    const scalar a = scalar_div(t, scalar_exp(t, scalar_mul(t, x, y)), z);
    const scalar b = scalar_mul(t, scalar_sin(t, y), scalar_log(t, z));
    const scalar c = scalar_mul(t, scalar_sigmoid(t, scalar_sub(t, x, z)),
                                scalar_power(t, z, 1.5));
    return scalar_add(t, scalar_add(t, a, b), c);
}

static void scalars(void)
{
    struct scalar_tape t = { .arena = &memory };
    scalar in[3];
    double g[3], hv[3];
    for (size_t i = 0; i < 3; i++)
        in[i] = scalar_input(&t, (dual){ oracle_point[i],
                                         oracle_direction[i] });
    const scalar y = mixed(&t, in[0], in[1], in[2]);
    scalar_sweep(&t, y);
    for (size_t i = 0; i < 3; i++) {
        g[i] = scalar_adjoint(&t, in[i]).a;
        hv[i] = scalar_adjoint(&t, in[i]).b;
    }
    ok_close(scalar_value(&t, y).a, oracle_mixed, 0, 1e-15, "its value");
    ok_all_close(3, g, oracle_gradient, 0, 1e-14,
                 "[eq:adjoint] the gradient, every operation");  /* 6e-16 */
    ok_all_close(3, hv, oracle_product, 1e-14, 1e-13,
                 "[eq:hessian-vector] as from PyTorch");         /* 4e-16 */
    double along = 0;
    for (size_t i = 0; i < 3; i++)
        along += oracle_gradient[i] * oracle_direction[i];
    ok_close(scalar_value(&t, y).b, along, 0, 1e-14,
             "[eq:dual-direction] the value's eps part is the slope");
    scalar_sweep(&t, y);
    ok_close(scalar_adjoint(&t, in[0]).a, oracle_gradient[0], 0, 1e-14,
             "a second sweep starts from zero");
}

/* begin accumulate */
static void accumulation(void)
{
    struct scalar_tape t = { .arena = &memory };
    const scalar a = scalar_input(&t, dual_constant(3));
    const scalar b = scalar_add(&t, a, a), c = scalar_add(&t, b, b);
    scalar_sweep(&t, c);
    ok_close(scalar_value(&t, c).a, 12, 0, 0, "c = b + b, b = a + a, a = 3");
    ok_close(scalar_adjoint(&t, b).a, 2, 0, 0, "[eq:adjoint] dc/db");
    ok_close(scalar_adjoint(&t, a).a, 4, 0, 0, "[eq:adjoint] dc/da");
}
/* end accumulate */

/* x doubled n times by addition: the last number on the tape. */
static scalar scalar_double(struct scalar_tape *t, scalar x, int n)
{
    for (; n > 0; n--)
        x = scalar_add(t, x, x);
    return x;
}

static void naive(void)
{
    struct scalar_tape t = { .arena = &memory };
    const scalar a = scalar_input(&t, dual_constant(3));
    const double want[] = { 1, 6, 4 };
    static const char *const title[] = { "overwriting gives 1",
        "passing on all gives 6", "[eq:adjoint] the sum over all paths" };
    for (int k = 0; k < 3; k++) {
        const scalar c = scalar_double(&t, a, 2);
        t.step[a.id].adjoint = dual_constant(0);
        ok_equal(adjoint_visit(&t, c.id, 1, (enum way)k), 7, "7 visits");
        ok_close(scalar_adjoint(&t, a).a, want[k], 0, 0, "%s", title[k]);
    }
    const scalar d = scalar_double(&t, a, 12);
    t.step[a.id].adjoint = dual_constant(0);
    ok_equal(adjoint_visit(&t, d.id, 1, EVERY_PATH), 8191,
             "2^13 - 1 visits");
    ok_close(scalar_adjoint(&t, a).a, 4096, 0, 0,
             "[eq:adjoint] the sum over all paths of 12 doublings");
    const scalar e = scalar_double(&t, a, 700);
    scalar_sweep(&t, e);
    ok_close(scalar_adjoint(&t, a).a, ldexp(1, 700), 0, 0,
             "a tape of 700 steps, grown from 64");
}

static void hessians(void)
{
    dual g[2];
    rosenbrock_gradient((dual){ -1.2, 1 }, (dual){ 1, 0 }, g);
    const double first[] = { g[0].a, g[1].a, g[0].b, g[1].b };
    ok_all_close(4, first, (const double[]){ -215.6, -88, 1330, 480 },
                 0, 1e-14, "[eq:hessian-vector] gradient, first column");
    rosenbrock_gradient((dual){ 0.43, 2.1 }, (dual){ 1.17, -0.9 }, g);
    /* H = [[2 + 1200 x^2 - 400 y, -400 x], [-400 x, 200]] */
    const double want[] = { 2.1 * (2 + 1200 * 0.1849 - 468) + 0.9 * 172,
                            -2.1 * 172 - 180 };
    ok_all_close(2, (const double[]){ g[0].b, g[1].b }, want, 0, 1e-13,
                 "[eq:hessian-vector] at another point");
}

/* -- every operation of the tape ----------------------------------------- */

static void operations(void)
{
    for (int how = PLAIN; how <= APART; how++)
        for (size_t i = 0; i < ORACLES; i++) {
            operation_test(&memory, tape, &oracle[i], how, 1e-13);
            arena_reset(&memory);               /* measured: 3e-14 */
        }
}

/* exp(720) overflows, exp(-720) is 2e-313. */
static void extremes(void)
{
    const tensor x = tensor_from(&memory, VALUES(-720, 720), SHAPE(2));
    double got[2];
    const var p = tape_constant(tape, x);
    tensor_numbers(tape_value(tape, tape_sigmoid(tape, p)), got);
    ok(got[0] > 2.0e-313 && got[0] < 2.1e-313 && got[1] == 1,
       "[eq:rule-sigmoid] at -720 and 720");
}

static double weighted(void *context, const double theta[], size_t n)
{
    const struct oracle *c = context;
    double sum = 0;
    const size_t m = shape_len(c->x_rank, c->x_shape);
    (void)n;
    tape_reset(tape);
    const var x = tape_constant(tape, operand_from(&tape->arena, theta,
                                c->x_rank, c->x_shape));
    const var y = c->y == NULL ? x : tape_constant(tape,
                  operand_from(&tape->arena, theta + m, c->y_rank,
                               c->y_shape));
    const tensor z = tape_value(tape, operation_apply(tape, c, x, y));
    double value[VALUES_MAX];
    const size_t k = tensor_numbers(z, value);
    for (size_t i = 0; i < k; i++)
        sum += value[i] * c->seed[i];
    return sum;
}

/* Difference quotients of seed^T op(x, y), all entries of x and y. */
static void quotients(void)
{
    for (size_t i = 0; i < ORACLES; i++) {
        const struct oracle *c = &oracle[i];
        double theta[2 * VALUES_MAX], g[2 * VALUES_MAX];
        const size_t m = shape_len(c->x_rank, c->x_shape);
        const size_t n = c->y == NULL ? 0 : shape_len(c->y_rank, c->y_shape);
        /* relu at 0, or flat within h, or no number at all */
        bool kink = shape_len(c->z_rank, c->z_shape) == 0 || m + n == 0;
        memcpy(theta, c->x, m * sizeof *theta);
        memcpy(g, c->dx, m * sizeof *g);
        if (n > 0)
            memcpy(theta + m, c->y, n * sizeof *theta);
        if (n > 0)
            memcpy(g + m, c->dy, n * sizeof *g);
        for (size_t k = 0; k < m; k++)
            kink = kink || c->x[k] == 0 || fabs(c->x[k]) > 30;
        if (kink)
            continue;
        const struct gradcheck check = grad_check(weighted, (void *)c, theta,
                                                  g, m + n, 1e-8, 1e-7);
        ok(grad_passed(check) && check.checked == m + n,
           "[%s] %s %s: %zu quotients", operation_of(c)->equation, c->op,
           shape_text(c->x_rank, c->x_shape).s, m + n);
        if (!grad_passed(check))
            grad_print(stdout, "# worst", check);
    }
}

/* -- the tape as a whole -------------------------------------------------- */

/* Ties, views of views, one tensor in many parts. */
static void moving(void)
{
    double got[12];
    prepare();
    /* the first of the largest, along either axis and of all */
    const tensor x = tensor_from(&memory, VALUES(1, 3, 3, 2, 3, 3, 2, 1),
                                 SHAPE(2, 4));
    const double want[3][8] = { { 0, 1, 1, 1, 1, 0, 0, 0 },
                                { 0, 1, 0, 0, 1, 0, 0, 0 },
                                { 0, 1, 0, 0, 0, 0, 0, 0 } };
    for (int k = 0; k < 3; k++) {
        const int axis = k < 2 ? k : ALL;
        tape_reset(tape);
        const var p = tape_variable(tape, x);
        tape_backward(tape, tape_sum(tape, tape_max(tape, p, axis), ALL));
        tensor_numbers(tape_gradient(tape, p), got);
        ok_all_close(8, got, want[k], 0, 0,
                     "[eq:rule-max] ties: the first, axis %d", axis);
    }
    tape_reset(tape);
    const var v = tape_variable(tape, tensor_from(&memory,
                                VALUES(1, NAN, 3, NAN), SHAPE(4)));
    tape_backward(tape, tape_max(tape, v, 0));
    tensor_numbers(tape_gradient(tape, v), got);
    ok_all_close(4, got, (const double[]){ 0, 1, 0, 0 }, 0, 0,
                 "[eq:rule-max] the first NaN counts as the largest");
    /* x twice, in between its last two columns; seed 1, 2, 3, ... */
    tape_reset(tape);
    const var p = tape_variable(tape, x);
    const var s = tape_slice(tape, p, 1, -2, END, 1);
    const var z = tape_cat(tape, VARS(p, s, p), 1);
    tape_backward_from(tape, z, tensor_reshape(
        tensor_rows(tensor_arange(&memory, 21), 1, 20), SHAPE(2, 10)));
    tensor_numbers(tape_gradient(tape, p), got);
    ok_all_close(8, got, (const double[]){ 1 + 7, 2 + 8, 3 + 9 + 5,
                 4 + 10 + 6, 11 + 17, 12 + 18, 13 + 19 + 15,
                 14 + 20 + 16 }, 0, 0,
                 "[eq:rule-move] one tensor in three parts");
    ok(tape_value(tape, s).data == x.data, "a slice is a view");
    /* a slice of a permutation of a new shape, squared */
    tape_reset(tape);
    const var q = tape_variable(tape, x);
    const var r = tape_permute(tape, tape_reshape(tape, q, SHAPE(2, 2, 2)),
                               (const int[]){ 2, 0, 1 });
    const var u = tape_reshape(tape, tape_slice(tape, r, 0, 1, END, 1),
                               SHAPE(INFER));
    ok(tape_value(tape, r).data == x.data, "so is what is permuted");
    tape_backward(tape, tape_sum(tape, tape_square(tape, u), ALL));
    tensor_numbers(tape_gradient(tape, q), got);
    ok_all_close(8, got, (const double[]){ 0, 6, 0, 4, 0, 6, 0, 2 }, 0, 0,
                 "[eq:rule-move] odd places, by three views");
    /* a table of which row 2 is used three times, and row 0 never */
    tape_reset(tape);
    const var e = tape_variable(tape, tensor_ones(&memory, SHAPE(3, 4)));
    const var g = tape_gather(tape, e, 4, (const int[]){ 2, 1, 2, 2 });
    tape_backward_from(tape, g, tensor_reshape(tensor_arange(&memory, 16),
                                               SHAPE(4, 4)));
    tensor_numbers(tape_gradient(tape, e), got);
    ok_all_close(12, got, (const double[]){ 0, 0, 0, 0, 4, 5, 6, 7,
                                            20, 23, 26, 29 }, 0, 0,
                 "[eq:rule-gather] rows that are named often add up");
}

/* Constants that are stretched, one number seen many times. */
static void stretched(void)
{
    double got[6], want[6];
    prepare();
    const tensor row = tensor_from(&memory, VALUES(0.7, -1.9, 1.3),
                                   SHAPE(3));
    const tensor column = tensor_from(&memory, VALUES(1.1, -0.6),
                                      SHAPE(2, 1));
    const tensor s[] = { tensor_broadcast(row, SHAPE(2, 3)),
                         tensor_broadcast(column, SHAPE(2, 3)) };
    for (int k = 0; k < 2; k++)
        for (int copy = 0; copy < 2; copy++) {
            tape_reset(tape);
            const var w = tape_constant(tape,
                              copy ? tensor_clone(&memory, s[k]) : s[k]);
            const var x = tape_variable(tape, tensor_full(&memory, 0.3,
                                                          SHAPE(3, 2)));
            const var y = tape_matmul(tape, w, x);
            const var z = tape_matmul(tape, x, tape_tanh(tape, w));
            tape_backward(tape, tape_add(tape,
                tape_sum(tape, tape_square(tape, y), ALL),
                tape_sum(tape, tape_square(tape, z), ALL)));
            tensor_numbers(tape_gradient(tape, x), copy ? want : got);
            if (copy)
                ok_all_close(6, got, want, 0, 1e-15,
                             "[eq:rule-matmul] a stretched %s",
                             k == 0 ? "row" : "column");
        }
    /* one part of three is wanted */
    tape_reset(tape);
    const var c = tape_constant(tape, s[0]);
    const var x = tape_variable(tape, tensor_ones(&memory, SHAPE(1, 3)));
    tape_backward(tape, tape_sum(tape, tape_square(tape,
                  tape_cat(tape, VARS(c, x, c), 0)), ALL));
    tensor_numbers(tape_gradient(tape, x), got);
    ok_all_close(3, got, (const double[]){ 2, 2, 2 }, 0, 0,
                 "[eq:rule-move] constants among the parts");
}

/* Attention, softmax(Q K^T) V for two heads, against single products. */
static void attention(void)
{
    enum { T = 3, H = 2, D = 4 };
    gsl_rng *r = random_new(5);
    double got[T * H * D], want[T * H * D];
    prepare();
    const tensor x = tensor_normal(&memory, r, 0, 1, SHAPE(T, H * D));
    gsl_rng_free(r);
    for (int pass = 0; pass < 2; pass++) {
        tape_reset(tape);
        const var p = tape_variable(tape, x);
        var z[H];
        for (int h = 0; h < H && pass == 0; h++) {
            const var q = tape_slice(tape, p, 1, h * D, h * D + D, 1);
            const var S = tape_matmul(tape, q, tape_transpose(tape, q));
            const var l = tape_reshape(tape, tape_logsumexp(tape, S),
                                       SHAPE(T, 1));
            const var P = tape_exp(tape, tape_sub(tape, S, l));
            z[h] = tape_matmul(tape, P, q);
        }
        if (pass == 1) {        /* (T,H D) to (H,T,D) and back */
            const var q = tape_permute(tape, tape_reshape(tape, p,
                              SHAPE(T, H, D)), (const int[]){ 1, 0, 2 });
            const var S = tape_matmul(tape, q, tape_transpose(tape, q));
            const var l = tape_reshape(tape, tape_logsumexp(tape, S),
                                       SHAPE(H, T, 1));
            const var P = tape_exp(tape, tape_sub(tape, S, l));
            z[0] = tape_reshape(tape, tape_permute(tape, tape_matmul(tape,
                       P, q), (const int[]){ 1, 0, 2 }), SHAPE(T, H * D));
        }
        const var all = pass == 0 ? tape_cat(tape, H, z, 1) : z[0];
        tape_backward(tape, tape_sum(tape, tape_square(tape, all), ALL));
        tensor_numbers(tape_gradient(tape, p), pass == 0 ? want : got);
    }
    ok_all_close(T * H * D, got, want, 1e-13, 1e-12,
                 "[eq:rule-batch] [eq:rule-move] two heads of attention");
}

/* The conformance rows: x = 1..5, W a + b. */
static void sources(void)
{
    double got[15];
    const double twice[] = { 2, 4, 6, 8, 10 };
    const double rows[] = { 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5 };
    prepare();
    const tensor x = tensor_rows(tensor_arange(&memory, 6), 1, 5);
    var p = tape_variable(tape, x);
    var y = tape_sum(tape, tape_square(tape, p), ALL);
    tape_backward(tape, y);
    ok_close(tensor_item(tape_value(tape, y)), 55, 0, 0, "sum of squares");
    tensor_numbers(tape_gradient(tape, p), got);
    ok_all_close(5, got, twice, 0, 0, "gradient of a sum of squares");
    tape_reset(tape);
    p = tape_variable(tape, x);
    tape_backward_from(tape, tape_square(tape, p),
                       tensor_ones(&memory, SHAPE(5)));
    tensor_numbers(tape_gradient(tape, p), got);
    ok_all_close(5, got, twice, 0, 0, "[eq:vjp] of squares with seed 1");
    tensor_numbers(weights_gradient(tensor_ones(&memory, SHAPE(3, 1))), got);
    ok_all_close(15, got, rows, 0, 0,
                 "[eq:vector-by-matrix] W a + b by W, seed 1");
    const double s[] = { 1.3, -0.7, 2.1 };
    double want[15];
    for (size_t i = 0; i < 15; i++)
        want[i] = s[i / 5] * (double)(i % 5 + 1);
    tensor_numbers(weights_gradient(tensor_from(&memory, 3, s,
                                                SHAPE(3, 1))), got);
    ok_all_close(15, got, want, 0, 1e-15,
                 "[eq:vector-by-matrix] s a^T for a seed s");
}

/* sigmoid(w x + b), w = (1,-2), x = (3,2), b = 2: every number of the graph */
static void neurons(void)
{
    const double y = 0.7310585786300049, d = 0.19661193324148185;
    const double e = 0.36787944117144233;
    prepare();
    const var v = neuron();
    double gradient[9][2];
    for (int i = 0; i <= v.id; i++)
        tensor_numbers(tape_gradient(tape, (var){ i }), gradient[i]);
    ok_close(tensor_item(tape_value(tape, v)), y, 0, 1e-15, "y");
    ok_close(y * (1 - y), d, 0, 1e-14, "[eq:neuron-gradient] y (1 - y)");
    ok_all_close(2, gradient[0], (const double[]){ 3 * d, 2 * d }, 0, 1e-14,
                 "[eq:neuron-gradient] dw = y (1 - y) x");
    ok_all_close(2, gradient[1], (const double[]){ d, -2 * d }, 0, 1e-14,
                 "[eq:neuron-gradient] dx = y (1 - y) w");
    ok_close(gradient[2][0], d, 0, 1e-14, "[eq:neuron-gradient] db");
    const double edge[] = { gradient[3][0], gradient[4][0], gradient[5][0],
                            gradient[6][0], gradient[7][0], gradient[8][0] };
    const double want[] = { d, d, -d, -y * y, -y * y, 1 };
    ok_all_close(6, edge, want, 0, 1e-14, "the gradient at every edge");
    ok_close(d / e, y * y, 0, 1e-14, "they fit together");
    ok_close(two_digits(3 * two_digits(two_digits(1 / (1.37 * 1.37)) * 0.37)),
             0.6, 0, 1e-12, "two digits at a time: what the sources print");
}

static void jacobians(void)
{
    prepare();
    double got[6], want[6];
    const double W[] = { 0.731, -1.917, 1.284, 0.366, -2.041, 0.713 };
    const double x[] = { 2.385, -0.845, 1.663 };
    const var p = tape_variable(tape, tensor_from(&memory, 3, x,
                                                  SHAPE(3, 1)));
    const var w = tape_constant(tape, tensor_from(&memory, 6, W,
                                                  SHAPE(2, 3)));
    const var y = tape_matmul(tape, w, tape_square(tape, p));
    for (size_t i = 0; i < 6; i++)
        want[i] = 2 * W[i] * x[i % 3];
    for (int pass = 0; pass < 2; pass++) {
        tensor_numbers(tape_jacobian(&memory, tape, y, p), got);
        ok_all_close(6, got, want, 0, 1e-15,
                     "[eq:jacobian-rows] 2 W_ij x_j");
    }
    /* a result with two axes, by one with two axes: row order */
    tape_reset(tape);
    const var q = tape_variable(tape, tensor_from(&memory, 6, W,
                                                  SHAPE(2, 3)));
    const tensor J = tape_jacobian(&memory, tape, tape_transpose(tape, q),
                                   q);
    ok_text(TENSOR_SHAPE(J), "(6, 6)", "the Jacobian of a transpose");
    size_t ones = 0;
    for (size_t i = 0; i < 6; i++)              /* z_ij is x_ji */
        ones += AT(J, i, i % 2 * 3 + i / 2) == 1;
    ok(ones == 6 && tensor_item(tensor_sum(&memory, J, ALL)) == 6,
       "[eq:jacobian-rows] [eq:rule-transpose] is a permutation");
}

/* x is used four times, at two depths; a parameter twice on the tape-> */
static void sharing(void)
{
    prepare();
    const tensor x = tensor_from(&memory, VALUES(1.7, -0.4, 2.385),
                                 SHAPE(3));
    const tensor dx = tensor_full(&memory, 0.25, SHAPE(3));
    const var p = tape_parameter(tape, x, dx);
    const var q = tape_mul(tape, p, p);                    /* x^2 */
    const var r = tape_add(tape, tape_mul(tape, q, p), p); /* x^3 + x */
    tape_backward(tape, tape_sum(tape, r, ALL));
    double got[3], want[3];
    tensor_numbers(dx, got);
    for (size_t i = 0; i < 3; i++)
        want[i] = 0.25 + 3 * AT(x, i) * AT(x, i) + 1;
    ok_all_close(3, got, want, 0, 1e-15,
                 "[eq:adjoint] x^3 + x, added to what was there");
    tape_reset(tape);
    const var a = tape_parameter(tape, x, dx);
    const var b = tape_parameter(tape, x, dx);
    tensor_copy(dx, tensor_scalar(&memory, 0));
    tape_backward(tape, tape_sum(tape, tape_mul(tape, a, b), ALL));
    tensor_numbers(dx, got);
    for (size_t i = 0; i < 3; i++)
        want[i] = 2 * AT(x, i);
    ok_all_close(3, got, want, 0, 1e-15,
                 "one tensor as two parameters: both add up");
    tape_rewind(tape);
    tape_backward(tape, (var){ tape->n - 1 });
    tensor_numbers(dx, got);
    for (size_t i = 0; i < 3; i++)
        want[i] *= 2;
    ok_all_close(3, got, want, 0, 1e-15,
                 "a sweep after a rewind adds the same again");
}

/* Constants get no gradient, nor does what is made of them alone. */
static void wanted(void)
{
    prepare();
    const var c = tape_constant(tape, tensor_full(&memory, 1.5,
                                                   SHAPE(2, 3)));
    const var p = tape_variable(tape, tensor_full(&memory, 2, SHAPE(3, 2)));
    const var d = tape_exp(tape, c);
    const var z = tape_matmul(tape, d, p);
    tape_backward(tape, tape_sum(tape, z, ALL));
    ok(!tape_node(tape, c.id)->wanted && !tape_node(tape, d.id)->wanted
       && tape_node(tape, z.id)->wanted,
       "only what leads to a parameter counts");
    ok(tape_node(tape, d.id)->gradient.data == NULL,
       "no memory for a gradient that nobody wants");
    ok_close(AT(tape_gradient(tape, p), 2, 1), 2 * exp(1.5), 0, 1e-15,
             "the parameter behind it gets its own");
    ok_close(tensor_item(tape_value(tape, tape_number(tape, 0.7))), 0.7,
             0, 0, "a number");
}

static size_t arena_blocks(const struct arena *a)
{
    size_t n = 0;
    for (const struct block *b = a->first; b != NULL; b = b->next)
        n++;
    return n;
}

static void long_chain(void)
{
    prepare();
    size_t blocks = 0;
    int room = 0;
    for (int pass = 0; pass < 3; pass++) {
        tape_reset(tape);
        var y = tape_variable(tape, tensor_scalar(&memory, 1.3));
        const var first = y;
        for (int k = 0; k < 100000; k++)
            y = tape_shift(tape, tape_scale(tape, y, 1 + 1e-5), 1e-6);
        tape_backward(tape, y);
        if (pass == 0) {
            blocks = arena_blocks(&tape->arena), room = tape->room;
            ok_equal((size_t)tape->n, 200001, "a chain of 200001 nodes");
            ok_close(tensor_item(tape_gradient(tape, first)),
                     exp(1e5 * log1p(1e-5)), 0, 1e-10,
                     "[eq:adjoint] dy/dx over 200000 steps");
        }
    }
    ok_equal(arena_blocks(&tape->arena), blocks, "no new block after reset");
    ok_equal((size_t)tape->room, (size_t)room, "no new nodes after reset");
}

/* A two-layer network, all parameters in one vector. */
enum { NET_B = 5, NET_I = 3, NET_H = 4, NET_K = 3,
       NET_N = NET_I * NET_H + NET_H + NET_H * NET_K + NET_K };
struct net { tensor X; const int *label; double gradient[NET_N]; };

static var net_record(struct net *net, tensor theta, tensor grad)
{
    size_t at = 0;
    tape_reset(tape);
    const var W = tape_next(tape, theta, grad, &at, SHAPE(NET_I, NET_H));
    const var b = tape_next(tape, theta, grad, &at, SHAPE(NET_H));
    const var V = tape_next(tape, theta, grad, &at, SHAPE(NET_H, NET_K));
    const var c = tape_next(tape, theta, grad, &at, SHAPE(NET_K));
    const var x = tape_constant(tape, net->X);
    const var h = tape_tanh(tape, tape_add(tape, tape_matmul(tape, x, W),
                                           b));
    const var z = tape_add(tape, tape_matmul(tape, h, V), c);
    return tape_cross_entropy(tape, z, net->label);
}

static double net_loss(void *context, const double theta[], size_t n)
{
    struct net *net = context;
    double copy[NET_N];
    memcpy(copy, theta, n * sizeof *copy);
    memset(net->gradient, 0, sizeof net->gradient);
    const var L = net_record(net, tensor_wrap(copy, SHAPE(NET_N)),
                             tensor_wrap(net->gradient, SHAPE(NET_N)));
    tape_backward(tape, L);
    return tensor_item(tape_value(tape, L));
}

/* to <- keep to + scale dL/dtheta: to others, to the gradient, to theta. */
static void collecting(struct net *net, double theta[], double dL[])
{
    double grad[NET_N], to[NET_N], want[NET_N], saved[NET_N];
    const tensor T = tensor_wrap(theta, SHAPE(NET_N));
    const tensor g = tensor_wrap(grad, SHAPE(NET_N));
    const struct { const char *name; double scale, keep, start; } c[] =
        { { "added", 1, 1, 0.3 }, { "averaged", -0.7, 0.9, 0.3 },
          { "kept nothing of a NaN", 2, 0, NAN } };
    memcpy(saved, theta, sizeof saved);
    for (size_t k = 0; k < 2 * sizeof c / sizeof c[0]; k++) {
        const size_t j = k / 2;
        double *const p = k % 2 == 0 ? to : grad;
        for (size_t i = 0; i < NET_N; i++) {
            grad[i] = to[i] = c[j].start;
            want[i] = c[j].scale * dL[i];
            if (c[j].keep != 0)
                want[i] += c[j].keep * c[j].start;
        }
        tape_collect(tape, net_record(net, T, g), c[j].scale, c[j].keep, g,
                     tensor_wrap(p, SHAPE(NET_N)));
        ok_all_close(NET_N, p, want, 1e-15, 1e-14, "[eq:vjp] %s, %s",
                     c[j].name, p == grad ? "in the gradient" : "elsewhere");
    }
    size_t blocks = 0;
    int room = 0;
    for (int step = 0; step < 50; step++) {
        for (size_t i = 0; i < NET_N; i++)
            want[i] = theta[i];
        net_loss(net, theta, NET_N);
        for (size_t i = 0; i < NET_N; i++)
            want[i] -= 0.5 * net->gradient[i];
        tape_collect(tape, net_record(net, T, g), -0.5, 1, g, T);
        if (memcmp(want, theta, sizeof want) != 0)
            break;
        if (step == 0)
            blocks = arena_blocks(&tape->arena), room = tape->room;
    }
    ok_all_close(NET_N, theta, want, 0, 0,
                 "theta itself moves only when the sweep is over");
    ok(arena_blocks(&tape->arena) == blocks && tape->room == room,
       "fifty steps of descent allocate what one does");
    memcpy(theta, saved, sizeof saved);
}

static void network(void)
{
    static const int label[NET_B] = { 2, 0, 1, 1, 0 };
    gsl_rng *r = random_new(11);
    double theta[NET_N], claim[NET_N];
    prepare();
    struct net net = { .X = tensor_normal(&memory, r, 0, 1,
                                          SHAPE(NET_B, NET_I)),
                       .label = label };
    for (size_t i = 0; i < NET_N; i++)
        theta[i] = 2 * random_uniform(r) - 1;
    gsl_rng_free(r);
    net_loss(&net, theta, NET_N);
    memcpy(claim, net.gradient, sizeof claim);
    const struct gradcheck c = grad_check(net_loss, &net, theta, claim,
                                          NET_N, 1e-9, 1e-7);
    ok(grad_passed(c) && c.checked == NET_N,
       "[eq:vjp] a two-layer network, all %d parameters", NET_N);
    collecting(&net, theta, claim);
}

/* w after n epochs of the program's line; zero: dw is cleared. */
static double line_fit(size_t n, bool zero, const double x[],
                       const double y[])
{
    double w = 1, dw = 0;
    for (size_t k = 0; k < n * POINTS; k++) {
        line_step(&w, &dw, x[k % POINTS], y[k % POINTS]);
        dw = zero ? 0 : dw;
    }
    return w;
}

static void lines(void)
{
    double w = 1.37, dw = 0, x[POINTS], y[POINTS], best, variance, sum;
    prepare();
    option.lr = 0.01;
    line_step(&w, &dw, 0.6, 1.9);
    ok_close(dw, -1.2936, 0, 1e-14,         /* 2 * 0.6 * (0.822 - 1.9) */
             "[eq:line-gradient] at w = 1.37, x = 0.6, y = 1.9");
    ok_close(w, 1.382936, 0, 1e-14, "[eq:line-gradient] a step of 0.01");
    rng = random_new(100);
    line_points(x, y);
    gsl_rng_free(rng);
    rng = NULL;
    gsl_fit_mul(x, 1, y, 1, POINTS, &best, &variance, &sum);
    ok_close(line_fit(1000, true, x, y), best, 2e-3, 0,
             "descent ends near least squares");             /* 5e-4 */
    ok(fabs(line_fit(1000, true, x, y) - 2) > 0.01,
       "and not at the slope that made the points");
    ok(fabs(line_fit(1000, false, x, y) - best) > 0.1,
       "without zeroing it does not settle");
}

static void cars(void)
{
    tensor speed, dist;
    prepare();
    cars_read(&speed, &dist);
    const tensor theta = tensor_zeros(&memory, SHAPE(2));
    const tensor g = tensor_zeros(&memory, SHAPE(2));
    const double s = tensor_item(tensor_std(&memory, speed, ALL));
    const double m = tensor_item(tensor_mean(&memory, speed, ALL));
    tensor x = tensor_clone(&memory, speed);
    for (size_t i = 0; i < CARS; i++)
        AT(x, i, 0) = (AT(x, i, 0) - m) / s;
    for (int k = 0; k < 200; k++)
        cars_step(theta, g, x, dist, 0.1);
    ok_close(AT(theta, 0) / s, 3.93240875912, 0, 1e-10,
             "cars: the slope as R has it");
    ok_close(AT(theta, 1) - AT(theta, 0) / s * m, -17.57909489051, 0, 1e-10,
             "cars: the intercept as R has it");
}

/* -- bugs of a program are reported -------------------------------------- */

static var parameter_of(int rank, const size_t shape[])
{
    return tape_variable(tape, tensor_ones(&memory, rank, shape));
}

static void sweep_twice(void)
{
    const var y = tape_sum(tape, parameter_of(SHAPE(2, 3)), ALL);
    tape_backward(tape, y);
    tape_backward(tape, y);
}
static void sweep_vector(void)
{
    tape_backward(tape, tape_exp(tape, parameter_of(SHAPE(2, 3))));
}
static void sweep_constant(void)
{
    tape_backward(tape, tape_number(tape, 1));
}
static void seed_shape(void)
{
    tape_backward_from(tape, tape_exp(tape, parameter_of(SHAPE(2, 3))),
                       tensor_ones(&memory, SHAPE(3, 2)));
}
static void early_gradient(void)
{
    tape_gradient(tape, tape_exp(tape, parameter_of(SHAPE(2))));
}
static void constant_gradient(void)
{
    const var c = tape_number(tape, 3);
    const var x = parameter_of(SHAPE(1));
    tape_backward(tape, tape_mul(tape, c, x));
    tape_gradient(tape, c);
}
static void stale_var(void)
{
    const var x = parameter_of(SHAPE(2));
    tape_reset(tape);
    tape_exp(tape, x);
}
static void gradient_shape(void)
{
    tape_parameter(tape, tensor_ones(&memory, SHAPE(2, 3)),
                   tensor_ones(&memory, SHAPE(3, 2)));
}
static void label_range(void)
{
    static const int label[] = { 0, 3 };
    tape_cross_entropy(tape, parameter_of(SHAPE(2, 3)), label);
}
static void product_shape(void)
{
    tape_matmul(tape, parameter_of(SHAPE(2, 3)), parameter_of(SHAPE(2, 3)));
}
static void batch_shape(void)
{
    tape_matmul(tape, parameter_of(SHAPE(2, 3, 4)),
                parameter_of(SHAPE(3, 4, 3)));
}
static void flat_product(void)
{
    tape_matmul(tape, parameter_of(SHAPE(3)), parameter_of(SHAPE(3)));
}
static void flat_transpose(void)
{
    tape_transpose(tape, parameter_of(SHAPE(3)));
}
static void slice_axis(void)
{
    tape_slice(tape, parameter_of(SHAPE(2, 3)), 2, 0, 1, 1);
}
static void slice_step(void)
{
    tape_slice(tape, parameter_of(SHAPE(2, 3)), 1, 0, 1, 0);
}
static void permute_twice(void)
{
    tape_permute(tape, parameter_of(SHAPE(2, 3)), (const int[]){ 1, 1 });
}
static void permute_axis(void)
{
    tape_permute(tape, parameter_of(SHAPE(2, 3)), (const int[]){ 0, 2 });
}
static void reshape_size(void)
{
    tape_reshape(tape, parameter_of(SHAPE(2, 3)), SHAPE(7));
}
static void gather_row(void)
{
    tape_gather(tape, parameter_of(SHAPE(2, 3)), 2, (const int[]){ 0, 2 });
}
static void gather_negative(void)
{
    tape_gather(tape, parameter_of(SHAPE(2, 3)), 1, (const int[]){ -1 });
}
static void gather_number(void)
{
    tape_gather(tape, parameter_of(SCALAR), 1, (const int[]){ 0 });
}
static void cat_size(void)
{
    tape_cat(tape, VARS(parameter_of(SHAPE(2, 3)),
                        parameter_of(SHAPE(1, 3))), 1);
}
static void cat_rank(void)
{
    tape_cat(tape, VARS(parameter_of(SHAPE(2, 3)),
                        parameter_of(SHAPE(3))), 0);
}
static void cat_nothing(void)
{
    tape_cat(tape, 0, NULL, 0);
}
static void max_nothing(void)
{
    tape_max(tape, parameter_of(SHAPE(2, 0)), 1);
}
static void next_beyond(void)
{
    size_t at = 4;
    const tensor theta = tensor_ones(&memory, SHAPE(7));
    tape_next(tape, theta, theta, &at, SHAPE(2, 2));
}
static void jacobian_lent(void)
{
    const tensor x = tensor_ones(&memory, SHAPE(2));
    const var p = tape_parameter(tape, x, tensor_ones(&memory, SHAPE(2)));
    tape_jacobian(&memory, tape, tape_exp(tape, p), p);
}
static void scalar_range(void)
{
    struct scalar_tape t = { .arena = &memory };
    scalar_exp(&t, (scalar){ 0 });
}

static void bugs(void)
{
    prepare();
    ok_dies(sweep_twice, "this tape was swept already", "a second sweep");
    ok_dies(sweep_vector, "the root has shape (2, 3), not one element",
            "a root that is not a single number");
    ok_dies(sweep_constant, "no parameter lies behind node 0 (constant)",
            "a root without parameters");
    ok_dies(seed_shape, "seed (3, 2) for a root of shape (2, 3)",
            "a seed of another shape");
    ok_dies(early_gradient, "has none before the sweep",
            "a gradient before the sweep");
    ok_dies(constant_gradient, "node 0 (constant) has none",
            "the gradient of a constant");
    ok_dies(stale_var, "node 0 of a tape of 0", "a var of an earlier tape");
    ok_dies(gradient_shape, "value (2, 3), gradient (3, 2)",
            "a gradient of another shape");
    ok_dies(label_range, "label 3 of row 1 is not below 3", "a bad label");
    ok_dies(product_shape, "tape_matmul: (2, 3) times (2, 3)",
            "matrices that do not fit");
    ok_dies(batch_shape, "tape_matmul: (2, 3, 4) times (3, 4, 3)",
            "piles of two heights");
    ok_dies(flat_product, "tape_matmul: (3) times (3)", "two vectors");
    ok_dies(flat_transpose, "tape_transpose: shape (3)",
            "the transpose of a vector");
    ok_dies(slice_axis, "axis 2 of a tensor of shape (2, 3)",
            "a slice along no axis");
    ok_dies(slice_step, "the step must be positive", "a slice of step 0");
    ok_dies(permute_twice, "axis 1 twice", "a permutation that is none");
    ok_dies(permute_axis, "axis 2 of a tensor", "an axis that is not there");
    ok_dies(reshape_size, "(2, 3) to (7)", "a shape of another size");
    ok_dies(gather_row, "tape_gather: row 2 of shape (2, 3)",
            "a row that is not there");
    ok_dies(gather_negative, "tape_gather: row -1 of shape (2, 3)",
            "a row before the first");
    ok_dies(gather_number, "axis 0 of a tensor of shape ()",
            "the rows of a number");
    ok_dies(cat_size, "tape_cat: a part of shape (1, 3)",
            "parts of different sizes");
    ok_dies(cat_rank, "tape_cat: a part of shape (3)",
            "parts of different ranks");
    ok_dies(cat_nothing, "tape_cat: no tensors", "no parts");
    ok_dies(max_nothing, "the maximum of no elements", "an empty maximum");
    ok_dies(next_beyond, "tensor_rows: 4 from 4 on of shape (7)",
            "a parameter beyond theta");
    ok_dies(jacobian_lent, "tape_jacobian: by a parameter",
            "a Jacobian by what adds up");
    ok_dies(scalar_range, "scalar 0 of a tape of 0", "a scalar not there");
}

/* -- text and graph ------------------------------------------------------- */

static void captured(void (*f)(FILE *, const struct tape *), char *out,
                     size_t size)
{
    FILE *file = tmpfile();
    if (file == NULL)
        tap_bail_out("cannot make a file");
    f(file, tape);
    rewind(file);
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
}

static size_t occurrences(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        n++;
    return n;
}

static void pictures(void)
{
    static char out[20000];
    prepare();
    (void)neuron();
    captured(tape_print, out, sizeof out);
    ok(strstr(out, "  0  w                        [1, -2]           "
                   "[0.5898, 0.3932]\n") != NULL, "the listing: w");
    ok(strstr(out, "  7  shift 1          6       1.368             "
                   "-0.5344\n") != NULL, "the listing: e^-z + 1");
    ok_equal(occurrences(out, "\n"), 10, "a line for each node");
    captured(tape_draw, out, sizeof out);
    ok(strncmp(out, "digraph tape {", 14) == 0
       && strcmp(out + strlen(out) - 3, "\n}\n") == 0,
       "the graph begins and ends");
    ok_equal(occurrences(out, "shape=box"), 3, "three leaves");
    ok_equal(occurrences(out, "shape=ellipse"), 6, "six operations");
    ok_equal(occurrences(out, "<table"), 9, "nine edges");
    ok_equal(occurrences(out, ">0.1966</font>"), 3, "three edges of 0.1966");
    tape_reset(tape);
    const var x = parameter_of(SHAPE(2, 3)), y = tape_exp(tape, x);
    const var c = tape_cat(tape, VARS(x, x, y), 0);
    captured(tape_print, out, sizeof out);
    ok(strstr(out, "  2  cat axis 0       0, 0, 1 (6, 3)            -\n")
       == NULL && strstr(out, "  2  cat axis 0       0, 0, 1 (6, 3)") != NULL,
       "the listing: a node of three parts");
    captured(tape_draw, out, sizeof out);
    ok_equal(occurrences(out, "<table"), 4, "an edge for two in a row");
    ok_equal(occurrences(out, "style=invis"), 1, "one edge leads out");
    ok_text(tape_title(tape_node(tape, c.id)).s, "cat axis 0", "a title");
    tape_reset(tape);
    const var m = tape_mean(tape, parameter_of(SHAPE(2, 3)), 1);
    ok_text(tape_title(tape_node(tape, m.id)).s, "mean axis 1", "a title");
    ok_text(tape_text(tape_value(tape, (var){ 0 })).s, "(2, 3)",
            "a large tensor is its shape");
    ok_text(tape_text(tensor_scalar(&memory, -0.0)).s, "0", "no minus zero");
}

int main(void)
{
    TAP_RUN(truncation);
    TAP_RUN(rounding);
    TAP_RUN(bounds);
    TAP_RUN(best_step);
    TAP_RUN(checker_passes);
    TAP_RUN(checker_fails);
    TAP_RUN(duals);
    TAP_RUN(directions);
    TAP_RUN(scalars);
    TAP_RUN(accumulation);
    TAP_RUN(naive);
    TAP_RUN(hessians);
    TAP_RUN(operations);
    TAP_RUN(extremes);
    TAP_RUN(quotients);
    TAP_RUN(moving);
    TAP_RUN(stretched);
    TAP_RUN(attention);
    TAP_RUN(sources);
    TAP_RUN(neurons);
    TAP_RUN(jacobians);
    TAP_RUN(sharing);
    TAP_RUN(wanted);
    TAP_RUN(long_chain);
    TAP_RUN(network);
    TAP_RUN(lines);
    TAP_RUN(cars);
    TAP_RUN(bugs);
    TAP_RUN(pictures);
    tape_free(tape);
    arena_free(&memory);
    return tap_done();
}
