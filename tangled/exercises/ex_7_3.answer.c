#include "exercise.h"

/*
 * AdaMax, step number t = 1, 2, ...           eq:adam-moments, eq:adam
 *   theta, m, u [n] are changed; g [n] is the gradient
 */
void adamax_step(size_t n, double theta[], const double g[], double m[],
                 double u[], double rate, double beta1, double beta2,
                 size_t t)
{
    const double eta = rate / (1 - pow(beta1, (double)t));
    for (size_t i = 0; i < n; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        u[i] = fmax(beta2 * u[i], fabs(g[i]));
        if (u[i] > 0)
            theta[i] -= eta * m[i] / u[i];
    }
}
