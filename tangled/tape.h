/*
 * tape.h -- reverse differentiation of tensor programs.
 * Downhill, chapter 2.
 */
#ifndef TAPE_H
#define TAPE_H

#include "elementary.h"

/* A tensor on a tape, by its place there; a type of its own, not an int. */
typedef struct { int id; } var;
#define NO_VAR ((var){ -1 })    /* in place of an operand that is not */

struct tape;
struct node;

/* Add what z passes on to the gradients of what z was made from. eq:vjp */
typedef void tape_rule(struct tape *t, const struct node *z);

struct node {
    const char *op, *name;      /* "matmul"; given by tape_name, or NULL */
    tape_rule *backward;        /* NULL: a leaf, nothing to pass on to */
    int x, y;                   /* ids of the operands; -1: no such one */
    int parts;                  /* how many operands, if they are listed */
    const var *part;            /* the list */
    int axis;                   /* along which it works, or ALL */
    real c;                     /* a constant of the operation, or NAN */
    const void *more;           /* whatever else the rule needs */
    tensor value;               /* z */
    tensor gradient;            /* dL/dz, once the sweep has begun */
    bool wanted;                /* does a parameter lie behind it? */
    bool lent;                  /* does the gradient belong to others? */
};

/* z = op(x, y), ready for tape_push unless there is more to say. */
static inline struct node node_new(const char *op, tape_rule *backward,
                                   var x, var y, tensor value)
{
    return (struct node){ .op = op, .backward = backward, .x = x.id,
                          .y = y.id, .axis = ALL, .c = (real)NAN,
                          .value = value };
}

/* How many operands z has, and the id of number k. */
static inline int node_operands(const struct node *z)
{
    return z->parts > 0 ? z->parts : (z->x >= 0) + (z->y >= 0);
}

static inline int node_operand(const struct node *z, int k)
{
    return z->parts > 0 ? z->part[k].id : k == 0 ? z->x : z->y;
}

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

/* Append a node; its operands must be on this tape. */
static inline var tape_push(struct tape *t, struct node z)
{
    for (int k = 0; k < node_operands(&z); k++)
        z.wanted |= tape_node(t, node_operand(&z, k))->wanted;
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
    return tape_push(t, node_new("constant", NULL, NO_VAR, NO_VAR, value));
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
    struct node z = node_new("parameter", NULL, NO_VAR, NO_VAR, value);
    z.gradient = gradient, z.wanted = z.lent = true;
    return tape_push(t, z);
}

/* A tensor to differentiate by, whose gradient the tape keeps. */
static inline var tape_variable(struct tape *t, tensor value)
{
    struct node z = node_new("variable", NULL, NO_VAR, NO_VAR, value);
    z.wanted = true;
    return tape_push(t, z);
}

/*
 * The next parameter of a model: shape_len(rank, shape) numbers of the
 * vector theta from *at on, its gradient at the same place of the vector
 * `grad`.  Both are views.  *at moves behind it; begin with 0.
 */
