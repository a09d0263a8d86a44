#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * Turn the first n columns of A (m,q) into a triangle by reflections of
 * all its columns, in place; n <= m and n <= q.             eq:qr-solve
 * Works in *a.
 */
void mirror_triangle(struct arena *a, size_t n, tensor A)
{
    const size_t m = A.shape[0], q = A.shape[1];
    double *v = arena_take(a, m, sizeof *v);
    for (size_t k = 0; k < n; k++) {
        double square = 0;
        for (size_t i = k; i < m; i++) {
            v[i] = AT(A, i, k);
            square += v[i] * v[i];
        }
        v[k] += copysign(sqrt(square), v[k]);
        const double half = sqrt(square) * fabs(v[k]);      /* v.v / 2 */
        for (size_t j = k; j < q && half > 0; j++) {
            double dot = 0;
            for (size_t i = k; i < m; i++)
                dot += v[i] * AT(A, i, j);
            for (size_t i = k; i < m; i++)
                AT(A, i, j) -= dot / half * v[i];
        }
    }
}
