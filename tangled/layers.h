/*
 * layers.h -- networks of dense layers and activations.
 * Downhill, chapter 6.
 *
 * All parameters of a network are views of one flat vector, theta; all
 * gradients are views of another.  Memory is taken when the network is
 * made; a step takes none.
 */
#ifndef LAYERS_H
#define LAYERS_H

#include "elementary.h"
#include "softmax.h"

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
            (void)a; \
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

/* The shape of one sample: (4), (1, 28, 28), (T, D). */
struct shape { int rank; size_t size[RANK_MAX - 1]; };

static inline struct shape shape_of(int rank, const size_t size[])
{
    struct shape s = { .rank = rank };
    REQUIRE(rank > 0 && rank < RANK_MAX && shape_len(rank, size) > 0,
            "a sample of shape %s", shape_text(rank, size).s);
    memcpy(s.size, size, (size_t)rank * sizeof *size);
    return s;
}

/* A batch as a matrix with a sample in each row. */
static inline tensor sample_rows(tensor X)
{
    return X.rank == 2 ? X : tensor_reshape(X, SHAPE(X.shape[0], INFER));
}

struct layer;

/* What a kind of layer does with m rows, X (m, in) and A (m, out). */
struct layer_kind {
    const char *name;
    bool in_place;              /* can put A over X, and dX over dA */
    bool reads_output;          /* backward needs A: put nothing over it */
    void (*forward)(struct layer *l, tensor X, tensor A, bool training);
    /* From dA = dL/dA: dX, overwritten.  dX.data is NULL when nobody below
       wants it; then this is only the time to prepare for gradient. */
    void (*backward)(struct layer *l, tensor X, tensor A, tensor dA,
                     tensor dX);
    /* to <- keep to + scale dL/dp for the parameters p of this layer, at
       their places in a vector like theta; after backward.  It must not
       read the parameters: they may lie in `to`.  NULL: there are none. */
    void (*gradient)(struct layer *l, tensor X, tensor dA, double scale,
                     double keep, tensor to);           /* eq:collect */
};

/* A matrix of numbers that a layer learns. */
struct parameter {
    size_t rows, cols;
    double fan_in, fan_out;     /* for the rules of initialisation */
    bool bias;                  /* stays at `start` unless b is drawn */
    real start;
    size_t first;               /* its place in theta */
    tensor value, grad;         /* views of theta and of the gradient */
};

enum { PARAMETERS_MAX = 8, LAYERS_MAX = 64 };

struct layer {
    const struct layer_kind *kind;
    struct shape in, out;       /* of one sample */
    size_t inputs, outputs;     /* numbers in one sample */
    size_t n;                   /* parameters, how many matrices */
    struct parameter p[PARAMETERS_MAX];
    size_t first, count;        /* their place in theta, all together */
    tensor A, dA;               /* (batch, out): output and gradient */
    const struct activation *f; /* of an activation, with its constant */
    real c;
    bool frozen;                /* its parameters stay as they are */
    void *more;                 /* what a kind of its own needs */
};

/* Parameter k of a layer at its place in a vector like theta. */
static inline tensor parameter_in(const struct layer *l, size_t k,
                                  tensor vector)
{
    tensor t = l->p[k].value;
    t.data = vector.data;
    return t;
}

struct loss;

struct network {
    struct model model;         /* theta, grad; for the training loop */
    struct arena *arena;
    struct layer *layer;        /* [LAYERS_MAX], `layers` of them used */
    size_t layers;
    struct span *span;          /* [LAYERS_MAX]: what learns, if not all */
    struct shape in, out;       /* of one sample, of one answer */
    size_t inputs, outputs;     /* numbers in them */
    size_t batch;               /* the most rows in one call */
    const struct loss *loss;    /* cross-entropy unless it is changed */
    tensor X;                   /* the rows of the last forward */
};

/* What is asked of answers Z (m, out), and what they should have been. */
struct loss {
    const char *name;
    /* The mean over the rows; dL/dZ into dZ unless dZ.data is NULL. */
    double (*value)(tensor Z, const struct batch *b, tensor dZ);
    size_t (*right)(tensor Z, const struct batch *b);
};

