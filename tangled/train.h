/*
 * train.h -- training one would trust.  Downhill, chapter 8.
 *
 * Include it with _POSIX_C_SOURCE defined as 200809L before any header.
 */
#ifndef TRAIN_H
#define TRAIN_H

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "images.h"
#include "layers.h"
#include "optim.h"

/* What a dropout layer keeps in layer.more. */
struct dropout {
    double p;                   /* how likely a unit is switched off */
    gsl_rng *random;
    real *factor;               /* (batch, outputs): 0 or 1 / (1 - p) */
};

/*
 * In training, A <- X r / (1 - p), r = 0 with probability p, else 1; in
 * use A <- X.                                               eq:dropout
 */
static inline void dropout_forward(struct layer *l, tensor X, tensor A,
                                   bool training)
{
    const struct dropout *d = l->more;
    const size_t n = A.shape[0] * l->outputs;
    real *restrict a = matrix_row(A, 0), *restrict f = d->factor;
    tensor_copy(A, X);
    if (!training)
        return;
    const unsigned long silent = (unsigned long)(d->p * 4294967296.0);
    const real louder = (real)(1 / (1 - d->p));
    for (size_t i = 0; i < n; i++)
        f[i] = gsl_rng_get(d->random) < silent ? 0 : louder;
    for (size_t i = 0; i < n; i++)
        a[i] *= f[i];
}

/* dX <- dA r / (1 - p), with the r of the forward.   eq:dropout-gradient */
static inline void dropout_backward(struct layer *l, tensor X, tensor A,
                                    tensor dA, tensor dX, double rate)
{
    const struct dropout *d = l->more;
    (void)A, (void)rate;
    if (dX.data == NULL)
        return;
    const real *restrict from = matrix_row(dA, 0), *restrict f = d->factor;
    real *restrict to = matrix_row(dX, 0);
    for (size_t i = 0; i < X.shape[0] * l->outputs; i++)
        to[i] = from[i] * f[i];
}

static const struct layer_kind dropout_layer = {
    "dropout", false, dropout_forward, dropout_backward
};

/* Put a dropout layer on top; it draws from *random, a mt19937. */
static inline struct layer *network_dropout(struct network *n, double p,
                                            gsl_rng *random)
{
    REQUIRE(p >= 0 && p < 1, "dropout with probability %g", p);
    struct layer *l = network_add(n, &dropout_layer, n->outputs);
    struct dropout *d = arena_alloc(n->arena, 1, sizeof *d);
    d->p = p, d->random = random;
    d->factor = arena_alloc(n->arena, n->batch * l->outputs, sizeof(real));
    l->more = d;
    return l;
}

/* As network_mlp, with dropout after hidden layer `after`; 0: none. */
static inline struct network
network_with_dropout(struct arena *a, const struct widths *w,
                     const struct activation *f, size_t batch, double p,
                     size_t after, gsl_rng *random)
{
    struct network n = network_new(a, w->width[0], batch);
    for (size_t k = 1; k < w->n; k++) {
        network_dense(&n, w->width[k]);
        if (k + 1 < w->n)
            network_activation(&n, f);
        if (k == after && k + 1 < w->n)
            network_dropout(&n, p, random);
    }
    network_finish(&n);
    return n;
}

/* Freeze the lowest `count` layers that have parameters, free the rest. */
static inline void network_freeze(struct network *n, size_t count)
{
    for (size_t k = 0; k < n->layers; k++) {
        struct layer *l = &n->layer[k];
        l->frozen = l->parameters > 0 && count > 0;
        count -= l->frozen;
    }
}

/* How many numbers are learned, frozen layers left out. */
static inline size_t network_trainable(const struct network *n)
{
    size_t sum = 0;
    for (size_t k = 0; k < n->layers; k++)
        if (!n->layer[k].frozen)
            sum += n->layer[k].parameters;
    return sum;
}

