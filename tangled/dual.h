/*
 * dual.h -- numbers that carry a derivative, and a tape of such numbers.
 * Downhill, chapter 2.
 */
#ifndef DUAL_H
#define DUAL_H

#include "tensor.h"

/* a + b eps with eps^2 = 0: a value and its derivative, two numbers. */
typedef struct { double a, b; } dual;

/* A number that does not depend on the variable: derivative 0. */
static inline dual dual_constant(double a)
{
    return (dual){ a, 0 };
}

/* The variable itself: derivative 1. */
static inline dual dual_variable(double a)
{
    return (dual){ a, 1 };
}

/* The four rules of arithmetic.                      eq:dual-arithmetic */
static inline dual dual_add(dual x, dual y)
{
    return (dual){ x.a + y.a, x.b + y.b };
}

static inline dual dual_sub(dual x, dual y)
{
    return (dual){ x.a - y.a, x.b - y.b };
}

static inline dual dual_mul(dual x, dual y)
{
    return (dual){ x.a * y.a, x.a * y.b + x.b * y.a };
}

static inline dual dual_div(dual x, dual y)
{
    return (dual){ x.a / y.a, (x.b * y.a - x.a * y.b) / (y.a * y.a) };
}

/* f(x), from f's value and slope at x.a: the chain rule.       eq:dual */
static inline dual dual_chain(dual x, double value, double slope)
{
    return (dual){ value, slope * x.b };
}

static inline dual dual_scale(dual x, double c)
{
    return dual_chain(x, c * x.a, c);
}

static inline dual dual_exp(dual x)
{
    return dual_chain(x, exp(x.a), exp(x.a));
}

static inline dual dual_log(dual x)
{
    return dual_chain(x, log(x.a), 1 / x.a);
}

static inline dual dual_sin(dual x)
{
    return dual_chain(x, sin(x.a), cos(x.a));
}

static inline dual dual_cos(dual x)
{
    return dual_chain(x, cos(x.a), -sin(x.a));
}

static inline dual dual_sqrt(dual x)
{
    return dual_chain(x, sqrt(x.a), 1 / (2 * sqrt(x.a)));
}

/* x to the power p, a constant. */
static inline dual dual_power(dual x, double p)
{
    return dual_chain(x, pow(x.a, p), p * pow(x.a, p - 1));
}

static inline dual dual_tanh(dual x)
{
    const double y = tanh(x.a);
    return dual_chain(x, y, 1 - y * y);
}

/* 1 / (1 + exp(-x)) without overflow; its slope is y (1 - y). */
static inline dual dual_sigmoid(dual x)
{
    const double e = exp(-fabs(x.a));
    const double y = (x.a >= 0 ? 1 : e) / (1 + e);
    return dual_chain(x, y, e / ((1 + e) * (1 + e)));
}

/* A number on a scalar tape, by its place there. */
typedef struct { int id; } scalar;

/* One step: z made from in[0] and in[1], dz/din beside them. */
struct step {
    dual value, adjoint;        /* z and dy/dz */
    int in[2];                  /* -1: no such argument */
    dual slope[2];              /* dz/din[0], dz/din[1] */
};

/* Start with  struct scalar_tape t = { .arena = &a };  */
struct scalar_tape {
    struct arena *arena;
    struct step *step;          /* in order of creation */
    int n, room;
};

/* Write a step on the tape, which doubles when it is full. */
static inline scalar scalar_record(struct scalar_tape *t, struct step s)
{
    if (t->n == t->room) {
        const int room = t->room > 0 ? 2 * t->room : 64;
        struct step *step = arena_take(t->arena, (size_t)room,
                                       sizeof *step);
        if (t->n > 0)
            memcpy(step, t->step, (size_t)t->n * sizeof *step);
        t->step = step, t->room = room;
    }
    t->step[t->n] = s;
    return (scalar){ t->n++ };
}

/* The step of x, which must be on this tape. */
static inline struct step *scalar_step(const struct scalar_tape *t,
                                       scalar x)
{
    REQUIRE(x.id >= 0 && x.id < t->n, "scalar %d of a tape of %d", x.id,
            t->n);
    return &t->step[x.id];
}

/* A number that was not computed: an input, or a constant. */
static inline scalar scalar_input(struct scalar_tape *t, dual x)
{
    return scalar_record(t, (struct step){ .value = x, .in = { -1, -1 } });
}

