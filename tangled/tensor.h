/*
 * tensor.h -- tensors: shaped views of shared memory.  Downhill, chapter 1.
 *
 * Choose the precision with  #define REAL float  (or double, the default)
 * before the first include.  Link with -lgsl -lopenblas -lm.
 */
#ifndef TENSOR_H
#define TENSOR_H

#include <float.h>
#include <math.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* A bug in this program: say where and why, then abort. */
PRINTF_LIKE(3, 4) _Noreturn static inline void
panic(const char *file, int line, const char *format, ...)
{
    va_list ap;
    fflush(stdout);
    fprintf(stderr, "%s:%d: ", file, line);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

#define PANIC(...) panic(__FILE__, __LINE__, __VA_ARGS__)
#define REQUIRE(condition, ...) \
    do { if (!(condition)) PANIC(__VA_ARGS__); } while (0)

/* What is wrong with a file, and where; line and column count from 1. */
struct error {
    char file[200];
    size_t line, column;        /* 0: not known */
    char text[300];
};

/* Fill *e and return false, so that a reader can `return fail(...)`. */
PRINTF_LIKE(5, 6) static inline bool
fail(struct error *e, const char *file, size_t line, size_t column,
     const char *format, ...)
{
    va_list ap;
    snprintf(e->file, sizeof e->file, "%s", file);
    e->line = line, e->column = column;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    return false;
}

/* One line on stderr:  file:line:column: text  */
static inline void error_print(const struct error *e)
{
    fflush(stdout);
    fprintf(stderr, "%s:", e->file);
    if (e->line > 0)
        fprintf(stderr, "%zu:", e->line);
    if (e->column > 0)
        fprintf(stderr, "%zu:", e->column);
    fprintf(stderr, " %s\n", e->text);
}

#ifndef REAL
#define REAL double
#endif
typedef REAL real;

#define REAL_IS_double 2
#define REAL_IS_float 1
#define REAL_PASTE(type) REAL_IS_##type
#define REAL_KIND(type) REAL_PASTE(type)

#if REAL_KIND(REAL) == REAL_IS_double
typedef gsl_matrix real_matrix;
typedef gsl_vector real_vector;
typedef gsl_matrix_view real_matrix_view;
typedef gsl_vector_view real_vector_view;
#define real_matrix_view_of gsl_matrix_view_array_with_tda
#define real_vector_view_of gsl_vector_view_array_with_stride
#define real_gemm gsl_blas_dgemm
#define real_exp exp
#define real_log log
#define real_sqrt sqrt
#define real_fabs fabs
#define real_tanh tanh
#define REAL_EPSILON DBL_EPSILON
#elif REAL_KIND(REAL) == REAL_IS_float
typedef gsl_matrix_float real_matrix;
typedef gsl_vector_float real_vector;
typedef gsl_matrix_float_view real_matrix_view;
typedef gsl_vector_float_view real_vector_view;
#define real_matrix_view_of gsl_matrix_float_view_array_with_tda
#define real_vector_view_of gsl_vector_float_view_array_with_stride
#define real_gemm gsl_blas_sgemm
#define real_exp expf
#define real_log logf
#define real_sqrt sqrtf
#define real_fabs fabsf
#define real_tanh tanhf
#define REAL_EPSILON FLT_EPSILON
#else
#error "REAL must be float or double"
#endif

enum { ARENA_ALIGN = 64, ARENA_BLOCK = 1 << 20 };   /* bytes */
enum { HUGE_PAGE = 1 << 21 };

struct block {
    struct block *next;
    size_t used, size;          /* bytes of memory[] */
    alignas(ARENA_ALIGN) unsigned char memory[];
};

/* Start with  struct arena a = { 0 };  never copy an arena. */
struct arena {
    struct block *first;
    struct block **now;         /* the link to the block in use */
};

static inline struct block *block_new(size_t size)
{
    const size_t page = size < HUGE_PAGE ? ARENA_ALIGN : HUGE_PAGE;
    const size_t all = (sizeof(struct block) + size + page - 1)
                       / page * page;
    struct block *b = aligned_alloc(page, all);
    REQUIRE(b != NULL, "out of memory (%zu bytes)", size);
#ifdef MADV_HUGEPAGE
    if (page == HUGE_PAGE)
        madvise(b, all, MADV_HUGEPAGE);         /* a wish; may fail */
#endif
    *b = (struct block){ .size = size };
    return b;
}

/*
 * Memory for n things of `size` bytes each, aligned, its content undefined.
 * Never returns NULL: aborts when the machine has no more.
 */
static inline void *arena_take(struct arena *a, size_t n, size_t size)
{
    REQUIRE(size > 0 && n <= SIZE_MAX / 4 / size,
            "arena_take: %zu things of %zu bytes", n, size);
    const size_t need = (n * size + ARENA_ALIGN - 1)
                        / ARENA_ALIGN * ARENA_ALIGN;
    struct block **link = a->now != NULL ? a->now : &a->first;
    while (*link != NULL && need > (*link)->size - (*link)->used)
        link = &(*link)->next;
    if (*link == NULL)
        *link = block_new(need > ARENA_BLOCK ? need : ARENA_BLOCK);
    a->now = link;
    void *p = (*link)->memory + (*link)->used;
    (*link)->used += need;
    return p;
}

/* The same, filled with zeros. */
static inline void *arena_alloc(struct arena *a, size_t n, size_t size)
{
    return memset(arena_take(a, n, size), 0, n * size);
}

/* Forget every allocation but keep the blocks for the next ones. */
static inline void arena_reset(struct arena *a)
{
    for (struct block *b = a->first; b != NULL; b = b->next)
        b->used = 0;
    a->now = NULL;
}

/* Give the blocks back to the system; the arena may be used again. */
static inline void arena_free(struct arena *a)
{
    for (struct block *b = a->first, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    *a = (struct arena){ 0 };
}

enum { RANK_MAX = 6 };

typedef struct tensor {
    real *data;                 /* the memory, shared by all its views */
    size_t offset;              /* of element (0,...,0), in elements */
    int rank;                   /* number of axes; 0 for a single number */
    size_t shape[RANK_MAX];     /* how many elements along each axis */
    size_t stride[RANK_MAX];    /* how far apart they are, in elements */
} tensor;

/* SHAPE(2, 3) stands for the two arguments: rank 2, shape {2, 3}. */
#define SHAPE(...) \
    (int)(sizeof (size_t[]){ __VA_ARGS__ } / sizeof (size_t)), \
    (const size_t[]){ __VA_ARGS__ }
#define SCALAR 0, NULL          /* the shape of a single number */

/* How many elements a shape holds; stops when that overflows. */
static inline size_t shape_len(int rank, const size_t shape[])
{
    size_t n = 1;
    REQUIRE(rank >= 0 && rank <= RANK_MAX,
            "rank %d is not in 0..%d", rank, RANK_MAX);
    for (int d = 0; d < rank; d++) {
        const bool large = __builtin_mul_overflow(n, shape[d], &n);
        REQUIRE(!large && n <= SIZE_MAX / 8,
                "axis %d of size %zu: too many elements", d, shape[d]);
    }
    return n;
}

static inline size_t tensor_len(tensor t)
{
    return shape_len(t.rank, t.shape);
}

struct text { char s[100]; };

/* "(2, 3)"; use as  shape_text(t.rank, t.shape).s  in one expression. */
static inline struct text shape_text(int rank, const size_t shape[])
{
    struct text out = { "(" };
    for (int d = 0; d < rank; d++) {
        const size_t n = strlen(out.s);
        snprintf(out.s + n, sizeof out.s - n, "%s%zu", d ? ", " : "",
                 shape[d]);
    }
    strcat(out.s, ")");
    return out;
}

#define TENSOR_SHAPE(t) shape_text((t).rank, (t).shape).s

/*
 * The address of element index[0..rank) of t.                eq:offset
 *   data + offset + sum_d index[d] * stride[d]
 * An index outside the shape is a bug in the caller: aborts.
 */
static inline real *tensor_pointer(tensor t, int rank, const size_t index[])
{
    size_t at = t.offset;
    REQUIRE(rank == t.rank, "%d indices for a tensor of shape %s", rank,
            TENSOR_SHAPE(t));
    for (int d = 0; d < rank; d++) {
        REQUIRE(index[d] < t.shape[d],
                "index %zu of axis %d is outside the shape %s", index[d],
                d, TENSOR_SHAPE(t));
        at += index[d] * t.stride[d];
    }
    return t.data + at;
}

/* AT(t, 1, 2) is the element t[1][2], to read or to write. */
#define AT(t, ...) (*tensor_pointer((t), SHAPE(__VA_ARGS__)))

/* The only element of a tensor that has just one. */
static inline real tensor_item(tensor t)
{
    REQUIRE(tensor_len(t) == 1, "tensor_item: shape %s has %zu elements",
            TENSOR_SHAPE(t), tensor_len(t));
    return t.data[t.offset];
}

/*
 * A view of memory that belongs to someone else, row by row:  eq:stride
 *   stride[rank-1] = 1,  stride[d] = stride[d+1] * shape[d+1]
 */
static inline tensor tensor_wrap(real *data, int rank, const size_t shape[])
{
    tensor t = { .data = data, .rank = rank };
    size_t step = 1;
    (void)shape_len(rank, shape);               /* checks the shape */
    for (int d = rank; d-- > 0; ) {
        t.shape[d] = shape[d];
        t.stride[d] = step;
        step *= shape[d];
    }
    return t;
}

/* A new tensor whose elements are not set yet. */
static inline tensor tensor_empty(struct arena *a, int rank,
                                  const size_t shape[])
{
    const size_t n = shape_len(rank, shape);
    return tensor_wrap(arena_take(a, n, sizeof(real)), rank, shape);
}

/* A new tensor with every element equal to v. */
static inline tensor tensor_full(struct arena *a, real v, int rank,
                                 const size_t shape[])
{
    tensor t = tensor_empty(a, rank, shape);
    const size_t n = tensor_len(t);
    for (size_t i = 0; i < n; i++)
        t.data[i] = v;
    return t;
}

static inline tensor tensor_zeros(struct arena *a, int rank,
                                  const size_t shape[])
{
    return tensor_full(a, 0, rank, shape);
}

static inline tensor tensor_ones(struct arena *a, int rank,
                                 const size_t shape[])
{
    return tensor_full(a, 1, rank, shape);
}

/* A new tensor with the n values given; n must fill the shape. */
static inline tensor tensor_from(struct arena *a, size_t n,
                                 const real value[], int rank,
                                 const size_t shape[])
{
    tensor t = tensor_empty(a, rank, shape);
    REQUIRE(n == tensor_len(t), "%zu values for the shape %s", n,
            TENSOR_SHAPE(t));
    memcpy(t.data, value, n * sizeof *value);
    return t;
}

/* VALUES(1, 2, 3) stands for the two arguments: 3, the values. */
#define VALUES(...) \
    sizeof (real[]){ __VA_ARGS__ } / sizeof (real), \
    (const real[]){ __VA_ARGS__ }

/* A single number as a tensor of rank 0. */
static inline tensor tensor_scalar(struct arena *a, real v)
{
    return tensor_full(a, v, SCALAR);
}

/* The numbers 0, 1, ..., n-1. */
static inline tensor tensor_arange(struct arena *a, size_t n)
{
    tensor t = tensor_empty(a, SHAPE(n));
    for (size_t i = 0; i < n; i++)
        t.data[i] = (real)i;
    return t;
}

/* A Mersenne twister; seed 0 would mean GSL's default, so refuse it. */
static inline gsl_rng *random_new(unsigned long seed)
{
    REQUIRE(seed > 0, "the seed must be positive");
    gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);
    REQUIRE(r != NULL, "out of memory");
    gsl_rng_set(r, seed);
    return r;
}

/*
 * A uniform number in [0,1) with all 53 bits of a double, from two draws of
 * 32 bits; the same stream as numpy.random.seed(s); numpy.random.rand().
 */
static inline double random_uniform(gsl_rng *r)
{
    const unsigned long high = gsl_rng_get(r) >> 5;     /* 27 bits */
    const unsigned long low = gsl_rng_get(r) >> 6;      /* 26 bits */
    return ((double)high * 67108864.0 + (double)low) / 9007199254740992.0;
}

/* A new tensor of numbers uniform in [low, high). */
static inline tensor tensor_uniform(struct arena *a, gsl_rng *r, double low,
                                    double high, int rank,
                                    const size_t shape[])
{
    tensor t = tensor_empty(a, rank, shape);
    const size_t n = tensor_len(t);
    for (size_t i = 0; i < n; i++)
        t.data[i] = (real)(low + (high - low) * random_uniform(r));
    return t;
}

/* A new tensor of normal numbers with the given mean and deviation. */
static inline tensor tensor_normal(struct arena *a, gsl_rng *r, double mean,
                                   double deviation, int rank,
                                   const size_t shape[])
{
    tensor t = tensor_empty(a, rank, shape);
    const size_t n = tensor_len(t);
    for (size_t i = 0; i < n; i++)
        t.data[i] = (real)(mean + gsl_ran_gaussian(r, deviation));
    return t;
}

/* True when the elements lie side by side in row order. */
static inline bool tensor_is_contiguous(tensor t)
{
    size_t step = 1;
    for (int d = t.rank; d-- > 0; ) {
        if (t.shape[d] != 1 && t.stride[d] != step)
            return false;
        step *= t.shape[d];
    }
    return true;
}

static inline void axis_check(tensor t, int axis)
{
    REQUIRE(axis >= 0 && axis < t.rank, "axis %d of a tensor of shape %s",
            axis, TENSOR_SHAPE(t));
}

#define INFER SIZE_MAX          /* a size for tensor_reshape to work out */

/*
 * The same elements, in row order, under another shape.      eq:infer
 * One size may be INFER.  t must be contiguous: nothing is copied.
 */
static inline tensor tensor_reshape(tensor t, int rank,
                                    const size_t shape[])
{
    size_t s[RANK_MAX] = { 0 }, known = 1, n = tensor_len(t);
    int unknown = -1;
    REQUIRE(rank >= 0 && rank <= RANK_MAX, "rank %d", rank);
    for (int d = 0; d < rank; d++) {
        if (shape[d] == INFER) {
            REQUIRE(unknown < 0, "tensor_reshape: two sizes to infer");
            unknown = d;
        }
        s[d] = shape[d] == INFER ? 1 : shape[d];
    }
    known = shape_len(rank, s);
    if (unknown >= 0) {
        REQUIRE(known > 0 && n % known == 0,
                "tensor_reshape: %s does not divide into rows of %zu",
                TENSOR_SHAPE(t), known);
        s[unknown] = n / known;
    }
    REQUIRE(shape_len(rank, s) == n, "tensor_reshape: %s to %s",
            TENSOR_SHAPE(t), shape_text(rank, s).s);
    REQUIRE(tensor_is_contiguous(t),
            "tensor_reshape: %s is not contiguous; copy it first",
            TENSOR_SHAPE(t));
    tensor u = tensor_wrap(t.data, rank, s);
    u.offset = t.offset;
    return u;
}

/* Insert an axis of size 1 before axis `axis`. */
static inline tensor tensor_unsqueeze(tensor t, int axis)
{
    REQUIRE(t.rank < RANK_MAX && axis >= 0 && axis <= t.rank,
            "tensor_unsqueeze: axis %d into shape %s", axis,
            TENSOR_SHAPE(t));
    for (int d = t.rank; d > axis; d--) {
        t.shape[d] = t.shape[d - 1];
        t.stride[d] = t.stride[d - 1];
    }
    t.shape[axis] = 1;
    t.stride[axis] = axis < t.rank ? t.shape[axis + 1] * t.stride[axis + 1]
                                   : 1;
    t.rank++;
    return t;
}

/* Remove axis `axis`, which must have size 1. */
static inline tensor tensor_squeeze(tensor t, int axis)
{
    axis_check(t, axis);
    REQUIRE(t.shape[axis] == 1, "tensor_squeeze: axis %d of shape %s", axis,
            TENSOR_SHAPE(t));
    for (int d = axis; d + 1 < RANK_MAX; d++) {
        t.shape[d] = t.shape[d + 1];
        t.stride[d] = t.stride[d + 1];
    }
    t.rank--;
    return t;
}

/* Remove every axis of size 1. */
static inline tensor tensor_squeeze_all(tensor t)
{
    for (int d = t.rank; d-- > 0; )
        if (t.shape[d] == 1)
            t = tensor_squeeze(t, d);
    return t;
}

/* Join the axes first, first+1, ... into one; t must be contiguous. */
static inline tensor tensor_flatten(tensor t, int first)
{
    size_t s[RANK_MAX];
    REQUIRE(first >= 0 && first < RANK_MAX && first <= t.rank,
            "tensor_flatten: axis %d of shape %s", first, TENSOR_SHAPE(t));
    for (int d = 0; d < first; d++)
        s[d] = t.shape[d];
    s[first] = 1;
    for (int d = first; d < t.rank; d++)
        s[first] *= t.shape[d];
    return tensor_reshape(t, first + 1, s);
}

/* Swap two axes: their sizes and their strides. */
static inline tensor tensor_swap(tensor t, int a, int b)
{
    axis_check(t, a);
    axis_check(t, b);
    const size_t size = t.shape[a], stride = t.stride[a];
    t.shape[a] = t.shape[b], t.stride[a] = t.stride[b];
    t.shape[b] = size, t.stride[b] = stride;
    return t;
}

/* The transpose of a matrix: (m, n) seen as (n, m).      eq:transpose */
static inline tensor tensor_transpose(tensor t)
{
    REQUIRE(t.rank == 2, "tensor_transpose: shape %s", TENSOR_SHAPE(t));
    return tensor_swap(t, 0, 1);
}

#define END PTRDIFF_MAX         /* a slice that goes on to the end */

/* Where an end of a slice falls on an axis of n: -1 is the last element. */
static inline size_t slice_end(ptrdiff_t i, size_t n)
{
    if (i < 0)
        return (size_t)-(i + 1) >= n ? 0 : n - (size_t)-(i + 1) - 1;
    return (size_t)i > n ? n : (size_t)i;
}

/*
 * Elements start, start+step, ... before stop of one axis.    eq:slice
 * Negative ends count from the end; ends beyond the axis are cut to it.
 */
static inline tensor tensor_slice(tensor t, int axis, ptrdiff_t start,
                                  ptrdiff_t stop, size_t step)
{
    axis_check(t, axis);
    REQUIRE(step > 0, "tensor_slice: the step must be positive");
    const size_t from = slice_end(start, t.shape[axis]);
    const size_t to = slice_end(stop, t.shape[axis]);
    t.offset += from * t.stride[axis];
    t.shape[axis] = to > from ? (to - from + step - 1) / step : 0;
    t.stride[axis] *= step;
    return t;
}

/* Element i of one axis: a tensor with that axis gone. */
static inline tensor tensor_select(tensor t, int axis, ptrdiff_t i)
{
    axis_check(t, axis);
    const size_t n = t.shape[axis], at = slice_end(i, n);
    REQUIRE(at < n && (i >= 0 || (size_t)-(i + 1) < n),
            "tensor_select: %td of axis %d of shape %s", i, axis,
            TENSOR_SHAPE(t));
    t.offset += at * t.stride[axis];
    t.shape[axis] = 1;
    return tensor_squeeze(t, axis);
}

/* Rows first, first+1, ..., first+n-1 of axis 0. */
static inline tensor tensor_rows(tensor t, size_t first, size_t n)
{
    axis_check(t, 0);
    REQUIRE(first <= t.shape[0] && n <= t.shape[0] - first,
            "tensor_rows: %zu from %zu on of shape %s", n, first,
            TENSOR_SHAPE(t));
    t.offset += first * t.stride[0];
    t.shape[0] = n;
    return t;
}

/*
 * The shape that two operands meet in: sizes are compared from the last
 * axis backwards and must be equal, or one of them 1.     eq:broadcast
 */
static inline int broadcast_shape(tensor x, tensor y, size_t shape[])
{
    const int rank = x.rank > y.rank ? x.rank : y.rank;
    for (int d = 0; d < rank; d++) {
        const int dx = x.rank - 1 - d, dy = y.rank - 1 - d;
        const size_t m = dx < 0 ? 1 : x.shape[dx];
        const size_t n = dy < 0 ? 1 : y.shape[dy];
        REQUIRE(m == n || m == 1 || n == 1,
                "shapes %s and %s do not broadcast", TENSOR_SHAPE(x),
                TENSOR_SHAPE(y));
        shape[rank - 1 - d] = m == 1 ? n : m;
    }
    return rank;
}

/* t seen in a larger shape: a stretched axis has stride 0.  Read only. */
static inline tensor tensor_broadcast(tensor t, int rank,
                                      const size_t shape[])
{
    tensor u = { .data = t.data, .offset = t.offset, .rank = rank };
    const int lead = rank - t.rank;         /* axes that t has not */
    (void)shape_len(rank, shape);
    REQUIRE(lead >= 0, "shape %s does not broadcast to %s",
            TENSOR_SHAPE(t), shape_text(rank, shape).s);
    for (int d = 0; d < rank; d++) {
        const size_t n = d < lead ? 1 : t.shape[d - lead];
        REQUIRE(n == shape[d] || n == 1,
                "shape %s does not broadcast to %s", TENSOR_SHAPE(t),
                shape_text(rank, shape).s);
        u.shape[d] = shape[d];
        u.stride[d] = n == 1 ? 0 : t.stride[d - lead];
    }
    return u;
}

/* How many lanes t has, rows along its last axis; a number is one. */
static inline size_t tensor_lanes(tensor t)
{
    return t.rank > 0 ? shape_len(t.rank - 1, t.shape) : 1;
}

/* How many elements a lane has, and how far apart they are. */
static inline size_t lane_len(tensor t)
{
    return t.rank > 0 ? t.shape[t.rank - 1] : 1;
}

static inline size_t lane_step(tensor t)
{
    return t.rank > 0 ? t.stride[t.rank - 1] : 1;
}

/* The address where lane number i begins. */
static inline real *tensor_lane(tensor t, size_t i)
{
    size_t at = t.offset;
    for (int d = t.rank - 1; d-- > 1; i /= t.shape[d])
        at += i % t.shape[d] * t.stride[d];
    return t.data + at + (t.rank > 1 ? i * t.stride[0] : 0);
}

/* Write the elements of `from`, broadcast, over those of `to`. */
static inline void tensor_copy(tensor to, tensor from)
{
    from = tensor_broadcast(from, to.rank, to.shape);
    const size_t lanes = tensor_lanes(to), n = lane_len(to);
    const size_t s = lane_step(to), u = lane_step(from);
    for (size_t i = 0; i < lanes; i++) {
        real *p = tensor_lane(to, i);
        const real *q = tensor_lane(from, i);
        for (size_t e = 0; e < n; e++)
            p[e * s] = q[e * u];
    }
}

/* A new contiguous tensor with the same elements. */
static inline tensor tensor_clone(struct arena *a, tensor t)
{
    tensor c = tensor_empty(a, t.rank, t.shape);
    tensor_copy(c, t);
    return c;
}

/* t itself when it is contiguous, else a contiguous copy. */
static inline tensor tensor_contiguous(struct arena *a, tensor t)
{
    return tensor_is_contiguous(t) ? t : tensor_clone(a, t);
}

/* The two tensors one after the other along one axis.          eq:cat */
static inline tensor tensor_cat(struct arena *a, tensor x, tensor y,
                                int axis)
{
    axis_check(x, axis);
    tensor z = x;
    REQUIRE(x.rank == y.rank, "tensor_cat: shapes %s and %s",
            TENSOR_SHAPE(x), TENSOR_SHAPE(y));
    for (int d = 0; d < x.rank; d++)
        REQUIRE(d == axis || x.shape[d] == y.shape[d],
                "tensor_cat: shapes %s and %s along axis %d",
                TENSOR_SHAPE(x), TENSOR_SHAPE(y), axis);
    const ptrdiff_t m = (ptrdiff_t)x.shape[axis];
    z.shape[axis] += y.shape[axis];
    z = tensor_empty(a, z.rank, z.shape);
    tensor_copy(tensor_slice(z, axis, 0, m, 1), x);
    tensor_copy(tensor_slice(z, axis, m, END, 1), y);
    return z;
}

#define INLINE static inline __attribute__((always_inline))

/* A new tensor with f of every element of x. */
INLINE tensor tensor_map(struct arena *a, tensor x, real f(real))
{
    tensor z = tensor_empty(a, x.rank, x.shape);
    const size_t lanes = tensor_lanes(x), n = lane_len(x);
    const size_t s = lane_step(x);
    real *restrict out = z.data;
    for (size_t i = 0; i < lanes; i++, out += n) {
        const real *p = tensor_lane(x, i);
        if (s == 1)
            for (size_t e = 0; e < n; e++)
                out[e] = f(p[e]);
        else
            for (size_t e = 0; e < n; e++)
                out[e] = f(p[e * s]);
    }
    return z;
}

/* out[e] = f(p[e s], q[e u]) for the n elements of a lane. */
INLINE void lane_zip(real *restrict out, size_t n, const real *p, size_t s,
                     const real *q, size_t u, real f(real, real))
{
    if (s == 1 && u == 1)
        for (size_t e = 0; e < n; e++)
            out[e] = f(p[e], q[e]);
    else if (s == 1 && u == 0)
        for (size_t e = 0; e < n; e++)
            out[e] = f(p[e], q[0]);
    else
        for (size_t e = 0; e < n; e++)
            out[e] = f(p[e * s], q[e * u]);
}

/* A new tensor with f of the elements of x and y, which broadcast. */
INLINE tensor tensor_zip(struct arena *a, tensor x, tensor y,
                         real f(real, real))
{
    size_t shape[RANK_MAX] = { 0 };
    const int rank = broadcast_shape(x, y, shape);
    tensor z = tensor_empty(a, rank, shape);
    x = tensor_broadcast(x, rank, shape);
    y = tensor_broadcast(y, rank, shape);
    const size_t lanes = tensor_lanes(z), n = lane_len(z);
    for (size_t i = 0; i < lanes; i++)
        lane_zip(z.data + i * n, n, tensor_lane(x, i), lane_step(x),
                 tensor_lane(y, i), lane_step(y), f);
    return z;
}

/* The larger of two numbers; NaN if one of them is NaN. */
static inline real real_larger(real x, real y)
{
    const real z = y > x ? y : x;               /* x if x is NaN */
    return isnan(y) ? y : z;
}

/* Name an operation on two numbers, and on two tensors. */
#define ELEMENTWISE(name, expression) \
    static inline real real_##name(real x, real y) \
    { \
        return (expression); \
    } \
    static inline tensor tensor_##name(struct arena *a, tensor x, \
                                       tensor y) \
    { \
        return tensor_zip(a, x, y, real_##name); \
    }

ELEMENTWISE(add, x + y)
ELEMENTWISE(sub, x - y)
ELEMENTWISE(mul, x * y)
ELEMENTWISE(div, x / y)
ELEMENTWISE(max2, real_larger(x, y))

/* Comparisons give a mask: 1 where they hold, 0 where they do not. */
ELEMENTWISE(lt, x < y)
ELEMENTWISE(le, x <= y)
ELEMENTWISE(gt, x > y)
ELEMENTWISE(ge, x >= y)
ELEMENTWISE(eq, x == y)
ELEMENTWISE(ne, x != y)

enum { ALL = -1, LANE_PARTS = 32 };  /* ALL: all elements, not an axis */

/* sum[j] += x[i step + j] for n rows i of m numbers, in that order. */
static inline void rows_add(double *restrict sum, const real *restrict x,
                            size_t n, size_t step, size_t m)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const real *a = x + i * step, *b = a + step;
        const real *c = b + step, *d = c + step;
        for (size_t j = 0; j < m; j++)
            sum[j] = sum[j] + (double)a[j] + (double)b[j] + (double)c[j]
                     + (double)d[j];
    }
    for (; i < n; i++)
        for (size_t j = 0; j < m; j++)
            sum[j] += (double)x[i * step + j];
}

