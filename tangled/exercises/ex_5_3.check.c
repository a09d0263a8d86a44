#include "exercise.h"
#define REAL double
#include "softmax.h"

double mutual_information(size_t m, size_t n, const double P[]);

enum { CELLS = 35 };

/* A table of m x n random cells; some are 0, if `holes` says so. */
static void draw(gsl_rng *r, size_t m, size_t n, bool holes, double P[])
{
    double sum = 0;
    for (size_t c = 0; c < m * n; c++) {
        const double x = random_uniform(r);
        sum += P[c] = holes && x < 0.4 ? 0 : x * x;
    }
    for (size_t c = 0; c < m * n; c++)
        P[c] /= sum;
}

/* By definition: the divergence of two tables. */
static double by_divergence(size_t m, size_t n, const double P[])
{
    double p[8] = { 0 }, q[8] = { 0 }, product[CELLS];
    for (size_t c = 0; c < m * n; c++)
        p[c / n] += P[c], q[c % n] += P[c];
    for (size_t c = 0; c < m * n; c++)
        product[c] = p[c / n] * q[c % n];
    return kl_divergence(m * n, P, product);
}

static void compare(size_t m, size_t n, const double P[])
{
    ex_case("a table of %zu rows and %zu columns", m, n);
    ex_close_to("the mutual information", mutual_information(m, n, P),
                by_divergence(m, n, P), 1e-14, 1e-12);
}

static void full(void)
{
    double P[CELLS];
    gsl_rng *r = random_new(31);
    draw(r, 3, 5, false, P), compare(3, 5, P);
    draw(r, 7, 2, false, P), compare(7, 2, P);
    draw(r, 5, 7, false, P), compare(5, 7, P);
    gsl_rng_free(r);
}

static void holes(void)
{
    static const double rows[12] = { 0, 0, 0, 0.31, 0.24, 0, 0, 0, 0,
                                     0.05, 0.4, 0 };
    double P[CELLS];
    gsl_rng *r = random_new(32);
    compare(4, 3, rows);
    draw(r, 5, 6, true, P), compare(5, 6, P);
    gsl_rng_free(r);
}

/* A copy tells everything: the entropy of the label. */
static void copies(void)
{
    static const double p[4] = { 0.43, 0.3, 0.07, 0.2 };
    double P[16] = { 0 };
    for (size_t k = 0; k < 4; k++)
        P[5 * k] = p[k];
    ex_case("a label and its copy");
    ex_close_to("the mutual information", mutual_information(4, 4, P),
                entropy(4, p), 1e-14, 1e-12);
}

/* A fair coin, reported wrongly with probability e: log 2 - H(e). */
static void reports(void)
{
    for (int i = 0; i <= 5; i++) {
        const double e = 0.1 * i, both[2] = { e, 1 - e };
        const double P[4] = { (1 - e) / 2, e / 2, e / 2, (1 - e) / 2 };
        ex_case("a coin, %d of 10 reports wrong", i);
        ex_close_to("the mutual information", mutual_information(2, 2, P),
                    log(2) - entropy(2, both), 1e-14, 1e-12);
    }
}

EX_MAIN("5.3",
    { "the divergence from independence", "eq:kl", full },
    { "cells, rows and columns of 0", "eq:entropy", holes },
    { "a copy tells everything", "eq:entropy-bounds", copies },
    { "a coin and a false report", "eq:gibbs", reports })
