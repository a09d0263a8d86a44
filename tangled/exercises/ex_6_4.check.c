#include "exercise.h"
#define REAL double
#include "dual.h"

double swish(double beta, double z, double *slope);

/* The value and the slope by dual numbers. */
static void compare(double beta, double z)
{
    const dual x = dual_variable(z);
    const dual want = dual_mul(x, dual_sigmoid(dual_scale(x, beta)));
    double slope = ex_unset();
    ex_case("beta = %g, z = %g", beta, z);
    ex_close_to("the value", swish(beta, z, &slope), want.a, 0.0, 1e-12);
    ex_close_to("the slope", slope, want.b, 1e-15, 1e-11);
}

static void moderate(void)
{
    static const double z[] = { 0.7, -0.3, 2.385, -1.9, 4.1, -3.7 };
    for (size_t i = 0; i < 6; i++)
        compare(1.0, z[i]);
}

static void other_betas(void)
{
    static const double z[] = { 0.7, -0.3, 2.385, -1.9 };
    for (size_t i = 0; i < 4; i++) {
        compare(1.702, z[i]);
        compare(0.4, z[i]);
        compare(9.5, z[i]);
    }
}

static void far_out(void)
{
    double slope;
    for (int i = 1; i <= 4; i++) {
        const double z = pow(10, i) * 85;
        ex_case("beta = 2.5, z = %g", z);
        slope = ex_unset();
        ex_close_to("the value", swish(2.5, z, &slope), z, 0.0, 1e-14);
        ex_close_to("the slope", slope, 1.0, 1e-14, 0.0);
        ex_case("beta = 2.5, z = %g", -z);
        slope = ex_unset();
        ex_close_to("the value", swish(2.5, -z, &slope), 0.0, 1e-300, 0.0);
        ex_close_to("the slope", slope, 0.0, 1e-300, 0.0);
    }
    compare(1.0, -36.5);
    compare(1.0, 36.5);
}

/* The z in [low, high] with slope 0, or with the value a on the left. */
static double bisect(double low, double high, bool by_value, double a)
{
    for (int i = 0; i < 100; i++) {
        const double z = (low + high) / 2;
        double slope = ex_unset();
        const double value = swish(1.3, z, &slope);
        *((by_value ? value > a : slope < 0) ? &low : &high) = z;
    }
    return low;
}

static void dip(void)
{
    const double z = bisect(-3, 0, false, 0);
    double left = ex_unset(), right = ex_unset();
    ex_case("beta = 1.3");
    ex_close_to("1.3 z at the lowest point", 1.3 * z, -1.2784645427610738,
                0.0, 1e-9);
    ex_close_to("the value there", swish(1.3, z, &left), z + 1 / 1.3, 0.0,
                1e-12);
    const double a = swish(1.3, -0.4, &right);
    const double twin = bisect(-20, z, true, a);
    ex_close_to("the same value further left", swish(1.3, twin, &left), a,
                0.0, 1e-12);
    ex_true(left < 0 && right > 0, "the slopes there have opposite signs");
}

EX_MAIN("6.4",
    { "values and slopes for beta = 1", "eq:sigmoid-slope", moderate },
    { "other constants", "eq:activation-gradient", other_betas },
    { "far out on both sides", "eq:sigmoid-slope", far_out },
    { "the dip", "eq:sigmoid-slope", dip })