/* One step on all parameters that are not frozen, from n->grad. */
static inline void network_move(struct network *n, struct optimizer *o)
{
    real *theta = n->theta.data + n->theta.offset;
    real *g = n->grad.data + n->grad.offset;
    size_t first = 0, count = 0;
    optimizer_begin(o);
    for (size_t k = 0; k < n->layers; k++) {
        const struct layer *l = &n->layer[k];
        if (!l->frozen) {
            count += l->parameters;
            continue;
        }
        optimizer_move(o, first, count, theta, g);
        first += count + l->parameters, count = 0;
    }
    optimizer_move(o, first, count, theta, g);
}

enum fall { CONSTANT, EXPONENTIAL, STEPS, COSINE, FALLS };

static const char *const fall_name[FALLS] = {
    "constant", "exponential", "step", "cosine"
};

/* How the learning rate falls. */
struct schedule {
    enum fall fall;
    double rate;                /* eta, the largest */
    double factor;              /* gamma, of exponential and step */
    size_t every;               /* k epochs, of step */
    size_t warmup, total;       /* W and S, in steps, of cosine */
};

/* The schedule of that name, or FALLS when there is none. */
static inline enum fall fall_find(const char *name)
{
    int k = 0;
    while (k < FALLS && strcmp(fall_name[k], name) != 0)
        k++;
    return (enum fall)k;
}

/* W steps up, then half a wave down to 0 at step S.     eq:rate-cosine */
static inline double cosine_rate(struct schedule s, size_t step)
{
    const double pi = 3.14159265358979323846;
    if (step < s.warmup)
        return s.rate * (double)(step + 1) / (double)s.warmup;
    if (step >= s.total)
        return 0;
    return s.rate / 2 * (1 + cos(pi * (double)(step - s.warmup)
                                 / (double)(s.total - s.warmup)));
}

/*
 * The rate of step number `step` of all, which is in epoch `epoch`; both
 * count from 0.                  eq:rate-exponential, eq:rate-step
 */
static inline double schedule_rate(struct schedule s, size_t epoch,
                                   size_t step)
{
    switch (s.fall) {
    case EXPONENTIAL:
        return s.rate * pow(s.factor, (double)epoch);
    case STEPS:
        return s.rate * pow(s.factor, (double)(epoch / s.every));
    case COSINE:
        return cosine_rate(s, step);
    default:
        return s.rate;
    }
}

/* g <- min(1, most / |g|) g.  Returns |g| as it was.           eq:clip */
static inline double gradient_clip(size_t n, real *restrict g, double most)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)g[i] * (double)g[i];
    const double norm = sqrt(sum);
    if (norm > most) {
        const real scale = (real)(most / norm);
        for (size_t i = 0; i < n; i++)
            g[i] *= scale;
    }
    return norm;
}

struct stopper {
    size_t patience;            /* P epochs; 0: never stop */
    double least;               /* delta: what counts as improvement */
    double best;                /* b, INFINITY at the start */
    size_t best_epoch, waited;  /* epochs count from 1; w */
};

static inline struct stopper stopper_new(size_t patience, double least)
{
    return (struct stopper){ patience, least, INFINITY, 0, 0 };
}

/* Take the value v of this epoch; true when it is an improvement. */
static inline bool stopper_take(struct stopper *s, size_t epoch, double v)
{
    const bool better = v < s->best - s->least;     /* eq:early-stopping */
    if (better)
        s->best = v, s->best_epoch = epoch;
    s->waited = better ? 0 : s->waited + 1;
    return better;
}

static inline bool stopper_says_stop(const struct stopper *s)
{
    return s->patience > 0 && s->waited >= s->patience;
}

struct parts_of_data { struct images train, validation, test; };

/* The parts of a set: shares of validation and test, the rest to train. */
static inline struct parts_of_data
images_three(const struct images *all, struct arena *a, gsl_rng *r,
             double validation, double test)
{
    struct parts_of_data p;
    struct images rest;
    REQUIRE(validation >= 0 && test >= 0 && validation + test < 1,
            "shares %g and %g", validation, test);
    images_split(all, a, r, 1 - test, &rest, &p.test);
    images_split(&rest, a, r, 1 - validation / (1 - test), &p.train,
                 &p.validation);
    return p;
}

enum { EPOCHS_MOST = 10000 };