/* The sum of n numbers that are `step` apart.         eq:partial-sums */
static inline double lane_sum(const real *x, size_t n, size_t step)
{
    const size_t whole = n / LANE_PARTS * LANE_PARTS;
    alignas(ARENA_ALIGN) double part[LANE_PARTS] = { 0 };
    if (step == 1)
        rows_add(part, x, n / LANE_PARTS, LANE_PARTS, LANE_PARTS);
    else
        for (size_t i = 0; i < whole; i++)
            part[i % LANE_PARTS] += (double)x[i * step];
    for (size_t half = LANE_PARTS / 2; half > 0 && whole > 0; half /= 2)
        for (size_t j = 0; j < half; j++)
            part[j] += part[j + half];
    double sum = part[0];
    for (size_t i = whole; i < n; i++)
        sum += (double)x[i * step];
    return sum;
}

/* A fold takes n numbers, `step` elements apart, to one. */
typedef real fold(const real *x, size_t n, size_t step);

static inline real fold_sum(const real *x, size_t n, size_t step)
{
    return (real)lane_sum(x, n, step);
}

static inline real fold_mean(const real *x, size_t n, size_t step)
{
    return (real)(lane_sum(x, n, step) / (double)n);
}

/* From the sum of the squares around the mean.                 eq:std */
static inline real std_of_squares(double squares, size_t n)
{
    return (real)(n < 2 ? NAN : sqrt(squares / (double)(n - 1)));
}

