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
    EX_TODO();
}
