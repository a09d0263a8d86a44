/*
 * layers.h -- networks of dense layers and activations.
 * Downhill, chapter 6.
 *
 * All parameters of a network are views of one flat vector, theta; all
 * gradients are views of another, grad.  Memory is taken when the network
 * is made; a step takes none.
 */
#ifndef LAYERS_H
#define LAYERS_H

#include "softmax.h"
#include "tape.h"               /* the constants of SELU */

#if REAL_KIND(REAL) == REAL_IS_float
#define real_gemv gsl_blas_sgemv
#else
#define real_gemv gsl_blas_dgemv
#endif

/*
 * exp(x) = scale + scale m: returns m = exp(r) - 1 and sets *scale = 2^k.
 *                                                eq:exp-split, eq:exp-bound
 * x below -87 counts as -87 and x above 88 as 88; NaN gives NaN.
 */
static inline float exp_parts(float x, float *scale)
{
    const float shift = 12582912;               /* 1.5 * 2^23 */
    x = x < -87 ? -87 : x > 88 ? 88 : x;
    const float whole = x * 1.44269504F + shift;        /* shift + k */
    const float k = whole - shift;
    const float r = (x - k * 0.693359375F) + k * 2.12194440e-4F;
    uint32_t bits;
    memcpy(&bits, &whole, sizeof bits);
    bits = (bits + 127) << 23;
    memcpy(scale, &bits, sizeof bits);
    float p = 1 / 5040.0F;
    p = p * r + 1 / 720.0F;
    p = p * r + 1 / 120.0F;
    p = p * r + 1 / 24.0F;
    p = p * r + 1 / 6.0F;
    p = p * r + 0.5F;
    p = p * r + 1;
    return p * r;
}

/*
 * exp(x) with a relative error below 1.2e-7, one unit in the last place of
 * a float; arithmetic only, so that compilers vectorise the loops it is in.
 */
static inline float exp_float(float x)
{
    float scale;
    const float m = exp_parts(x, &scale);
    return scale * m + scale;
}

/* exp(x) - 1 with a relative error below 2.4e-7, however small x is. */
static inline float expm1_float(float x)
{
    float scale;
    const float m = exp_parts(x, &scale);
    return scale * m + (scale - 1);
}

/* The exponentials that activations use. */
#if REAL_KIND(REAL) == REAL_IS_float
#define fast_exp exp_float
#define fast_expm1 expm1_float
#else
#define fast_exp exp
#define fast_expm1 expm1
#endif

/*
 * Name an activation: `value` is f of z, `slope` is f' in terms of f(z),
 * called a; c is its constant.  Makes two functions on n numbers:
 *   name_push: a <- f(a)       name_pull: d <- d f'  eq:activation-gradient
 */
#define ACTIVATION(name, value, slope) \
    static inline void name##_push(real *restrict a_, size_t n, real c) \
    { \
        (void)c; \
        for (size_t i_ = 0; i_ < n; i_++) { \
            const real z = a_[i_]; \
            a_[i_] = (value); \
        } \
    } \
    static inline void name##_pull(const real *restrict a_, \
                                   real *restrict d_, size_t n, real c) \
    { \
        (void)c; \
        for (size_t i_ = 0; i_ < n; i_++) { \
            const real a = a_[i_]; \
            d_[i_] *= (slope); \
        } \
    }

static inline real sigmoid_of(real z)
{
    return 1 / (1 + fast_exp(-z));
}

static inline real tanh_of(real z)
{
    const real m = fast_expm1(2 * z);
    return m / (m + 2);
}

#define SELU_BOTH (SELU_LAMBDA * SELU_ALPHA)

/*         name     f(z)                            f'(z)             */
ACTIVATION(sigmoid, sigmoid_of(z),                  a * (1 - a))
ACTIVATION(tanh,    tanh_of(z),                     1 - a * a)
ACTIVATION(relu,    z > 0 ? z : 0,                  (real)(a > 0))
ACTIVATION(leaky,   z > 0 ? z : c * z,              a > 0 ? 1 : c)
ACTIVATION(elu,     z > 0 ? z : c * fast_expm1(z),  a > 0 ? 1 : a + c)
ACTIVATION(selu,    z > 0 ? SELU_LAMBDA * z : SELU_BOTH * fast_expm1(z),
                    a > 0 ? SELU_LAMBDA : a + SELU_BOTH)

