#include "exercise.h"
#define REAL double
#include "glm.h"

/*
 * The theta of least Poisson loss with mu_i = t_i e^(x_i^T theta).
 *   X (m,n) with a column of ones, y (m) counts, t (m) times; theta (n)
 * Works in *a.                                    eq:glm-loss, eq:newton
 */
void fit_rates(struct arena *a, tensor X, tensor y, tensor t, tensor theta)
{
    EX_TODO();
}
