/*
 * linear.h -- least squares: losses, gradient descent, direct solutions.
 * Downhill, chapter 3.
 *
 * Everywhere X (m,n) holds one sample a row, its first column is 1, and
 * theta (n), y (m) are vectors.
 */
#ifndef LINEAR_H
#define LINEAR_H

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sort_vector.h>

#include "tensor.h"

/* A new matrix (m,n+1): X (m,n) behind a column of ones. */
static inline tensor with_ones(struct arena *a, tensor X)
{
    return tensor_cat(a, tensor_ones(a, SHAPE(X.shape[0], 1)), X, 1);
}

/*
 * A new matrix (m,degree+1) of powers of x (m).          eq:polynomial
 *   X[i][j] = x[i]^j,  j = 0..degree
 */
static inline tensor polynomial(struct arena *a, tensor x, size_t degree)
{
    tensor X = tensor_ones(a, SHAPE(x.shape[0], degree + 1));
    for (size_t i = 0; i < x.shape[0]; i++) {
        real *power = tensor_lane(X, i);
        for (size_t j = 1; j <= degree; j++)
            power[j] = power[j - 1] * AT(x, i);
    }
    return X;
}

#if REAL_KIND(REAL) == REAL_IS_double
#define linear_gemv gsl_blas_dgemv
#else
#define linear_gemv gsl_blas_sgemv
#endif

/* y (m) <- alpha A x + beta y; A (m,n) may be a transposed view. */
static inline void linear_product(double alpha, tensor A, tensor x,
                                  double beta, tensor y)
{
    REQUIRE(A.shape[0] == y.shape[0] && A.shape[1] == x.shape[0],
            "linear_product: %s times %s to %s", TENSOR_SHAPE(A),
            TENSOR_SHAPE(x), TENSOR_SHAPE(y));
    struct operand a = tensor_operand(A);
    real_vector_view u = tensor_vector(x), v = tensor_vector(y);
    linear_gemv(a.op, (real)alpha, &a.view.matrix, &u.vector, (real)beta,
                &v.vector);
}

/* z (m) <- X theta.  z must not overlap theta.         eq:linear-model */
static inline void linear_predict(tensor X, tensor theta, tensor z)
{
    linear_product(1, X, theta, 0, z);
}

/* sum_i u_i v_i of two vectors (n), added up in double. */
static inline double linear_dot(tensor u, tensor v)
{
    const real *p = tensor_lane(u, 0), *q = tensor_lane(v, 0);
    const size_t s = lane_step(u), t = lane_step(v);
    double sum = 0;
    for (size_t i = 0; i < u.shape[0]; i++)
        sum += (double)p[i * s] * (double)q[i * t];
    return sum;
}

/* ridge/2 sum_{j>=1} theta_j^2: the bias goes free.          eq:ridge */
static inline double linear_penalty(tensor theta, double ridge)
{
    const tensor w = tensor_slice(theta, 0, 1, END, 1);
    return ridge > 0 ? ridge / 2 * linear_dot(w, w) : 0;
}

/*
 * Half the mean squared error, and ridge.          eq:half-mse, eq:ridge
 *   L = 1/(2m) ||X theta - y||^2 + ridge/2 sum_{j>=1} theta_j^2
 * Overwrites r (m) with the residual X theta - y, for linear_gradient.
 */
static inline double linear_loss(tensor X, tensor y, tensor theta,
                                 double ridge, tensor r)
{
    tensor_copy(r, y);
    linear_product(1, X, theta, -1, r);
    return linear_dot(r, r) / (2 * (double)y.shape[0])
           + linear_penalty(theta, ridge);
}

/*
 * The gradient of linear_loss.           eq:linear-gradient, eq:ridge
 *   g = 1/m X^T r + ridge D theta,  D = diag(0, 1, ..., 1)
 * r (m) is the residual; overwrites g (n).
 */
static inline void linear_gradient(tensor X, tensor r, tensor theta,
                                   double ridge, tensor g)
{
    linear_product(1 / (double)X.shape[0], tensor_transpose(X), r, 0, g);
    for (size_t j = 1; j < theta.shape[0]; j++)
        AT(g, j) += (real)ridge * AT(theta, j);
}

/* Mean and deviation of each column, taken from the training rows. */
struct scaling { tensor mean, deviation; };     /* (n) each */

static inline struct scaling scaling_fit(struct arena *a, tensor X)
{
    struct scaling s = { tensor_mean(a, X, 0), tensor_std(a, X, 0) };
    for (size_t j = 0; j < X.shape[1]; j++)
        if (!(AT(s.deviation, j) > 0))
            AT(s.deviation, j) = 1;
    return s;
}

