/*
 * tsne.h -- maps of many-dimensional data: PCA and t-SNE.
 * Downhill, chapter 5.  Van der Maaten and Hinton 2008.
 */
#ifndef TSNE_H
#define TSNE_H

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_matrix.h>

#include "softmax.h"

/* A new matrix: X (n,I) with the mean of every column subtracted. */
static inline tensor centred(struct arena *a, tensor X)
{
    return tensor_sub(a, X, tensor_mean(a, X, 0));
}

/* The covariance of the columns of Xc (n,I), centred, in double. */
static inline gsl_matrix *covariance(tensor Xc)
{
    const size_t n = Xc.shape[0], I = Xc.shape[1];
    gsl_matrix *D = gsl_matrix_alloc(n, I), *C = gsl_matrix_alloc(I, I);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < I; j++)
            gsl_matrix_set(D, i, j, (double)AT(Xc, i, j));
    gsl_blas_dsyrk(CblasLower, CblasTrans, 1 / ((double)n - 1), D, 0, C);
    gsl_matrix_free(D);
    return C;
}

/*
 * The first k principal axes of X (n,I) as columns of V (I,k), longest
 * first, and the variances along them in variance[k].           eq:pca
 */
static inline void pca_axes(struct arena *a, tensor X, size_t k, tensor V,
                            double variance[])
{
    const size_t I = X.shape[1];
    gsl_matrix *C = covariance(centred(a, X)), *E = gsl_matrix_alloc(I, I);
    gsl_vector *lambda = gsl_vector_alloc(I);
    gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(I);
    REQUIRE(k <= I && V.shape[0] == I && V.shape[1] == k,
            "pca_axes: %zu axes of %s into %s", k, TENSOR_SHAPE(X),
            TENSOR_SHAPE(V));
    gsl_eigen_symmv(C, lambda, E, w);
    gsl_eigen_symmv_sort(lambda, E, GSL_EIGEN_SORT_VAL_DESC);
    for (size_t c = 0; c < k; c++) {
        const gsl_vector_view v = gsl_matrix_column(E, c);
        const double sign = gsl_vector_max(&v.vector) < -gsl_vector_min(&v.vector)
                            ? -1 : 1;
        for (size_t j = 0; j < I; j++)
            AT(V, j, c) = (real)(sign * gsl_vector_get(&v.vector, j));
        variance[c] = gsl_vector_get(lambda, c);
    }
    gsl_matrix_free(C), gsl_matrix_free(E), gsl_vector_free(lambda);
    gsl_eigen_symmv_free(w);
}

/* Y (k,n): the coordinates of X (n,I) along its first k axes.  eq:pca */
static inline void pca(struct arena *a, tensor X, tensor Y,
                       double variance[])
{
    const tensor V = tensor_empty(a, SHAPE(X.shape[1], Y.shape[0]));
    pca_axes(a, X, Y.shape[0], V, variance);
    tensor_gemm(1, tensor_transpose(V), tensor_transpose(centred(a, X)), 0,
                Y);
}

/*
 * The entropy of p = softmax(-beta d) over n neighbours.
 *   H = lse(-beta d) + beta sum_j p_j d_j           eq:tsne-perplexity
 *   d[n] squared distances, the least of them 0; p[n] is overwritten
 */
static inline double neighbour_entropy(size_t n, const real d[],
                                       double beta, real p[])
{
    double mean = 0;
    for (size_t j = 0; j < n; j++)
        p[j] = fast_exp((real)-beta * d[j]);
    const double sum = lane_sum(p, n, 1);
    for (size_t j = 0; j < n; j++)
        p[j] /= (real)sum;
    for (size_t j = 0; j < n; j++)
        mean += (double)p[j] * (double)d[j];
    return log(sum) + beta * mean;
}

/*
 * The beta for which the n neighbours have the perplexity wanted, by
 * bisection; p[n] are then their probabilities.   eq:tsne-conditional
 *   d[n] squared distances, the least 0;  1 <= perplexity < n
 * More than `perplexity` distances of 0: they share everything.
 */
static inline double perplexity_fit(size_t n, const real d[],
                                    double perplexity, real p[])
{
    const double target = log(perplexity);
    double low = 0, high = INFINITY, beta = 1, H;
    REQUIRE(perplexity >= 1 && perplexity < (double)n,
            "a perplexity of %g among %zu neighbours", perplexity, n);
    for (int t = 0; t < 60; t++) {
        H = neighbour_entropy(n, d, beta, p);
        if (fabs(H - target) < 1e-5)
            break;
        *(H > target ? &low : &high) = beta;
        beta = isinf(high) ? 2 * beta : (low + high) / 2;
    }
    return beta;
}

/* d[n-1]: squared distances from image i to the others, less their least;
   of XT (I,n), an image in each column.  d has room for n. */