static inline real fold_std(const real *x, size_t n, size_t step)
{
    const double mean = lane_sum(x, n, step) / (double)n;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double r = (double)x[i * step] - mean;
        sum += r * r;
    }
    return std_of_squares(sum, n);
}

/* best[j] becomes the largest of best[j] and the x[i step + j], i < n. */
static inline void rows_larger(real *restrict best, const real *restrict x,
                               size_t n, size_t step, size_t m)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            best[j] = real_larger(best[j], x[i * step + j]);
}

/* The largest of n numbers; NaN if there is a NaN among them. */
static inline real fold_max(const real *x, size_t n, size_t step)
{
    REQUIRE(n > 0, "the maximum of no elements");
    const size_t whole = step == 1 ? n / LANE_PARTS * LANE_PARTS : 0;
    real best = x[0];
    if (whole > 0) {
        alignas(ARENA_ALIGN) real part[LANE_PARTS];
        memcpy(part, x, sizeof part);
        rows_larger(part, x, n / LANE_PARTS, LANE_PARTS, LANE_PARTS);
        for (size_t half = LANE_PARTS / 2; half > 0; half /= 2)
            rows_larger(part, part + half, 1, 0, half);
        best = part[0];
    }
    for (size_t i = whole; i < n; i++)
        best = real_larger(best, x[i * step]);
    return best;
}