/* A new matrix (X - mean) / deviation, by columns.      eq:standardise */
static inline tensor scaling_apply(struct arena *a,
                                   const struct scaling *s, tensor X)
{
    return tensor_div(a, tensor_sub(a, X, s->mean), s->deviation);
}

/*
 * Turn the parameters theta (n+1) of [1 Z] into those of [1 X], in place.
 *   theta_j /= s_j,  theta_0 -= sum_j theta_j mu_j    eq:unstandardise
 */
static inline void scaling_undo(const struct scaling *s, tensor theta)
{
    for (size_t j = 1; j < theta.shape[0]; j++) {
        AT(theta, j) /= AT(s->deviation, j - 1);
        AT(theta, 0) -= AT(theta, j) * AT(s->mean, j - 1);
    }
}

/* A new copy of a matrix (m,n), in double; pass &result.matrix. */
static inline gsl_matrix_view double_matrix(struct arena *a, tensor t)
{
    REQUIRE(t.rank == 2, "double_matrix: shape %s", TENSOR_SHAPE(t));
    const size_t m = t.shape[0], n = t.shape[1], step = lane_step(t);
    double *x = arena_take(a, m * n, sizeof *x);
    for (size_t i = 0; i < m; i++) {
        const real *row = tensor_lane(t, i);
        for (size_t j = 0; j < n; j++)
            x[i * n + j] = (double)row[j * step];
    }
    return gsl_matrix_view_array(x, m, n);
}

/* The same of a vector (n). */
static inline gsl_vector_view double_vector(struct arena *a, tensor t)
{
    gsl_matrix_view x = double_matrix(a, tensor_unsqueeze(t, 0));
    return gsl_matrix_row(&x.matrix, 0);
}

/* A GSL vector or matrix of zeros that lives in an arena. */
static inline gsl_vector_view double_zeros(struct arena *a, size_t n)
{
    return gsl_vector_view_array(arena_alloc(a, n, sizeof(double)), n);
}

static inline gsl_matrix_view double_zeros2(struct arena *a, size_t m,
                                            size_t n)
{
    return gsl_matrix_view_array(arena_alloc(a, m * n, sizeof(double)),
                                 m, n);
}

/* Write the numbers of v over those of t (n). */
static inline void tensor_store(tensor t, const gsl_vector *v)
{
    real *to = tensor_lane(t, 0);
    for (size_t j = 0; j < t.shape[0]; j++)
        to[j * lane_step(t)] = (real)gsl_vector_get(v, j);
}

static inline bool tensor_is_finite(tensor v)
{
    for (size_t j = 0; j < v.shape[0]; j++)
        if (!isfinite((double)AT(v, j)))
            return false;
    return true;
}

/* to <- from - rate g, all (n). */
static inline void descent_step(tensor to, tensor from, double rate,
                                tensor g)
{
    for (size_t j = 0; j < g.shape[0]; j++)
        AT(to, j) = AT(from, j) - (real)rate * AT(g, j);
}

/*
 * Gradient descent on all rows of X.                          eq:descent
 *   theta_{k+1} = theta_k - rate grad L(theta_k)
 * path (steps+1,n): row 0 is the start; row k receives theta_k.
 * Returns how many steps stayed finite: less than `steps` when it diverged
 * (the rows after that are not set).  Works in *a.
 */
static inline size_t linear_descend(struct arena *a, tensor X, tensor y,
                                    double rate, double ridge, tensor path)
{
    tensor r = tensor_empty(a, SHAPE(X.shape[0]));
    tensor g = tensor_empty(a, SHAPE(X.shape[1]));
    for (size_t k = 0; k + 1 < path.shape[0]; k++) {
        tensor theta = tensor_select(path, 0, (ptrdiff_t)k);
        tensor next = tensor_select(path, 0, (ptrdiff_t)k + 1);
        (void)linear_loss(X, y, theta, ridge, r);
        linear_gradient(X, r, theta, ridge, g);
        descent_step(next, theta, rate, g);
        if (!tensor_is_finite(next))
            return k;
    }
    return path.shape[0] - 1;
}

/* The numbers 0..n-1 in an order drawn at random. */
static inline void order_shuffle(gsl_rng *r, size_t n, size_t order[])
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    gsl_ran_shuffle(r, order, n, sizeof *order);
}

/* Rows for training and rows for testing; no row is in both. */
struct split { tensor X_train, y_train, X_test, y_test; };