static inline void distances_from(tensor XT, size_t i, real *restrict d)
{
    const size_t n = XT.shape[1];
    real least = (real)INFINITY;
    memset(d, 0, n * sizeof *d);
    for (size_t c = 0; c < XT.shape[0]; c++) {
        const real *restrict x = matrix_row(XT, c);
        const real xi = x[i];
        for (size_t j = 0; j < n; j++)
            d[j] += (x[j] - xi) * (x[j] - xi);
    }
    memmove(d + i, d + i + 1, (n - 1 - i) * sizeof *d);
    for (size_t j = 0; j < n - 1; j++)
        least = d[j] < least ? d[j] : least;
    for (size_t j = 0; j < n - 1; j++)
        d[j] -= least;
}

/* P (n,n): row i holds p_{j|i} of X (n,I).          eq:tsne-conditional */
static inline void tsne_conditional(struct arena *a, tensor X,
                                    double perplexity, tensor P)
{
    const size_t n = X.shape[0];
    const tensor XT = tensor_clone(a, tensor_transpose(X));
    real *d = arena_take(a, n, sizeof(real));
    rows_check(P, "P");
    for (size_t i = 0; i < n; i++) {
        real *row = matrix_row(P, i);
        distances_from(XT, i, d);
        perplexity_fit(n - 1, d, perplexity, row);
        memmove(row + i + 1, row + i, (n - 1 - i) * sizeof(real));
        row[i] = 0;
    }
}

/* P <- (P + P^T) / 2n, in place.                        eq:tsne-joint */
static inline void tsne_joint(tensor P)
{
    const size_t n = P.shape[0];
    const real scale = (real)(1 / (2 * (double)n));
    for (size_t i = 0; i < n; i++) {
        real *row = matrix_row(P, i);
        for (size_t j = 0; j < i; j++) {
            real *other = matrix_row(P, j) + i;
            row[j] = *other = scale * (row[j] + *other);
        }
    }
}

/* The squared distance of the points i and j of Y (2,n). */
static inline double map_distance(tensor Y, size_t i, size_t j)
{
    const real *x = matrix_row(Y, 0), *y = matrix_row(Y, 1);
    const double dx = (double)(x[i] - x[j]), dy = (double)(y[i] - y[j]);
    return dx * dx + dy * dy;
}

/* w_ij = 1 / (1 + D_ij)                                  eq:tsne-map */
static inline double map_weight(tensor Y, size_t i, size_t j)
{
    return 1 / (1 + map_distance(Y, i, j));
}

/* C = sum_{i != j} p_ij log(p_ij / q_ij), nats.         eq:tsne-loss */
static inline double tsne_loss(tensor P, tensor Y)
{
    const size_t n = P.shape[0];
    double Z = 0, C = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            Z += 2 * map_weight(Y, i, j);
    for (size_t i = 0; i < n; i++) {
        const real *p = matrix_row(P, i);
        for (size_t j = 0; j < i; j++)
            if (p[j] > 0)
                C += 2 * (double)p[j]
                     * log((double)p[j] * Z / map_weight(Y, i, j));
    }
    return C;
}

/*
 * Add the shares of m points (xi, yi), whose rows of P begin at p, to the
 * sums of all n points:
 *   pull_j  sum_i p_ij w_ij (y_j - y_i)
 *   push_j  sum_i w_ij^2 (y_j - y_i)      sum_j  sum_i w_ij, w_jj = 1
 */
static inline void forces_add(size_t m, size_t n, const real *restrict p,
                              const real *restrict x,
                              const real *restrict y, const real *xi,
                              const real *yi, real *restrict pull_x,
                              real *restrict pull_y, real *restrict push_x,
                              real *restrict push_y, real *restrict sum)
{
    for (size_t j = 0; j < n; j++) {
        real ax = pull_x[j], ay = pull_y[j];
        real rx = push_x[j], ry = push_y[j], s = sum[j];
        for (size_t i = 0; i < m; i++) {
            const real dx = x[j] - xi[i], dy = y[j] - yi[i];
            const real w = 1 / (1 + dx * dx + dy * dy);
            const real pull = p[i * n + j] * w, push = w * w;
            ax += pull * dx, ay += pull * dy;
            rx += push * dx, ry += push * dy;
            s += w;
        }
        pull_x[j] = ax, pull_y[j] = ay;
        push_x[j] = rx, push_y[j] = ry, sum[j] = s;
    }
}

/*
 * dY (2,n), the gradient of the loss, overwritten.     eq:tsne-forces
 *   4 (alpha sum_j p_ij w_ij (y_i - y_j) - 1/Z sum_j w_ij^2 (y_i - y_j))
 *   P (n,n) symmetric; Y (2,n); alpha is 1 but for early exaggeration;
 *   sums (5,n) is room
 */
