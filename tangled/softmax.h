/*
 * softmax.h -- information, softmax, cross-entropy, softmax regression.
 * Downhill, chapter 5.
 */
#ifndef SOFTMAX_H
#define SOFTMAX_H

#include "elementary.h"
#include "loop.h"

/* How much an event of probability p tells, in nats.    eq:information */
static inline double information(double p)
{
    return -log(p);
}

/*
 * The mean information of a draw from p.                    eq:entropy
 *   H(p) = -sum_k p_k log p_k,  where 0 log 0 = 0;  nats
 */
static inline double entropy(size_t n, const double p[])
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        if (p[k] > 0)
            sum += p[k] * information(p[k]);
    return sum;
}

/*
 * The mean information of a draw from p for one who believes q.
 *   H(p, q) = -sum_k p_k log q_k;  nats            eq:cross-entropy
 */
static inline double cross_entropy(size_t n, const double p[],
                                   const double q[])
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        if (p[k] > 0)
            sum += p[k] * information(q[k]);
    return sum;
}

/* What believing q costs: sum_k p_k log(p_k / q_k), nats.      eq:kl */
static inline double kl_divergence(size_t n, const double p[],
                                   const double q[])
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        if (p[k] > 0)
            sum += p[k] * log(p[k] / q[k]);
    return sum;
}

/* The largest of K numbers; a NaN behind the first is passed over. */
static inline real row_max(size_t K, const real z[])
{
    size_t best = 0;
    for (size_t k = 1; k < K; k++)
        if (z[k] > z[best])
            best = k;
    return z[best];
}

/*
 * p = softmax(z) for K logits; p may be z.  Returns lse(z).
 *   p_k = exp(z_k - m) / sum_j exp(z_j - m),  m = max z    eq:softmax
 *   lse(z) = m + log sum_j exp(z_j - m)                eq:log-sum-exp
 * No exp overflows and the sum is at least 1.  A NaN in z spreads to all.
 */
static inline real softmax_row(size_t K, const real z[], real p[])
{
    const real m = row_max(K, z);
    real sum = 0;
    for (size_t k = 0; k < K; k++)
        p[k] = fast_exp(z[k] - m);
    for (size_t k = 0; k < K; k++)
        sum += p[k];
    for (size_t k = 0; k < K; k++)
        p[k] /= sum;
    return m + real_log(sum);
}

/* log sum_k exp(z_k), without overflow.               eq:log-sum-exp */
static inline real log_sum_exp(size_t K, const real z[])
{
    const real m = row_max(K, z);
    real sum = 0;
    for (size_t k = 0; k < K; k++)
        sum += fast_exp(z[k] - m);
    return m + real_log(sum);
}

/* Row i of a matrix whose rows are contiguous. */
static inline real *matrix_row(tensor A, size_t i)
{
    return A.data + A.offset + i * A.stride[0];
}

static inline void rows_check(tensor A, const char *name)
{
    REQUIRE(A.rank == 2 && A.shape[1] > 0
            && (A.stride[1] == 1 || A.shape[1] == 1),
            "%s: %s must be a matrix of contiguous rows", name,
            TENSOR_SHAPE(A));
}

/* P = softmax of every row of Z (B,K); P may be Z.  eq:batch-logits */
static inline void softmax_rows(tensor Z, tensor P)
{
    rows_check(Z, "Z"), rows_check(P, "P");
    REQUIRE(P.shape[0] == Z.shape[0] && P.shape[1] == Z.shape[1],
            "softmax_rows: %s to %s", TENSOR_SHAPE(Z), TENSOR_SHAPE(P));
    for (size_t i = 0; i < Z.shape[0]; i++)
        softmax_row(Z.shape[1], matrix_row(Z, i), matrix_row(P, i));
}

static inline size_t label_check(tensor Z, const int label[], size_t i)
{
    REQUIRE(label[i] >= 0 && (size_t)label[i] < Z.shape[1],
            "label[%zu] = %d, but the logits are %s", i, label[i],
            TENSOR_SHAPE(Z));
    return (size_t)label[i];
}

/*
 * Mean negative log-likelihood of the labels, in nats.   eq:softmax-nll
 *   L = 1/B sum_i ( lse(z_i) - z_{i,y_i} )
 *   Z (B,K) logits; label[B] in 0..K-1
 */
static inline double softmax_nll(tensor Z, const int label[])
{
    const size_t B = Z.shape[0], K = Z.shape[1];
    double sum = 0;
    rows_check(Z, "Z");
    for (size_t i = 0; i < B; i++) {
        const real *z = matrix_row(Z, i);
        sum += (double)(log_sum_exp(K, z) - z[label_check(Z, label, i)]);
    }
    return sum / (double)B;
}

