#include "exercise.h"

/* Step number t of n parameters; memory[4 n], zeros before step 1. */
typedef void step_rule(size_t n, double theta[], const double g[],
                       double memory[], size_t t);

/* Does the walk stay the same for gradients times c > 0?  eq:adam-scale */
bool forgets_unit(step_rule *rule)
{
    static const double factor[] = { 1e4, 1e-4, 7 };
    enum { N = 3, STEPS = 80 };
    for (size_t k = 0; k < 3; k++) {
        double x[N] = { 1, -2, 0.5 }, y[N] = { 1, -2, 0.5 };
        double of_x[4 * N] = { 0 }, of_y[4 * N] = { 0 };
        for (size_t t = 1; t <= STEPS; t++) {
            double g[N], cg[N];
            for (size_t i = 0; i < N; i++) {
                g[i] = 3 * sin((double)(t * t + 5 * i)) + 0.3;
                cg[i] = factor[k] * g[i];
            }
            rule(N, x, g, of_x, t);
            rule(N, y, cg, of_y, t);
            for (size_t i = 0; i < N; i++)
                if (!(fabs(x[i] - y[i]) <= 1e-9 * fmax(1, fabs(x[i]))))
                    return false;
        }
    }
    return true;
}