/* What is noted after each epoch; accuracies are 0..1. */
struct epoch_note {
    double train_loss, train_accuracy;
    double loss, accuracy;      /* of the validation part */
    double rate;                /* of the last step */
};

struct training {
    struct network *net;
    const struct images *train, *validation;
    struct schedule schedule;
    double clip;                    /* the largest norm; 0: any */
    bool watch_loss;                /* early stopping: else the errors */
    gsl_rng *random;                /* of the order, and of dropout */
    struct batch room;
    struct optimizer optimizer;
    struct stopper stopper;
    size_t epoch, batch;            /* epochs done; batches of the next */
    double loss_sum;                /* of this epoch: nats times images */
    size_t right, seen;
    size_t *order;                  /* [train->n] */
    struct epoch_note *note;        /* [EPOCHS_MOST], the first `epoch` */
    real *best;                     /* theta of the best epoch */
};

/* Training from the network's present weights; all memory from *a. */
static inline struct training training_new(struct arena *a,
                                           struct network *net,
                                           enum method method,
                                           struct schedule s,
                                           const struct images *train,
                                           const struct images *validation,
                                           gsl_rng *random)
{
    const size_t n = net->theta.shape[0];
    struct training t = {
        .net = net, .train = train, .validation = validation,
        .schedule = s, .random = random,
        .room = batch_new(a, net->batch, net->inputs),
        .optimizer = optimizer_new(a, method, n, s.rate),
        .stopper = stopper_new(0, 0),
        .order = arena_alloc(a, train->n, sizeof(size_t)),
        .note = arena_alloc(a, EPOCHS_MOST, sizeof(struct epoch_note)),
        .best = arena_alloc(a, n, sizeof(real))
    };
    for (size_t i = 0; i < train->n; i++)
        t.order[i] = i;
    return t;
}

/* How many batches make an epoch: the last may be smaller. */
static inline size_t training_batches(const struct training *t)
{
    return (t->train->n + t->net->batch - 1) / t->net->batch;
}

/* Begin an epoch: another order, sums of 0. */
static inline void training_shuffle(struct training *t)
{
    index_shuffle(t->random, t->train->n, t->order);
    t->loss_sum = 0, t->right = 0, t->seen = 0;
}

/*
 * One step of learning.  False when the loss is not a number: theta is
 * then as it was, and training must stop.
 */
static inline bool training_step(struct training *t)
{
    struct network *n = t->net;
    struct batch *b = &t->room;
    if (t->batch == 0)
        training_shuffle(t);
    batch_fill(b, t->train, t->train->n, t->order, t->batch);
    const tensor Z = network_forward(n, b->X, true);
    const tensor dZ = network_top(n, b->n);
    const size_t right = count_right(Z, b->label);
    const double loss = softmax_nll_gradient(Z, b->label, dZ);
    if (!isfinite(loss))
        return false;
    network_backward(n, 0);
    if (t->clip > 0)
        gradient_clip(n->grad.shape[0], n->grad.data + n->grad.offset,
                      t->clip);
    t->optimizer.rate = schedule_rate(t->schedule, t->epoch,
                                      t->optimizer.t);
    network_move(n, &t->optimizer);
    t->loss_sum += loss * (double)b->n;             /* eq:mean-of-batches */
    t->right += right, t->seen += b->n, t->batch++;
    return true;
}

/* Note the epoch; keep theta when the watched value is the best so far. */
static inline void training_close(struct training *t)
{
    const double m = (double)t->seen;
    REQUIRE(t->seen == t->train->n && t->epoch < EPOCHS_MOST,
            "training_close: %zu of %zu images", t->seen, t->train->n);
    const struct score v = network_score(t->net, t->validation->X,
                                         t->validation->label);
    t->note[t->epoch++] = (struct epoch_note){
        t->loss_sum / m, (double)t->right / m, v.loss, v.accuracy,
        t->optimizer.rate
    };
    t->batch = 0;
    if (stopper_take(&t->stopper, t->epoch,
                     t->watch_loss ? v.loss : 1 - v.accuracy))
        memcpy(t->best, t->net->theta.data + t->net->theta.offset,
               t->net->theta.shape[0] * sizeof(real));
}