enum { GROUP = 256 };

/* Where the largest number is: the first such, or the first NaN. */
static inline size_t lane_argmax(const real *x, size_t n, size_t step)
{
    real best = fold_max(x, n < GROUP ? n : GROUP, step);
    size_t at = 0;
    for (size_t i = GROUP; i < n && !isnan(best); i += GROUP) {
        const real b = fold_max(x + i * step, n - i < GROUP ? n - i : GROUP,
                                step);
        if (b > best || isnan(b))
            best = b, at = i;
    }
    while (x[at * step] != best && !isnan(x[at * step]))
        at++;
    return at;
}

static inline void place_check(size_t n)
{
    REQUIRE((double)n <= 2 / (double)REAL_EPSILON,
            "a place among %zu is too large for a real; use lane_argmax",
            n);
}

/* The same as a real. */
static inline real fold_argmax(const real *x, size_t n, size_t step)
{
    place_check(n);
    return (real)lane_argmax(x, n, step);
}

enum { BLOCK = 1024 };

/* The same for m <= BLOCK lanes side by side, row after row, to z[m]. */
typedef void fold_rows(real *z, const real *x, size_t n, size_t step,
                       size_t m);

static inline void rows_total(double *sum, const real *x, size_t n,
                              size_t step, size_t m)
{
    memset(sum, 0, m * sizeof *sum);
    rows_add(sum, x, n, step, m);
}

