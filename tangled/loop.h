/*
 * loop.h -- data, models and rules, and the one loop that trains.
 * Downhill, chapter 5.
 */
#ifndef LOOP_H
#define LOOP_H

#include "tensor.h"

/* Some samples side by side, for one step of learning. */
struct batch {
    size_t n;                   /* samples in it: at most size */
    tensor X;                   /* (n, numbers): the samples */
    const int *label;           /* [n labels]: their classes */
    tensor Y;                   /* (n, answers): numbers to be said */
    size_t size;                /* samples in a full batch */
    tensor room_X, room_Y;      /* the memory of X, Y and label */
    int *room_label;
};

/* Where n samples come from. */
struct data {
    size_t n;
    size_t numbers;             /* in a sample */
    size_t labels, answers;     /* labels, numbers to be said of it */
    void (*fill)(const struct data *d, size_t i, real *x, int *label,
                 real *y);      /* writes sample i */
    tensor X, Y;                /* what fill reads: (n, numbers), ... */
    const int *label;           /* [n labels] */
};

/* Sample i is row i of X, with its labels or its row of Y. */
static inline void rows_fill(const struct data *d, size_t i, real *x,
                             int *label, real *y)
{
    memcpy(x, d->X.data + d->X.offset + i * d->X.stride[0],
           d->numbers * sizeof *x);
    if (d->labels > 0)
        memcpy(label, d->label + i * d->labels, d->labels * sizeof *label);
    if (d->answers > 0)
        memcpy(y, d->Y.data + d->Y.offset + i * d->Y.stride[0],
               d->answers * sizeof *y);
}

/* Rows X (n, I), each with a label. */
static inline struct data data_labelled(tensor X, const int label[])
{
    REQUIRE(X.rank == 2 && X.stride[1] == 1, "data_labelled: %s",
            TENSOR_SHAPE(X));
    return (struct data){ .n = X.shape[0], .numbers = X.shape[1],
                          .labels = 1, .fill = rows_fill, .X = X,
                          .label = label };
}

/* Rows of numbers X (n, I) with numbers to be said of them, Y (n, O). */
static inline struct data data_table(tensor X, tensor Y)
{
    REQUIRE(X.rank == 2 && X.stride[1] == 1 && Y.rank == 2
            && Y.stride[1] == 1 && X.shape[0] == Y.shape[0],
            "data_table: %s and %s", TENSOR_SHAPE(X), TENSOR_SHAPE(Y));
    return (struct data){ .n = X.shape[0], .numbers = X.shape[1],
                          .answers = Y.shape[1], .fill = rows_fill,
                          .X = X, .Y = Y };
}

/* Sample i is x_i ... x_(i+T-1); to be said of it: x_(i+T). */
static inline void window_fill(const struct data *d, size_t i, real *x,
                               int *label, real *y)
{
    const real *from = d->X.data + d->X.offset + i;
    (void)label;
    memcpy(x, from, d->numbers * sizeof *x);
    *y = from[d->numbers];
}

/* All windows of T numbers of a series (m), with the number after. */
static inline struct data data_windows(tensor series, size_t T)
{
    REQUIRE(series.rank == 1 && series.stride[0] == 1
            && T > 0 && T < series.shape[0], "windows of %zu of %s", T,
            TENSOR_SHAPE(series));
    return (struct data){ .n = series.shape[0] - T, .numbers = T,
                          .answers = 1, .fill = window_fill, .X = series };
}

/* Room for batches of `size` samples of d. */
static inline struct batch batch_new(struct arena *a, const struct data *d,
                                     size_t size)
{
    REQUIRE(size > 0, "a batch of no samples");
    struct batch b = { .size = size };
    b.room_X = tensor_empty(a, SHAPE(size, d->numbers));
    b.room_Y = tensor_empty(a, SHAPE(size, d->answers));
    b.room_label = arena_take(a, size * d->labels, sizeof(int));
    b.label = b.room_label;
    return b;
}

/*
 * Batch number t of an epoch: the samples order[t size], order[t size + 1],
 * ... (order NULL: 0, 1, ...); the last batch may be smaller.  False when
 * t is past it.  for (size_t t = 0; batch_fill(&b, &d, order, t); t++) ...
 */
static inline bool batch_fill(struct batch *b, const struct data *d,
                              const size_t order[], size_t t)
{
    const size_t first = t * b->size;
    if (first >= d->n)
        return false;
    b->n = d->n - first < b->size ? d->n - first : b->size;
    b->X = tensor_rows(b->room_X, 0, b->n);
    b->Y = tensor_rows(b->room_Y, 0, b->n);
    for (size_t i = 0; i < b->n; i++)
        d->fill(d, order != NULL ? order[first + i] : first + i,
                b->X.data + i * d->numbers, b->room_label + i * d->labels,
                b->Y.data + i * d->answers);
    return true;
}

/* Put index[0..n) into a random order, each equally likely. */
static inline void index_shuffle(gsl_rng *r, size_t n, size_t index[])
{
    for (size_t i = n; i-- > 1; ) {
        const size_t j = gsl_rng_uniform_int(r, i + 1);     /* 0..i */
        const size_t t = index[i];
        index[i] = index[j], index[j] = t;
    }
}

