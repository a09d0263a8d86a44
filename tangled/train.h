/*
 * train.h -- training one would trust.  Downhill, chapter 8.
 */
#ifndef TRAIN_H
#define TRAIN_H

#include "layers.h"
#include "optim.h"

/* What a dropout layer keeps in layer.more. */
struct dropout {
    double p;                   /* how likely a unit is switched off */
    gsl_rng *random;
    real *factor;               /* (batch, outputs): 0 or 1 / (1 - p) */
};

/*
 * n factors, each 0 with probability p, else 1 / (1 - p): a hash of i,
 * keyed by two draws.  Good bits need both multiplications.
 */
static inline void dropout_draw(const struct dropout *d, size_t n,
                                real *restrict f)
{
    const uint32_t key = (uint32_t)gsl_rng_get(d->random);
    const uint32_t salt = (uint32_t)gsl_rng_get(d->random);
    const uint32_t silent = (uint32_t)(d->p * 4294967296.0);
    const real louder = (real)(1 / (1 - d->p));
    for (size_t i = 0; i < n; i++) {
        uint32_t x = (uint32_t)i + key;
        x = (x ^ x >> 16) * 0x7FEB352DU;
        x = (x ^ salt ^ x >> 15) * 0x846CA68BU;
        x ^= x >> 16;
        f[i] = x < silent ? 0 : louder;
    }
}

/*
 * In training, A <- X r / (1 - p), r = 0 with probability p, else 1; in
 * use A <- X.                                               eq:dropout
 */
static inline void dropout_forward(struct layer *l, tensor X, tensor A,
                                   bool training)
{
    const struct dropout *d = l->more;
    const size_t n = A.shape[0] * l->outputs;
    real *restrict a = A.data, *restrict f = d->factor;
    tensor_copy(A, X);
    if (!training)
        return;
    dropout_draw(d, n, f);
    for (size_t i = 0; i < n; i++)
        a[i] *= f[i];
}

/* dX <- dA r / (1 - p), with the r of the forward.   eq:dropout-gradient */
static inline void dropout_backward(struct layer *l, tensor X, tensor A,
                                    tensor dA, tensor dX)
{
    const struct dropout *d = l->more;
    const size_t n = X.shape[0] * l->outputs;
    const real *restrict from = dA.data, *restrict f = d->factor;
    real *restrict to = dX.data;
    (void)A;
    for (size_t i = 0; i < n; i++)
        to[i] = from[i] * f[i];
}

static const struct layer_kind dropout_layer = {
    "dropout", false, false, dropout_forward, dropout_backward, NULL
};

