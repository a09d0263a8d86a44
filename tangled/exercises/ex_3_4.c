#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * The theta (n) with the least sum_i w_i (x_i^T theta - y_i)^2.
 *   X (m,n), y (m), w (m) not negative; none of them changes
 * False, and theta unchanged, when it is not determined.  Works in *a.
 */
bool weighted_least_squares(struct arena *a, tensor X, tensor y, tensor w,
                            tensor theta)
{
    EX_TODO();
}