/* The numbers first .. first + count - 1 of theta. */
struct span { size_t first, count; };

/* What can be trained; the first member of every model. */
struct model {
    tensor theta, grad;         /* (n): parameters, room for dL/dtheta */
    /* The mean loss of a batch; counts in `right`.  In training it keeps
       what backward needs. */
    double (*loss)(struct model *m, const struct batch *b, bool training);
    /* to <- keep to + scale dL/dtheta, after a loss in training. */
    void (*backward)(struct model *m, double scale, double keep,
                     tensor to);                        /* eq:collect */
    size_t right;               /* right answers in the last batch */
    size_t spans;               /* parts of theta that learn; 0: all */
    const struct span *span;
};

/* t[0..n) <- keep t; with a keep of 0 whatever was there. */
static inline void keep_times(real *restrict t, size_t n, real keep)
{
    if (keep == 0)
        memset(t, 0, n * sizeof *t);
    else if (keep != 1)
        for (size_t i = 0; i < n; i++)
            t[i] *= keep;
}

/* How to step once the loss of a batch is known; first in every rule. */
struct rule {
    void (*step)(struct rule *r, struct model *m);
};

struct descent { struct rule rule; double rate; };

/* theta <- theta - rate dL/dtheta                     eq:softmax-step */
static inline void descent_rule(struct rule *r, struct model *m)
{
    const struct descent *d = (const struct descent *)r;
    m->backward(m, -d->rate, 1, m->theta);
}

static inline struct descent descent_new(double rate)
{
    return (struct descent){ { descent_rule }, rate };
}

/* A training on its way. */
struct learner {
    struct model *model;
    struct rule *rule;
    struct data data;
    struct batch batch;
    gsl_rng *random;            /* of the order; NULL: as they come */
    size_t *order;              /* [data.n] */
    size_t epoch, t, steps;     /* epochs done, batches of the next, all */
    double last, loss_sum;      /* the last loss; losses times samples */
    size_t right, seen;         /* of this epoch */
    bool (*watch)(struct learner *l);   /* false: stop; may be NULL */
    void *watcher;              /* what it needs */
};

static inline struct learner learner_new(struct arena *a, struct model *m,
                                         struct rule *r, struct data d,
                                         size_t batch, gsl_rng *random)
{
    struct learner l = {
        .model = m, .rule = r, .data = d, .random = random,
        .batch = batch_new(a, &d, batch),
        .order = arena_take(a, d.n, sizeof(size_t))
    };
    for (size_t i = 0; i < d.n; i++)
        l.order[i] = i;
    return l;
}

/* How many batches make an epoch: the last may be smaller. */
static inline size_t learner_batches(const struct learner *l)
{
    return (l->data.n + l->batch.size - 1) / l->batch.size;
}

/*
 * One step.  False when the loss is not finite, and theta is as it was,
 * or when the watch says stop.
 */
static inline bool learner_step(struct learner *l)
{
    if (l->t == 0) {
        if (l->random != NULL)
            index_shuffle(l->random, l->data.n, l->order);
        l->loss_sum = 0, l->right = 0, l->seen = 0;
    }
    REQUIRE(batch_fill(&l->batch, &l->data, l->order, l->t),
            "step %zu of an epoch of %zu", l->t + 1, learner_batches(l));
    l->last = l->model->loss(l->model, &l->batch, true);
    if (!isfinite(l->last))
        return false;
    l->rule->step(l->rule, l->model);
    l->loss_sum += l->last * (double)l->batch.n;
    l->right += l->model->right, l->seen += l->batch.n;
    l->t++, l->steps++;
    return l->watch == NULL || l->watch(l);
}

/* An epoch, or the rest of one.  False: stopped; was l->last finite? */
static inline bool learner_epoch(struct learner *l)
{
    while (l->t < learner_batches(l))
        if (!learner_step(l))
            return false;
    l->epoch++, l->t = 0;
    return true;
}

/* A mean loss in nats, and the share of right answers, 0..1. */
struct score { double loss, accuracy; };

/* The share of right answers to n samples, one for each label. */
static inline double right_share(const struct data *d, size_t right,
                                 size_t n)
{
    const size_t each = d->labels > 0 ? d->labels : 1;
    return (double)right / (double)(n * each);
}

/* Of the steps of this epoch so far. */
static inline struct score learner_score(const struct learner *l)
{
    return (struct score){ l->loss_sum / (double)l->seen,
                           right_share(&l->data, l->right, l->seen) };
}

/*
 * Of a model in use on data it may never have seen.        eq:accuracy
 * b is room for batches of these data.
 */
static inline struct score model_score(struct model *m,
                                       const struct data *d,
                                       struct batch *b)
{
    double loss = 0;
    size_t right = 0;
    for (size_t t = 0; batch_fill(b, d, NULL, t); t++) {
        loss += m->loss(m, b, false) * (double)b->n;
        right += m->right;
    }
    return (struct score){ loss / (double)d->n,
                           right_share(d, right, d->n) };
}

#endif