/*
 * The same loss and its gradient in one pass.              eq:batch-dz
 *   dZ = (P - Y)/B,  P = softmax(Z), Y the one-hot rows of the labels
 *   Z, dZ (B,K); dZ is overwritten and may be Z itself
 * The loss is NaN or infinite when the logits are: the caller tests it.
 */
static inline double softmax_nll_gradient(tensor Z, const int label[],
                                          tensor dZ)
{
    const size_t B = Z.shape[0], K = Z.shape[1];
    const real scale = (real)(1 / (double)B);
    double sum = 0;
    rows_check(Z, "Z"), rows_check(dZ, "dZ");
    REQUIRE(dZ.shape[0] == B && dZ.shape[1] == K,
            "softmax_nll_gradient: %s to %s", TENSOR_SHAPE(Z),
            TENSOR_SHAPE(dZ));
    for (size_t i = 0; i < B; i++) {
        const real *z = matrix_row(Z, i);
        real *d = matrix_row(dZ, i);
        const size_t y = label_check(Z, label, i);
        const real z_y = z[y];                  /* d may be z */
        sum += (double)(softmax_row(K, z, d) - z_y);
        d[y] -= 1;
        for (size_t k = 0; k < K; k++)
            d[k] *= scale;
    }
    return sum / (double)B;
}

/*
 * J = diag(p) - p p^T, the Jacobian of softmax where it is p.
 *   J_ij = p_i (delta_ij - p_j);  J (K,K)         eq:softmax-jacobian
 */
static inline void softmax_jacobian(size_t K, const real p[], tensor J)
{
    REQUIRE(J.rank == 2 && J.shape[0] == K && J.shape[1] == K,
            "softmax_jacobian: %zu to %s", K, TENSOR_SHAPE(J));
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++)
            AT(J, i, j) = p[i] * ((i == j ? 1 : 0) - p[j]);
}

/*
 * Z = X W + 1 b                                        eq:batch-logits
 *   X (B,I)   W (I,K)   b (1,K)   Z (B,K), overwritten
 */
static inline void affine_forward(tensor X, tensor W, tensor b, tensor Z)
{
    tensor_copy(Z, b);                      /* b for every row */
    tensor_gemm(1, X, W, 1, Z);             /* + X W */
}

/* sum <- keep sum + scale 1^T dZ, for dZ (B,K), sum (1,K). */
static inline void rows_collect(tensor dZ, real scale, real keep,
                                tensor sum)
{
    const size_t B = dZ.shape[0], K = dZ.shape[1];
    REQUIRE(sum.rank == 2 && sum.shape[0] == 1 && sum.shape[1] == K,
            "rows_collect: dZ %s to %s", TENSOR_SHAPE(dZ),
            TENSOR_SHAPE(sum));
    rows_check(dZ, "dZ"), rows_check(sum, "sum");
    real *restrict to = matrix_row(sum, 0);
    keep_times(to, K, keep);
    for (size_t i = 0; i < B; i++) {
        const real *restrict d = matrix_row(dZ, i);
        for (size_t k = 0; k < K; k++)
            to[k] += scale * d[k];
    }
}

/*
 * From dZ (B,K), the gradients of the parameters, times scale, added to
 * keep times what dW and db hold:
 *   X^T dZ  (I,K)    eq:batch-dw      1^T dZ  (1,K)    eq:batch-db
 */
static inline void affine_collect(tensor X, tensor dZ, double scale,
                                  double keep, tensor dW, tensor db)
{
    tensor_gemm(scale, tensor_transpose(X), dZ, keep, dW);
    rows_collect(dZ, (real)scale, (real)keep, db);
}

/* The gradients alone: dW = X^T dZ, db = 1^T dZ; both overwritten. */
static inline void affine_gradient(tensor X, tensor dZ, tensor dW,
                                   tensor db)
{
    affine_collect(X, dZ, 1, 0, dW, db);
}

/* dX = dZ W^T, for a layer below; dX (B,I) is overwritten.  eq:batch-dx */
static inline void affine_input_gradient(tensor W, tensor dZ, tensor dX)
{
    tensor_gemm(1, dZ, tensor_transpose(W), 0, dX);
}

/* Is z[y] the largest of K numbers, the first of them if several are? */
static inline bool is_largest(size_t K, const real z[], size_t y)
{
    size_t k = 0;
    while (k < y && z[k] < z[y])
        k++;
    while (k >= y && k < K && z[k] <= z[y])
        k++;
    return k == K;
}

/* How many rows of Z (B,K) have their largest entry at label[i]. */
static inline size_t count_right(tensor Z, const int label[])
{
    size_t right = 0;
    rows_check(Z, "Z");
    for (size_t i = 0; i < Z.shape[0]; i++)
        right += is_largest(Z.shape[1], matrix_row(Z, i),
                            label_check(Z, label, i));
    return right;
}

