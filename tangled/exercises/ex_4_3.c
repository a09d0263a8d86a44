#include "exercise.h"
#define REAL double
#include "glm.h"

/*
 * The logistic loss for labels s of -1 and +1, and its gradient.
 *   L = 1/m sum_i log(1 + e^(-s_i z_i)),  z = X theta
 *   X (m,n), s (m), theta (n); overwrites g (n).         eq:logistic-loss
 * Works in *a.
 */
double signed_label_loss(struct arena *a, tensor X, tensor s, tensor theta,
                         tensor g)
{
    EX_TODO();
}