static inline var tape_next(struct tape *t, tensor theta, tensor grad,
                            size_t *at, int rank, const size_t shape[])
{
    const size_t n = shape_len(rank, shape), from = *at;
    *at += n;
    return tape_parameter(t,
               tensor_reshape(tensor_rows(theta, from, n), rank, shape),
               tensor_reshape(tensor_rows(grad, from, n), rank, shape));
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
    REQUIRE(z->wanted && (t->swept || z->lent),
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

/* The slope of z = f(x, y) towards x, from all three; or towards y. */
typedef real tape_slope(real x, real y, real z);

/* to += dz f(x, y, z) in one lane; a, p and q elements to the next. */
INLINE void tape_pass_lane(size_t n, real *restrict to, size_t a,
                           const real *dz, const real *x, size_t p,
                           const real *y, size_t q, const real *z,
                           tape_slope *f)
{
    for (size_t e = 0; e < n; e++)
        to[e * a] += dz[e] * f(x[e * p], y[e * q], z[e]);
}

/* The same where the whole lane adds up in one cell, and x is one too. */
INLINE void tape_sum_lane(size_t n, real *to, const real *dz, real x,
                          const real *y, size_t q, const real *z,
                          tape_slope *f)
{
    enum { SUMS = 16 };
    real sum[SUMS] = { 0 };
    size_t e = 0;
    for (; e + SUMS <= n; e += SUMS)
        for (size_t k = 0; k < SUMS; k++)
            sum[k] += dz[e + k] * f(x, y[(e + k) * q], z[e + k]);
    for (; e < n; e++)
        sum[0] += dz[e] * f(x, y[e * q], z[e]);
    for (size_t k = 0; k < SUMS; k++)
        *to += sum[k];
}

/* Join the last axes of tensors of one shape while that is possible. */
static inline void tape_join(int n, tensor *const t[])
{
    for (int d = t[0]->rank - 2; d >= 0; d--) {
        const size_t outer = t[0]->shape[d], inner = t[0]->shape[d + 1];
        for (int i = 0; i < n && outer != 1 && inner != 1; i++)
            if (t[i]->stride[d] != t[i]->stride[d + 1] * inner)
                return;
        for (int i = 0; i < n; i++) {
            if (inner != 1)
                t[i]->stride[d] = t[i]->stride[d + 1];
            t[i]->shape[d] = outer * inner, t[i]->rank = d + 1;
        }
    }
}

/* t seen in the shape of `like`. */
static inline tensor tape_stretch(tensor t, tensor like)
{
    return tensor_broadcast(t, like.rank, like.shape);
}

/*
 * to += dz * f(x, y, z), for every element of dz;    eq:rule-elementwise
 * to, x and y are stretched to its shape, and where `to` is stretched the
 * contributions to one element add up.                  eq:rule-broadcast
 *   to is the gradient of x; dz and z are contiguous
 */
INLINE void tape_pass(tensor to, tensor dz, tensor x, tensor y, tensor z,
                      tape_slope *f)
{
    to = tape_stretch(to, dz);
    x = tape_stretch(x, dz), y = tape_stretch(y, dz);
    tape_join(3, (tensor *const[]){ &to, &x, &y });
    const size_t lanes = tensor_lanes(to), n = lane_len(to);
    const size_t a = lane_step(to), p = lane_step(x), q = lane_step(y);
    const real *d = dz.data + dz.offset, *w = z.data + z.offset;
    for (size_t i = 0; i < lanes; i++, d += n, w += n) {
        real *g = tensor_lane(to, i);
        const real *u = tensor_lane(x, i), *v = tensor_lane(y, i);
        if (a == 1 && p == 1 && q == 1)
            tape_pass_lane(n, g, 1, d, u, 1, v, 1, w, f);
        else if (a == 1 && p == 1 && q == 0)
            tape_pass_lane(n, g, 1, d, u, 1, v, 0, w, f);
        else if (a == 0 && q == 1)
            tape_sum_lane(n, g, d, *u, v, 1, w, f);
        else
            tape_pass_lane(n, g, a, d, u, p, v, q, w, f);
    }
}

INLINE void tape_add_lane(size_t n, real *restrict to, size_t a, real c,
                          const real *from, size_t b)
{
    for (size_t e = 0; e < n; e++)
        to[e * a] += c * from[e * b];
}

/* to += c from, repeated where it is stretched to the shape of `to`. */
static inline void tape_add_to(tensor to, real c, tensor from)
{
    from = tape_stretch(from, to);
    tape_join(2, (tensor *const[]){ &to, &from });
    const size_t lanes = tensor_lanes(to), n = lane_len(to);
    const size_t a = lane_step(to), b = lane_step(from);
    for (size_t i = 0; i < lanes; i++) {
        real *g = tensor_lane(to, i);
        const real *d = tensor_lane(from, i);
        if (a == 1 && b == 1)
            tape_add_lane(n, g, 1, c, d, 1);
        else if (a == 1 && b == 0)
            tape_add_lane(n, g, 1, c, d, 0);
        else
            tape_add_lane(n, g, a, c, d, b);
    }
}

/* Pass dz on to both operands of z. */
INLINE void tape_pass_pair(struct tape *t, const struct node *z,
                           tape_slope *dz_dx, tape_slope *dz_dy)
{
    const struct node *x = tape_node(t, z->x), *y = tape_node(t, z->y);
    if (x->wanted)
        tape_pass(x->gradient, z->gradient, x->value, y->value, z->value,
                  dz_dx);
    if (y->wanted)
        tape_pass(y->gradient, z->gradient, y->value, x->value, z->value,
                  dz_dy);
}

/* tape_NAME(t, x, y): z = x OP y; the slopes may use x, y and z. */
#define TAPE_PAIR(name, slope_x, slope_y) \
    static inline real tape_##name##_slope_x(real x, real y, real z) \
    { \
        return (void)x, (void)y, (void)z, (slope_x); \
    } \
    static inline real tape_##name##_slope_y(real y, real x, real z) \
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
        return tape_push(t, node_new(#name, tape_##name##_rule, x, y, \
            tensor_##name(&t->arena, tape_value(t, x), \
                          tape_value(t, y)))); \
    }