static inline void rows_sum(real *z, const real *x, size_t n, size_t step,
                            size_t m)
{
    alignas(ARENA_ALIGN) double sum[BLOCK];
    rows_total(sum, x, n, step, m);
    for (size_t j = 0; j < m; j++)
        z[j] = (real)sum[j];
}

static inline void rows_mean(real *z, const real *x, size_t n, size_t step,
                             size_t m)
{
    alignas(ARENA_ALIGN) double mean[BLOCK];
    rows_total(mean, x, n, step, m);
    for (size_t j = 0; j < m; j++)
        z[j] = (real)(mean[j] / (double)n);
}

static inline void rows_std(real *z, const real *x, size_t n, size_t step,
                            size_t m)
{
    alignas(ARENA_ALIGN) double mean[BLOCK], sum[BLOCK] = { 0 };
    rows_total(mean, x, n, step, m);
    for (size_t j = 0; j < m; j++)
        mean[j] /= (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            const double r = (double)x[i * step + j] - mean[j];
            sum[j] += r * r;
        }
    for (size_t j = 0; j < m; j++)
        z[j] = std_of_squares(sum[j], n);
}

static inline void rows_max(real *z, const real *x, size_t n, size_t step,
                            size_t m)
{
    REQUIRE(n > 0, "the maximum of no elements");
    memcpy(z, x, m * sizeof *z);
    rows_larger(z, x, n, step, m);
}

