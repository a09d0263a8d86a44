/*
 * optim.h -- rules that turn gradients into steps.  Downhill, chapter 7.
 *
 * Every rule is one loop over a flat vector of n parameters, theta, and
 * the gradient g at theta.  What it remembers (m, v) starts as zeros.
 */
#ifndef OPTIM_H
#define OPTIM_H

#include "loop.h"

/*
 * The root of x >= 0 with a relative error below 2e-7; arithmetic only,
 * so that compilers vectorise the loops it is in.        eq:root-newton
 *   y <- y (3/2 - x/2 y^2) tends to 1/sqrt(x)
 * 0 gives 0, NaN gives NaN; below 1e-38 only the size is right.
 */
static inline float root_float(float x)
{
    uint32_t bits;
    float y;
    memcpy(&bits, &x, sizeof bits);
    bits = 0x5F375A86 - (bits >> 1);
    memcpy(&y, &bits, sizeof y);
    y = y * (1.5F - 0.5F * x * y * y);
    y = y * (1.5F - 0.5F * x * y * y);
    y = y * (1.5F - 0.5F * x * y * y);
    return x * y;
}

/* The root that the rules use. */
#if REAL_KIND(REAL) == REAL_IS_float
#define rule_root root_float
#else
#define rule_root sqrt
#endif

/* theta <- theta - rate g                                        eq:sgd */
static inline void sgd_step(size_t n, real *restrict theta,
                            const real *restrict g, double rate)
{
    const real eta = (real)rate;
    for (size_t i = 0; i < n; i++)
        theta[i] -= eta * g[i];
}

/*
 * The heavy ball.                                           eq:momentum
 *   m <- beta m + g      theta <- theta - rate m
 */
static inline void momentum_step(size_t n, real *restrict theta,
                                 const real *restrict g,
                                 real *restrict m, double rate,
                                 double beta)
{
    const real eta = (real)rate, b = (real)beta;
    for (size_t i = 0; i < n; i++) {
        m[i] = b * m[i] + g[i];
        theta[i] -= eta * m[i];
    }
}

/*
 * Nesterov's momentum, kept at the point that lies ahead.   eq:nesterov
 *   m <- beta m + g      theta <- theta - rate (g + beta m)
 */
static inline void nesterov_step(size_t n, real *restrict theta,
                                 const real *restrict g,
                                 real *restrict m, double rate,
                                 double beta)
{
    const real eta = (real)rate, b = (real)beta;
    for (size_t i = 0; i < n; i++) {
        m[i] = b * m[i] + g[i];
        theta[i] -= eta * (g[i] + b * m[i]);
    }
}

/*
 * A rate for each parameter, never growing.                  eq:adagrad
 *   v <- v + g^2      theta <- theta - rate g / (sqrt(v) + eps)
 */
static inline void adagrad_step(size_t n, real *restrict theta,
                                const real *restrict g,
                                real *restrict v, double rate,
                                double epsilon)
{
    const real eta = (real)rate, eps = (real)epsilon;
    for (size_t i = 0; i < n; i++) {
        v[i] += g[i] * g[i];
        theta[i] -= eta * g[i] / (rule_root(v[i]) + eps);
    }
}

/*
 * A rate for each parameter that forgets old gradients.      eq:rmsprop
 *   v <- beta2 v + (1 - beta2) g^2
 *   theta <- theta - rate g / (sqrt(v) + eps)
 */
static inline void rmsprop_step(size_t n, real *restrict theta,
                                const real *restrict g,
                                real *restrict v, double rate,
                                double beta2, double epsilon)
{
    const real eta = (real)rate, eps = (real)epsilon;
    const real keep = (real)beta2, take = (real)(1 - beta2);
    for (size_t i = 0; i < n; i++) {
        v[i] = keep * v[i] + take * g[i] * g[i];
        theta[i] -= eta * g[i] / (rule_root(v[i]) + eps);
    }
}

/* What Adam needs to know besides the vectors. */
struct adam {
    double rate, beta1, beta2, epsilon;
    double decay;               /* lambda of AdamW; Adam ignores it */
};

/* The constants of step t in the precision of the loop. */
struct adam_terms {
    real keep1, take1, keep2, take2;    /* beta, 1 - beta */
    real eta;                   /* rate / (1 - beta1^t) */
    real scale;                 /* 1 / sqrt(1 - beta2^t) */
    real eps, shrink;           /* shrink = 1 - rate decay */
};