/* The share of right answers, 0..1.                      eq:accuracy */
static inline double accuracy(tensor Z, const int label[])
{
    return (double)count_right(Z, label) / (double)Z.shape[0];
}

/* Pixel j of row i of X with one more column of ones. */
static inline double pixel_or_one(tensor X, size_t i, size_t j)
{
    return j < X.shape[1] ? (double)AT(X, i, j) : 1;
}

/*
 * A new matrix: the second derivatives of the loss by W and b in the
 * order of theta, from X (B,I) and P (B,K).        eq:weights-hessian
 *   H = 1/B sum_i x_ij x_ij' p_ik (delta_kk' - p_ik'),  x_iI = 1
 */
static inline tensor softmax_hessian(struct arena *a, tensor X, tensor P)
{
    const size_t B = X.shape[0], I = X.shape[1], K = P.shape[1];
    const size_t n = (I + 1) * K;
    tensor H = tensor_zeros(a, SHAPE(n, n));
    REQUIRE(P.shape[0] == B, "softmax_hessian: X %s, P %s",
            TENSOR_SHAPE(X), TENSOR_SHAPE(P));
    for (size_t i = 0; i < B; i++)
        for (size_t r = 0; r < n; r++)
            for (size_t c = 0; c < n; c++) {
                const size_t k = r % K, k2 = c % K;
                const double xx = pixel_or_one(X, i, r / K) * pixel_or_one(X, i, c / K);
                const double p = (double)AT(P, i, k), p2 = (double)AT(P, i, k2);
                AT(H, r, c) += (real)(xx * p * ((k == k2 ? 1 : 0) - p2) / (double)B);
            }
    return H;
}

/* Is it faster to store a matrix (I,K) by columns? */
static inline bool is_narrow(size_t I, size_t K)
{
    return K <= 16 && I >= 64;
}

/* The I K numbers of a flat vector from `first` on, as a matrix (I,K). */
static inline tensor flat_matrix(tensor v, size_t first, size_t I, size_t K)
{
    const tensor part = tensor_rows(v, first, I * K);
    return is_narrow(I, K)
           ? tensor_transpose(tensor_reshape(part, SHAPE(K, I)))
           : tensor_reshape(part, SHAPE(I, K));
}

/* Softmax regression: the logits of X are X W + 1 b. */
struct softmax {
    struct model model;         /* its theta: W, then b */
    tensor W, b;                /* views of theta: (I,K) and (1,K) */
    tensor dW, db;              /* views of the gradient, likewise */
    tensor room, Z;             /* (batch,K), and the rows in use */
    tensor X;                   /* of the last batch */
};

/* From dZ to the gradient: to <- keep to + scale dL/dtheta. */
static inline void softmax_backward(struct model *m, double scale,
                                    double keep, tensor to)
{
    struct softmax *s = (struct softmax *)m;
    const size_t I = s->W.shape[0], K = s->W.shape[1];
    affine_collect(s->X, s->Z, scale, keep, flat_matrix(to, 0, I, K),
                   flat_matrix(to, I * K, 1, K));
}

/* The mean loss of a batch; in training, dZ is left in s->Z. */
static inline double softmax_batch_loss(struct model *m,
                                        const struct batch *b,
                                        bool training)
{
    struct softmax *s = (struct softmax *)m;
    s->X = b->X, s->Z = tensor_rows(s->room, 0, b->n);
    affine_forward(b->X, s->W, s->b, s->Z);
    m->right = count_right(s->Z, b->label);
    return training ? softmax_nll_gradient(s->Z, b->label, s->Z)
                    : softmax_nll(s->Z, b->label);
}

/* The model for I inputs, K classes, at most `batch` rows at once. */
static inline struct softmax softmax_new(struct arena *a, size_t I,
                                         size_t K, size_t batch)
{
    const tensor t = tensor_zeros(a, SHAPE(I * K + K));
    const tensor g = tensor_zeros(a, SHAPE(I * K + K));
    return (struct softmax){
        { .theta = t, .grad = g, .loss = softmax_batch_loss,
          .backward = softmax_backward },
        flat_matrix(t, 0, I, K), flat_matrix(t, I * K, 1, K),
        flat_matrix(g, 0, I, K), flat_matrix(g, I * K, 1, K),
        .room = tensor_empty(a, SHAPE(batch, K))
    };
}

/* The loss of X (B,I) with label[B]; the gradient goes to model.grad. */
static inline double softmax_loss(struct softmax *s, tensor X,
                                  const int label[])
{
    const struct batch b = { .n = X.shape[0], .X = X, .label = label };
    const double loss = softmax_batch_loss(&s->model, &b, true);
    softmax_backward(&s->model, 1, 0, s->model.grad);
    return loss;
}

#endif