/*        z = x OP y    dz/dx     dz/dy               eq:rule-arithmetic */
TAPE_PAIR(add,          1,        1)
TAPE_PAIR(sub,          1,        -1)
TAPE_PAIR(mul,          y,        x)
TAPE_PAIR(div,          1 / y,    -z / y)

/* A new tensor of f(x, c), element by element. */
INLINE tensor tape_each(struct arena *a, tensor x, real c,
                        real f(real, real))
{
    const tensor z = tensor_empty(a, x.rank, x.shape);
    tape_join(1, (tensor *const[]){ &x });
    const size_t lanes = tensor_lanes(x), n = lane_len(x);
    const size_t s = lane_step(x);
    real *restrict out = z.data;
    for (size_t i = 0; i < lanes; i++, out += n) {
        const real *p = tensor_lane(x, i);
        if (s == 1)
            for (size_t e = 0; e < n; e++)
                out[e] = f(p[e], c);
        else
            for (size_t e = 0; e < n; e++)
                out[e] = f(p[e * s], c);
    }
    return z;
}

/* Pass dz on to the one operand of z. */
INLINE void tape_pass_map(struct tape *t, const struct node *z,
                          tape_slope *f)
{
    real c = z->c;
    const struct node *x = tape_node(t, z->x);
    tape_pass(x->gradient, z->gradient, x->value, tensor_wrap(&c, SCALAR),
              z->value, f);
}

