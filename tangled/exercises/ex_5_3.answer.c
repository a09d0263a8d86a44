#include "exercise.h"

/*
 * The mutual information of two labels, in nats.                 eq:kl
 *   sum_ij P_ij log( P_ij / (p_i q_j) );  P_ij = P[i * n + j], m x n
 */
double mutual_information(size_t m, size_t n, const double P[])
{
    double sum = 0;
    for (size_t i = 0; i < m; i++) {
        double p = 0;
        for (size_t j = 0; j < n; j++) {
            const double x = P[i * n + j];
            p += x;
            sum += x > 0 ? x * log(x) : 0;
        }
        sum -= p > 0 ? p * log(p) : 0;
    }
    for (size_t j = 0; j < n; j++) {
        double q = 0;
        for (size_t i = 0; i < m; i++)
            q += P[i * n + j];
        sum -= q > 0 ? q * log(q) : 0;
    }
    return sum;
}
