#include "exercise.h"
#define REAL double
#include "dual.h"

void sweep_outputs(struct scalar_tape *t, size_t n, const scalar y[],
                   const double seed[]);

static struct arena memory;

/* Five outputs of three inputs, which share much; y[3] uses y[0]. */
enum { INPUTS = 3, OUTPUTS = 5 };
static void record(struct scalar_tape *t, scalar x[INPUTS],
                   scalar y[OUTPUTS])
{
    static const double at[INPUTS] = { 0.83, -1.37, 2.41 };
    for (size_t i = 0; i < INPUTS; i++)
        x[i] = scalar_input(t, dual_constant(at[i]));
    const scalar p = scalar_mul(t, x[0], x[1]);
    const scalar q = scalar_exp(t, scalar_div(t, p, x[2]));
    y[0] = scalar_add(t, q, scalar_sin(t, p));
    y[1] = scalar_mul(t, q, q);
    y[2] = scalar_sub(t, x[2], p);
    y[3] = scalar_mul(t, y[0], scalar_log(t, x[2]));
    y[4] = scalar_sigmoid(t, scalar_add(t, y[1], y[2]));
    for (size_t i = 0; i < OUTPUTS; i++)
        (void)scalar_exp(t, y[i]);      /* steps after all outputs */
}

/* The same gradient from one sum, recorded and swept. */
static void by_a_sum(size_t n, const size_t which[], const double seed[],
                     double want[INPUTS])
{
    struct scalar_tape t = { .arena = &memory };
    scalar x[INPUTS], y[OUTPUTS];
    record(&t, x, y);
    scalar sum = scalar_input(&t, dual_constant(0));
    for (size_t k = 0; k < n; k++)
        sum = scalar_add(&t, sum, scalar_mul(&t, y[which[k]],
                         scalar_input(&t, dual_constant(seed[k]))));
    scalar_sweep(&t, sum);
    for (size_t i = 0; i < INPUTS; i++)
        want[i] = scalar_adjoint(&t, x[i]).a;
}

/* Sweep from the outputs which[0..n), on a tape with old adjoints. */
static void compare(size_t n, const size_t which[])
{
    static const double seed[] = { 1.9, -0.61, 2.385, -3.2, 0.47, 1.13 };
    struct scalar_tape t = { .arena = &memory };
    scalar x[INPUTS], y[OUTPUTS], from[6];
    double got[INPUTS], want[INPUTS];
    char names[60] = "";
    record(&t, x, y);
    for (int i = 0; i < t.n; i++)
        t.step[i].adjoint = (dual){ 7.5 + i, 0 };
    for (size_t k = 0; k < n; k++) {
        const size_t m = strlen(names);
        from[k] = y[which[k]];
        snprintf(names + m, sizeof names - m, " %zu", which[k]);
    }
    ex_case("the outputs%s", names);
    sweep_outputs(&t, n, from, seed);
    for (size_t i = 0; i < INPUTS; i++)
        got[i] = scalar_adjoint(&t, x[i]).a;
    by_a_sum(n, which, seed, want);
    ex_close("the adjoints of the inputs", 1, INPUTS, got, want, 1e-13,
             1e-12);
}

static void single(void)
{
    for (size_t k = 0; k < OUTPUTS; k++)
        compare(1, (const size_t[]){ k });
}

static void shared(void)
{
    compare(2, (const size_t[]){ 0, 1 });
    compare(3, (const size_t[]){ 0, 1, 2 });
    compare(3, (const size_t[]){ 2, 1, 0 });
}

static void one_from_another(void)
{
    compare(2, (const size_t[]){ 0, 3 });
    compare(2, (const size_t[]){ 3, 0 });
    compare(5, (const size_t[]){ 4, 0, 2, 3, 1 });
}

static void named_twice(void)
{
    compare(2, (const size_t[]){ 2, 2 });
    compare(6, (const size_t[]){ 1, 3, 1, 0, 4, 3 });
}

EX_MAIN("2.6",
    { "a single output", "eq:vjp", single },
    { "outputs that share steps", "eq:adjoint", shared },
    { "outputs made from outputs", "eq:adjoint", one_from_another },
    { "an output named twice", "eq:vjp", named_twice })
