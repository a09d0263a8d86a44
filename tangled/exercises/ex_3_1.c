#include "exercise.h"

/*
 * The number of steps until each |q_j^T e_k| is at most part times
 * |q_j^T e_0|.                                         eq:descent-error
 *   lambda[n]  eigenvalues of the Hessian, all positive
 *   rate       below 2 / the largest of them
 *   part       between 0 and 1, neither of them
 */
size_t steps_to_shrink(size_t n, const double lambda[], double rate,
                       double part)
{
    EX_TODO();
}