/*
 * Share out the rows of X (m,n) and y (m) at random: a part of
 * `fraction` (rounded down) for training, the rest for testing.
 */
static inline struct split rows_split(struct arena *a, gsl_rng *r, tensor X,
                                      tensor y, double fraction)
{
    const size_t m = X.shape[0];
    REQUIRE(y.shape[0] == m && fraction >= 0 && fraction <= 1,
            "rows_split: %s and %s at %g", TENSOR_SHAPE(X),
            TENSOR_SHAPE(y), fraction);
    size_t *order = arena_take(a, m, sizeof *order);
    const size_t k = (size_t)(fraction * (double)m);
    order_shuffle(r, m, order);
    return (struct split){
        tensor_index_select(a, X, 0, k, order),
        tensor_index_select(a, y, 0, k, order),
        tensor_index_select(a, X, 0, m - k, order + k),
        tensor_index_select(a, y, 0, m - k, order + k),
    };
}

/* How many batches of `size` rows make an epoch of m rows. */
static inline size_t batches(size_t m, size_t size)
{
    REQUIRE(size > 0, "a batch needs at least one row");
    return (m + size - 1) / size;
}

/* Copy the rows order[0..n) of X and y to the first n of XB and yB. */
static inline void batch_copy(tensor XB, tensor yB, tensor X, tensor y,
                              size_t n, const size_t order[])
{
    for (size_t i = 0; i < n; i++) {
        tensor_copy(tensor_select(XB, 0, (ptrdiff_t)i),
                    tensor_select(X, 0, (ptrdiff_t)order[i]));
        AT(yB, i) = AT(y, order[i]);
    }
}

/*
 * Descent on batches of `size` rows, in a new order each epoch.
 *   theta_{k+1} = theta_k - rate g_B(theta_k)         eq:batch-gradient
 * path as for linear_descend; batches(m, size) steps make an epoch.
 */
static inline size_t
linear_descend_batches(struct arena *a, gsl_rng *random, tensor X, tensor y,
                       size_t size, double rate, tensor path)
{
    const size_t m = X.shape[0], per = batches(m, size);
    size_t *order = arena_take(a, m, sizeof *order);
    tensor XB = tensor_empty(a, SHAPE(size, X.shape[1]));
    tensor yB = tensor_empty(a, SHAPE(size));
    tensor r = tensor_empty(a, SHAPE(size));
    tensor g = tensor_empty(a, SHAPE(X.shape[1]));
    for (size_t k = 0; k + 1 < path.shape[0]; k++) {
        tensor theta = tensor_select(path, 0, (ptrdiff_t)k);
        tensor next = tensor_select(path, 0, (ptrdiff_t)k + 1);
        const size_t first = k % per * size;
        const size_t n = m - first < size ? m - first : size;
        if (first == 0)
            order_shuffle(random, m, order);
        batch_copy(XB, yB, X, y, n, order + first);
        tensor Xn = tensor_rows(XB, 0, n), rn = tensor_rows(r, 0, n);
        (void)linear_loss(Xn, tensor_rows(yB, 0, n), theta, 0, rn);
        linear_gradient(Xn, rn, theta, 0, g);
        descent_step(next, theta, rate, g);
        if (!tensor_is_finite(next))
            return k;
    }
    return path.shape[0] - 1;
}

/*
 * The lower triangle of the Hessian, and ridge.        eq:linear-hessian
 *   H (n,n) <- 1/m X^T X + ridge D,  D = diag(0, 1, ..., 1)
 */
static inline void linear_hessian(const gsl_matrix *X, double ridge,
                                  gsl_matrix *H)
{
    gsl_blas_dsyrk(CblasLower, CblasTrans, 1 / (double)X->size1, X, 0, H);
    for (size_t j = 1; j < H->size1; j++)
        *gsl_matrix_ptr(H, j, j) += ridge;
}

/* The eigenvalues of the Hessian, a new tensor (n), smallest first. */
static inline tensor linear_curvature(struct arena *a, tensor X)
{
    const size_t n = X.shape[1];
    gsl_matrix_view x = double_matrix(a, X), H = double_zeros2(a, n, n);
    gsl_vector_view lambda = double_zeros(a, n);
    gsl_eigen_symm_workspace *w = gsl_eigen_symm_alloc(n);
    REQUIRE(w != NULL, "out of memory");
    linear_hessian(&x.matrix, 0, &H.matrix);
    gsl_eigen_symm(&H.matrix, &lambda.vector, w);
    gsl_eigen_symm_free(w);
    gsl_sort_vector(&lambda.vector);
    tensor out = tensor_empty(a, SHAPE(n));
    tensor_store(out, &lambda.vector);
    return out;
}

