/*
 * run.h -- a training that is watched, interrupted, saved, taken up.
 * Downhill, appendix E.  Link with -lz too.
 */
#ifndef RUN_H
#define RUN_H

#include "program.h"
#include "checkpoint.h"

#include <signal.h>

struct run {
    struct network net;
    struct training training;
    size_t epochs;              /* at most */
    struct plan plan;
    const char *path;           /* of its checkpoint; NULL: none */
    struct bar bar;
};

/* Add what the options of these names say; the epochs for a cosine. */
static inline void plan_options(struct plan *p, const char *names)
{
    const bool falls = strcmp(option.schedule, "cosine") == 0;
    for (const struct setting *s = settings; s->name != NULL; s++)
        if (!words_have(names, s->name)
            && !(falls && strcmp(s->name, "epochs") == 0))
            continue;
        else if (s->kind == COUNT)
            plan_add(p, "%s %zu", s->name, *(size_t *)s->value);
        else if (s->kind == NUMBER)
            plan_add(p, "%s %.17g", s->name, *(double *)s->value);
        else
            plan_add(p, "%s %s", s->name, *(const char **)s->value);
}

/* Begin to train r->net, whose weights are drawn, by the options. */
static inline void run_begin(struct run *r, struct data train,
                             struct data validation, const char *names)
{
    const size_t steps = (train.n + option.batch - 1) / option.batch;
    const struct schedule s = {
        fall_find(option.schedule), option.lr, option.factor, option.every,
        option.warmup * steps, option.epochs * steps
    };
    if (s.fall == COSINE && s.warmup >= s.total)
        give_up_on("--warmup", "%zu of %zu epochs", option.warmup,
                   option.epochs);
    struct training *t = &r->training;
    *t = training_new(&memory, &r->net.model, method_find(option.method),
                      s, train, validation, option.batch, rng);
    struct optimizer *o = &t->pace->optimizer;
    if (o->method == MOMENTUM || o->method == NESTEROV)
        o->beta1 = option.momentum;
    o->decay = option.decay;
    t->pace->clip = option.clip;
    t->stopper = stopper_new(option.patience, option.min_delta);
    t->watch_loss = strcmp(option.watch, "loss") == 0;
    r->epochs = option.epochs, r->path = NULL;
    r->plan = (struct plan){ "" };
    plan_options(&r->plan, names);
    r->bar = bar_new(stderr, 0);
}

/* Save the run, if a path is given. */
static inline void run_write(const struct run *r, const char *path)
{
    struct error e;
    if (path != NULL && !training_save(&r->training, &r->plan, path, &e))
        give_up(&e);
}

static inline void run_read(struct run *r, const char *path)
{
    struct error e;
    if (!training_load(&r->training, &r->plan, path, &e))
        give_up(&e);
    r->bar.first = r->training.learner.steps;
}

static volatile sig_atomic_t interrupted;

static inline void on_interrupt(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL);
}

/* After each batch: show how far we are; stop when asked to. */
static inline bool run_watch(struct learner *l)
{
    struct run *r = l->watcher;
    const struct score s = learner_score(l);
    bar_show(&r->bar, (struct progress){
        l->epoch + 1, r->epochs, l->t, learner_batches(l), s.loss,
        s.accuracy, 0 });
    return !interrupted;
}

_Noreturn static inline void run_interrupted(struct run *r)
{
    const struct learner *l = &r->training.learner;
    bar_clear(&r->bar);
    run_write(r, r->path);
    fflush(stdout);
    fprintf(stderr, "interrupted in epoch %zu after batch %zu: %s%s\n",
            l->epoch + 1, l->t, r->path != NULL ? "saved in "
            : "not saved, there is no --save", r->path ? r->path : "");
    exit(130);
}

/* One epoch more.  False when there is none: it is over or broke off. */
static inline bool run_epoch(struct run *r)
{
    struct training *t = &r->training;
    t->learner.watch = run_watch, t->learner.watcher = r;
    signal(SIGINT, on_interrupt);
    const bool more = isfinite(t->learner.last)
                      && !training_is_over(t, r->epochs)
                      && training_epoch(t);
    if (interrupted)
        run_interrupted(r);
    if (more)
        run_write(r, r->path);
    else
        bar_clear(&r->bar);
    return more;
}

/* The epochs that are left. */
static inline void run_finish(struct run *r)
{
    const struct learner *l = &r->training.learner;
    while (run_epoch(r))
        continue;
    if (!isfinite(l->last))
        give_up_on("training", "the loss is not a number in epoch %zu, "
                   "batch %zu", l->epoch + 1, l->t + 1);
    training_restore(&r->training);
}

#endif
