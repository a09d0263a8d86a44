#include "exercise.h"
#define REAL double
#include "tensor.h"

/* w_ij = exp(-D_ij), D_ij the squared distance of i and j in Y (2,n). */
double gaussian_weight(tensor Y, size_t i, size_t j)
{
    const double dx = AT(Y, 0, i) - AT(Y, 0, j);
    const double dy = AT(Y, 1, i) - AT(Y, 1, j);
    return exp(-dx * dx - dy * dy);
}

/*
 * dY (2,n), the gradient of C = sum_{i != j} p_ij log(p_ij / q_ij), is
 * overwritten.                              eq:tsne-loss, eq:tsne-gradient
 *   q_ij = w_ij / sum_{k != m} w_km;  P (n,n), Y (2,n)
 */
void gaussian_map_gradient(tensor P, tensor Y, tensor dY)
{
    const size_t n = Y.shape[1];
    double Z = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            Z += i == j ? 0 : gaussian_weight(Y, i, j);
    for (size_t c = 0; c < 2; c++)
        for (size_t i = 0; i < n; i++) {
            double force = 0;
            for (size_t j = 0; j < n; j++)
                force += (AT(P, i, j) - gaussian_weight(Y, i, j) / Z)
                         * (AT(Y, c, i) - AT(Y, c, j));
            AT(dY, c, i) = 4 * force;
        }
}