static inline void tsne_gradient(tensor P, tensor Y, double alpha,
                                 tensor sums, tensor dY)
{
    const size_t n = P.shape[0];
    const real *x = matrix_row(Y, 0), *y = matrix_row(Y, 1);
    real *f[5], *dx = matrix_row(dY, 0), *dy = matrix_row(dY, 1);
    rows_check(P, "P"), rows_check(Y, "Y"), rows_check(dY, "dY");
    for (size_t k = 0; k < 5; k++)
        f[k] = memset(matrix_row(sums, k), 0, n * sizeof(real));
    for (size_t i = 0; i < n; i += n - i < 4 ? 1 : 4)
        if (n - i < 4)
            forces_add(1, n, matrix_row(P, i), x, y, x + i, y + i, f[0],
                       f[1], f[2], f[3], f[4]);
        else
            forces_add(4, n, matrix_row(P, i), x, y, x + i, y + i, f[0],
                       f[1], f[2], f[3], f[4]);
    const double Z = lane_sum(f[4], n, 1) - (double)n;      /* w_jj = 1 */
    const real c = (real)(4 * alpha), r = (real)(4 / Z);
    for (size_t j = 0; j < n; j++) {
        dx[j] = c * f[0][j] - r * f[2][j];
        dy[j] = c * f[1][j] - r * f[3][j];
    }
}

struct tsne_plan {
    double perplexity;
    double exaggeration;        /* alpha of the first steps */
    size_t exaggerated;         /* so many of them */
    size_t steps;               /* all steps together */
    double rate;                /* eta; 0: n / exaggeration */
};

static const struct tsne_plan tsne_usual = { 30, 12, 125, 500, 0 };

/* A map in the making. */
struct tsne {
    struct tsne_plan plan;
    size_t n, step;             /* points; steps done */
    tensor P;                   /* (n,n), joint probabilities */
    tensor Y, dY, velocity, gain;       /* (2,n) each */
    tensor sums;                /* (5,n), scratch */
};

/* Begin a map of X (n,I), n > 3 perplexity say, at its PCA. */
static inline struct tsne tsne_new(struct arena *a, tensor X,
                                   struct tsne_plan plan)
{
    const size_t n = X.shape[0];
    double variance[2];
    struct tsne m = { .plan = plan, .n = n };
    if (plan.rate == 0)
        m.plan.rate = (double)n / plan.exaggeration;
    m.P = tensor_empty(a, SHAPE(n, n));
    m.Y = tensor_empty(a, SHAPE(2, n));
    m.dY = tensor_empty(a, SHAPE(2, n));
    m.velocity = tensor_zeros(a, SHAPE(2, n));
    m.gain = tensor_ones(a, SHAPE(2, n));
    m.sums = tensor_empty(a, SHAPE(5, n));
    tsne_conditional(a, X, plan.perplexity, m.P);
    tsne_joint(m.P);
    pca(a, X, m.Y, variance);
    const double scale = 1e-4 / sqrt(variance[0]);
    for (size_t i = 0; i < 2 * n; i++)
        m.Y.data[i] = (real)(float)(scale * (double)m.Y.data[i]);
    return m;
}

/* One coordinate's gain, velocity and place.            eq:tsne-step */
static inline void tsne_move(real dC, double momentum, double rate,
                             real *gain, real *velocity, real *y)
{
    const bool agree = dC > 0 ? *velocity < 0 : dC < 0 && *velocity > 0;
    *gain = agree ? *gain + (real)0.2 : (real)0.8 * *gain;
    if (*gain < (real)0.01)
        *gain = (real)0.01;
    *velocity = (real)momentum * *velocity - (real)rate * *gain * dC;
    *y += *velocity;
}

static inline void tsne_step(struct tsne *m)
{
    const bool early = m->step < m->plan.exaggerated;
    tsne_gradient(m->P, m->Y, early ? m->plan.exaggeration : 1, m->sums,
                  m->dY);
    for (size_t i = 0; i < 2 * m->n; i++)
        tsne_move(m->dY.data[i], early ? 0.5 : 0.8, m->plan.rate,
                  &m->gain.data[i], &m->velocity.data[i], &m->Y.data[i]);
    m->step++;
}

/* The point of Y (2,n) that is nearest to point i. */
static inline size_t map_nearest(tensor Y, size_t i)
{
    size_t best = i == 0 ? 1 : 0;
    for (size_t j = 0; j < Y.shape[1]; j++)
        if (j != i && map_distance(Y, i, j) < map_distance(Y, i, best))
            best = j;
    return best;
}

/* The share of points whose nearest point has their label. eq:agreement */
static inline double map_agreement(tensor Y, const int label[])
{
    const size_t n = Y.shape[1];
    size_t same = 0;
    for (size_t i = 0; i < n; i++)
        same += label[i] == label[map_nearest(Y, i)];
    return (double)same / (double)n;
}

#endif