/* The value, the slope and the rule of z = f(x, c); both may use c. */
#define TAPE_MAP_PARTS(name, value_, slope_) \
    static inline real tape_##name##_value(real x, real c) \
    { \
        return (void)c, (value_); \
    } \
    static inline real tape_##name##_slope(real x, real c, real z) \
    { \
        return (void)x, (void)c, (void)z, (slope_); \
    } \
    static inline void tape_##name##_rule(struct tape *t, \
                                          const struct node *z) \
    { \
        tape_pass_map(t, z, tape_##name##_slope); \
    } \
    static inline var tape_##name##_node(struct tape *t, var x, real c) \
    { \
        struct node z = node_new(#name, tape_##name##_rule, x, NO_VAR, \
            tape_each(&t->arena, tape_value(t, x), c, \
                      tape_##name##_value)); \
        z.c = c; \
        return tape_push(t, z); \
    }

/* tape_NAME(t, x) */
#define TAPE_MAP(name, value, slope) \
    TAPE_MAP_PARTS(name, value, slope) \
    static inline var tape_##name(struct tape *t, var x) \
    { \
        return tape_##name##_node(t, x, (real)NAN); \
    }

/* tape_NAME(t, x, c) */
#define TAPE_MAP_WITH(name, value, slope) \
    TAPE_MAP_PARTS(name, value, slope) \
    static inline var tape_##name(struct tape *t, var x, double c) \
    { \
        return tape_##name##_node(t, x, (real)c); \
    }

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
static inline void tape_unfold(struct tape *t, const struct node *z, real c)
{
    const struct node *x = tape_node(t, z->x);
    tensor dz = z->gradient;
    if (z->axis != ALL)
        dz = tensor_unsqueeze(dz, z->axis);
    tape_add_to(x->gradient, c, dz);
}

static inline void tape_sum_rule(struct tape *t, const struct node *z)
{
    tape_unfold(t, z, 1);
}

static inline void tape_mean_rule(struct tape *t, const struct node *z)
{
    const struct node *x = tape_node(t, z->x);
    tape_unfold(t, z, (real)((double)tensor_len(z->value)
                             / (double)tensor_len(x->value)));
}

static inline var tape_fold(struct tape *t, const char *op,
                            tape_rule *rule, var x, int axis, fold *f)
{
    struct node z = node_new(op, rule, x, NO_VAR,
        tensor_fold(&t->arena, tape_value(t, x), axis, f));
    z.axis = axis;
    return tape_push(t, z);
}

/* The sum along one axis, which disappears, or of ALL elements. */
static inline var tape_sum(struct tape *t, var x, int axis)
{
    return tape_fold(t, "sum", tape_sum_rule, x, axis, fold_sum);
}

/* The mean, likewise. */
static inline var tape_mean(struct tape *t, var x, int axis)
{
    return tape_fold(t, "mean", tape_mean_rule, x, axis, fold_mean);
}

/* The gradient of a new shape, in the old one.            eq:rule-move */
static inline void tape_reshape_rule(struct tape *t, const struct node *z)
{
    const tensor dx = tape_node(t, z->x)->gradient;
    tape_add_to(dx, 1, tensor_reshape(z->gradient, dx.rank, dx.shape));
}

/* The same elements in row order under another shape; one may be INFER. */
static inline var tape_reshape(struct tape *t, var x, int rank,
                               const size_t shape[])
{
    const tensor v = tensor_contiguous(&t->arena, tape_value(t, x));
    return tape_push(t, node_new("reshape", tape_reshape_rule, x, NO_VAR,
                                 tensor_reshape(v, rank, shape)));
}

/* Add to the slice of dx that z is of x.                  eq:rule-move */
static inline void tape_slice_rule(struct tape *t, const struct node *z)
{
    const ptrdiff_t *s = z->more;       /* start, stop, step */
    const tensor dx = tape_node(t, z->x)->gradient;
    tape_add_to(tensor_slice(dx, z->axis, s[0], s[1], (size_t)s[2]), 1,
                z->gradient);
}

/* Elements start, start+step, ... before stop of one axis: a view. */
static inline var tape_slice(struct tape *t, var x, int axis,
                             ptrdiff_t start, ptrdiff_t stop, size_t step)
{
    const ptrdiff_t s[] = { start, stop, (ptrdiff_t)step };
    struct node z = node_new("slice", tape_slice_rule, x, NO_VAR,
        tensor_slice(tape_value(t, x), axis, start, stop, step));
    z.axis = axis;
    z.more = memcpy(arena_take(&t->arena, 3, sizeof *s), s, sizeof s);
    return tape_push(t, z);
}

/* t with its axes in another order: axis d is axis order[d] of t. */
static inline tensor tensor_permute(tensor t, const int order[])
{
    tensor u = t;
    unsigned seen = 0;
    for (int d = 0; d < t.rank; d++) {
        axis_check(t, order[d]);
        REQUIRE(!(seen >> order[d] & 1), "axis %d twice", order[d]);
        seen |= 1u << order[d];
        u.shape[d] = t.shape[order[d]], u.stride[d] = t.stride[order[d]];
    }
    return u;
}

/* dx, its axes in the order of those of z, += dz.         eq:rule-move */
static inline void tape_permute_rule(struct tape *t, const struct node *z)
{
    const tensor dx = tape_node(t, z->x)->gradient;
    tape_add_to(tensor_permute(dx, z->more), 1, z->gradient);
}

/* Axis d of the result is axis order[d] of x: a view. */
static inline var tape_permute(struct tape *t, var x, const int order[])
{
    const tensor v = tape_value(t, x);
    struct node z = node_new("permute", tape_permute_rule, x, NO_VAR,
                             tensor_permute(v, order));
    int *more = arena_take(&t->arena, RANK_MAX, sizeof *more);
    z.more = memcpy(more, order, (size_t)v.rank * sizeof *more);
    return tape_push(t, z);
}

/* Each part gets its slice of dz.                         eq:rule-move */
static inline void tape_cat_rule(struct tape *t, const struct node *z)
{
    ptrdiff_t at = 0, next;
    for (int k = 0; k < z->parts; k++, at = next) {
        const struct node *x = tape_node(t, z->part[k].id);
        next = at + (ptrdiff_t)x->value.shape[z->axis];
        if (x->wanted)
            tape_add_to(x->gradient, 1,
                        tensor_slice(z->gradient, z->axis, at, next, 1));
    }
}

/* VARS(a, b, c) stands for the two arguments: 3, the three. */
#define VARS(...) \
    (int)(sizeof (var[]){ __VA_ARGS__ } / sizeof (var)), \
    (const var[]){ __VA_ARGS__ }

/* n tensors, one behind the other along one axis. */
static inline var tape_cat(struct tape *t, int n, const var part[],
                           int axis)
{
    REQUIRE(n > 0, "tape_cat: no tensors");
    tensor v = tape_value(t, part[0]);
    axis_check(v, axis);
    for (int k = 1; k < n; k++)
        v.shape[axis] += tape_value(t, part[k]).shape[axis];
    v = tensor_empty(&t->arena, v.rank, v.shape);
    ptrdiff_t at = 0, next;
    for (int k = 0; k < n; k++, at = next) {
        const tensor x = tape_value(t, part[k]);
        next = at + (ptrdiff_t)x.shape[axis];
        const tensor room = tensor_slice(v, axis, at, next, 1);
        REQUIRE(tape_same_shape(x, room), "tape_cat: a part of shape %s",
                TENSOR_SHAPE(x));
        tensor_copy(room, x);
    }
    struct node z = node_new("cat", tape_cat_rule, NO_VAR, NO_VAR, v);
    var *list = arena_take(&t->arena, (size_t)n, sizeof *list);
    z.part = memcpy(list, part, (size_t)n * sizeof *list);
    z.parts = n, z.axis = axis;
    return tape_push(t, z);
}

/* Row index[i] of dx += row i of dz, for every i.       eq:rule-gather */
static inline void tape_gather_rule(struct tape *t, const struct node *z)
{
    const int *index = z->more;
    const tensor dx = tape_node(t, z->x)->gradient;
    for (size_t i = 0; i < z->value.shape[0]; i++)
        tape_add_to(tensor_rows(dx, (size_t)index[i], 1), 1,
                    tensor_rows(z->gradient, i, 1));
}

/* Rows index[0..n) of x, which is borrowed until the sweep is over. */
static inline var tape_gather(struct tape *t, var x, size_t n,
                              const int index[])
{
    const tensor v = tape_value(t, x);
    tensor u = v;
    axis_check(v, 0);
    u.shape[0] = n, u = tensor_empty(&t->arena, u.rank, u.shape);
    for (size_t i = 0; i < n; i++) {
        REQUIRE(index[i] >= 0 && (size_t)index[i] < v.shape[0],
                "tape_gather: row %d of shape %s", index[i],
                TENSOR_SHAPE(v));
        tensor_copy(tensor_rows(u, i, 1),
                    tensor_rows(v, (size_t)index[i], 1));
    }
    struct node z = node_new("gather", tape_gather_rule, x, NO_VAR, u);
    z.more = index;
    return tape_push(t, z);
}

/* dx += dz at the first of the largest of each lane.       eq:rule-max */
static inline void tape_max_rule(struct tape *t, const struct node *z)
{
    const struct node *x = tape_node(t, z->x);
    tensor v = x->value, dx = x->gradient;
    for (int d = z->axis; d + 1 < v.rank; d++)
        v = tensor_swap(v, d, d + 1), dx = tensor_swap(dx, d, d + 1);
    const size_t lanes = tensor_lanes(v);
    for (size_t i = 0; i < lanes; i++) {
        const real *p = tensor_lane(v, i), max = z->value.data[i];
        size_t k = 0;
        while (p[k * lane_step(v)] != max && !isnan(p[k * lane_step(v)]))
            k++;
        tensor_lane(dx, i)[k * lane_step(dx)] += z->gradient.data[i];
    }
}

/* The largest along one axis, or of ALL; the first one gets dz. */
static inline var tape_max(struct tape *t, var x, int axis)
{
    if (axis == ALL)
        x = tape_reshape(t, x, SHAPE(INFER)), axis = 0;
    return tape_fold(t, "max", tape_max_rule, x, axis, fold_max);
}

/* Matrix number i of t (..., m, n), which its last two axes hold. */
static inline tensor tape_matrix(tensor t, size_t i)
{
    const int d = t.rank - 2;
    for (int k = d; k-- > 0; i /= t.shape[k])
        t.offset += i % t.shape[k] * t.stride[k];
    for (int k = 0; k < 2; k++)
        t.shape[k] = t.shape[d + k], t.stride[k] = t.stride[d + k];
    t.rank = 2;
    return t;
}

/* Each matrix turned over. */
static inline tensor tape_turned(tensor t)
{
    return tensor_swap(t, t.rank - 2, t.rank - 1);
}

/* Are the rows of each matrix, or its columns, as BLAS wants them? */
static inline bool tape_fits_blas(tensor t)
{
    const int d = t.rank - 2;
    const size_t m = t.shape[d], n = t.shape[d + 1];
    const size_t r = t.stride[d], c = t.stride[d + 1];
    return ((n == 1 || c == 1) && (m == 1 || r >= n))
           || ((m == 1 || r == 1) && (n == 1 || c >= m));
}

/* C <- A B + beta C, for each matrix of C; beta 0 or 1.  eq:rule-batch */
static inline void tape_multiply(struct arena *a, tensor A, tensor B,
                                 double beta, tensor C)
{
    if (!tape_fits_blas(C)) {
        const tensor P = tensor_empty(a, C.rank, C.shape);
        tape_multiply(a, A, B, 0, P);
        tape_add_to(C, 1, P);
        return;
    }
    A = tape_fits_blas(A) ? A : tensor_clone(a, A);
    B = tape_fits_blas(B) ? B : tensor_clone(a, B);
    const size_t n = shape_len(C.rank - 2, C.shape);
    for (size_t i = 0; i < n; i++)
        tensor_gemm(1, tape_matrix(A, i), tape_matrix(B, i), beta,
                    tape_matrix(C, i));
}

/* Z = A B:  dA += dZ B^T,  dB += A^T dZ   eq:rule-matmul, eq:rule-batch */
static inline void tape_matmul_rule(struct tape *t, const struct node *z)
{
    const struct node *a = tape_node(t, z->x), *b = tape_node(t, z->y);
    if (a->wanted)
        tape_multiply(&t->arena, z->gradient, tape_turned(b->value), 1,
                      a->gradient);
    if (b->wanted)
        tape_multiply(&t->arena, tape_turned(a->value), z->gradient, 1,
                      b->gradient);
}

/* A (..., m, k) times B (..., k, n): (..., m, n), matrix by matrix. */
static inline var tape_matmul(struct tape *t, var A, var B)
{
    const tensor a = tape_value(t, A), b = tape_value(t, B);
    const int d = a.rank - 2;
    tensor z = a;
    bool fits = d >= 0 && b.rank == a.rank && a.shape[d + 1] == b.shape[d];
    for (int k = 0; fits && k < d; k++)
        fits = a.shape[k] == b.shape[k];
    REQUIRE(fits, "tape_matmul: %s times %s", TENSOR_SHAPE(a),
            TENSOR_SHAPE(b));
    z.shape[d + 1] = b.shape[d + 1];
    z = tensor_empty(&t->arena, z.rank, z.shape);
    tape_multiply(&t->arena, a, b, 0, z);
    return tape_push(t, node_new("matmul", tape_matmul_rule, A, B, z));
}

/* Z = A^T:  dA += dZ^T                               eq:rule-transpose */
static inline void tape_transpose_rule(struct tape *t, const struct node *z)
{
    tape_add_to(tape_node(t, z->x)->gradient, 1, tape_turned(z->gradient));
}

/* The transpose of a matrix, or of each of a pile: a view. */
static inline var tape_transpose(struct tape *t, var A)
{
    const tensor a = tape_value(t, A);
    REQUIRE(a.rank >= 2, "tape_transpose: shape %s", TENSOR_SHAPE(a));
    return tape_push(t, node_new("transpose", tape_transpose_rule, A,
                                 NO_VAR, tape_turned(a)));
}

/*
 * Of one lane of n logits:  l = log(sum_j exp(x_j)), which is returned,
 * and p_j = dl/dx_j, which is written.                eq:rule-logsumexp
 */
static inline double tape_softmax(real *p, const real *x, size_t n,
                                  size_t step)
{
    const real m = fold_max(x, n, step);
    double sum = 0;
    for (size_t j = 0; j < n; j++)
        p[j] = real_exp(x[j * step] - m);
    for (size_t j = 0; j < n; j++)
        sum += (double)p[j];
    for (size_t j = 0; j < n; j++)
        p[j] = (real)((double)p[j] / sum);
    return (double)m + log(sum);
}

/* What the two rules remember. */
struct slopes {
    tensor p;                   /* of all lanes */
    const int *label;           /* of the cross-entropy; borrowed */
};

static inline struct slopes *slopes_new(struct arena *a, tensor x,
                                        const int *label)
{
    struct slopes *s = arena_take(a, 1, sizeof *s);
    *s = (struct slopes){ tensor_empty(a, x.rank, x.shape), label };
    return s;
}

/* dx_k += dl p_k in every lane.                      eq:rule-logsumexp */
static inline void tape_logsumexp_rule(struct tape *t, const struct node *z)
{
    const struct slopes *s = z->more;
    tape_pass(tape_node(t, z->x)->gradient, s->p, s->p,
              tensor_unsqueeze(z->gradient, z->gradient.rank), s->p,
              tape_mul_slope_x);
}

/* X (..., K) to (...): log(sum_j exp(x_j)) of each lane, no overflow. */
static inline var tape_logsumexp(struct tape *t, var X)
{
    const tensor x = tape_value(t, X);
    REQUIRE(x.rank > 0, "tape_logsumexp: shape %s", TENSOR_SHAPE(x));
    const tensor l = tensor_empty(&t->arena, x.rank - 1, x.shape);
    const struct slopes *s = slopes_new(&t->arena, x, NULL);
    const size_t lanes = tensor_lanes(x);
    for (size_t i = 0; i < lanes; i++)
        l.data[i] = (real)tape_softmax(tensor_lane(s->p, i),
                        tensor_lane(x, i), lane_len(x), lane_step(x));
    struct node z = node_new("logsumexp", tape_logsumexp_rule, X, NO_VAR,
                             l);
    z.more = s;
    return tape_push(t, z);
}

/*
 * dz_ij += dL / B (exp(z_ij - l_i) - [j = label_i])
 *                                                eq:rule-cross-entropy
 */
static inline void tape_cross_entropy_rule(struct tape *t,
                                           const struct node *z)
{
    const struct slopes *s = z->more;
    const tensor dx = tape_node(t, z->x)->gradient;
    const size_t B = dx.shape[0];
    const real c = tensor_item(z->gradient) / (real)B;
    tape_add_to(dx, c, s->p);
    for (size_t i = 0; i < B; i++)
        AT(dx, i, (size_t)s->label[i]) -= c;
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
    const tensor x = tape_value(t, Z);
    REQUIRE(x.rank == 2 && x.shape[0] > 0, "tape_cross_entropy: shape %s",
            TENSOR_SHAPE(x));
    const size_t B = x.shape[0], K = x.shape[1];
    const struct slopes *s = slopes_new(&t->arena, x, label);
    double sum = 0;
    for (size_t i = 0; i < B; i++) {
        REQUIRE(label[i] >= 0 && (size_t)label[i] < K,
                "label %d of row %zu is not below %zu", label[i], i, K);
        sum += tape_softmax(tensor_lane(s->p, i), tensor_lane(x, i), K,
                            lane_step(x));
        sum -= (double)AT(x, i, (size_t)label[i]);
    }
    struct node z = node_new("cross_entropy", tape_cross_entropy_rule, Z,
        NO_VAR, tensor_scalar(&t->arena, (real)(sum / (double)B)));
    z.more = s;
    return tape_push(t, z);
}

/* Gradients of zero for all nodes that want one, but those lent to us. */
static inline void tape_clear(struct tape *t)
{
    for (int i = 0; i < t->n; i++) {
        struct node *z = &t->node[i];
        if (!z->wanted || z->lent)
            continue;
        if (z->gradient.data == NULL)
            z->gradient = tensor_empty(&t->arena, z->value.rank,
                                       z->value.shape);
        memset(z->gradient.data, 0, tensor_len(z->value) * sizeof(real));
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

/* The gradient of c times one number, the root, by all behind it. */
static inline void tape_backward_times(struct tape *t, var root, double c)
{
    const tensor z = tape_value(t, root);
    REQUIRE(tensor_len(z) == 1, "tape_backward: the root has shape %s, "
            "not one element; give a seed to tape_backward_from",
            TENSOR_SHAPE(z));
    tape_backward_from(t, root, tensor_full(&t->arena, (real)c, z.rank,
                                            z.shape));
}

/* The gradient of one number, the root, by everything behind it. */
static inline void tape_backward(struct tape *t, var root)
{
    tape_backward_times(t, root, 1);
}

/*
 * to <- keep to + scale d(root)/d(theta)
 * for all parameters that tape_next cut out of theta and grad, vectors of
 * one length; `to` may be theta or grad.  keep = 0 overwrites.  Leaves
 * scale d(root)/d(theta) in grad, unless that is `to`.
 */
static inline void tape_collect(struct tape *t, var root, double scale,
                                double keep, tensor grad, tensor to)
{
    REQUIRE(grad.rank == 1 && tape_same_shape(grad, to)
            && grad.stride[0] == 1 && to.stride[0] == 1,
            "tape_collect: %s to %s", TENSOR_SHAPE(grad), TENSOR_SHAPE(to));
    real *g = grad.data + grad.offset, *p = to.data + to.offset;
    const size_t n = grad.shape[0];
    const real k = (real)keep;
    for (size_t i = 0; i < n; i++)
        g[i] = p == g && k != 0 ? k * g[i] : 0;
    tape_backward_times(t, root, scale);
    for (size_t i = 0; p != g && i < n; i++)
        p[i] = (k != 0 ? k * p[i] : 0) + g[i];
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

/*
 * The Jacobian dy/dx (m, n) of y, m elements, by x, n elements, both in
 * row order: a sweep for each row.                      eq:jacobian-rows
 * Takes it from `a`.  The values on the tape stay; see tape_rewind.
 */
static inline tensor tape_jacobian(struct arena *a, struct tape *t, var y,
                                   var x)
{
    const tensor v = tape_value(t, y);
    REQUIRE(!tape_node(t, x.id)->lent, "tape_jacobian: by a parameter");
    const size_t m = tensor_len(v), n = tensor_len(tape_value(t, x));
    const tensor e = tensor_zeros(&t->arena, v.rank, v.shape);
    const tensor J = tensor_empty(a, SHAPE(m, n));
    for (size_t i = 0; i < m; i++) {
        e.data[i] = 1;
        tape_rewind(t);
        tape_backward_from(t, y, e);
        const tensor g = tape_gradient(t, x);
        tensor_copy(tensor_select(J, 0, (ptrdiff_t)i),
                    tensor_reshape(g, SHAPE(n)));
        e.data[i] = 0;
    }
    return J;
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
    if (z->axis != ALL)
        snprintf(out.s + n, sizeof out.s - n, " axis %d", z->axis);
    else if (!isnan(z->c))
        snprintf(out.s + n, sizeof out.s - n, " %g", (double)z->c);
    return out;
}

/* The ids of the operands: "3, 2". */
static inline struct text tape_from(const struct node *z)
{
    struct text out = { "" };
    for (int k = 0; k < node_operands(z); k++) {
        const size_t n = strlen(out.s);
        snprintf(out.s + n, sizeof out.s - n, "%s%d", k > 0 ? ", " : "",
                 node_operand(z, k));
    }
    return out;
}

/* One line for each node: what it is, made from what, value, gradient. */
static inline void tape_print(FILE *out, const struct tape *t)
{
    fprintf(out, "%3s  %-16s %-7s %-17s %s\n", "#", "operation", "from",
            "value", "gradient");
    for (int i = 0; i < t->n; i++) {
        const struct node *z = &t->node[i];
        fprintf(out, "%3d  %-16s %-7s %-17s %s\n", i, tape_title(z).s,
                tape_from(z).s, tape_text(z->value).s,
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

/* The graph in the language of dot: leaves as boxes, numbers on edges. */
static inline void tape_draw(FILE *out, const struct tape *t)
{
    bool *used = calloc((size_t)t->n + 1, sizeof *used);
    REQUIRE(used != NULL, "out of memory (%d nodes)", t->n);
    fprintf(out, "digraph tape {\n  bgcolor=\"transparent\"; ranksep=0.02; "
            "nodesep=0.12;\n  node [fontname=\"TeX Gyre Pagella\", "
            "fontsize=12, color=\"#555555\",\n        width=0.3, "
            "height=0.28, margin=\"0.06,0.03\"];\n"
            "  edge [color=\"#555555\", arrowsize=0.6];\n");
    for (int i = 0; i < t->n; i++) {
        const struct node *z = &t->node[i];
        fprintf(out, "  n%d [shape=%s, label=\"%s\"];\n", i,
                z->backward == NULL ? "box" : "ellipse", tape_title(z).s);
        for (int k = 0; k < node_operands(z); k++) {
            const int x = node_operand(z, k);
            if (k == 0 || x != node_operand(z, k - 1))
                tape_draw_edge(out, t, x, "n", i);
            used[x] = true;
        }
    }
    for (int i = 0; i < t->n; i++)
        if (!used[i]) {
            fprintf(out, "  out%d [shape=point, style=invis];\n", i);
            tape_draw_edge(out, t, i, "out", i);
        }
    fprintf(out, "}\n");
    free(used);
}

#endif
