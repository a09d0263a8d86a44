/*
 * Tests of chapters 3 and 4 in single precision: the modules in float give
 * what R gives in double, as far as float goes.
 */
#define REAL float
#include "../tangled/tap.h"
#include "../tangled/dataset.h"
#include "../tangled/glm.h"
#include "../tangled/data/cars.h"
#include "../tangled/data/warpbreaks.h"
#include "oracle/03-linear-regression.h"
#include "oracle/04-logistic-regression.h"

static struct arena memory;

/* Each number of t, in float, against the expected one. */
static void same(tensor t, const double want[], double tolerance,
                 const char *title)
{
    double got[64];
    for (size_t i = 0; i < t.shape[0]; i++)
        got[i] = (double)AT(t, i);
    ok_all_close(t.shape[0], got, want, 0, tolerance, "%s", title);
}

static struct frame embedded(const char *const lines[], size_t n)
{
    struct frame f = { 0 };
    struct error e;
    if (!csv_lines(&f, &memory, lines, n, "embedded", &e))
        error_print(&e);
    return f;
}

static void lines(void)
{
    const struct frame f = embedded(cars_csv, cars_csv_lines);
    const tensor X = frame_design(&memory, &f, "dist");
    const tensor y = frame_column(&f, "dist")->number;
    tensor theta = tensor_zeros(&memory, SHAPE(2));
    tensor error = tensor_zeros(&memory, SHAPE(2));
    ok(linear_solve_qr(&memory, X, y, theta), "QR solves");
    /* factorised in double, stored in float: measured 4e-8 */
    same(theta, r_cars_theta, 1e-6, "[eq:qr-solve] cars in float");
    ok(linear_solve_cholesky(&memory, X, y, 0, theta), "Cholesky solves");
    same(theta, r_cars_theta, 1e-6, "[eq:cholesky-solve] cars in float");
    const double s = linear_errors(&memory, X, y, theta, error);
    ok_close(s, r_cars_sigma_r2[0], 0, 1e-5, "[eq:standard-error] s");
    same(error, r_cars_error, 1e-5, "[eq:standard-error] cars in float");
}

static void descents(void)
{
    const struct frame f = embedded(cars_csv, cars_csv_lines);
    static const char *const speed[] = { "speed" };
    const tensor x = frame_matrix(&memory, &f, 1, speed);
    const struct scaling s = scaling_fit(&memory, x);
    const tensor X = with_ones(&memory, scaling_apply(&memory, &s, x));
    tensor path = tensor_zeros(&memory, SHAPE(101, 2));
    linear_descend(&memory, X, frame_column(&f, "dist")->number, 0.5, 0,
                   path);
    tensor theta = tensor_select(path, 0, 100);
    scaling_undo(&s, theta);
    /* measured: 3e-7 */
    same(theta, r_cars_theta, 1e-5, "[eq:descent] cars in float");
}

static void models(void)
{
    const struct frame f = embedded(warpbreaks_csv, warpbreaks_csv_lines);
    struct glm M = glm_new(&memory, &poisson,
                           frame_design(&memory, &f, "breaks"),
                           frame_column(&f, "breaks")->number, 0);
    ok(glm_fit(&M) == GLM_DONE, "a Poisson model in float");
    /* measured: 3e-7 */
    same(M.theta, r_glm_warp_theta, 1e-5, "[eq:newton] warpbreaks in float");
    ok_close(glm_deviance(&M), r_glm_warp_deviance[0], 0, 1e-5,
             "[eq:deviance] warpbreaks in float");
}

static void too_large(void)
{
    static const char *const text[] = { "x", "1e38", "1e39" };
    struct frame f;
    struct error e;
    ok(!csv_lines(&f, &memory, text, 3, "t", &e) && e.line == 3
       && strstr(e.text, "too large") != NULL, "1e39 fits no float");
}

int main(void)
{
    TAP_RUN(lines);
    TAP_RUN(descents);
    TAP_RUN(models);
    TAP_RUN(too_large);
    return tap_done();
}