/*
 * A <- C C^T of the symmetric A (n,n), in place (lower triangle).  False
 * when A is not positive definite, or so nearly not that rounding decides:
 * what of column j the columns before it leave, C_jj^2, is then lost beside
 * A_jj = sum_k C_jk^2.  GSL's handler would abort; it is off meanwhile.
 */
static inline bool cholesky(gsl_matrix *A)
{
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    const int status = gsl_linalg_cholesky_decomp1(A);
    gsl_set_error_handler(handler);
    if (status != GSL_SUCCESS)
        return false;
    const double least = sqrt(8 * (double)A->size1 * DBL_EPSILON);
    for (size_t j = 0; j < A->size1; j++) {
        gsl_vector_view row = gsl_matrix_subrow(A, j, 0, j + 1);
        const double all = gsl_blas_dnrm2(&row.vector);
        if (!(gsl_matrix_get(A, j, j) > least * all))
            return false;               /* also for a NaN */
    }
    return true;
}

/*
 * Least squares by a Cholesky factor.                 eq:cholesky-solve
 *   (1/m X^T X + ridge D) theta = 1/m X^T y              eq:ridge-solve
 * Overwrites theta (n); false, and theta unchanged, when the columns of X
 * depend on each other as far as a double can tell.  Works in *a.
 */
static inline bool linear_solve_cholesky(struct arena *a, tensor X,
                                         tensor y, double ridge,
                                         tensor theta)
{
    const size_t n = X.shape[1];
    gsl_matrix_view x = double_matrix(a, X), A = double_zeros2(a, n, n);
    gsl_vector_view v = double_vector(a, y), b = double_zeros(a, n);
    linear_hessian(&x.matrix, ridge, &A.matrix);
    if (!cholesky(&A.matrix))
        return false;
    gsl_blas_dgemv(CblasTrans, 1 / (double)X.shape[0], &x.matrix,
                   &v.vector, 0, &b.vector);
    gsl_linalg_cholesky_svx(&A.matrix, &b.vector);
    tensor_store(theta, &b.vector);
    return true;
}

/* What is left of least squares when Q is gone: R theta = z. */
struct triangle {
    gsl_matrix_view R;          /* (n,n), zero below its diagonal */
    gsl_vector_view z;          /* (n), Q^T y */
};

/* X (m,n) = Q R and y (m), m >= n, reduced to R and Q^T y.  eq:qr-solve */
static inline struct triangle linear_triangle(struct arena *a, tensor X,
                                              tensor y)
{
    const size_t n = X.shape[1];
    gsl_matrix_view x = double_matrix(a, X), R = double_zeros2(a, n, n);
    gsl_vector_view v = double_vector(a, y), tau = double_zeros(a, n);
    gsl_linalg_QR_decomp(&x.matrix, &tau.vector);
    gsl_linalg_QR_QTvec(&x.matrix, &tau.vector, &v.vector);
    for (size_t j = 0; j < n; j++)
        for (size_t k = j; k < n; k++)
            gsl_matrix_set(&R.matrix, j, k,
                           gsl_matrix_get(&x.matrix, j, k));
    return (struct triangle){ R, gsl_vector_subvector(&v.vector, 0, n) };
}

/* Is no diagonal element of R lost in the rounding of m terms? */
static inline bool triangle_is_regular(const gsl_matrix *R, size_t m)
{
    double most = 0, least = INFINITY;
    for (size_t j = 0; j < R->size1; j++) {
        const double d = fabs(gsl_matrix_get(R, j, j));
        most = fmax(most, d), least = fmin(least, d);
    }
    return least > (double)m * DBL_EPSILON * most;
}

/*
 * Least squares by X = Q R, without X^T X.                 eq:qr-solve
 *   R theta = Q^T y
 * Overwrites theta (n); false, and theta unchanged, when m < n or the
 * columns of X depend on each other.  Works in *a.
 */
static inline bool linear_solve_qr(struct arena *a, tensor X, tensor y,
                                   tensor theta)
{
    if (X.shape[0] < X.shape[1])
        return false;
    struct triangle t = linear_triangle(a, X, y);
    if (!triangle_is_regular(&t.R.matrix, X.shape[0]))
        return false;
    gsl_blas_dtrsv(CblasUpper, CblasNoTrans, CblasNonUnit, &t.R.matrix,
                   &t.z.vector);
    tensor_store(theta, &t.z.vector);
    return true;
}