/* (m, T, K) as the m T rows of a matrix. */
static inline tensor answer_rows(tensor Z)
{
    return Z.data == NULL || Z.rank == 2 ? Z
           : tensor_reshape(Z, SHAPE(INFER, Z.shape[Z.rank - 1]));
}

static inline double cross_entropy_value(tensor Z, const struct batch *b,
                                         tensor dZ)
{
    Z = answer_rows(Z), dZ = answer_rows(dZ);
    return dZ.data == NULL ? softmax_nll(Z, b->label)
                           : softmax_nll_gradient(Z, b->label, dZ);
}

static inline size_t cross_entropy_right(tensor Z, const struct batch *b)
{
    return count_right(answer_rows(Z), b->label);
}

static const struct loss cross_entropy_loss = {
    "cross-entropy", cross_entropy_value, cross_entropy_right
};

/* What Z should have been, number by number. */
static inline const real *numbers_wanted(tensor Z, const struct batch *b)
{
    REQUIRE(tensor_len(Z) == tensor_len(b->Y)
            && tensor_is_contiguous(b->Y), "answers %s, wanted %s",
            TENSOR_SHAPE(Z), TENSOR_SHAPE(b->Y));
    return b->Y.data + b->Y.offset;
}

/* 1/(2B) sum (z - y)^2                               eq:squared-loss */
static inline double squared_value(tensor Z, const struct batch *b,
                                   tensor dZ)
{
    const size_t B = Z.shape[0], n = tensor_len(Z);
    const real *y = numbers_wanted(Z, b);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const real r = Z.data[i] - y[i];
        sum += (double)r * (double)r;
        if (dZ.data != NULL)
            dZ.data[i] = r / (real)B;
    }
    return sum / (2 * (double)B);
}

static inline size_t squared_right(tensor Z, const struct batch *b)
{
    return (void)Z, (void)b, 0;
}

static const struct loss squared_loss = {
    "squared error", squared_value, squared_right
};

/* 1/B sum (log(1 + exp(z)) - y z)                  eq:bernoulli-loss */
static inline double bernoulli_value(tensor Z, const struct batch *b,
                                     tensor dZ)
{
    const size_t B = Z.shape[0], n = tensor_len(Z);
    const real *yes = numbers_wanted(Z, b);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double z = (double)Z.data[i], y = (double)yes[i];
        const double e = exp(-fabs(z));             /* cannot overflow */
        sum += fmax(z, 0) + log1p(e) - y * z;
        if (dZ.data != NULL)
            dZ.data[i] = (real)(((z >= 0 ? 1 : e) / (1 + e) - y)
                                / (double)B);
    }
    return sum / (double)B;
}

static inline size_t bernoulli_right(tensor Z, const struct batch *b)
{
    const size_t B = Z.shape[0], K = tensor_len(Z) / B;
    const real *yes = numbers_wanted(Z, b);
    size_t right = 0;
    for (size_t n = 0; n < B; n++) {
        bool all = true;
        for (size_t i = n * K; i < (n + 1) * K; i++)
            all = all && (Z.data[i] > 0) == ((double)yes[i] > 0.5);
        right += all;
    }
    return right;
}

static const struct loss bernoulli_loss = {
    "yes or no", bernoulli_value, bernoulli_right
};

/* Which inputs of one sample are not 0. */
struct nonzero {
    size_t n;
    unsigned *at;               /* [n], of the inputs 0, 1, ... */
    unsigned char *is;          /* [inputs]: 1 or 0 */
};

static inline struct nonzero *nonzero_new(struct arena *a, size_t inputs)
{
    struct nonzero *s = arena_alloc(a, 1, sizeof *s);
    s->at = arena_alloc(a, inputs, sizeof *s->at);
    s->is = arena_alloc(a, inputs, sizeof *s->is);
    return s;
}