struct activation {
    const char *name;
    real constant;              /* c, unless the layer chooses another */
    void (*push)(real *restrict a, size_t n, real c);
    void (*pull)(const real *restrict a, real *restrict d, size_t n,
                 real c);
};

static const struct activation activations[] = {
    { "sigmoid", 0, sigmoid_push, sigmoid_pull },
    { "tanh", 0, tanh_push, tanh_pull },
    { "relu", 0, relu_push, relu_pull },
    { "leaky", (real)0.1, leaky_push, leaky_pull },
    { "elu", 1, elu_push, elu_pull },
    { "selu", 0, selu_push, selu_pull },
    { NULL, 0, NULL, NULL }
};

/* The activation of that name, or NULL. */
static inline const struct activation *activation_find(const char *name)
{
    for (const struct activation *f = activations; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

struct layer;

/* What a kind of layer does; m rows, m at most the network's batch. */
struct layer_kind {
    const char *name;
    bool in_place;              /* A lies over X, and dX over dA */
    void (*forward)(struct layer *p, tensor X, tensor A, bool training);
    /*
     * From dA and what forward left in A: dX, unless dX.data is NULL, and
     * then, when rate is 0, the gradients dW and db; else the step
     * W <- W - rate dW, b <- b - rate db.             eq:fused-descent
     */
    void (*backward)(struct layer *p, tensor X, tensor A, tensor dA,
                     tensor dX, double rate);
};

struct layer {
    const struct layer_kind *kind;
    size_t inputs, outputs;     /* numbers in a row of X, of A */
    size_t parameters;          /* numbers in W and b together */
    tensor W, b;                /* (inputs, outputs), (1, outputs) */
    tensor dW, db;              /* the same places of grad */
    tensor A, dA;               /* (batch, outputs): output, gradient */
    const struct activation *f; /* of an activation, with its constant */
    real c;
    bool frozen;                /* W and b stay as they are */
    void *more;                 /* what a kind of a later chapter needs */
};

enum { LAYERS_MAX = 64 };

struct network {
    struct arena *arena;
    struct layer *layer;        /* [LAYERS_MAX], `layers` of them used */
    size_t layers;
    size_t inputs, outputs;     /* numbers in a row of X, of the logits */
    size_t batch;               /* the most rows in one call */
    tensor theta, grad;         /* (n): all parameters, all gradients */
    tensor X;                   /* the rows of the last forward */
};

/*
 * z = x W + b for one sample.                                eq:dense-one
 *   x (inputs)   W (inputs, outputs)   b, z (outputs)
 * Inputs that are 0 are skipped.
 */
static inline void dense_forward_one(const struct layer *p,
                                     const real *restrict x,
                                     real *restrict z)
{
    const size_t n = p->outputs;
    const real *restrict w = matrix_row(p->W, 0);
    memcpy(z, matrix_row(p->b, 0), n * sizeof *z);
    for (size_t i = 0; i < p->inputs; i++, w += n)
        if (x[i] != 0)
            for (size_t j = 0; j < n; j++)
                z[j] += x[i] * w[j];
}

/*
 * The gradients of one sample, from delta = dL/dz:  eq:dense-one-gradient
 *   dW = x^T delta   db = delta
 */
static inline void dense_gradient_one(struct layer *p,
                                      const real *restrict x,
                                      const real *restrict delta)
{
    const size_t n = p->outputs;
    real *restrict dw = matrix_row(p->dW, 0);
    for (size_t i = 0; i < p->inputs; i++, dw += n)
        for (size_t j = 0; j < n; j++)
            dw[j] = x[i] * delta[j];
    memcpy(matrix_row(p->db, 0), delta, n * sizeof *delta);
}

/*
 * The step of one sample:                                eq:fused-descent
 *   W <- W - rate x^T delta   b <- b - rate delta
 */
static inline void dense_descend_one(struct layer *p,
                                     const real *restrict x,
                                     const real *restrict delta, real rate)
{
    const size_t n = p->outputs;
    real *restrict w = matrix_row(p->W, 0);
    real *restrict b = matrix_row(p->b, 0);
    for (size_t i = 0; i < p->inputs; i++, w += n)
        if (x[i] != 0) {
            const real step = rate * x[i];
            for (size_t j = 0; j < n; j++)
                w[j] -= step * delta[j];
        }
    for (size_t j = 0; j < n; j++)
        b[j] -= rate * delta[j];
}

/* dx = delta W^T for one sample.                  eq:dense-one-gradient */
static inline void dense_input_one(struct layer *p, tensor delta, tensor dx)
{
    real_matrix_view W = tensor_matrix(p->W);
    real_vector_view d = tensor_vector(tensor_select(delta, 0, 0));
    real_vector_view x = tensor_vector(tensor_select(dx, 0, 0));
    real_gemv(CblasNoTrans, 1, &W.matrix, &d.vector, 0, &x.vector);
}

/* All of a sample's backward: dx, unless dx.data is NULL, then W and b. */
static inline void dense_backward_one(struct layer *p, tensor x,
                                      tensor delta, tensor dx, real rate)
{
    if (dx.data != NULL)
        dense_input_one(p, delta, dx);
    if (rate > 0 && !p->frozen)
        dense_descend_one(p, matrix_row(x, 0), matrix_row(delta, 0), rate);
    else if (!p->frozen)
        dense_gradient_one(p, matrix_row(x, 0), matrix_row(delta, 0));
}

/*
 * Z = X W + 1 b                                                  eq:dense
 *   X (m, inputs)   Z (m, outputs), overwritten
 */
static inline void dense_forward(struct layer *p, tensor X, tensor Z,
                                 bool training)
{
    (void)training;
    if (X.shape[0] == 1)
        dense_forward_one(p, matrix_row(X, 0), matrix_row(Z, 0));
    else
        affine_forward(X, p->W, p->b, Z);
}

/*
 * The step of a batch:                                   eq:fused-descent
 *   W <- W - rate X^T dZ   b <- b - rate 1^T dZ
 */
static inline void dense_descend(struct layer *p, tensor X, tensor dZ,
                                 real rate)
{
    tensor_gemm(-(double)rate, tensor_transpose(X), dZ, 1, p->W);
    real *restrict b = matrix_row(p->b, 0);
    for (size_t i = 0; i < dZ.shape[0]; i++) {
        const real *restrict d = matrix_row(dZ, i);
        for (size_t j = 0; j < p->outputs; j++)
            b[j] -= rate * d[j];
    }
}

/*
 * From dZ = dL/dZ (m, outputs):                         eq:dense-gradient
 *   dX = dZ W^T   dW = X^T dZ   db = 1^T dZ
 * dX comes first, from the weights as they were.  With a rate the step is
 * taken at once and dW, db stay as they are.
 */
static inline void dense_backward(struct layer *p, tensor X, tensor A,
                                  tensor dZ, tensor dX, double rate)
{
    (void)A;
    if (X.shape[0] == 1) {
        dense_backward_one(p, X, dZ, dX, (real)rate);
        return;
    }
    if (dX.data != NULL)
        affine_input_gradient(p->W, dZ, dX);
    if (rate > 0 && !p->frozen)
        dense_descend(p, X, dZ, (real)rate);
    else if (!p->frozen)
        affine_gradient(X, dZ, p->dW, p->db);
}

static const struct layer_kind dense_layer = {
    "dense", false, dense_forward, dense_backward
};

static inline void activation_forward(struct layer *p, tensor X, tensor A,
                                      bool training)
{
    (void)training;
    if (X.data != A.data)
        tensor_copy(A, X);
    p->f->push(matrix_row(A, 0), tensor_len(A), p->c);
}

/* dZ = dA * f'(Z), in place.                     eq:activation-gradient */
static inline void activation_backward(struct layer *p, tensor X, tensor A,
                                       tensor dA, tensor dX, double rate)
{
    (void)X, (void)dX, (void)rate;
    p->f->pull(matrix_row(A, 0), matrix_row(dA, 0), tensor_len(A), p->c);
}

static const struct layer_kind activation_layer = {
    "activation", true, activation_forward, activation_backward
};

/* A network without layers: rows of `inputs` numbers, `batch` at once. */
static inline struct network network_new(struct arena *a, size_t inputs,
                                         size_t batch)
{
    REQUIRE(inputs > 0 && batch > 0, "a network of %zu inputs, batch %zu",
            inputs, batch);
    return (struct network){
        .arena = a, .inputs = inputs, .outputs = inputs, .batch = batch,
        .layer = arena_alloc(a, LAYERS_MAX, sizeof(struct layer))
    };
}

/* Put a layer of that kind on top.  Before network_finish only. */
static inline struct layer *network_add(struct network *n,
                                        const struct layer_kind *kind,
                                        size_t outputs)
{
    REQUIRE(n->layers < LAYERS_MAX && n->theta.data == NULL && outputs > 0,
            "network_add: layer %zu, %zu outputs", n->layers, outputs);
    struct layer *p = &n->layer[n->layers++];
    p->kind = kind, p->inputs = n->outputs, p->outputs = outputs;
    if (kind->in_place && n->layers > 1) {
        p->A = p[-1].A, p->dA = p[-1].dA;
    } else {
        p->A = tensor_zeros(n->arena, SHAPE(n->batch, outputs));
        p->dA = tensor_zeros(n->arena, SHAPE(n->batch, outputs));
    }
    n->outputs = outputs;
    return p;
}

static inline struct layer *network_dense(struct network *n, size_t outputs)
{
    struct layer *p = network_add(n, &dense_layer, outputs);
    p->parameters = (p->inputs + 1) * outputs;
    return p;
}

static inline struct layer *network_activation(struct network *n,
                                               const struct activation *f)
{
    struct layer *p = network_add(n, &activation_layer, n->outputs);
    p->f = f, p->c = f->constant;
    return p;
}

/* How many numbers are learned.                     eq:parameter-count */
static inline size_t network_parameters(const struct network *n)
{
    size_t sum = 0;
    for (size_t k = 0; k < n->layers; k++)
        sum += n->layer[k].parameters;
    return sum;
}

/* Take theta and grad, all zeros, and hand out the views.  Call once. */
static inline void network_finish(struct network *n)
{
    REQUIRE(n->theta.data == NULL && n->layers > 0, "network_finish");
    n->theta = tensor_zeros(n->arena, SHAPE(network_parameters(n)));
    n->grad = tensor_zeros(n->arena, SHAPE(network_parameters(n)));
    size_t at = 0;
    for (size_t k = 0; k < n->layers; k++) {
        struct layer *p = &n->layer[k];
        if (p->parameters == 0)
            continue;
        const size_t weights = p->parameters - p->outputs;
        p->W = flat_matrix(n->theta, at, weights, p->outputs);
        p->dW = flat_matrix(n->grad, at, weights, p->outputs);
        p->b = flat_matrix(n->theta, at + weights, p->outputs, p->outputs);
        p->db = flat_matrix(n->grad, at + weights, p->outputs, p->outputs);
        at += p->parameters;
    }
}

/*
 * A multilayer perceptron: dense layers of these widths, the first the
 * number of inputs, with f between them.                  eq:mlp-forward
 */
static inline struct network network_mlp(struct arena *a, size_t n,
                                         const size_t width[],
                                         const struct activation *f,
                                         size_t batch)
{
    REQUIRE(n >= 2, "a perceptron of %zu widths", n);
    struct network net = network_new(a, width[0], batch);
    for (size_t k = 1; k < n; k++) {
        network_dense(&net, width[k]);
        if (k + 1 < n)
            network_activation(&net, f);
    }
    network_finish(&net);
    return net;
}

/* Freeze a layer, or let it learn again; its gradient is 0 meanwhile. */
static inline void layer_freeze(struct layer *p, bool frozen)
{
    p->frozen = frozen;
    if (frozen && p->parameters > 0) {
        memset(matrix_row(p->dW, 0), 0, tensor_len(p->dW) * sizeof(real));
        memset(matrix_row(p->db, 0), 0, tensor_len(p->db) * sizeof(real));
    }
}

enum { WIDTHS_MAX = LAYERS_MAX / 2, WIDTH_MAX = 1 << 20 };

struct widths { size_t n, width[WIDTHS_MAX]; };

/*
 * Read "784-520-320-10" into *w: at least two positive widths.
 * `name` is what to call the text in a message.  False and *e for a fault.
 */
static inline bool widths_read(struct widths *w, const char *text,
                               const char *name, struct error *e)
{
    const char *p = text;
    struct widths got = { 0 };
    do {
        char *end;
        const size_t column = (size_t)(p - text) + 1;
        const unsigned long x = *p >= '0' && *p <= '9'
                                ? strtoul(p, &end, 10) : 0;
        if (x == 0 || x > WIDTH_MAX)
            return fail(e, name, 1, column, "expected a width from 1 to %d",
                        WIDTH_MAX);
        if (got.n == WIDTHS_MAX)
            return fail(e, name, 1, column, "more than %d widths", WIDTHS_MAX);
        if (*end != '-' && *end != '\0')
            return fail(e, name, 1, (size_t)(end - text) + 1,
                        "expected '-' between widths");
        got.width[got.n++] = x;
        p = *end == '-' ? end + 1 : NULL;
    } while (p != NULL);
    if (got.n < 2)
        return fail(e, name, 1, 0, "at least two widths, as in 64-10");
    *w = got;
    return true;
}

enum rule { INIT_ZERO, INIT_UNIFORM, INIT_NORMAL, INIT_FAN, INIT_LECUN,
            INIT_XAVIER, INIT_HE, INIT_RULES };

static const char *const rule_name[INIT_RULES] = {
    "zero", "uniform", "normal", "fan", "lecun", "xavier", "he"
};

struct init {
    enum rule rule;
    double scale;               /* r of uniform, deviation of normal */
    bool biases;                /* draw b too; else b = 0 */
};

/*
 * The half width r of a uniform rule, or 0 when the rule is another one.
 *   uniform: scale   fan: 1/sqrt(I)   Xavier: sqrt(6/(I+O))   eq:xavier
 */
static inline double rule_range(struct init s, double in, double out)
{
    return s.rule == INIT_UNIFORM ? s.scale
         : s.rule == INIT_FAN ? sqrt(1 / in)
         : s.rule == INIT_XAVIER ? sqrt(6 / (in + out)) : 0;
}

/*
 * The deviation of a normal rule, or 0.
 *   normal: scale   LeCun: sqrt(1/I)   He: sqrt(2/I)      eq:xavier, eq:he
 */
static inline double rule_deviation(struct init s, double in)
{
    return s.rule == INIT_NORMAL ? s.scale
         : s.rule == INIT_LECUN ? sqrt(1 / in)
         : s.rule == INIT_HE ? sqrt(2 / in) : 0;
}

/* n numbers by the rule for a layer of these sizes, in order. */
static inline void rule_draw(real *w, size_t n, const struct layer *p,
                             struct init s, gsl_rng *r)
{
    const double in = (double)p->inputs, out = (double)p->outputs;
    const double range = rule_range(s, in, out);
    const double deviation = rule_deviation(s, in);
    for (size_t i = 0; i < n; i++) {
        double x = 0;
        if (range > 0)
            x = range * (2 * random_uniform(r) - 1);
        else if (deviation > 0)
            x = gsl_ran_gaussian(r, deviation);
        w[i] = (real)x;
    }
}

/* Draw all weights, layer by layer, W then b. */
static inline void network_init(struct network *n, struct init s,
                                gsl_rng *r)
{
    for (size_t k = 0; k < n->layers; k++) {
        const struct layer *p = &n->layer[k];
        if (p->parameters == 0)
            continue;
        rule_draw(matrix_row(p->W, 0), p->parameters - p->outputs, p, s, r);
        if (s.biases)
            rule_draw(matrix_row(p->b, 0), p->outputs, p, s, r);
        else
            memset(matrix_row(p->b, 0), 0, p->outputs * sizeof(real));
    }
}

/* The first m rows of a layer's memory. */
static inline tensor first_rows(tensor t, size_t m)
{
    t.shape[0] = m;
    return t;
}

/*
 * The logits (m, outputs) of the rows X (m, inputs), 1 <= m <= batch.
 *                                                         eq:mlp-forward
 * X is not copied and must live until network_backward; its rows must be
 * contiguous.  The result is overwritten by the next call.
 */
static inline tensor network_forward(struct network *n, tensor X,
                                     bool training)
{
    REQUIRE(X.rank == 2 && X.shape[1] == n->inputs && X.stride[1] == 1
            && X.shape[0] >= 1 && X.shape[0] <= n->batch,
            "network_forward: X %s, the network takes (1..%zu, %zu)",
            TENSOR_SHAPE(X), n->batch, n->inputs);
    n->X = X;
    for (size_t k = 0; k < n->layers; k++) {
        struct layer *p = &n->layer[k];
        const tensor A = first_rows(p->A, X.shape[0]);
        p->kind->forward(p, X, A, training);
        X = A;
    }
    return X;
}

/* The lowest layer that learns; below it no gradient is wanted. */
static inline size_t network_lowest(const struct network *n)
{
    size_t k = 0;
    while (k < n->layers
           && (n->layer[k].parameters == 0 || n->layer[k].frozen))
        k++;
    return k;
}

/*
 * From dL/d logits in the top layer's dA to all gradients. eq:mlp-backward
 * rate = 0 fills grad; rate > 0 takes the step of plain descent at once,
 * theta <- theta - rate dL/dtheta, and leaves grad as it is.
 */
static inline void network_backward(struct network *n, double rate)
{
    const size_t m = n->X.shape[0], lowest = network_lowest(n);
    for (size_t k = n->layers; k-- > lowest; ) {
        struct layer *p = &n->layer[k];
        const tensor X = k > 0 ? first_rows(p[-1].A, m) : n->X;
        const tensor dX = k > lowest ? first_rows(p[-1].dA, m)
                                     : (tensor){ 0 };
        p->kind->backward(p, X, first_rows(p->A, m),
                          first_rows(p->dA, m), dX, rate);
    }
}

/* The top layer's gradient, m rows: the loss writes it. */
static inline tensor network_top(const struct network *n, size_t m)
{
    REQUIRE(n->layers > 0, "a network without layers");
    return first_rows(n->layer[n->layers - 1].dA, m);
}

/*
 * The mean loss of the rows X with these labels, in nats; all its
 * gradients in n->grad, overwritten.      eq:mlp-forward, eq:mlp-backward
 *   X (m, inputs), 1 <= m <= batch   label[m] in 0..outputs-1
 */
static inline double network_gradient(struct network *n, tensor X,
                                      const int label[])
{
    const tensor Z = network_forward(n, X, true);
    const double loss = softmax_nll_gradient(Z, label,
                                             network_top(n, X.shape[0]));
    network_backward(n, 0);
    return loss;
}

/*
 * One step of plain descent, theta <- theta - rate dL/dtheta, on the same
 * arguments; n->grad is not touched.                     eq:fused-descent
 * Returns the loss before the step.  When that is not finite theta stays
 * as it was and the caller must stop.
 */
static inline double network_step(struct network *n, tensor X,
                                  const int label[], double rate)
{
    REQUIRE(rate > 0, "network_step: rate %g", rate);
    const tensor Z = network_forward(n, X, true);
    const double loss = softmax_nll_gradient(Z, label,
                                             network_top(n, X.shape[0]));
    if (isfinite(loss))
        network_backward(n, rate);
    return loss;
}

struct score { double loss, accuracy; };    /* nats; 0..1 */

/*
 * The mean loss and the share of right answers over all rows of X, in the
 * state of use, not of training (dropout is off).            eq:accuracy
 *   X (m, inputs), any m >= 1   label[m]
 */
static inline struct score network_score(struct network *n, tensor X,
                                         const int label[])
{
    const size_t m = X.shape[0];
    double loss = 0;
    size_t right = 0;
    REQUIRE(m > 0, "network_score: no rows");
    for (size_t i = 0; i < m; i += n->batch) {
        const size_t rows = m - i < n->batch ? m - i : n->batch;
        const tensor Z = network_forward(n, tensor_rows(X, i, rows), false);
        loss += softmax_nll(Z, label + i) * (double)rows;
        right += count_right(Z, label + i);
    }
    return (struct score){ loss / (double)m, (double)right / (double)m };
}

#endif
