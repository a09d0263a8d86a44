#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * The rate at which the step -rate g lowers the loss most. eq:descent-bound
 * X (m,n), g (n) the gradient; 0 if g is zero.  Works in *a.
 */
double best_rate_along(struct arena *a, tensor X, tensor g)
{
    EX_TODO();
}
