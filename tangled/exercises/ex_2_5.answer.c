#include "exercise.h"
#define REAL double
#include "gradcheck.h"

/*
 * Does gradient[0..n) agree with f along v[0..n) at theta[0..n)?
 *   |gradient . v - (f(theta + h v) - f(theta - h v)) / 2h| is small
 * work[n] is yours to write to.  f is called twice.
 */
bool agrees_along(objective *f, void *context, size_t n,
                  const double theta[], const double gradient[],
                  const double v[], double work[])
{
    const double h = cbrt(DBL_EPSILON);
    double claim = 0;
    for (size_t i = 0; i < n; i++) {
        claim += gradient[i] * v[i];
        work[i] = theta[i] + h * v[i];
    }
    const double up = f(context, work, n);
    for (size_t i = 0; i < n; i++)
        work[i] = theta[i] - h * v[i];
    const double measured = (up - f(context, work, n)) / (2 * h);
    const double size = fmax(1, fmax(fabs(claim), fabs(measured)));
    return isfinite(size) && fabs(claim - measured) <= 1e-7 * size;
}
