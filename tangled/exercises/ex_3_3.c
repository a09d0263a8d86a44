#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * The mean of Huber's loss of width c > 0, which is returned, and its
 * gradient by theta.
 *   X (m,n), y (m), theta (n); overwrites g (n).  Works in *a.
 */
double huber_gradient(struct arena *a, tensor X, tensor y, tensor theta,
                      double c, tensor g)
{
    EX_TODO();
}
