#include "exercise.h"
#include <gsl/gsl_poly.h>
#define REAL double
#include "dual.h"

dual horner_dual(size_t n, const double c[], dual x);

static const double c[7] = { 2.385, -0.67, 1.9, 0.0, -3.14, 0.75, 0.081 };

static void compare(size_t n, dual x)
{
    double want[2] = { 0.0, 0.0 };
    const dual p = horner_dual(n, c, x);
    if (n > 0)
        gsl_poly_eval_derivs(c, n, x.a, want, 2);
    ex_case("%zu coefficients, x = %g %+g eps", n, x.a, x.b);
    ex_close_to("the value", p.a, want[0], 1e-13, 1e-12);
    ex_close_to("the derivative", p.b, want[1] * x.b, 1e-13, 1e-12);
}

static void at_a_variable(void)
{
    compare(3, dual_variable(0.7));
    compare(7, dual_variable(1.3));
    compare(7, dual_variable(-2.1));
    compare(6, dual_variable(0.0));
}

static void along_a_direction(void)
{
    compare(7, (dual){ 1.3, -2.5 });
    compare(5, (dual){ -0.4, 0.3 });
    compare(7, (dual){ 0.9, 0.0 });
}

static void short_ones(void)
{
    compare(1, dual_variable(4.2));
    compare(2, dual_variable(4.2));
    compare(0, dual_variable(4.2));
}

/* p(sin x) has the derivative p'(sin x) cos x. */
static void inside_a_chain(void)
{
    const double x = 0.83;
    double want[2];
    const dual p = horner_dual(7, c, dual_sin(dual_variable(x)));
    gsl_poly_eval_derivs(c, 7, sin(x), want, 2);
    ex_case("p(sin x) at x = %g", x);
    ex_close_to("the value", p.a, want[0], 0.0, 1e-12);
    ex_close_to("the derivative", p.b, want[1] * cos(x), 0.0, 1e-12);
}

EX_MAIN("2.2",
    { "at a variable", "eq:dual", at_a_variable },
    { "along a direction", "eq:dual-direction", along_a_direction },
    { "few coefficients, and none", "eq:dual-arithmetic", short_ones },
    { "inside a chain", "eq:dual", inside_a_chain })