static inline scalar scalar_binary(struct scalar_tape *t, dual z, scalar x,
                                   dual dz_dx, scalar y, dual dz_dy)
{
    return scalar_record(t, (struct step){ .value = z,
                         .in = { x.id, y.id }, .slope = { dz_dx, dz_dy } });
}

static inline scalar scalar_add(struct scalar_tape *t, scalar x, scalar y)
{
    const dual a = scalar_step(t, x)->value, b = scalar_step(t, y)->value;
    const dual one = dual_constant(1);
    return scalar_binary(t, dual_add(a, b), x, one, y, one);
}

static inline scalar scalar_sub(struct scalar_tape *t, scalar x, scalar y)
{
    const dual a = scalar_step(t, x)->value, b = scalar_step(t, y)->value;
    return scalar_binary(t, dual_sub(a, b), x, dual_constant(1),
                         y, dual_constant(-1));
}

static inline scalar scalar_mul(struct scalar_tape *t, scalar x, scalar y)
{
    const dual a = scalar_step(t, x)->value, b = scalar_step(t, y)->value;
    return scalar_binary(t, dual_mul(a, b), x, b, y, a);
}

/* z = x / y:  dz/dx = 1 / y,  dz/dy = -z / y */
static inline scalar scalar_div(struct scalar_tape *t, scalar x, scalar y)
{
    const dual a = scalar_step(t, x)->value, b = scalar_step(t, y)->value;
    const dual z = dual_div(a, b);
    return scalar_binary(t, z, x, dual_div(dual_constant(1), b),
                         y, dual_scale(dual_div(z, b), -1));
}

static inline scalar scalar_unary(struct scalar_tape *t, dual z, scalar x,
                                  dual dz_dx)
{
    return scalar_record(t, (struct step){ .value = z,
                         .in = { x.id, -1 }, .slope = { dz_dx } });
}

static inline scalar scalar_exp(struct scalar_tape *t, scalar x)
{
    const dual z = dual_exp(scalar_step(t, x)->value);
    return scalar_unary(t, z, x, z);
}

static inline scalar scalar_log(struct scalar_tape *t, scalar x)
{
    const dual a = scalar_step(t, x)->value;
    return scalar_unary(t, dual_log(a), x, dual_div(dual_constant(1), a));
}

static inline scalar scalar_sin(struct scalar_tape *t, scalar x)
{
    const dual a = scalar_step(t, x)->value;
    return scalar_unary(t, dual_sin(a), x, dual_cos(a));
}

/* z = x^p:  dz/dx = p x^(p-1) */
static inline scalar scalar_power(struct scalar_tape *t, scalar x, double p)
{
    const dual a = scalar_step(t, x)->value;
    return scalar_unary(t, dual_power(a, p), x,
                        dual_scale(dual_power(a, p - 1), p));
}

/* z = sigmoid(x):  dz/dx = z (1 - z) */
static inline scalar scalar_sigmoid(struct scalar_tape *t, scalar x)
{
    const dual z = dual_sigmoid(scalar_step(t, x)->value);
    return scalar_unary(t, z, x,
                        dual_mul(z, dual_sub(dual_constant(1), z)));
}

/*
 * Set the adjoint of every step to dy/d(step).             eq:adjoint
 * One pass, last step first; when a step's turn comes, all steps that use
 * it have had theirs.  May be called again, for another y.
 */
static inline void scalar_sweep(struct scalar_tape *t, scalar y)
{
    for (int i = 0; i < t->n; i++)
        t->step[i].adjoint = dual_constant(0);
    scalar_step(t, y)->adjoint = dual_constant(1);
    for (int i = y.id; i >= 0; i--) {
        const struct step *z = &t->step[i];
        for (int k = 0; k < 2; k++)
            if (z->in[k] >= 0) {
                dual *g = &t->step[z->in[k]].adjoint;
                *g = dual_add(*g, dual_mul(z->adjoint, z->slope[k]));
            }
    }
}

/* The value of x, and dy/dx after a sweep from y. */
static inline dual scalar_value(const struct scalar_tape *t, scalar x)
{
    return scalar_step(t, x)->value;
}

static inline dual scalar_adjoint(const struct scalar_tape *t, scalar x)
{
    return scalar_step(t, x)->adjoint;
}

#endif
