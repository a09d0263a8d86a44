/*
 * gradcheck.h -- is a gradient right?  Downhill, chapter 2.
 *
 * Always in double, whatever REAL is: in float a difference quotient keeps
 * only a few digits.
 */
#ifndef GRADCHECK_H
#define GRADCHECK_H

#include "tensor.h"

enum { FORWARD = 1, CENTRAL };          /* the power of h in the error */

/*
 * The bound E(h) on the error of a quotient.         eq:difference-error
 *   u unit roundoff; f and d: sizes of f and of its second derivative
 *   (forward) or third derivative (central)
 */
static inline double difference_bound(int order, double h, double u,
                                      double f, double d)
{
    return order == FORWARD ? h / 2 * d + 2 * u * f / h
                            : h * h / 6 * d + u * f / h;
}

/* The step with the least bound.                             eq:best-h */
static inline double difference_step(int order, double u, double f,
                                     double d)
{
    return order == FORWARD ? 2 * sqrt(u * f / d) : cbrt(3 * u * f / d);
}

/* A function of n numbers; context is whatever else it needs. */
typedef double objective(void *context, const double theta[], size_t n);

struct gradcheck {
    size_t checked, bad;        /* entries compared; those found wrong */
    size_t worst;               /* the entry with the largest error */
    double worst_error;         /* |claim - measured| / max(1, sizes) */
    double claim, measured;     /* the two numbers there */
    double sum_abs;             /* sum of |measured| over all entries */
};

/*
 * The partial derivative of f by theta[i].         eq:central-difference
 *   (f(theta_i + h) - f(theta_i - h)) / 2h,  h = cbrt(3u) max(1,|theta_i|)
 * Divides by the distance of the two points as stored, which is not 2h.
 * theta is changed for a moment and given back as it was.
 */
static inline double grad_measure(objective *f, void *context,
                                  double theta[], size_t n, size_t i)
{
    const double x = theta[i];
    const double h = difference_step(CENTRAL, DBL_EPSILON / 2, 1, 1)
                     * fmax(1, fabs(x));
    const double hi = x + h, lo = x - h;
    theta[i] = hi;
    const double f_hi = f(context, theta, n);
    theta[i] = lo;
    const double f_lo = f(context, theta, n);
    theta[i] = x;
    return (f_hi - f_lo) / (hi - lo);
}

/*
 * Add entry i to the check.  It is good when
 *   |claim - measured| <= tol_abs + tol_rel max(|claim|, |measured|)
 * which is false for a NaN on either side.
 */
static inline void grad_compare(struct gradcheck *g, size_t i, double claim,
                                double measured, double tol_abs,
                                double tol_rel)
{
    const double size = fmax(fabs(claim), fabs(measured));
    const double off = fabs(claim - measured);
    const double error = isfinite(off) ? off / fmax(1, size) : INFINITY;
    if (!(off <= tol_abs + tol_rel * size) || !isfinite(size))
        g->bad++;
    if (g->checked == 0 || error > g->worst_error) {
        g->worst = i, g->worst_error = error;
        g->claim = claim, g->measured = measured;
    }
    g->checked++;
    g->sum_abs += fabs(measured);
}

/*
 * Compare gradient[0..n), the claim, with difference quotients of f at
 * theta[0..n), all entries.  Calls f 2n times; theta ends as it was.
 * Usual tolerances for a smooth f of size 1: tol_abs 1e-9, tol_rel 1e-7.
 */
static inline struct gradcheck
grad_check(objective *f, void *context, double theta[],
           const double gradient[], size_t n, double tol_abs,
           double tol_rel)
{
    struct gradcheck g = { 0 };
    for (size_t i = 0; i < n; i++) {
        const double measured = grad_measure(f, context, theta, n, i);
        grad_compare(&g, i, gradient[i], measured, tol_abs, tol_rel);
    }
    return g;
}

/* Something was compared, nothing was wrong, not everything was zero. */
static inline bool grad_passed(struct gradcheck g)
{
    return g.checked > 0 && g.bad == 0 && g.sum_abs > 0;
}

/* One line: the verdict, and the worst entry when it is bad. */
static inline void grad_print(FILE *out, const char *name,
                              struct gradcheck g)
{
    fprintf(out, "%-16s %s, %zu of %zu bad", name,
            grad_passed(g) ? "passed" : "FAILED", g.bad, g.checked);
    if (g.bad > 0)
        fprintf(out, "; [%zu] is %.4g, measured %.4g", g.worst, g.claim,
                g.measured);
    fputc('\n', out);
}

#endif