static inline void nonzero_find(struct nonzero *s, size_t inputs,
                                const real *restrict x)
{
    unsigned char *restrict is = s->is;
    unsigned *restrict at = s->at;
    size_t n = 0;
    for (size_t i = 0; i < inputs; i++)         /* many at a time */
        is[i] = x[i] != 0;
    for (size_t i = 0; i < inputs; i++) {
        at[n] = (unsigned)i;
        n += is[i];
    }
    s->n = n;
}

static inline void row_add(size_t n, real *restrict to, real c,
                           const real *restrict row)
{
    for (size_t j = 0; j < n; j++)
        to[j] += c * row[j];
}

/* z = x W + b for one sample, x (I), W (I,O), b and z (O); eq:dense-one */
static inline void dense_forward_one(const struct nonzero *s, const real *x,
                                     tensor W, const real *b, real *z)
{
    const size_t O = W.shape[1];
    memcpy(z, b, O * sizeof *z);
    for (size_t k = 0; k < s->n; k++)
        row_add(O, z, x[s->at[k]], matrix_row(W, s->at[k]));
}

/* W <- keep W + scale x^T delta for one sample.   eq:dense-one-gradient */
static inline void dense_gradient_one(const struct nonzero *s,
                                      const real *x, const real *delta,
                                      real scale, real keep, tensor W)
{
    const size_t O = W.shape[1];
    keep_times(matrix_row(W, 0), W.shape[0] * O, keep);
    for (size_t k = 0; k < s->n; k++)
        row_add(O, matrix_row(W, s->at[k]), scale * x[s->at[k]], delta);
}

enum { WEIGHT, BIAS };          /* the parameters of a dense layer */

/* One row, and a W whose rows lie in memory as rows? */
static inline bool is_one_sample(tensor X, tensor W)
{
    return X.shape[0] == 1 && W.stride[1] == 1;
}

/* Z = X W + 1 b;  X (m, I)   Z (m, O), overwritten             eq:dense */
static inline void dense_forward(struct layer *l, tensor X, tensor Z,
                                 bool training)
{
    const tensor W = l->p[WEIGHT].value, b = l->p[BIAS].value;
    (void)training;
    X = sample_rows(X);
    if (is_one_sample(X, W)) {
        nonzero_find(l->more, l->inputs, matrix_row(X, 0));
        dense_forward_one(l->more, matrix_row(X, 0), W, matrix_row(b, 0),
                          matrix_row(Z, 0));
    } else {
        affine_forward(X, W, b, Z);
    }
}

/* dX = dZ W^T                                        eq:dense-gradient */
static inline void dense_backward(struct layer *l, tensor X, tensor Z,
                                  tensor dZ, tensor dX)
{
    (void)X, (void)Z;
    if (dX.data != NULL)
        affine_input_gradient(l->p[WEIGHT].value, dZ, sample_rows(dX));
}

/* Collect dW = X^T dZ,  db = 1^T dZ     eq:dense-gradient, eq:collect */
static inline void dense_gradient(struct layer *l, tensor X, tensor dZ,
                                  double scale, double keep, tensor to)
{
    const tensor W = parameter_in(l, WEIGHT, to);
    const tensor b = parameter_in(l, BIAS, to);
    X = sample_rows(X);
    if (is_one_sample(X, W)) {
        dense_gradient_one(l->more, matrix_row(X, 0), matrix_row(dZ, 0),
                           (real)scale, (real)keep, W);
        rows_collect(dZ, (real)scale, (real)keep, b);
    } else {
        affine_collect(X, dZ, scale, keep, W, b);
    }
}

static const struct layer_kind dense_layer = {
    "dense", false, false, dense_forward, dense_backward, dense_gradient
};

static inline void activation_forward(struct layer *l, tensor X, tensor A,
                                      bool training)
{
    (void)training;
    if (X.data != A.data)
        tensor_copy(A, X);
    l->f->push(A.data, A.shape[0] * l->outputs, l->c);
}

/* dZ = dA * f'(Z), in the memory of dA.          eq:activation-gradient */
static inline void activation_backward(struct layer *l, tensor X, tensor A,
                                       tensor dA, tensor dX)
{
    (void)X;
    l->f->pull(A.data, dA.data, A.shape[0] * l->outputs, l->c);
    if (dX.data != dA.data)
        tensor_copy(dX, dA);
}

