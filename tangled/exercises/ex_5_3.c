#include "exercise.h"

/*
 * The mutual information of two labels, in nats.                 eq:kl
 *   sum_ij P_ij log( P_ij / (p_i q_j) );  P_ij = P[i * n + j], m x n
 */
double mutual_information(size_t m, size_t n, const double P[])
{
    EX_TODO();
}
