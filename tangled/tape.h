/*
 * tape.h -- reverse differentiation of tensor programs.
 * Downhill, chapter 2.
 */
#ifndef TAPE_H
#define TAPE_H

#include "tensor.h"

/* A tensor on a tape, by its place there; a type of its own, not an int. */
typedef struct { int id; } var;

struct tape;
struct node;

/* Add what z passes on to the gradients of what z was made from. eq:vjp */
typedef void tape_rule(struct tape *t, const struct node *z);

struct node {
    const char *op;             /* "matmul" */
    const char *name;           /* given by tape_name, or NULL */
    tape_rule *backward;        /* NULL: a leaf, nothing to pass on to */
    int x, y;                   /* ids of the operands; -1: no such one */
    real c;                     /* a constant of the operation, or NAN */
    int axis;                   /* of a sum or mean; else not used */
    const int *label;           /* of the cross-entropy; borrowed */
    tensor value;               /* z */
    tensor gradient;            /* dL/dz, once the sweep has begun */
    bool wanted;                /* does a parameter lie behind it? */
};

/* Start with  struct tape t = { 0 };  end with tape_free.  Do not copy. */
struct tape {
    struct arena arena;         /* values and gradients of the nodes */
    struct node *node;          /* in order of creation */
    int n, room;
    bool swept;
};

/* Forget all nodes, keep the memory for the next ones. */
static inline void tape_reset(struct tape *t)
{
    arena_reset(&t->arena);
    t->n = 0;
    t->swept = false;
}

/* Give all memory back; the tape may be used again. */
static inline void tape_free(struct tape *t)
{
    arena_free(&t->arena);
    free(t->node);
    *t = (struct tape){ 0 };
}

static inline struct node *tape_node(const struct tape *t, int id)
{
    REQUIRE(id >= 0 && id < t->n, "node %d of a tape of %d", id, t->n);
    return &t->node[id];
}

static inline bool tape_wants(const struct tape *t, int id)
{
    return id >= 0 && tape_node(t, id)->wanted;
}

/* Append a node; its operands must be on this tape. */
static inline var tape_push(struct tape *t, struct node z)
{
    z.wanted = z.wanted || tape_wants(t, z.x) || tape_wants(t, z.y);
    if (t->n == t->room) {
        REQUIRE(t->room < INT32_MAX / 2, "tape of %d nodes", t->room);
        t->room = t->room > 0 ? 2 * t->room : 64;
        t->node = realloc(t->node, (size_t)t->room * sizeof *t->node);
        REQUIRE(t->node != NULL, "out of memory (%d nodes)", t->room);
    }
    t->node[t->n] = z;
    return (var){ t->n++ };
}

/* A tensor without a gradient.  Not copied: it must outlive the sweep. */
static inline var tape_constant(struct tape *t, tensor value)
{
    return tape_push(t, (struct node){ .op = "constant", .x = -1, .y = -1,
                                       .c = (real)NAN, .value = value });
}

/* A single number without a gradient. */
static inline var tape_number(struct tape *t, real value)
{
    return tape_constant(t, tensor_scalar(&t->arena, value));
}

static inline bool tape_same_shape(tensor x, tensor y)
{
    return x.rank == y.rank
           && memcmp(x.shape, y.shape,
                     (size_t)x.rank * sizeof x.shape[0]) == 0;
}

/*
 * A tensor to differentiate by.  The sweep ADDS dL/dvalue to `gradient`,
 * which the caller owns and zeroes.  Both must outlive the sweep.
 */
static inline var tape_parameter(struct tape *t, tensor value,
                                 tensor gradient)
{
    REQUIRE(tape_same_shape(value, gradient),
            "tape_parameter: value %s, gradient %s", TENSOR_SHAPE(value),
            TENSOR_SHAPE(gradient));
    return tape_push(t, (struct node){ .op = "parameter", .x = -1, .y = -1,
                        .c = (real)NAN, .value = value,
                        .gradient = gradient, .wanted = true });
}