/* Put a dropout layer on top; it draws from *random, a mt19937. */
static inline struct layer *network_dropout(struct network *n, double p,
                                            gsl_rng *random)
{
    REQUIRE(p >= 0 && p < 1, "dropout with probability %g", p);
    struct layer *l = network_add(n, &dropout_layer, n->out.rank,
                                  n->out.size);
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
    struct network n = network_new(a, batch, SHAPE(w->width[0]));
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

/* How many layers have something to learn. */
static inline size_t network_learning(const struct network *n)
{
    size_t count = 0;
    for (size_t k = 0; k < n->layers; k++)
        count += n->layer[k].count > 0;
    return count;
}

/* Freeze the lowest `count` layers that have parameters, free the rest. */
static inline void network_freeze_lowest(struct network *n, size_t count)
{
    REQUIRE(count <= network_learning(n), "freezing %zu layers of %zu",
            count, network_learning(n));
    for (size_t k = 0; k < n->layers; k++)
        if (n->layer[k].count > 0) {
            network_freeze(n, k, count > 0);
            count -= count > 0;
        }
}

/* How many numbers are learned, frozen layers left out. */
static inline size_t network_trainable(const struct network *n)
{
    size_t sum = 0;
    for (size_t k = 0; k < n->layers; k++)
        if (!n->layer[k].frozen)
            sum += n->layer[k].count;
    return sum;
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

/* The deviation of an accuracy a over n images.  eq:accuracy-deviation */
static inline double accuracy_deviation(double a, size_t n)
{
    return sqrt(a * (1 - a) / (double)n);
}

/* An optimizer with a schedule and a limit: a rule for the loop. */
struct pace {
    struct rule rule;
    struct optimizer optimizer;
    struct schedule schedule;
    size_t per_epoch;           /* steps in an epoch */
    double clip;                /* the largest norm; 0: any */
};

/* The rate of step number t of all, which counts from 0. */
static inline double pace_rate(const struct pace *p, size_t t)
{
    return schedule_rate(p->schedule, t / p->per_epoch, t);
}

static inline void pace_step(struct rule *r, struct model *m)
{
    struct pace *p = (struct pace *)r;
    struct optimizer *o = &p->optimizer;
    o->rate = pace_rate(p, o->t);
    if (p->clip == 0) {
        optimizer_learn(&o->rule, m);
        return;
    }
    m->backward(m, 1, 0, m->grad);
    gradient_clip(m->grad.shape[0], m->grad.data, p->clip);
    optimizer_apply(o, m);
}

enum { EPOCHS_MOST = 10000 };

/* What is noted after each epoch; accuracies are 0..1. */
struct epoch_note {
    double train_loss, train_accuracy;
    double loss, accuracy;      /* of the validation part */
    double rate;                /* of the last step */
};

struct training {
    struct learner learner;     /* model, data, order, place, sums */
    struct pace *pace;          /* the learner's rule */
    struct data validation;
    struct batch room;          /* for the validation part */
    bool watch_loss;            /* early stopping: else the errors */
    struct stopper stopper;
    struct epoch_note *note;    /* [EPOCHS_MOST]; NaN: not reached */
    real *best;                 /* theta of the best epoch */
};

/* Training from the model's present theta; all memory from *a. */
static inline struct training training_new(struct arena *a,
                                           struct model *m,
                                           enum method method,
                                           struct schedule s,
                                           struct data train,
                                           struct data validation,
                                           size_t batch, gsl_rng *random)
{
    const size_t n = m->theta.shape[0];
    struct pace *p = arena_alloc(a, 1, sizeof *p);
    struct training t = {
        .learner = learner_new(a, m, &p->rule, train, batch, random),
        .pace = p, .validation = validation,
        .room = batch_new(a, &validation, batch),
        .stopper = stopper_new(0, 0),
        .note = arena_alloc(a, EPOCHS_MOST, sizeof(struct epoch_note)),
        .best = arena_alloc(a, n, sizeof(real))
    };
    *p = (struct pace){ .rule = { pace_step }, .schedule = s,
                        .optimizer = optimizer_new(a, method, n, s.rate),
                        .per_epoch = learner_batches(&t.learner) };
    for (size_t e = 0; e < EPOCHS_MOST; e++)
        t.note[e].loss = NAN;
    return t;
}

/* Note the epoch that is over; keep theta when it is the best so far. */
static inline void training_close(struct training *t)
{
    struct model *m = t->learner.model;
    const size_t e = t->learner.epoch;
    REQUIRE(e > 0 && e <= EPOCHS_MOST && t->learner.t == 0,
            "training_close: epoch %zu, batch %zu", e, t->learner.t);
    const struct score u = learner_score(&t->learner);
    const struct score v = model_score(m, &t->validation, &t->room);
    t->note[e - 1] = (struct epoch_note){
        u.loss, u.accuracy, v.loss, v.accuracy,
        pace_rate(t->pace, t->pace->optimizer.t - 1)
    };
    if (stopper_take(&t->stopper, e,
                     t->watch_loss ? v.loss : 1 - v.accuracy))
        memcpy(t->best, m->theta.data, m->theta.shape[0] * sizeof(real));
}

/* Put the parameters of the best epoch into the model. */
static inline void training_restore(struct training *t)
{
    const tensor theta = t->learner.model->theta;
    if (t->stopper.best_epoch > 0)
        memcpy(theta.data, t->best, theta.shape[0] * sizeof(real));
}

/* The rest of the epoch.  False: the loop stopped, see learner.last. */
static inline bool training_epoch(struct training *t)
{
    if (!learner_epoch(&t->learner))
        return false;
    training_close(t);
    return true;
}

/* True when no more epochs are wanted, of at most `epochs`. */
static inline bool training_is_over(const struct training *t,
                                    size_t epochs)
{
    return t->learner.epoch >= epochs || stopper_says_stop(&t->stopper);
}

/* A new matrix (K,K): element (j,k) counts samples of j taken for k. */
static inline tensor confusion_count(struct arena *a, struct network *n,
                                     const struct data *d)
{
    const size_t K = n->outputs;
    tensor C = tensor_zeros(a, SHAPE(K, K));            /* eq:confusion */
    struct batch b = batch_new(a, d, n->batch);
    for (size_t t = 0; batch_fill(&b, d, NULL, t); t++) {
        const tensor Z = network_forward(n, b.X, false);
        for (size_t r = 0; r < b.n; r++) {
            const real *z = matrix_row(Z, r);
            const size_t y = label_check(Z, b.label, r);
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

static inline void share_print(FILE *out, double share)
{
    if (isnan(share))
        fprintf(out, "%10s", "-");
    else
        fprintf(out, "%9.1f%%", 100 * share);
}

static inline void confusion_print(FILE *out, tensor C)
{
    const size_t K = C.shape[0];
    fprintf(out, " true");
    for (size_t k = 0; k < K; k++)
        fprintf(out, "%5zu", k);
    fprintf(out, " precision    recall\n");
    for (size_t j = 0; j < K; j++) {
        fprintf(out, "%5zu", j);
        for (size_t k = 0; k < K; k++)
            if (AT(C, j, k) == 0)
                fprintf(out, "%5s", ".");
            else
                fprintf(out, "%5.0f", (double)AT(C, j, k));
        share_print(out, confusion_precision(C, j));
        share_print(out, confusion_recall(C, j));
        fputc('\n', out);
    }
}

/* What a network says of one sample. */
struct answer {
    size_t sample;
    int label, guess;
    double p_label, p_guess;
};

static inline int by_p_label(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;
    const int order = (x->p_label > y->p_label) - (x->p_label < y->p_label);
    return order != 0 ? order
                      : (x->sample > y->sample) - (x->sample < y->sample);
}

/* The answers (d->n) of a network to all samples, the worst first. */
static inline struct answer *answers_sorted(struct arena *a,
                                            struct network *n,
                                            const struct data *d)
{
    struct answer *list = arena_alloc(a, d->n, sizeof *list), *o = list;
    struct batch b = batch_new(a, d, n->batch);
    for (size_t t = 0; batch_fill(&b, d, NULL, t); t++) {
        const tensor P = network_forward(n, b.X, false);
        softmax_rows(P, P);
        for (size_t r = 0; r < b.n; r++, o++) {
            const real *p = matrix_row(P, r);
            const int y = b.label[r];
            const int g = (int)fold_argmax(p, n->outputs, 1);
            *o = (struct answer){ (size_t)(o - list), y, g, (double)p[y],
                                  (double)p[g] };
        }
    }
    qsort(list, d->n, sizeof *list, by_p_label);
    return list;
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
    fprintf(out, "|     | %-12s | %12s | %10s |\n", "input",
            shape_text(n->in.rank, n->in.size).s, "");
    for (size_t k = 0; k < n->layers; k++) {
        const struct layer *l = &n->layer[k];
        fprintf(out, "| %3zu | %-12s | %12s | %10zu |%s\n", k + 1,
                layer_name(l).s, shape_text(l->out.rank, l->out.size).s,
                l->count, l->frozen ? " frozen" : "");
    }
    fprintf(out, "%s%zu parameters, %zu of them learned\n", rule,
            network_parameters(n), network_trainable(n));
}

#endif
