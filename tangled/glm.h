/*
 * glm.h -- generalised linear models: one fit for Gaussian, Bernoulli and
 * Poisson.  Downhill, chapter 4.
 *
 * X (m,n) holds one sample a row, its first column is 1; theta (n), y (m).
 */
#ifndef GLM_H
#define GLM_H

#include "linear.h"

/* The sigmoid, for every z without overflow.             eq:logistic */
static inline double logistic(double z)
{
    const double e = exp(-fabs(z));
    return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/* log(1 + e^z) without overflow or cancellation.         eq:softplus */
static inline double softplus(double z)
{
    return fmax(z, 0) + log1p(exp(-fabs(z)));
}

/* P(y; eta) = b(y) exp(eta y - A(eta))            eq:exponential-family */
struct family {
    const char *name;
    double (*normaliser)(double eta);   /* A */
    double (*mean)(double eta);         /* A'                */
    double (*variance)(double eta);     /* A''  eq:family-moments */
    double (*best)(double y);           /* the least A(eta) - y eta */
    bool (*valid)(double y);            /* can y be an outcome? */
    /* Does -log P not rise while eta moves on along s, |s| <= 1? */
    bool (*recedes)(double y, double s, double tolerance);
    bool has_dispersion;                /* a variance of its own */
};

/* Real numbers with variance 1.                    eq:family-gaussian */
static inline double gaussian_normaliser(double eta)
{
    return eta * eta / 2;
}
static inline double gaussian_mean(double eta)
{
    return eta;
}
static inline double gaussian_variance(double eta)
{
    (void)eta;
    return 1;
}
static inline double gaussian_best(double y)
{
    return -y * y / 2;
}
static inline bool gaussian_valid(double y)
{
    return isfinite(y);
}
static inline bool gaussian_recedes(double y, double s, double tolerance)
{
    (void)y;
    return fabs(s) <= tolerance;
}

/* Yes or no, 1 or 0.                              eq:family-bernoulli */
static inline double bernoulli_variance(double eta)
{
    const double e = exp(-fabs(eta));
    return e / ((1 + e) * (1 + e));     /* sigma(eta) sigma(-eta) */
}
static inline double bernoulli_best(double y)
{
    (void)y;
    return 0;
}
static inline bool bernoulli_valid(double y)
{
    return y == 0 || y == 1;
}
static inline bool bernoulli_recedes(double y, double s, double tolerance)
{
    return (y == 1 ? s : -s) >= -tolerance;
}

/* Counts 0, 1, 2, ...                               eq:family-poisson */
static inline double poisson_best(double y)
{
    return y > 0 ? y - y * log(y) : 0;
}
static inline bool poisson_valid(double y)
{
    return y >= 0 && y == floor(y) && isfinite(y);
}
static inline bool poisson_recedes(double y, double s, double tolerance)
{
    return y == 0 ? s <= tolerance : fabs(s) <= tolerance;
}

static const struct family gaussian = {
    .name = "gaussian", .normaliser = gaussian_normaliser,
    .mean = gaussian_mean, .variance = gaussian_variance,
    .best = gaussian_best, .valid = gaussian_valid,
    .recedes = gaussian_recedes, .has_dispersion = true
};

static const struct family bernoulli = {
    .name = "bernoulli", .normaliser = softplus,
    .mean = logistic, .variance = bernoulli_variance,
    .best = bernoulli_best, .valid = bernoulli_valid,
    .recedes = bernoulli_recedes
};

static const struct family poisson = {
    .name = "poisson", .normaliser = exp,
    .mean = exp, .variance = exp,
    .best = poisson_best, .valid = poisson_valid,
    .recedes = poisson_recedes
};

static const struct family *const families[] = { &gaussian, &bernoulli,
                                                 &poisson };

/* The family of that name, or NULL. */
static inline const struct family *family_find(const char *name)
{
    for (size_t k = 0; k < sizeof families / sizeof *families; k++)
        if (strcmp(families[k]->name, name) == 0)
            return families[k];
    return NULL;
}

enum glm_status { GLM_GOES_ON, GLM_DONE, GLM_SEPARABLE, GLM_DEPENDENT,
                  GLM_STUCK };

static const char *const glm_status_text[] = {
    [GLM_GOES_ON] = "not finished",
    [GLM_DONE] = "converged",
    [GLM_SEPARABLE] = "no finite optimum: the data are separable",
    [GLM_DEPENDENT] = "the columns depend on each other",
    [GLM_STUCK] = "no step lowers the loss",
};

struct glm {
    const struct family *family;
    tensor X, y;                /* (m,n), (m): the data */
    double ridge;
    tensor theta;               /* (n), the parameters so far */
    tensor eta, r;              /* (m): X theta, mu - y */
    tensor g, step, trial;      /* (n): gradient, H^-1 g, next theta */
    gsl_matrix_view W, H;       /* (m,n): V^(1/2) X; (n,n): Hessian */
    double loss, decrement;     /* at theta; the fall that is promised */
    size_t steps, halvings;
};

/* A model of y (m) by X (m,n) at theta = 0; its memory is taken from *a. */
static inline struct glm glm_new(struct arena *a, const struct family *f,
                                 tensor X, tensor y, double ridge)
{
    REQUIRE(X.rank == 2 && y.rank == 1 && X.shape[0] == y.shape[0]
            && y.shape[0] > 0, "glm_new: X %s, y %s", TENSOR_SHAPE(X),
            TENSOR_SHAPE(y));
    const size_t m = X.shape[0], n = X.shape[1];
    for (size_t i = 0; i < m; i++)
        REQUIRE(f->valid((double)AT(y, i)), "glm_new: y[%zu] = %g is not "
                "%s", i, (double)AT(y, i), f->name);
    return (struct glm){
        .family = f, .X = X, .y = tensor_contiguous(a, y), .ridge = ridge,
        .theta = tensor_zeros(a, SHAPE(n)),
        .eta = tensor_zeros(a, SHAPE(m)), .r = tensor_zeros(a, SHAPE(m)),
        .g = tensor_zeros(a, SHAPE(n)), .step = tensor_zeros(a, SHAPE(n)),
        .trial = tensor_zeros(a, SHAPE(n)),
        .W = double_zeros2(a, m, n), .H = double_zeros2(a, n, n),
    };
}

/*
 * The loss at theta (n), and ridge.          eq:glm-loss, eq:glm-ridge
 *   L = 1/m sum_i ( A(eta_i) - y_i eta_i ) + ridge/2 sum_{j>=1} theta_j^2
 * Overwrites M->eta with X theta.
 */
static inline double glm_loss(struct glm *M, tensor theta)
{
    const real *eta = tensor_lane(M->eta, 0), *y = tensor_lane(M->y, 0);
    const size_t m = M->y.shape[0];
    double sum = 0;
    linear_predict(M->X, theta, M->eta);
    for (size_t i = 0; i < m; i++)
        sum += M->family->normaliser((double)eta[i])
               - (double)y[i] * (double)eta[i];
    return sum / (double)m + linear_penalty(theta, M->ridge);
}

/*
 * The gradient at M->theta, after glm_loss there.        eq:glm-gradient
 *   g = 1/m X^T (mu - y) + ridge D theta                 eq:glm-ridge
 * Overwrites M->r with mu - y, and M->g.
 */
static inline void glm_gradient(struct glm *M)
{
    const real *eta = tensor_lane(M->eta, 0), *y = tensor_lane(M->y, 0);
    real *r = tensor_lane(M->r, 0);
    for (size_t i = 0; i < M->y.shape[0]; i++)
        r[i] = (real)(M->family->mean((double)eta[i]) - (double)y[i]);
    linear_gradient(M->X, M->r, M->theta, M->ridge, M->g);
}

/*
 * The Hessian, after glm_loss.                           eq:glm-gradient
 *   H = 1/m X^T V X + ridge D,  V = diag A''(eta_i)      eq:glm-ridge
 * Overwrites M->W with V^(1/2) X, and the lower triangle of M->H.
 */
static inline void glm_hessian(struct glm *M)
{
    const size_t m = M->X.shape[0], n = M->X.shape[1];
    const size_t step = lane_step(M->X);
    const real *eta = tensor_lane(M->eta, 0);
    double *w = M->W.matrix.data;
    for (size_t i = 0; i < m; i++, w += n) {
        const double root = sqrt(M->family->variance((double)eta[i]));
        const real *x = tensor_lane(M->X, i);
        for (size_t j = 0; j < n; j++)
            w[j] = root * (double)x[j * step];
    }
    linear_hessian(&M->W.matrix, M->ridge, &M->H.matrix);
}

/* M->step <- H^-1 g; the promised fall.  False if H is singular. */
static inline bool glm_direction(struct glm *M)
{
    const size_t n = M->g.shape[0];
    gsl_vector_view s = gsl_matrix_row(&M->W.matrix, 0);  /* has served */
    glm_gradient(M);
    glm_hessian(M);
    if (!cholesky(&M->H.matrix))
        return false;
    for (size_t j = 0; j < n; j++)
        gsl_vector_set(&s.vector, j, (double)AT(M->g, j));
    gsl_linalg_cholesky_svx(&M->H.matrix, &s.vector);
    tensor_store(M->step, &s.vector);
    M->decrement = linear_dot(M->g, M->step) / 2;       /* eq:decrement */
    return true;
}

enum { GLM_HALVINGS = 50 };

/*
 * A step from M->theta, where M->loss and M->eta belong.      eq:newton
 *   theta <- theta - t H^-1 g,  t = 1, 1/2, 1/4, ...
 * The first t is taken at which the loss does not rise.  Changes theta,
 * loss, eta and decrement; theta stays when it is GLM_DEPENDENT or STUCK.
 */
static inline enum glm_status glm_step(struct glm *M)
{
    if (!glm_direction(M))
        return GLM_DEPENDENT;
    const double slack = 8 * (double)REAL_EPSILON * (1 + fabs(M->loss));
    double t = 1;
    for (int k = 0; k <= GLM_HALVINGS; k++, t /= 2) {
        descent_step(M->trial, M->theta, t, M->step);
        const double loss = glm_loss(M, M->trial);
        if (loss <= M->loss + slack) {
            tensor_copy(M->theta, M->trial);
            M->loss = loss, M->steps++, M->halvings += (size_t)k;
            return GLM_GOES_ON;
        }
    }
    return GLM_STUCK;
}

/* A step from M->theta, wherever it came from. */
static inline enum glm_status glm_newton(struct glm *M)
{
    M->loss = glm_loss(M, M->theta);
    return glm_step(M);
}

/* Does the loss of no sample rise along X d, which is s?  eq:separable */
static inline bool glm_recedes(const struct glm *M, tensor s,
                               double tolerance)
{
    const real *along = tensor_lane(s, 0), *y = tensor_lane(M->y, 0);
    double most = 0;
    for (size_t i = 0; i < s.shape[0]; i++)
        if (fabs((double)along[i]) > most)
            most = fabs((double)along[i]);
    bool all = most > 0;
    for (size_t i = 0; i < s.shape[0] && all; i++)
        all = M->family->recedes((double)y[i], (double)along[i] / most,
                                 tolerance);
    return all;
}

/*
 * True when M, after a step, walks towards an optimum at infinity: theta
 * itself is the proof, or the direction of the step is, to a millionth.
 */
static inline bool glm_is_separable(struct glm *M)
{
    if (M->ridge > 0)
        return false;
    if (glm_recedes(M, M->eta, 0))
        return true;
    linear_product(-1, M->X, M->step, 0, M->r);     /* X d, d = -H^-1 g */
    return glm_recedes(M, M->r, 1e-6);
}

enum { GLM_STEPS = 100 };

/*
 * Fit M from M->theta on (zero in a new model).      eq:newton, eq:irls
 * GLM_DONE: M->theta is the minimiser.  Otherwise why there is none:
 * separable data without ridge, dependent columns, or trouble.
 */
static inline enum glm_status glm_fit(struct glm *M)
{
    const double eps = (double)REAL_EPSILON;
    M->loss = glm_loss(M, M->theta);
    for (int k = 0; k < GLM_STEPS; k++) {
        const enum glm_status status = glm_step(M);
        if (status != GLM_GOES_ON)
            return status;
        if (glm_is_separable(M))
            return GLM_SEPARABLE;
        if (M->decrement <= eps * (1 + fabs(M->loss)))
            return GLM_DONE;
    }
    return GLM_STUCK;
}

/*
 * Gradient descent from row 0 of path (steps+1,n), as linear_descend; row k
 * receives theta_k.  Returns how many steps stayed finite; M->theta is the
 * last of them.
 */
static inline size_t glm_descend(struct glm *M, double rate, tensor path)
{
    tensor_copy(M->theta, tensor_select(path, 0, 0));
    for (size_t k = 0; k + 1 < path.shape[0]; k++) {
        tensor next = tensor_select(path, 0, (ptrdiff_t)k + 1);
        M->loss = glm_loss(M, M->theta);
        glm_gradient(M);
        descent_step(next, M->theta, rate, M->g);
        if (!tensor_is_finite(next))
            return k;
        tensor_copy(M->theta, next);
    }
    M->loss = glm_loss(M, M->theta);
    return path.shape[0] - 1;
}

/* How much worse M is than a parameter for each sample.   eq:deviance */
static inline double glm_deviance(struct glm *M)
{
    const real *eta = tensor_lane(M->eta, 0), *y = tensor_lane(M->y, 0);
    double sum = 0;
    linear_predict(M->X, M->theta, M->eta);
    for (size_t i = 0; i < M->y.shape[0]; i++)
        sum += M->family->normaliser((double)eta[i])
               - (double)y[i] * (double)eta[i]
               - M->family->best((double)y[i]);
    return 2 * sum;
}

/* The variance that the family leaves open: D/(m-n), or 1. */
static inline double glm_dispersion(struct glm *M)
{
    const double m = (double)M->X.shape[0], n = (double)M->X.shape[1];
    return M->family->has_dispersion ? glm_deviance(M) / (m - n) : 1;
}

/*
 * Standard errors of the parameters.                      eq:glm-error
 *   error_j = sqrt( phi ((X^T V X)^-1)_jj )
 * Overwrites error (n); false, and error unchanged, when H is singular.
 */
static inline bool glm_errors(struct glm *M, tensor error)
{
    const double phi = glm_dispersion(M), m = (double)M->X.shape[0];
    (void)glm_loss(M, M->theta);
    glm_hessian(M);
    if (!cholesky(&M->H.matrix))
        return false;
    gsl_linalg_cholesky_invert(&M->H.matrix);
    for (size_t j = 0; j < error.shape[0]; j++)
        AT(error, j) =
            (real)sqrt(phi / m * gsl_matrix_get(&M->H.matrix, j, j));
    return true;
}

#endif