/* The value of a node: a view, valid until the tape is reset. */
static inline tensor tape_value(const struct tape *t, var v)
{
    return tape_node(t, v.id)->value;
}

/* dL/dv after a sweep: a view, valid until the tape is reset. */
static inline tensor tape_gradient(const struct tape *t, var v)
{
    const struct node *z = tape_node(t, v.id);
    REQUIRE(z->wanted && (t->swept || z->backward == NULL),
            "tape_gradient: node %d (%s) has none%s", v.id, z->op,
            z->wanted ? " before the sweep" : "");
    return z->gradient;
}

/* Name a node for tape_print and tape_draw; the text is borrowed. */
static inline var tape_name(struct tape *t, var v, const char *name)
{
    tape_node(t, v.id)->name = name;
    return v;
}

/* The slope of z = f(x, y) towards one operand, from all three. */
typedef real tape_slope(real x, real y, real z);

/* t seen in the shape of `like`. */
static inline tensor tape_stretch(tensor t, tensor like)
{
    return tensor_broadcast(t, like.rank, like.shape);
}

/*
 * to += dz * f(x, y, z), for every element of dz;    eq:rule-elementwise
 * to, x, y and z are stretched to its shape, and where `to` is stretched
 * the contributions to one element add up.              eq:rule-broadcast
 */
static inline void tape_pass(tensor to, tensor dz, tensor x, tensor y,
                             tensor z, tape_slope *f)
{
    to = tape_stretch(to, dz), x = tape_stretch(x, dz);
    y = tape_stretch(y, dz), z = tape_stretch(z, dz);
    const size_t lanes = tensor_lanes(dz), n = lane_len(dz);
    const size_t a = lane_step(to), b = lane_step(dz);
    const size_t p = lane_step(x), q = lane_step(y), r = lane_step(z);
    for (size_t i = 0; i < lanes; i++) {
        real *g = tensor_lane(to, i);
        const real *d = tensor_lane(dz, i), *u = tensor_lane(x, i);
        const real *v = tensor_lane(y, i), *w = tensor_lane(z, i);
        for (size_t e = 0; e < n; e++)
            g[e * a] += d[e * b] * f(u[e * p], v[e * q], w[e * r]);
    }
}

/* The slope of z = c x. */
static inline real tape_constant_slope(real x, real c, real z)
{
    return (void)x, (void)z, c;
}

/* to += c from, repeated where it is stretched to the shape of `to`. */
static inline void tape_add_to(tensor to, real c, tensor from)
{
    from = tensor_broadcast(from, to.rank, to.shape);
    tape_pass(to, from, from, tensor_wrap(&c, SCALAR), from,
              tape_constant_slope);
}

/* Pass dz on to both operands of z. */
static inline void tape_pass_pair(struct tape *t, const struct node *z,
                                  tape_slope *dz_dx, tape_slope *dz_dy)
{
    const struct node *x = tape_node(t, z->x), *y = tape_node(t, z->y);
    if (x->wanted)
        tape_pass(x->gradient, z->gradient, x->value, y->value, z->value,
                  dz_dx);
    if (y->wanted)
        tape_pass(y->gradient, z->gradient, x->value, y->value, z->value,
                  dz_dy);
}

/* tape_NAME(t, x, y): z = x OP y; the slopes may use x, y and z. */
#define TAPE_PAIR(name, slope_x, slope_y) \
    static inline real tape_##name##_slope_x(real x, real y, real z) \
    { \
        return (void)x, (void)y, (void)z, (slope_x); \
    } \
    static inline real tape_##name##_slope_y(real x, real y, real z) \
    { \
        return (void)x, (void)y, (void)z, (slope_y); \
    } \
    static inline void tape_##name##_rule(struct tape *t, \
                                          const struct node *z) \
    { \
        tape_pass_pair(t, z, tape_##name##_slope_x, \
                       tape_##name##_slope_y); \
    } \
    static inline var tape_##name(struct tape *t, var x, var y) \
    { \
        return tape_push(t, (struct node){ .op = #name, \
            .backward = tape_##name##_rule, .x = x.id, .y = y.id, \
            .c = (real)NAN, \
            .value = tensor_##name(&t->arena, tape_value(t, x), \
                                   tape_value(t, y)) }); \
    }