/*
 * Least squares by X = Q R = (Q U) S V^T.                  eq:svd-solve
 *   theta = sum_k (u_k^T Q^T y / s_k) v_k  over s_k > tolerance s_1
 * Overwrites theta (n) with the shortest of all minimisers and
 * singular (n) with s, largest first.  s_1/s_n is kappa.  eq:condition
 * Returns the rank, the number of terms of the sum.  Works in *a.
 */
static inline size_t linear_solve_svd(struct arena *a, tensor X, tensor y,
                                      double tolerance, tensor theta,
                                      tensor singular)
{
    const size_t m = X.shape[0], n = X.shape[1];
    if (m < n) {
        X = tensor_cat(a, X, tensor_zeros(a, SHAPE(n - m, n)), 0);
        y = tensor_cat(a, y, tensor_zeros(a, SHAPE(n - m)), 0);
    }
    struct triangle t = linear_triangle(a, X, y);
    gsl_matrix_view U = t.R, V = double_zeros2(a, n, n);
    gsl_vector_view s = double_zeros(a, n), sum = double_zeros(a, n);
    gsl_linalg_SV_decomp(&U.matrix, &V.matrix, &s.vector, &sum.vector);
    const double least = tolerance * gsl_vector_get(&s.vector, 0);
    size_t rank = 0;
    gsl_vector_set_zero(&sum.vector);
    while (rank < n && gsl_vector_get(&s.vector, rank) > least) {
        gsl_vector_view u = gsl_matrix_column(&U.matrix, rank);
        gsl_vector_view v = gsl_matrix_column(&V.matrix, rank);
        double product;
        gsl_blas_ddot(&u.vector, &t.z.vector, &product);
        gsl_blas_daxpy(product / gsl_vector_get(&s.vector, rank), &v.vector,
                       &sum.vector);
        rank++;
    }
    tensor_store(singular, &s.vector);
    tensor_store(theta, &sum.vector);
    return rank;
}

/*
 * The projection on the columns of X, a new tensor (m,m).  eq:projection
 *   P = X (X^T X)^-1 X^T = Q Q^T,  X = Q R
 * The columns of X must not depend on each other, and m >= n.
 */
static inline tensor linear_hat(struct arena *a, tensor X)
{
    const size_t m = X.shape[0], n = X.shape[1];
    REQUIRE(m >= n, "linear_hat: shape %s", TENSOR_SHAPE(X));
    gsl_matrix_view x = double_matrix(a, X), P = double_zeros2(a, m, m);
    gsl_matrix_view Q = double_zeros2(a, m, m), R = double_zeros2(a, m, n);
    gsl_vector_view tau = double_zeros(a, n);
    gsl_linalg_QR_decomp(&x.matrix, &tau.vector);
    gsl_linalg_QR_unpack(&x.matrix, &tau.vector, &Q.matrix, &R.matrix);
    Q = gsl_matrix_submatrix(&Q.matrix, 0, 0, m, n);
    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, &Q.matrix, &Q.matrix, 0,
                   &P.matrix);
    tensor out = tensor_empty(a, SHAPE(m, m));
    for (size_t i = 0; i < m; i++) {
        gsl_vector_view row = gsl_matrix_row(&P.matrix, i);
        tensor_store(tensor_select(out, 0, (ptrdiff_t)i), &row.vector);
    }
    return out;
}

/*
 * Standard errors of the least-squares parameters.    eq:standard-error
 *   s^2 = ||y - X theta||^2 / (m - n)
 *   error_j = s sqrt( ((X^T X)^-1)_jj ) = s sqrt( (H^-1)_jj / m )
 * Overwrites error (n); returns s.  Returns NaN, and error is unchanged,
 * when m <= n or the columns of X depend on each other.  Works in *a.
 */
static inline double linear_errors(struct arena *a, tensor X, tensor y,
                                   tensor theta, tensor error)
{
    const size_t m = X.shape[0], n = X.shape[1];
    gsl_matrix_view x = double_matrix(a, X), H = double_zeros2(a, n, n);
    linear_hessian(&x.matrix, 0, &H.matrix);
    if (m <= n || !cholesky(&H.matrix))
        return NAN;
    tensor r = tensor_empty(a, SHAPE(m));
    const double squares = 2 * (double)m * linear_loss(X, y, theta, 0, r);
    const double s = sqrt(squares / (double)(m - n));
    gsl_linalg_cholesky_invert(&H.matrix);
    for (size_t j = 0; j < n; j++)
        AT(error, j) = (real)(s * sqrt(gsl_matrix_get(&H.matrix, j, j)
                                       / (double)m));
    return s;
}

#endif