static const struct layer_kind activation_layer = {
    "activation", true, true, activation_forward, activation_backward, NULL
};

static inline double network_loss(struct model *m, const struct batch *b,
                                  bool training);
static inline void network_backward(struct model *m, double scale,
                                    double keep, tensor to);

/* A network without layers, for samples of a shape, `batch` at once. */
static inline struct network network_new(struct arena *a, size_t batch,
                                         int rank, const size_t size[])
{
    const struct shape in = shape_of(rank, size);
    const size_t n = shape_len(rank, size);
    REQUIRE(batch > 0, "a network for batches of none");
    return (struct network){
        .model = { .loss = network_loss, .backward = network_backward },
        .arena = a, .in = in, .out = in, .inputs = n, .outputs = n,
        .batch = batch, .loss = &cross_entropy_loss,
        .layer = arena_alloc(a, LAYERS_MAX, sizeof(struct layer)),
        .span = arena_alloc(a, LAYERS_MAX, sizeof(struct span))
    };
}

/* Put a layer of that kind on top.  Before network_finish only. */
static inline struct layer *network_add(struct network *n,
                                        const struct layer_kind *kind,
                                        int rank, const size_t size[])
{
    REQUIRE(n->layers < LAYERS_MAX && n->model.theta.data == NULL,
            "network_add: layer %zu", n->layers);
    struct layer *l = &n->layer[n->layers++];
    l->kind = kind, l->in = n->out, l->inputs = n->outputs;
    l->out = shape_of(rank, size), l->outputs = shape_len(rank, size);
    if (kind->in_place && n->layers > 1 && !l[-1].kind->reads_output) {
        l->A = l[-1].A, l->dA = l[-1].dA;
    } else {
        size_t shape[RANK_MAX] = { n->batch };
        memcpy(shape + 1, size, (size_t)rank * sizeof *size);
        l->A = tensor_zeros(n->arena, rank + 1, shape);
        l->dA = tensor_zeros(n->arena, rank + 1, shape);
    }
    n->out = l->out, n->outputs = l->outputs;
    return l;
}

/* The layer learns one more matrix (rows, cols); in_place kinds cannot. */
static inline struct parameter *layer_parameter(struct layer *l,
                                                size_t rows, size_t cols)
{
    REQUIRE(l->n < PARAMETERS_MAX && !l->kind->in_place,
            "layer_parameter: %s, number %zu", l->kind->name, l->n + 1);
    struct parameter *p = &l->p[l->n++];
    p->rows = rows, p->cols = cols;
    p->fan_in = (double)l->inputs, p->fan_out = (double)l->outputs;
    l->count += rows * cols;
    return p;
}

static inline struct layer *network_dense(struct network *n, size_t outputs)
{
    struct layer *l = network_add(n, &dense_layer, SHAPE(outputs));
    l->more = nonzero_new(n->arena, l->inputs);
    layer_parameter(l, l->inputs, outputs);
    layer_parameter(l, 1, outputs)->bias = true;
    return l;
}

static inline struct layer *network_activation(struct network *n,
                                               const struct activation *f)
{
    struct layer *l = network_add(n, &activation_layer, n->out.rank,
                                  n->out.size);
    l->f = f, l->c = f->constant;
    return l;
}

/* How many numbers are learned.                     eq:parameter-count */
static inline size_t network_parameters(const struct network *n)
{
    size_t sum = 0;
    for (size_t k = 0; k < n->layers; k++)
        sum += n->layer[k].count;
    return sum;
}