static inline void rows_argmax(real *restrict z, const real *restrict x,
                               size_t n, size_t step, size_t m)
{
    alignas(ARENA_ALIGN) real best[BLOCK];
    REQUIRE(n > 0, "the maximum of no elements");
    place_check(n);
    memcpy(best, x, m * sizeof *best);
    memset(z, 0, m * sizeof *z);
    for (size_t i = 1; i < n; i++) {
        const real here = (real)i;
        for (size_t j = 0; j < m; j++) {
            const real v = x[i * step + j], b = best[j], at = z[j];
            const real next = v <= b ? at : here;
            z[j] = isnan(b) ? at : next;
            best[j] = real_larger(b, v);
        }
    }
}

/* How a fold goes by rows; NULL when it cannot. */
static inline fold_rows *fold_by_rows(fold *f)
{
    return f == fold_sum ? rows_sum : f == fold_mean ? rows_mean
           : f == fold_std ? rows_std : f == fold_max ? rows_max
           : f == fold_argmax ? rows_argmax : NULL;
}

/* A new tensor: every lane along `axis` is folded into one number. */
static inline tensor tensor_fold(struct arena *a, tensor t, int axis,
                                 fold *f)
{
    if (axis == ALL)
        t = tensor_flatten(tensor_contiguous(a, t), 0), axis = 0;
    axis_check(t, axis);
    for (int d = axis; d + 1 < t.rank; d++)
        t = tensor_swap(t, d, d + 1);
    tensor z = tensor_empty(a, t.rank - 1, t.shape);
    const size_t lanes = tensor_lanes(t), n = lane_len(t);
    const size_t step = lane_step(t);
    fold_rows *rows = fold_by_rows(f);
    const bool across = t.rank > 1 && step > 1
                        && t.stride[t.rank - 2] == 1;
    if (rows != NULL && across) {
        const size_t m = t.shape[t.rank - 2];
        for (size_t i = 0, w; i < lanes; i += w) {
            w = m - i % m < BLOCK ? m - i % m : BLOCK;
            rows(z.data + i, tensor_lane(t, i), n, step, w);
        }
        return z;
    }
    for (size_t i = 0; i < lanes; i++)
        z.data[i] = f(tensor_lane(t, i), n, step);
    return z;
}

