#include "exercise.h"
#define REAL double
#include "dual.h"

/* A function of n numbers that writes itself on a tape. */
typedef scalar tape_function(struct scalar_tape *t, size_t n,
                             const scalar x[]);

/*
 * H[i*n + j] = d2f / dx_i dx_j at x[0..n).            eq:hessian-vector
 * Takes its memory from a; does not change x.
 */
void full_hessian(struct arena *a, tape_function *f, size_t n,
                  const double x[], double H[])
{
    EX_TODO();
}