/* Step number t = 1, 2, ...                  eq:adam-bias, eq:adam-loop */
static inline struct adam_terms adam_terms(struct adam a, size_t t)
{
    REQUIRE(t > 0, "Adam counts its steps from 1");
    const double c1 = 1 - pow(a.beta1, (double)t);
    const double c2 = 1 - pow(a.beta2, (double)t);
    return (struct adam_terms){
        .keep1 = (real)a.beta1, .take1 = (real)(1 - a.beta1),
        .keep2 = (real)a.beta2, .take2 = (real)(1 - a.beta2),
        .eta = (real)(a.rate / c1), .scale = (real)(1 / sqrt(c2)),
        .eps = (real)a.epsilon, .shrink = (real)(1 - a.rate * a.decay)
    };
}

/*
 * Adam, step number t = 1, 2, ...              eq:adam-moments, eq:adam
 *   m <- beta1 m + (1 - beta1) g      v <- beta2 v + (1 - beta2) g^2
 *   theta <- theta - rate mhat / (sqrt(vhat) + eps),
 *   mhat = m / (1 - beta1^t),  vhat = v / (1 - beta2^t)
 */
static inline void adam_step(size_t n, real *restrict theta,
                             const real *restrict g, real *restrict m,
                             real *restrict v, struct adam a, size_t t)
{
    const struct adam_terms c = adam_terms(a, t);
    for (size_t i = 0; i < n; i++) {
        m[i] = c.keep1 * m[i] + c.take1 * g[i];
        v[i] = c.keep2 * v[i] + c.take2 * g[i] * g[i];
        theta[i] -= c.eta * m[i] / (c.scale * rule_root(v[i]) + c.eps);
    }
}

/*
 * Adam with weight decay outside the division.                 eq:adamw
 *   theta <- (1 - rate decay) theta - rate mhat / (sqrt(vhat) + eps)
 */
static inline void adamw_step(size_t n, real *restrict theta,
                              const real *restrict g, real *restrict m,
                              real *restrict v, struct adam a, size_t t)
{
    const struct adam_terms c = adam_terms(a, t);
    for (size_t i = 0; i < n; i++) {
        m[i] = c.keep1 * m[i] + c.take1 * g[i];
        v[i] = c.keep2 * v[i] + c.take2 * g[i] * g[i];
        theta[i] = c.shrink * theta[i]
                   - c.eta * m[i] / (c.scale * rule_root(v[i]) + c.eps);
    }
}

/* g <- g + lambda theta, the gradient of lambda/2 |theta|^2.     eq:l2 */
static inline void l2_add(size_t n, const real *restrict theta,
                          real *restrict g, double lambda)
{
    const real l = (real)lambda;
    for (size_t i = 0; i < n; i++)
        g[i] += l * theta[i];
}

enum method { SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM, ADAMW,
              METHODS };

static const char *const method_name[METHODS] = {
    "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"
};

/* The method of that name, or METHODS when there is none. */
static inline enum method method_find(const char *name)
{
    int k = 0;
    while (k < METHODS && strcmp(method_name[k], name) != 0)
        k++;
    return (enum method)k;
}

/* A method with its constants and its memory of n parameters. */
struct optimizer {
    struct rule rule;           /* for the training loop */
    enum method method;
    double rate;                /* eta; may be changed between steps */
    double beta1;               /* beta of momentum, beta_1 of Adam */
    double beta2;               /* of RMSProp and Adam */
    double epsilon;
    double decay;               /* lambda: AdamW's, else of the penalty */
    size_t t;                   /* steps taken */
    size_t n;
    real *m, *v;                /* [n]; NULL when not needed */
};

static inline bool method_has_m(enum method k)
{
    return k == MOMENTUM || k == NESTEROV || k == ADAM || k == ADAMW;
}

static inline bool method_has_v(enum method k)
{
    return k == ADAGRAD || k == RMSPROP || k == ADAM || k == ADAMW;
}

static inline void optimizer_learn(struct rule *r, struct model *m);

