#include "exercise.h"

/*
 * Centred RMSProp.                                          eq:rmsprop
 *   theta, a, s [n] are changed:  s = v - a^2, the variance;  g [n]
 *   theta <- theta - rate g / (sqrt(s) + epsilon)
 */
void centred_rmsprop_step(size_t n, double theta[], const double g[],
                          double a[], double s[], double rate, double beta,
                          double epsilon)
{
    for (size_t i = 0; i < n; i++) {
        const double d = g[i] - a[i];
        a[i] += (1 - beta) * d;
        s[i] = beta * (s[i] + (1 - beta) * d * d);
        theta[i] -= rate * g[i] / (sqrt(s[i]) + epsilon);
    }
}