/* The folds by name; `axis` is an axis or ALL. */
static inline tensor tensor_sum(struct arena *a, tensor t, int axis)
{
    return tensor_fold(a, t, axis, fold_sum);
}
static inline tensor tensor_mean(struct arena *a, tensor t, int axis)
{
    return tensor_fold(a, t, axis, fold_mean);
}
static inline tensor tensor_std(struct arena *a, tensor t, int axis)
{
    return tensor_fold(a, t, axis, fold_std);
}
static inline tensor tensor_max(struct arena *a, tensor t, int axis)
{
    return tensor_fold(a, t, axis, fold_max);
}
static inline tensor tensor_argmax(struct arena *a, tensor t, int axis)
{
    return tensor_fold(a, t, axis, fold_argmax);
}

/* The elements index[0..n) of one axis, in that order. */
static inline tensor tensor_index_select(struct arena *a, tensor t,
                                         int axis, size_t n,
                                         const size_t index[])
{
    axis_check(t, axis);
    tensor z = t;
    z.shape[axis] = n;
    z = tensor_empty(a, z.rank, z.shape);
    for (size_t i = 0; i < n; i++) {
        REQUIRE(index[i] < t.shape[axis],
                "tensor_index_select: %zu of axis %d of shape %s",
                index[i], axis, TENSOR_SHAPE(t));
        tensor_copy(tensor_select(z, axis, (ptrdiff_t)i),
                    tensor_select(t, axis, (ptrdiff_t)index[i]));
    }
    return z;
}

/* The elements where the mask is not 0, in row order: a vector. */
static inline tensor tensor_masked_select(struct arena *a, tensor t,
                                          tensor mask)
{
    const size_t len = tensor_len(t);
    t = tensor_contiguous(a, t);
    mask = tensor_clone(a, tensor_broadcast(mask, t.rank, t.shape));
    const real *x = t.data + t.offset, *m = mask.data;
    size_t n = 0, k = 0;
    for (size_t i = 0; i < len; i++)
        n += m[i] != 0;
    tensor z = tensor_wrap(arena_take(a, n + 1, sizeof *x), SHAPE(n));
    for (size_t i = 0; i < len; i++) {
        z.data[k] = x[i];
        k += m[i] != 0;
    }
    return z;
}

/* The elements at positions index[0..n) in row order: a vector. */
static inline tensor tensor_take(struct arena *a, tensor t, size_t n,
                                 const size_t index[])
{
    tensor z = tensor_empty(a, SHAPE(n));
    const size_t len = tensor_len(t);
    t = tensor_contiguous(a, t);
    for (size_t i = 0; i < n; i++) {
        REQUIRE(index[i] < len, "tensor_take: %zu of shape %s",
                index[i], TENSOR_SHAPE(t));
        z.data[i] = t.data[t.offset + index[i]];
    }
    return z;
}

/* A GSL matrix, or a part of one, seen as a tensor.  Nothing is copied. */
static inline tensor tensor_of_matrix(const real_matrix *m)
{
    return (tensor){ .data = m->data, .rank = 2,
                     .shape = { m->size1, m->size2 },
                     .stride = { m->tda, 1 } };
}

