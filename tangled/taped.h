/*
 * taped.h -- a network whose gradient comes from the tape.
 * Downhill, chapter 6.
 */
#ifndef TAPED_H
#define TAPED_H

#include "layers.h"
#include "tape.h"

/* Dense layers, and one activation between them, as in a network. */
struct taped {
    struct model model;
    const struct network *like; /* has the same layers */
    var (*bend)(struct tape *t, var z);
    struct tape tape;
    var loss;                   /* of the last batch */
    tensor slope;               /* where a sweep adds dL/dtheta */
};

/* The mean loss of a batch, on the tape.               eq:mlp-forward */
static inline double taped_loss(struct model *m, const struct batch *b,
                                bool training)
{
    struct taped *s = (struct taped *)m;
    struct tape *t = &s->tape;
    (void)training;
    tape_reset(t);
    var a = tape_constant(t, b->X), p[2];
    for (size_t k = 0; k < s->like->layers; k++) {
        const struct layer *l = &s->like->layer[k];
        for (size_t j = 0; j < l->n; j++)
            p[j] = tape_parameter(t, parameter_in(l, j, m->theta),
                                  parameter_in(l, j, s->slope));
        a = l->n == 0 ? s->bend(t, a)
            : tape_add(t, tape_matmul(t, a, p[WEIGHT]), p[BIAS]);
    }
    m->right = count_right(tape_value(t, a), b->label);
    s->loss = tape_cross_entropy(t, a, b->label);
    return (double)tensor_item(tape_value(t, s->loss));
}

/* to <- keep to + scale dL/dtheta                          eq:collect */
static inline void taped_backward(struct model *m, double scale,
                                  double keep, tensor to)
{
    struct taped *s = (struct taped *)m;
    const size_t n = to.shape[0];
    memset(s->slope.data, 0, n * sizeof(real));
    tape_backward(&s->tape, s->loss);
    keep_times(to.data, n, (real)keep);
    for (size_t i = 0; i < n; i++)
        to.data[i] += (real)scale * s->slope.data[i];
}

/* The layers of n and its parameters as they are; end with tape_free. */
static inline struct taped taped_new(struct arena *a,
                                     const struct network *n,
                                     var bend(struct tape *, var))
{
    const tensor theta = n->model.theta;
    return (struct taped){
        .model = { .theta = tensor_clone(a, theta),
                   .grad = tensor_zeros(a, 1, theta.shape),
                   .loss = taped_loss, .backward = taped_backward },
        .like = n, .bend = bend, .slope = tensor_zeros(a, 1, theta.shape)
    };
}

#endif