/* Take theta and grad, all zeros, and hand out the views.  Call once. */
static inline void network_finish(struct network *n)
{
    struct model *m = &n->model;
    REQUIRE(m->theta.data == NULL && n->layers > 0, "network_finish");
    m->theta = tensor_zeros(n->arena, SHAPE(network_parameters(n)));
    m->grad = tensor_zeros(n->arena, SHAPE(network_parameters(n)));
    size_t at = 0;
    for (size_t k = 0; k < n->layers; k++) {
        struct layer *l = &n->layer[k];
        l->first = at;
        for (size_t j = 0; j < l->n; j++) {
            struct parameter *p = &l->p[j];
            p->first = at;
            p->value = flat_matrix(m->theta, at, p->rows, p->cols);
            p->grad = flat_matrix(m->grad, at, p->rows, p->cols);
            at += p->rows * p->cols;
        }
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
    struct network net = network_new(a, batch, SHAPE(width[0]));
    for (size_t k = 1; k < n; k++) {
        network_dense(&net, width[k]);
        if (k + 1 < n)
            network_activation(&net, f);
    }
    network_finish(&net);
    return net;
}

/* Freeze layer k, or let it learn again. */
static inline void network_freeze(struct network *n, size_t k, bool frozen)
{
    REQUIRE(k < n->layers, "layer %zu of %zu", k, n->layers);
    size_t spans = 0;
    n->layer[k].frozen = frozen;
    for (size_t j = 0; j < n->layers; j++)
        if (n->layer[j].count > 0 && !n->layer[j].frozen)
            n->span[spans++] = (struct span){ n->layer[j].first,
                                              n->layer[j].count };
    if (spans == 0)
        n->span[spans++] = (struct span){ 0, 0 };
    n->model.spans = spans, n->model.span = n->span;
    memset(n->model.grad.data, 0, n->model.grad.shape[0] * sizeof(real));
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

/* The same for data of so many numbers and classes; 0: of any. */
static inline bool widths_fit(struct widths *w, const char *text,
                              const char *name, size_t numbers,
                              size_t classes, struct error *e)
{
    if (!widths_read(w, text, name, e))
        return false;
    if (numbers > 0 && w->width[0] != numbers)
        return fail(e, name, 0, 0, "%s takes %zu numbers, the data have "
                    "%zu", text, w->width[0], numbers);
    if (classes > 0 && w->width[w->n - 1] != classes)
        return fail(e, name, 0, 0, "%s gives %zu answers, the data have "
                    "%zu classes", text, w->width[w->n - 1], classes);
    return true;
}

enum init_rule { INIT_ZERO, INIT_UNIFORM, INIT_NORMAL, INIT_FAN, INIT_LECUN,
            INIT_XAVIER, INIT_HE, INIT_RULES };

static const char *const rule_name[INIT_RULES] = {
    "zero", "uniform", "normal", "fan", "lecun", "xavier", "he"
};

/* The rule of that name, or INIT_RULES when there is none. */
static inline enum init_rule init_find(const char *name)
{
    int k = 0;
    while (k < INIT_RULES && strcmp(rule_name[k], name) != 0)
        k++;
    return (enum init_rule)k;
}

struct init {
    enum init_rule rule;
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

/* All numbers of a parameter by the rule, row by row. */
static inline void rule_draw(const struct parameter *p, struct init s,
                             gsl_rng *r)
{
    const double range = rule_range(s, p->fan_in, p->fan_out);
    const double deviation = rule_deviation(s, p->fan_in);
    const bool draw = s.biases || !p->bias;
    for (size_t i = 0; i < p->rows; i++)
        for (size_t j = 0; j < p->cols; j++) {
            double x = (double)p->start;
            if (draw && range > 0)
                x = range * (2 * random_uniform(r) - 1);
            else if (draw && deviation > 0)
                x = gsl_ran_gaussian(r, deviation);
            AT(p->value, i, j) = (real)x;
        }
}

/* Draw all weights, layer by layer, parameter by parameter. */
static inline void network_init(struct network *n, struct init s,
                                gsl_rng *r)
{
    for (size_t k = 0; k < n->layers; k++)
        for (size_t j = 0; j < n->layer[k].n; j++)
            rule_draw(&n->layer[k].p[j], s, r);
}

/* The first m rows of a layer's memory. */
static inline tensor first_rows(tensor t, size_t m)
{
    t.shape[0] = m;
    return t;
}

/* Rows of numbers as samples of the network's shape. */
static inline tensor network_samples(const struct network *n, tensor X)
{
    size_t shape[RANK_MAX] = { X.shape[0] };
    REQUIRE(X.rank == 2 && X.shape[1] == n->inputs && X.stride[1] == 1
            && X.shape[0] >= 1 && X.shape[0] <= n->batch,
            "network_forward: X %s, the network takes (1..%zu, %zu)",
            TENSOR_SHAPE(X), n->batch, n->inputs);
    memcpy(shape + 1, n->in.size, sizeof n->in.size);
    return n->in.rank == 1 ? X : tensor_reshape(X, n->in.rank + 1, shape);
}

/*
 * The answers (m, out) to the rows X (m, inputs), 1 <= m <= batch.
 *                                                         eq:mlp-forward
 * X is not copied and must live until network_backward.  The result lies
 * in the network and is overwritten by the next call.
 */
static inline tensor network_forward(struct network *n, tensor X,
                                     bool training)
{
    n->X = X = network_samples(n, X);
    for (size_t k = 0; k < n->layers; k++) {
        struct layer *l = &n->layer[k];
        const tensor A = first_rows(l->A, X.shape[0]);
        l->kind->forward(l, X, A, training);
        X = A;
    }
    return X;
}

/* The lowest layer that learns; below it no gradient is wanted. */
static inline size_t network_lowest(const struct network *n)
{
    size_t k = 0;
    while (k < n->layers
           && (n->layer[k].count == 0 || n->layer[k].frozen))
        k++;
    return k;
}

/* The top layer's gradient, m rows: the loss writes it. */
static inline tensor network_top(const struct network *n, size_t m)
{
    REQUIRE(n->layers > 0, "a network without layers");
    return first_rows(n->layer[n->layers - 1].dA, m);
}

/*
 * From dL/d answers in the top layer's dA, for all layers that learn:
 *   to <- keep to + scale dL/dtheta       eq:mlp-backward, eq:collect
 */
static inline void network_backward(struct model *model, double scale,
                                    double keep, tensor to)
{
    struct network *n = (struct network *)model;
    const size_t m = n->X.shape[0], lowest = network_lowest(n);
    const tensor none = { 0 };
    for (size_t k = n->layers; k-- > lowest; ) {
        struct layer *l = &n->layer[k];
        const tensor X = k > 0 ? first_rows(l[-1].A, m) : n->X;
        const tensor dA = first_rows(l->dA, m);
        const tensor dX = k > lowest ? first_rows(l[-1].dA, m) : none;
        l->kind->backward(l, X, first_rows(l->A, m), dA, dX);
        if (l->count > 0 && !l->frozen)
            l->kind->gradient(l, X, dA, scale, keep, to);
    }
}

/* The mean loss of a batch; in training, ready for backward. */
static inline double network_loss(struct model *m, const struct batch *b,
                                  bool training)
{
    struct network *n = (struct network *)m;
    const tensor none = { 0 };
    const tensor Z = network_forward(n, b->X, training);
    m->right = n->loss->right(Z, b);
    return n->loss->value(Z, b, training ? network_top(n, b->n) : none);
}

/* The loss of X (m, inputs), label[m], and its gradient in model.grad. */
static inline double network_gradient(struct network *n, tensor X,
                                      const int label[])
{
    const struct batch b = { .n = X.shape[0], .X = X, .label = label };
    const double loss = network_loss(&n->model, &b, true);
    network_backward(&n->model, 1, 0, n->model.grad);
    return loss;
}

/* Loss and accuracy in use, not in training, of rows X; T labels a row. */
static inline struct score network_score(struct network *n, tensor X,
                                         int label[])
{
    const size_t rows = X.shape[0];
    const size_t T = n->outputs / n->out.size[n->out.rank - 1];
    double loss = 0;
    size_t right = 0;
    for (size_t i = 0; i < rows; i += n->batch) {
        const size_t m = rows - i < n->batch ? rows - i : n->batch;
        const struct batch b = { .n = m, .X = tensor_rows(X, i, m),
                                 .label = label + i * T };
        loss += network_loss(&n->model, &b, false) * (double)m;
        right += n->model.right;
    }
    return (struct score){ loss / (double)rows,
                           (double)right / (double)(rows * T) };
}

#endif
