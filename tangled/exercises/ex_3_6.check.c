#include "exercise.h"
#define REAL double
#include "linear.h"

void predict_held_out(struct arena *a, tensor X, tensor y, size_t k,
                      double ridge, tensor p);

static struct arena memory;

struct problem { size_t m, n, k; tensor X, y; };

static struct problem draw(unsigned long seed, size_t m, size_t n,
                           size_t k)
{
    gsl_rng *r = random_new(seed);
    const struct problem p = { m, n, k,
        tensor_normal(&memory, r, 7.5, 2.3, SHAPE(m, n)),
        tensor_normal(&memory, r, 31.5, 4.4, SHAPE(m)),
    };
    gsl_rng_free(r);
    for (size_t i = 0; i < m; i++) {
        AT(p.X, i, 0) *= 40;
        AT(p.y, i) += 0.03 * AT(p.X, i, 0);
    }
    return p;
}

static tensor answer(const struct problem *q, double ridge)
{
    const tensor p = tensor_empty(&memory, SHAPE(q->m - q->k));
    ex_fill(q->m - q->k, p.data);
    ex_case("%zu rows for training, %zu held out, ridge %g", q->k,
            q->m - q->k, ridge);
    predict_held_out(&memory, q->X, q->y, q->k, ridge, p);
    return p;
}

/*
 * The same in the units of the data, without any scaling: theta_j costs
 * ridge/2 (s_j theta_j)^2, which n more rows add to the squares.
 */
static tensor unscaled(const struct problem *q, double ridge)
{
    const tensor X = with_ones(&memory, q->X);
    const tensor all = tensor_zeros(&memory, SHAPE(q->k + q->n, q->n + 1));
    const tensor y = tensor_zeros(&memory, SHAPE(q->k + q->n));
    const tensor theta = tensor_empty(&memory, SHAPE(q->n + 1));
    const tensor p = tensor_empty(&memory, SHAPE(q->m - q->k));
    tensor_copy(tensor_rows(all, 0, q->k), tensor_rows(X, 0, q->k));
    tensor_copy(tensor_rows(y, 0, q->k), tensor_rows(q->y, 0, q->k));
    for (size_t j = 0; j < q->n; j++) {
        double mean = 0, square = 0;
        for (size_t i = 0; i < q->k; i++)
            mean += AT(q->X, i, j) / (double)q->k;
        for (size_t i = 0; i < q->k; i++)
            square += (AT(q->X, i, j) - mean) * (AT(q->X, i, j) - mean);
        AT(all, q->k + j, j + 1) = sqrt((double)q->k * ridge * square
                                        / (double)(q->k - 1));
    }
    linear_solve_qr(&memory, all, y, theta);
    linear_predict(tensor_rows(X, q->k, q->m - q->k), theta, p);
    return p;
}

static void units(void)
{
    static const double ridge[] = { 0.02, 0.35, 4.5 };
    for (size_t t = 0; t < 3; t++) {
        const struct problem q = draw(91 + t, 14 + t, 2 + t, 9);
        ex_close("p", 1, q.m - q.k, answer(&q, ridge[t]).data,
                 unscaled(&q, ridge[t]).data, 1e-9, 1e-9);
    }
}

/* Move the last row: the predictions for the others must stay. */
static void no_leak(void)
{
    const struct problem q = draw(97, 12, 3, 7);
    const tensor before = answer(&q, 0.6);
    for (size_t j = 0; j < 3; j++)
        AT(q.X, 11, j) = 90 - 3 * AT(q.X, 11, j);
    const tensor after = answer(&q, 0.6);
    for (size_t i = 0; i < 4; i++)
        if (!ex_true(fabs(AT(after, i) - AT(before, i)) < 1e-9,
                     "the prediction for held-out row %zu stays when "
                     "only the last row of X changes", i))
            return;
    ex_close("p", 1, 4, after.data, unscaled(&q, 0.6).data, 1e-9, 1e-9);
    ex_true(fabs(AT(after, 4) - AT(before, 4)) > 0.1,
            "the prediction for the last row changes with it");
}

static void single(void)
{
    const struct problem q = draw(101, 8, 2, 7);
    ex_close("p", 1, 1, answer(&q, 0.25).data, unscaled(&q, 0.25).data,
             1e-9, 1e-9);
}

EX_MAIN("3.6",
    { "the same without any scaling", "eq:standardise", units },
    { "held-out rows know nothing of each other", "eq:standardise",
      no_leak },
    { "a single held-out row", "eq:standardise", single })