/*        z = x OP y    dz/dx     dz/dy               eq:rule-arithmetic */
TAPE_PAIR(add,          1,        1)
TAPE_PAIR(sub,          1,        -1)
TAPE_PAIR(mul,          y,        x)
TAPE_PAIR(div,          1 / y,    -z / y)

/* A new node z = f(x, c), element by element. */
static inline var tape_map(struct tape *t, const char *op,
                           tape_rule *backward, var x, real c,
                           real f(real, real))
{
    const tensor C = tensor_wrap(&c, SCALAR);
    const tensor z = tensor_zip(&t->arena, tape_value(t, x), C, f);
    return tape_push(t, (struct node){ .op = op, .backward = backward,
                        .x = x.id, .y = -1, .c = c, .value = z });
}

/* Pass dz on to the one operand of z. */
static inline void tape_pass_map(struct tape *t, const struct node *z,
                                 tape_slope *f)
{
    real c = z->c;
    const struct node *x = tape_node(t, z->x);
    if (x->wanted)
        tape_pass(x->gradient, z->gradient, x->value,
                  tensor_wrap(&c, SCALAR), z->value, f);
}

/* The value, the slope and the rule of z = f(x, c); both may use c. */
#define TAPE_MAP_PARTS(name, value, slope_x) \
    static inline real tape_##name##_value(real x, real c) \
    { \
        return (void)c, (value); \
    } \
    static inline real tape_##name##_slope(real x, real c, real z) \
    { \
        return (void)x, (void)c, (void)z, (slope_x); \
    } \
    static inline void tape_##name##_rule(struct tape *t, \
                                          const struct node *z) \
    { \
        tape_pass_map(t, z, tape_##name##_slope); \
    }

/* tape_NAME(t, x) */
#define TAPE_MAP(name, value, slope_x) \
    TAPE_MAP_PARTS(name, value, slope_x) \
    static inline var tape_##name(struct tape *t, var x) \
    { \
        return tape_map(t, #name, tape_##name##_rule, x, (real)NAN, \
                        tape_##name##_value); \
    }

/* tape_NAME(t, x, c) */
#define TAPE_MAP_WITH(name, value, slope_x) \
    TAPE_MAP_PARTS(name, value, slope_x) \
    static inline var tape_##name(struct tape *t, var x, double c) \
    { \
        return tape_map(t, #name, tape_##name##_rule, x, (real)c, \
                        tape_##name##_value); \
    }

#define SELU_LAMBDA ((real)1.0507009873554805)
#define SELU_ALPHA ((real)1.6732632423543772)

static inline real tape_expm1_of(real x)
{
    return (real)expm1((double)x);
}

static inline real tape_power_of(real x, real c)
{
    return (real)pow((double)x, (double)c);
}

/* 1 / (1 + exp(-x)); exp(-|x|) cannot overflow.        eq:rule-sigmoid */
static inline real tape_sigmoid_of(real x)
{
    const real e = real_exp(-real_fabs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

/* log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), without overflow. */
static inline real tape_softplus_of(real x)
{
    return (x > 0 ? x : 0) + (real)log1p(exp(-fabs((double)x)));
}

/*            z =     f(x, c)         dz/dx               eq:rule-powers */
TAPE_MAP(     neg,    -x,             -1)
TAPE_MAP_WITH(scale,  c * x,          c)
TAPE_MAP_WITH(shift,  x + c,          1)
TAPE_MAP(     square, x * x,          2 * x)
TAPE_MAP_WITH(power,  tape_power_of(x, c), c * tape_power_of(x, c - 1))
TAPE_MAP(     exp,    real_exp(x),    z)
TAPE_MAP(     log,    real_log(x),    1 / x)
TAPE_MAP(     abs,    real_fabs(x),   (real)((x > 0) - (x < 0)))

/*                        eq:rule-sigmoid, eq:rule-tanh, eq:rule-relu */
TAPE_MAP(sigmoid,         tape_sigmoid_of(x),  z * (1 - z))
TAPE_MAP(tanh,            real_tanh(x),     1 - z * z)
TAPE_MAP(softplus,        tape_softplus_of(x), tape_sigmoid_of(x))
TAPE_MAP(relu,            x > 0 ? x : 0,    x > 0 ? 1 : 0)
TAPE_MAP_WITH(leaky_relu, x > 0 ? x : c * x, x > 0 ? 1 : c)
TAPE_MAP_WITH(elu, x > 0 ? x : c * tape_expm1_of(x), x > 0 ? 1 : z + c)
TAPE_MAP(selu, SELU_LAMBDA * (x > 0 ? x : SELU_ALPHA * tape_expm1_of(x)),
         x > 0 ? SELU_LAMBDA : z + SELU_LAMBDA * SELU_ALPHA)

/* dx += c dz, repeated along the axis that was folded.     eq:rule-sum */
static inline void tape_fold_rule(struct tape *t, const struct node *z)
{
    const struct node *x = tape_node(t, z->x);
    tensor dz = z->gradient;
    if (z->axis != ALL)
        dz = tensor_unsqueeze(dz, z->axis);
    if (x->wanted)
        tape_add_to(x->gradient, z->c, dz);
}

static inline var tape_fold(struct tape *t, const char *op, var x, int axis,
                            real c, fold *f)
{
    return tape_push(t, (struct node){ .op = op, .backward = tape_fold_rule,
        .x = x.id, .y = -1, .c = c, .axis = axis,
        .value = tensor_fold(&t->arena, tape_value(t, x), axis, f) });
}

/* The sum along one axis, which disappears, or of ALL elements. */
static inline var tape_sum(struct tape *t, var x, int axis)
{
    return tape_fold(t, "sum", x, axis, 1, fold_sum);
}

/* The mean, likewise. */
static inline var tape_mean(struct tape *t, var x, int axis)
{
    const tensor X = tape_value(t, x);
    const size_t n = axis == ALL ? tensor_len(X) : X.shape[axis];
    return tape_fold(t, "mean", x, axis, 1 / (real)n, fold_mean);
}

/* Z = A B:  dA += dZ B^T,  dB += A^T dZ                 eq:rule-matmul */
static inline void tape_matmul_rule(struct tape *t, const struct node *z)
{
    const struct node *a = tape_node(t, z->x), *b = tape_node(t, z->y);
    if (a->wanted)
        tensor_gemm(1, z->gradient, tensor_transpose(b->value), 1,
                    a->gradient);
    if (b->wanted)
        tensor_gemm(1, tensor_transpose(a->value), z->gradient, 1,
                    b->gradient);
}

/* The matrix product of A (m,k) and B (k,n). */
static inline var tape_matmul(struct tape *t, var A, var B)
{
    return tape_push(t, (struct node){ .op = "matmul",
        .backward = tape_matmul_rule, .x = A.id, .y = B.id, .c = (real)NAN,
        .value = tensor_matmul(&t->arena, tape_value(t, A),
                               tape_value(t, B)) });
}

/* Z = A^T:  dA += dZ^T                               eq:rule-transpose */
static inline void tape_transpose_rule(struct tape *t, const struct node *z)
{
    const struct node *a = tape_node(t, z->x);
    if (a->wanted)
        tape_add_to(a->gradient, 1, tensor_transpose(z->gradient));
}

/* The transpose of a matrix: a view, nothing is copied. */
static inline var tape_transpose(struct tape *t, var A)
{
    return tape_push(t, (struct node){ .op = "transpose",
        .backward = tape_transpose_rule, .x = A.id, .y = -1, .c = (real)NAN,
        .value = tensor_transpose(tape_value(t, A)) });
}

/* log(sum_j exp(x_j)) = m + log(sum_j exp(x_j - m)), m the largest x_j. */
static inline double tape_lane_logsumexp(const real *x, size_t n,
                                         size_t step)
{
    const double m = (double)fold_max(x, n, step);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += exp((double)x[i * step] - m);
    return m + log(sum);
}

static inline real tape_fold_logsumexp(const real *x, size_t n, size_t step)
{
    return (real)tape_lane_logsumexp(x, n, step);
}

/* Row i of dx += c softmax(row i of x), softmax(x)_j = exp(x_j - l). */
static inline void tape_add_softmax(tensor dx, tensor x, size_t i, real c)
{
    const size_t n = x.shape[1], s = x.stride[1], step = dx.stride[1];
    const real *p = x.data + x.offset + i * x.stride[0];
    real *g = dx.data + dx.offset + i * dx.stride[0];
    const double sum = tape_lane_logsumexp(p, n, s);
    for (size_t j = 0; j < n; j++)
        g[j * step] += c * (real)exp((double)p[j * s] - sum);
}

/* dx_ij += dl_i exp(x_ij - l_i)                      eq:rule-logsumexp */
static inline void tape_logsumexp_rule(struct tape *t, const struct node *z)
{
    const struct node *x = tape_node(t, z->x);
    for (size_t i = 0; x->wanted && i < x->value.shape[0]; i++)
        tape_add_softmax(x->gradient, x->value, i, AT(z->gradient, i));
}

/* X (B,K) to (B): of each row, log(sum_j exp(x_ij)), without overflow. */
static inline var tape_logsumexp(struct tape *t, var X)
{
    const tensor x = tape_value(t, X);
    REQUIRE(x.rank == 2, "tape_logsumexp: shape %s", TENSOR_SHAPE(x));
    return tape_push(t, (struct node){ .op = "logsumexp",
        .backward = tape_logsumexp_rule, .x = X.id, .y = -1, .c = (real)NAN,
        .value = tensor_fold(&t->arena, x, 1, tape_fold_logsumexp) });
}

/*
 * dz_ij += dL / B (exp(z_ij - l_i) - [j = label_i])
 *                                                eq:rule-cross-entropy
 */
static inline void tape_cross_entropy_rule(struct tape *t,
                                           const struct node *z)
{
    const struct node *x = tape_node(t, z->x);
    const size_t B = x->value.shape[0];
    const real c = tensor_item(z->gradient) / (real)B;
    for (size_t i = 0; x->wanted && i < B; i++) {
        tape_add_softmax(x->gradient, x->value, i, c);
        AT(x->gradient, i, (size_t)z->label[i]) -= c;
    }
}

/* The sum over the rows of logsumexp(z_i) - z_i[label_i]. */
static inline double tape_cross_entropy_sum(tensor z, const int label[])
{
    const size_t B = z.shape[0], K = z.shape[1];
    double sum = 0;
    for (size_t i = 0; i < B; i++) {
        REQUIRE(label[i] >= 0 && (size_t)label[i] < K,
                "label %d of row %zu is not below %zu", label[i], i, K);
        sum += tape_lane_logsumexp(&AT(z, i, 0), K, z.stride[1]);
        sum -= (double)AT(z, i, (size_t)label[i]);
    }
    return sum;
}

/*
 * The mean over a batch of -log softmax(z_i)[label_i], in nats.
 *   L = 1/B sum_i (logsumexp(z_i) - z_i[label_i])  eq:rule-cross-entropy
 *   Z (B,K) logits; label[B] in [0,K), borrowed until the sweep is over
 * B = 0 or a label outside [0,K) is a bug in the caller: aborts.
 */
static inline var tape_cross_entropy(struct tape *t, var Z,
                                     const int label[])
{
    const tensor z = tape_value(t, Z);
    REQUIRE(z.rank == 2 && z.shape[0] > 0, "tape_cross_entropy: shape %s",
            TENSOR_SHAPE(z));
    const double B = (double)z.shape[0];
    const real L = (real)(tape_cross_entropy_sum(z, label) / B);
    return tape_push(t, (struct node){ .op = "cross_entropy",
        .backward = tape_cross_entropy_rule, .x = Z.id, .y = -1,
        .c = (real)NAN, .label = label,
        .value = tensor_scalar(&t->arena, L) });
}

/* Gradients of zero for all nodes but the leaves, as far as wanted. */
static inline void tape_clear(struct tape *t)
{
    real zero = 0;
    for (int i = 0; i < t->n; i++) {
        struct node *z = &t->node[i];
        if (!z->wanted || z->backward == NULL)
            continue;
        if (z->gradient.data == NULL)
            z->gradient = tensor_empty(&t->arena, z->value.rank,
                                       z->value.shape);
        tensor_copy(z->gradient, tensor_wrap(&zero, SCALAR));
    }
}

/*
 * Set the gradient of every node to seed^T d(root)/d(node)     eq:vjp
 * and add those of the parameters to the callers' tensors.
 *   seed has the shape of the root: one row of adjoints to start from
 * A second sweep without tape_rewind is a bug in the caller: aborts.
 */
static inline void tape_backward_from(struct tape *t, var root, tensor seed)
{
    const struct node *r = tape_node(t, root.id);
    REQUIRE(!t->swept, "this tape was swept already: reset or rewind it");
    REQUIRE(r->wanted, "no parameter lies behind node %d (%s)", root.id,
            r->op);
    REQUIRE(tape_same_shape(seed, r->value), "seed %s for a root of shape "
            "%s", TENSOR_SHAPE(seed), TENSOR_SHAPE(r->value));
    t->swept = true;
    tape_clear(t);
    tape_add_to(r->gradient, 1, seed);
    for (int i = root.id; i >= 0; i--)
        if (t->node[i].wanted && t->node[i].backward != NULL)
            t->node[i].backward(t, &t->node[i]);
}

/* The gradient of one number, the root, by everything behind it. */
static inline void tape_backward(struct tape *t, var root)
{
    real one = 1;
    const tensor z = tape_value(t, root);
    REQUIRE(tensor_len(z) == 1, "tape_backward: the root has shape %s, "
            "not one element; give a seed to tape_backward_from",
            TENSOR_SHAPE(z));
    tape_backward_from(t, root, tensor_broadcast(
                       tensor_wrap(&one, SCALAR), z.rank, z.shape));
}

/*
 * Allow another sweep over the same values, as for the next row of a
 * Jacobian.  The gradients of the nodes start from zero again; those of the
 * parameters belong to the caller, who zeroes them or lets them add up.
 */
static inline void tape_rewind(struct tape *t)
{
    t->swept = false;
}

/* The elements of a small tensor, or the shape of a large one. */
static inline struct text tape_text(tensor x)
{
    struct text out = { "" };
    const size_t n = x.data == NULL ? 0 : tensor_len(x);
    const char *gap = n > 1 ? "[" : "";
    if (n > 4)
        return shape_text(x.rank, x.shape);
    for (size_t i = 0; n > 0 && i < tensor_lanes(x); i++)
        for (size_t e = 0; e < lane_len(x); e++) {
            const real *p = tensor_lane(x, i) + e * lane_step(x);
            const size_t used = strlen(out.s);
            snprintf(out.s + used, sizeof out.s - used, "%s%.4g", gap,
                     (double)*p + 0.0);
            gap = ", ";
        }
    if (n > 1)
        strcat(out.s, "]");
    return out;
}

/* "matmul", "scale -1", "sum axis 0"; with its name in front, if any. */
static inline struct text tape_title(const struct node *z)
{
    struct text out = { "" };
    const char *name = z->name != NULL ? z->name : z->op;
    if (z->backward == NULL || z->name == NULL)
        snprintf(out.s, sizeof out.s, "%s", name);
    else
        snprintf(out.s, sizeof out.s, "%s: %s", name, z->op);
    const size_t n = strlen(out.s);
    if (z->backward == tape_fold_rule && z->axis != ALL)
        snprintf(out.s + n, sizeof out.s - n, " axis %d", z->axis);
    else if (z->backward != tape_fold_rule && !isnan(z->c))
        snprintf(out.s + n, sizeof out.s - n, " %g", (double)z->c);
    return out;
}

/* One line for each node: what it is, made from what, value, gradient. */
static inline void tape_print(FILE *out, const struct tape *t)
{
    fprintf(out, "%3s  %-16s %-7s %-17s %s\n", "#", "operation", "from",
            "value", "gradient");
    for (int i = 0; i < t->n; i++) {
        const struct node *z = &t->node[i];
        char from[32] = "";
        if (z->y >= 0)
            snprintf(from, sizeof from, "%d, %d", z->x, z->y);
        else if (z->x >= 0)
            snprintf(from, sizeof from, "%d", z->x);
        fprintf(out, "%3d  %-16s %-7s %-17s %s\n", i, tape_title(z).s,
                from, tape_text(z->value).s,
                z->wanted ? tape_text(z->gradient).s : "-");
    }
}

/* The line from node i to END: its value left, its gradient right. */
static inline void tape_draw_edge(FILE *out, const struct tape *t, int i,
                                  const char *end, int end_id)
{
    const struct node *z = tape_node(t, i);
    const struct text value = tape_text(z->value), none = { "-" };
    const struct text gradient = z->wanted ? tape_text(z->gradient) : none;
    const size_t m = strlen(value.s), n = strlen(gradient.s);
    const size_t width = 6 * (m > n ? m : n) + 6;       /* points */
    fprintf(out, "  n%d -> e%d_%s%d [dir=none];\n", i, i, end, end_id);
    fprintf(out, "  e%d_%s%d:s -> %s%d;\n", i, end, end_id, end, end_id);
    fprintf(out, "  e%d_%s%d [shape=none, margin=0, width=0, height=0, "
            "label=<", i, end, end_id);
    fprintf(out, "<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" "
            "cellpadding=\"3\"><tr><td width=\"%zu\" align=\"right\">"
            "<font color=\"#0b5394\">%s</font></td><vr/><td width=\"%zu\" "
            "align=\"left\"><font color=\"#b0400f\">%s</font></td></tr>"
            "</table>", width, value.s, width, gradient.s);
    fprintf(out, ">];\n");
}

static inline bool tape_uses(const struct tape *t, int i)
{
    for (int j = i + 1; j < t->n; j++)
        if (t->node[j].x == i || t->node[j].y == i)
            return true;
    return false;
}

/* The graph in the language of dot: leaves as boxes, numbers on edges. */
static inline void tape_draw(FILE *out, const struct tape *t)
{
    fprintf(out, "digraph tape {\n  bgcolor=\"transparent\"; ranksep=0.02; "
            "nodesep=0.12;\n  node [fontname=\"TeX Gyre Pagella\", "
            "fontsize=12, color=\"#555555\",\n        width=0.3, "
            "height=0.28, margin=\"0.06,0.03\"];\n"
            "  edge [color=\"#555555\", arrowsize=0.6];\n");
    for (int i = 0; i < t->n; i++) {
        const struct node *z = &t->node[i];
        fprintf(out, "  n%d [shape=%s, label=\"%s\"];\n", i,
                z->backward == NULL ? "box" : "ellipse", tape_title(z).s);
        if (z->x >= 0)
            tape_draw_edge(out, t, z->x, "n", i);
        if (z->y >= 0 && z->y != z->x)
            tape_draw_edge(out, t, z->y, "n", i);
        if (!tape_uses(t, i)) {
            fprintf(out, "  out%d [shape=point, style=invis];\n", i);
            tape_draw_edge(out, t, i, "out", i);
        }
    }
    fprintf(out, "}\n");
}

#endif