/* Put the weights of the best epoch into the network. */
static inline void training_restore(struct training *t)
{
    if (t->stopper.best_epoch > 0)
        memcpy(t->net->theta.data + t->net->theta.offset, t->best,
               t->net->theta.shape[0] * sizeof(real));
}

/* The rest of the epoch; false when the loss is not a number. */
static inline bool training_epoch(struct training *t)
{
    const size_t batches = training_batches(t);
    while (t->batch < batches)
        if (!training_step(t))
            return false;
    training_close(t);
    return true;
}

/* True when no more epochs are wanted, of at most `epochs`. */
static inline bool training_is_over(const struct training *t,
                                    size_t epochs)
{
    return t->epoch >= epochs || stopper_says_stop(&t->stopper);
}

/* A new matrix (K,K): element (j,k) counts images of j taken for k. */
static inline tensor confusion_count(struct arena *a, struct network *n,
                                     const struct images *s)
{
    const size_t K = n->outputs;
    tensor C = tensor_zeros(a, SHAPE(K, K));            /* eq:confusion */
    for (size_t i = 0; i < s->n; i += n->batch) {
        const size_t m = s->n - i < n->batch ? s->n - i : n->batch;
        const tensor Z = network_forward(n, tensor_rows(s->X, i, m), false);
        for (size_t r = 0; r < m; r++) {
            const real *z = matrix_row(Z, r);
            const size_t y = label_check(Z, s->label + i, r);
            AT(C, y, (size_t)fold_argmax(z, K, 1)) += 1;
        }
    }
    return C;
}

/* Of those called k, the share that is k; of those that are k, found. */
static inline double confusion_precision(tensor C, size_t k)
{
    double called = 0;
    for (size_t j = 0; j < C.shape[0]; j++)
        called += (double)AT(C, j, k);
    return (double)AT(C, k, k) / called;
}

static inline double confusion_recall(tensor C, size_t k)
{
    double are = 0;
    for (size_t j = 0; j < C.shape[1]; j++)
        are += (double)AT(C, k, j);
    return (double)AT(C, k, k) / are;
}

/* "dense", "relu", "dropout 0.2". */
static inline struct text layer_name(const struct layer *l)
{
    struct text t;
    if (l->f != NULL)
        snprintf(t.s, sizeof t.s, "%s", l->f->name);
    else if (l->kind == &dropout_layer)
        snprintf(t.s, sizeof t.s, "dropout %g",
                 ((const struct dropout *)l->more)->p);
    else
        snprintf(t.s, sizeof t.s, "%s", l->kind->name);
    return t;
}

/* Layer by layer: output shape, number of parameters. */
static inline void network_summary(FILE *out, const struct network *n)
{
    static const char rule[] =
        "+-----+--------------+--------------+------------+\n";
    fprintf(out, "%s|     | %-12s | %12s | %10s |\n%s", rule, "layer",
            "output shape", "parameters", rule);
    fprintf(out, "|     | %-12s | %12zu | %10s |\n", "input", n->inputs,
            "");
    for (size_t k = 0; k < n->layers; k++) {
        const struct layer *l = &n->layer[k];
        fprintf(out, "| %3zu | %-12s | %12zu | %10zu |%s\n", k + 1,
                layer_name(l).s, l->outputs, l->parameters,
                l->frozen ? " frozen" : "");
    }
    fprintf(out, "%s%zu parameters, %zu of them learned\n", rule,
            network_parameters(n), network_trainable(n));
}

/* Row r of image i, 2 cols characters: the darker the more ink. */
static inline void image_row_print(FILE *out, const struct images *s,
                                   size_t i, size_t r)
{
    static const char ink[] = " .:-=+*#%@";
    for (size_t c = 0; c < s->cols; c++) {
        const double v = (double)AT(s->X, i, r * s->cols + c);
        const double level = v < 0 ? 0 : v > 1 ? 1 : v;
        const char x = ink[(size_t)lround(level * 9)];
        fputc(x, out), fputc(x, out);
    }
}

#endif
