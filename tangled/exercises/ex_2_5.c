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
    EX_TODO();
}
