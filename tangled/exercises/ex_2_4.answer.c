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
    scalar *X = arena_take(a, n, sizeof *X);
    for (size_t j = 0; j < n; j++) {
        struct scalar_tape t = { .arena = a };
        for (size_t i = 0; i < n; i++)
            X[i] = scalar_input(&t, (dual){ x[i], i == j ? 1 : 0 });
        scalar_sweep(&t, f(&t, n, X));
        for (size_t i = 0; i < n; i++)
            H[i * n + j] = scalar_adjoint(&t, X[i]).b;
    }
}
