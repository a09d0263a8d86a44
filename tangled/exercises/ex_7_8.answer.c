#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * RMSProp that remembers m + n numbers for m n parameters.  eq:rmsprop
 *   W (m,n) is changed; G (m,n) the gradient; r[m], c[n] are changed
 */
void margin_step(tensor W, tensor G, double r[], double c[], double rate,
                 double beta2, double epsilon)
{
    const size_t m = W.shape[0], n = W.shape[1];
    double mean = 0;
    for (size_t i = 0; i < m; i++)
        r[i] *= beta2;
    for (size_t j = 0; j < n; j++)
        c[j] *= beta2;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            const double square = (1 - beta2) * AT(G, i, j) * AT(G, i, j);
            r[i] += square / (double)n;
            c[j] += square / (double)m;
        }
    for (size_t i = 0; i < m; i++)
        mean += r[i] / (double)m;
    for (size_t i = 0; i < m && mean > 0; i++)
        for (size_t j = 0; j < n; j++)
            AT(W, i, j) -= rate * AT(G, i, j)
                           / (sqrt(r[i] * c[j] / mean) + epsilon);
}
