#include "exercise.h"
#include <gsl/gsl_linalg.h>
#define REAL double
#include "softmax.h"

void softmax_newton_step(size_t K, const double p[], const double g[],
                         double s[]);

enum { MOST = 9 };

/* Random probabilities, some of them small, and a g of sum 0. */
static void draw(gsl_rng *r, size_t K, double p[], double g[])
{
    double z[MOST], sum = 0;
    for (size_t k = 0; k < K; k++) {
        z[k] = gsl_ran_gaussian(r, 1.6);
        sum += g[k] = gsl_ran_gaussian(r, 0.7);
    }
    softmax_row(K, z, p);
    for (size_t k = 0; k < K; k++)
        g[k] -= sum / (double)K;
}

/* Solve, and compare H s with g, where H is formed by the chapter. */
static void equations(void)
{
    double p[MOST], g[MOST], s[MOST], H[MOST * MOST], Hs[MOST];
    gsl_rng *r = random_new(57);
    for (size_t K = 2; K <= MOST; K++) {
        draw(r, K, p, g);
        softmax_jacobian(K, p, tensor_wrap(H, SHAPE(K, K)));
        ex_case("K = %zu", K);
        ex_fill(K, s);
        softmax_newton_step(K, p, g, s);
        for (size_t i = 0; i < K; i++) {
            Hs[i] = 0;
            for (size_t j = 0; j < K; j++)
                Hs[i] += H[i * K + j] * s[j];
        }
        ex_close("H s", 1, K, Hs, g, 1e-12, 1e-11);
    }
    gsl_rng_free(r);
}

/*
 * The shortest solution by a singular value decomposition: it has nothing
 * along the shift, so its entries sum to 0.
 */
static void shortest(size_t K, const double p[], const double g[],
                     double want[])
{
    gsl_matrix *A = gsl_matrix_alloc(K, K), *V = gsl_matrix_alloc(K, K);
    gsl_vector *S = gsl_vector_alloc(K), *work = gsl_vector_alloc(K);
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++)
            gsl_matrix_set(A, i, j, p[i] * ((i == j) - p[j]));
    gsl_linalg_SV_decomp(A, V, S, work);
    gsl_vector_set(S, K - 1, 0);        /* the shift */
    gsl_vector_const_view b = gsl_vector_const_view_array(g, K);
    gsl_vector_view x = gsl_vector_view_array(want, K);
    gsl_linalg_SV_solve(A, V, S, &b.vector, &x.vector);
    gsl_matrix_free(A), gsl_matrix_free(V);
    gsl_vector_free(S), gsl_vector_free(work);
}

static void decomposition(void)
{
    double p[MOST], g[MOST], s[MOST], want[MOST];
    gsl_rng *r = random_new(58);
    for (size_t K = 3; K <= MOST; K += 2) {
        draw(r, K, p, g);
        shortest(K, p, g, want);
        ex_case("K = %zu", K);
        ex_fill(K, s);
        softmax_newton_step(K, p, g, s);
        ex_close("s", 1, K, s, want, 1e-9, 1e-9);
    }
    gsl_rng_free(r);
}

/* From z = 0 Newton's steps find the logits of given probabilities. */
static void descent(void)
{
    static const double y[4] = { 0.46, 0.07, 0.27, 0.2 };
    double z[4] = { 0 }, p[4], g[4], s[4];
    for (int step = 0; step < 7; step++) {
        softmax_row(4, z, p);
        for (size_t k = 0; k < 4; k++)
            g[k] = p[k] - y[k];
        ex_fill(4, s);
        softmax_newton_step(4, p, g, s);
        for (size_t k = 0; k < 4; k++)
            z[k] -= s[k];
    }
    softmax_row(4, z, p);
    ex_case("seven steps from z = 0");
    ex_close("p", 1, 4, p, y, 1e-14, 1e-12);
    ex_close_to("the sum of z", z[0] + z[1] + z[2] + z[3], 0.0, 1e-13,
                0.0);
}

EX_MAIN("5.7",
    { "H s is g", "eq:softmax-jacobian", equations },
    { "the shortest solution", "eq:softmax-hessian", decomposition },
    { "Newton finds the logits", "eq:p-minus-y", descent })
