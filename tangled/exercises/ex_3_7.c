#include "exercise.h"
#define REAL double
#include "linear.h"

/*
 * The standard deviation to expect of y - x^T theta for a new sample.
 *   X (m,n), y (m): the training data; x (n): the new sample, x[0] = 1
 * Works in *a.                                         eq:standard-error
 */
double prediction_deviation(struct arena *a, tensor X, tensor y, tensor x)
{
    EX_TODO();
}
