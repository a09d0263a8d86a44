#include "exercise.h"

/*
 * Step t = 1, 2, ... of the heavy ball for a few parameters.
 *   index[count], g[count]: which of them, and their gradients
 *   theta, m, last: of all parameters; last[i] < t        eq:momentum
 */
void lazy_ball_step(size_t count, const size_t index[], const double g[],
                    double theta[], double m[], size_t last[], size_t t,
                    double rate, double beta)
{
    EX_TODO();
}