static inline tensor tensor_of_vector(const real_vector *v)
{
    return (tensor){ .data = v->data, .rank = 1, .shape = { v->size },
                     .stride = { v->stride } };
}

/* A vector seen by GSL; keep the result, pass &result.vector. */
static inline real_vector_view tensor_vector(tensor t)
{
    REQUIRE(t.rank == 1 && t.stride[0] > 0,
            "tensor_vector: shape %s, stride %zu", TENSOR_SHAPE(t),
            t.stride[0]);
    return real_vector_view_of(t.data + t.offset, t.stride[0], t.shape[0]);
}

/* A matrix as BLAS takes it: rows side by side, perhaps transposed. */
struct operand { CBLAS_TRANSPOSE_t op; real_matrix_view view; };

static inline struct operand tensor_operand(tensor t)
{
    REQUIRE(t.rank == 2, "BLAS takes matrices, not shape %s",
            TENSOR_SHAPE(t));
    const CBLAS_TRANSPOSE_t op = t.stride[1] != 1 && t.shape[1] != 1
                                 ? CblasTrans : CblasNoTrans;
    if (op == CblasTrans)
        t = tensor_transpose(t);
    const size_t m = t.shape[0], n = t.shape[1];
    const size_t tda = m > 1 ? t.stride[0] : n;
    REQUIRE((t.stride[1] == 1 || n == 1) && tda >= n,
            "strides (%zu, %zu) have no BLAS layout; copy the matrix",
            t.stride[0], t.stride[1]);
    return (struct operand){ op,
        real_matrix_view_of(t.data + t.offset, m, n, tda) };
}

/* A matrix seen by GSL, not transposed; pass &result.matrix. */
static inline real_matrix_view tensor_matrix(tensor t)
{
    struct operand o = tensor_operand(t);
    REQUIRE(o.op == CblasNoTrans, "tensor_matrix: shape %s is transposed",
            TENSOR_SHAPE(t));
    return o.view;
}

/*
 * C <- alpha A B + beta C                                    eq:matmul
 *   A (m,k)   B (k,n)   C (m,n)
 * All three may be transposed views.  C must not overlap A or B.
 * beta = 0 overwrites C, whatever was there; beta = 1 adds to it.
 */
static inline void tensor_gemm(double alpha, tensor A, tensor B,
                               double beta, tensor C)
{
    REQUIRE(A.rank == 2 && B.rank == 2 && C.rank == 2
            && A.shape[1] == B.shape[0] && C.shape[0] == A.shape[0]
            && C.shape[1] == B.shape[1], "tensor_gemm: %s times %s to %s",
            TENSOR_SHAPE(A), TENSOR_SHAPE(B), TENSOR_SHAPE(C));
    if (tensor_len(A) == 0 || tensor_len(B) == 0) {
        for (size_t i = 0; i < C.shape[0]; i++)
            for (size_t j = 0; j < C.shape[1]; j++)
                AT(C, i, j) = beta == 0 ? 0 : (real)beta * AT(C, i, j);
        return;
    }
    if (tensor_operand(C).op == CblasTrans) {   /* C^T = B^T A^T */
        tensor_gemm(alpha, tensor_transpose(B), tensor_transpose(A), beta,
                    tensor_transpose(C));
        return;
    }
    struct operand a = tensor_operand(A), b = tensor_operand(B);
    real_matrix_view c = tensor_matrix(C);
    real_gemm(a.op, b.op, (real)alpha, &a.view.matrix, &b.view.matrix,
              (real)beta, &c.matrix);
}

/* A new matrix A B. */
static inline tensor tensor_matmul(struct arena *a, tensor A, tensor B)
{
    REQUIRE(A.rank == 2 && B.rank == 2, "tensor_matmul: %s times %s",
            TENSOR_SHAPE(A), TENSOR_SHAPE(B));
    tensor C = tensor_empty(a, SHAPE(A.shape[0], B.shape[1]));
    tensor_gemm(1, A, B, 0, C);
    return C;
}

/* The format that shows all elements of t: %.4f, or %.0f for integers. */
static inline void tensor_format(tensor t, int *width, int *digits)
{
    char s[64];
    const size_t lanes = tensor_lanes(t), step = lane_step(t);
    *width = 0, *digits = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < lanes; i++)
            for (size_t e = 0; e < lane_len(t); e++) {
                const double x = (double)tensor_lane(t, i)[e * step];
                if (isfinite(x) && x != floor(x))
                    *digits = 4;
                const int n = snprintf(s, sizeof s, "%.*f", *digits, x);
                *width = n > *width ? n : *width;
            }
}

static inline void tensor_print_part(FILE *out, tensor t, int indent,
                                     int width, int digits)
{
    if (t.rank == 0) {
        fprintf(out, "%*.*f", width, digits, (double)t.data[t.offset]);
        return;
    }
    fputc('[', out);
    for (size_t i = 0; i < t.shape[0]; i++) {
        if (i > 0 && t.rank == 1)
            fputs(", ", out);
        else if (i > 0)
            fprintf(out, ",\n%*s", indent + 1, "");
        tensor_print_part(out, tensor_select(t, 0, (ptrdiff_t)i),
                          indent + 1, width, digits);
    }
    fputc(']', out);
}

/* "name (2, 3)" and the elements in nested brackets. */
static inline void tensor_print(FILE *out, const char *name, tensor t)
{
    int width, digits;
    tensor_format(t, &width, &digits);
    fprintf(out, "%s %s\n    ", name, TENSOR_SHAPE(t));
    tensor_print_part(out, t, 4, width, digits);
    fputc('\n', out);
}

#endif