/* The method with its usual constants and empty memory. */
static inline struct optimizer optimizer_new(struct arena *a,
                                             enum method method, size_t n,
                                             double rate)
{
    REQUIRE(method < METHODS, "optimizer_new: method %d", (int)method);
    return (struct optimizer){
        .rule = { optimizer_learn }, .method = method, .rate = rate,
        .n = n, .beta1 = 0.9,
        .beta2 = method == RMSPROP ? 0.99 : 0.999,
        .epsilon = method == ADAGRAD ? 1e-10 : 1e-8,
        .decay = method == ADAMW ? 0.01 : 0,
        .m = method_has_m(method) ? arena_alloc(a, n, sizeof(real)) : NULL,
        .v = method_has_v(method) ? arena_alloc(a, n, sizeof(real)) : NULL
    };
}

/*
 * Move the parameters first .. first + count - 1 by the rule of the step
 * that optimizer_begin has begun.  theta and g are the whole vectors; the
 * penalty's gradient is added to g.
 */
static inline void optimizer_move(struct optimizer *o, size_t first,
                                  size_t count, real *theta, real *g)
{
    REQUIRE(o->t > 0 && first <= o->n && count <= o->n - first,
            "optimizer_move: %zu of %zu from %zu", count, o->n, first);
    const struct adam a = { o->rate, o->beta1, o->beta2, o->epsilon,
                            o->decay };
    real *m = o->m != NULL ? o->m + first : NULL;
    real *v = o->v != NULL ? o->v + first : NULL;
    theta += first, g += first;
    if (o->decay != 0 && o->method != ADAMW)
        l2_add(count, theta, g, o->decay);
    switch (o->method) {
    case SGD:
        sgd_step(count, theta, g, o->rate);
        break;
    case MOMENTUM:
        momentum_step(count, theta, g, m, o->rate, o->beta1);
        break;
    case NESTEROV:
        nesterov_step(count, theta, g, m, o->rate, o->beta1);
        break;
    case ADAGRAD:
        adagrad_step(count, theta, g, v, o->rate, o->epsilon);
        break;
    case RMSPROP:
        rmsprop_step(count, theta, g, v, o->rate, o->beta2, o->epsilon);
        break;
    case ADAM:
        adam_step(count, theta, g, m, v, a, o->t);
        break;
    case ADAMW:
        adamw_step(count, theta, g, m, v, a, o->t);
        break;
    case METHODS:
        PANIC("no such method");
    }
}

/* Begin the next step. */
static inline void optimizer_begin(struct optimizer *o)
{
    o->t++;
}

/* One whole step on theta (n), from g (n), the gradient there. */
static inline void optimizer_step(struct optimizer *o, tensor theta,
                                  tensor g)
{
    REQUIRE(theta.rank == 1 && theta.shape[0] == o->n && g.rank == 1
            && g.shape[0] == o->n && theta.stride[0] == 1
            && g.stride[0] == 1, "optimizer_step: theta %s, g %s, n %zu",
            TENSOR_SHAPE(theta), TENSOR_SHAPE(g), o->n);
    optimizer_begin(o);
    optimizer_move(o, 0, o->n, theta.data + theta.offset,
                   g.data + g.offset);
}

/* The move from the gradient in m->grad, on all that learns. */
static inline void optimizer_apply(struct optimizer *o, struct model *m)
{
    const struct span all = { 0, m->theta.shape[0] };
    REQUIRE(o->n == all.count, "an optimizer of %zu for %zu parameters",
            o->n, all.count);
    optimizer_begin(o);
    for (size_t k = 0; k < m->spans; k++)
        optimizer_move(o, m->span[k].first, m->span[k].count,
                       m->theta.data, m->grad.data);
    if (m->spans == 0)
        optimizer_move(o, 0, all.count, m->theta.data, m->grad.data);
}

/* One step of the training loop. */
static inline void optimizer_learn(struct rule *r, struct model *m)
{
    struct optimizer *o = (struct optimizer *)r;
    if (o->method == SGD && o->decay == 0) {
        m->backward(m, -o->rate, 1, m->theta);          /* eq:collect */
        optimizer_begin(o);
    } else {
        m->backward(m, 1, 0, m->grad);
        optimizer_apply(o, m);
    }
}

/* Forget everything: m, v and the count of steps. */
static inline void optimizer_reset(struct optimizer *o)
{
    o->t = 0;
    if (o->m != NULL)
        memset(o->m, 0, o->n * sizeof *o->m);
    if (o->v != NULL)
        memset(o->v, 0, o->n * sizeof *o->v);
}

#endif
