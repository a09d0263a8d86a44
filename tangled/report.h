/*
 * report.h -- tables in, estimates out: what the programs of chapters 3
 * and 4 share.  Downhill, chapter 3.
 */
#ifndef REPORT_H
#define REPORT_H

#include "program.h"
#include "dataset.h"

#include <gsl/gsl_cdf.h>

/* EMBEDDED(cars): the three arguments that stand for data in cars.h. */
#define EMBEDDED(data) data##_csv, data##_csv_lines, #data ".csv"

/* The table in the file `path` or, if that is NULL, in these lines. */
static inline struct frame frame_open(const char *path,
                                      const char *const lines[], size_t n,
                                      const char *name)
{
    struct frame f;
    struct error e;
    const bool ok = path != NULL
                    ? csv_file(&f, &memory, path, &e)
                    : csv_lines(&f, &memory, lines, n, name, &e);
    if (!ok)
        give_up(&e);
    return f;
}

/* x, or 0 where it would print as -0.0000. */
static inline double tidy(double x)
{
    return fabs(x) < 5e-5 ? 0 : x;
}

/* How far a loss is above the least one, in steps of 1e-11 of that. */
static inline double above(double loss, double least)
{
    const double unit = 1e-11 * least;
    return unit > 0 ? floor((loss - least) / unit + 0.5) * unit : loss;
}

/* A new vector of n zeros. */
static inline tensor vector(size_t n)
{
    return tensor_zeros(&memory, SHAPE(n));
}

/* Row i of a matrix. */
static inline tensor row(tensor X, size_t i)
{
    return tensor_select(X, 0, (ptrdiff_t)i);
}

/* One line; v is (tensor){ 0 } where there is no solution. */
static inline void print_vector(const char *name, tensor v)
{
    printf("%-12s", name);
    for (size_t j = 0; j < v.shape[0]; j++)
        printf(" %8.4f", tidy((double)AT(v, j)));
    printf(v.rank > 0 ? "\n" : " columns depend on each other\n");
}

/* A line for each parameter but the first, which is the intercept. */
static inline void print_estimates(tensor theta, tensor error,
                                   double freedom,
                                   const char *const name[])
{
    const bool normal = isinf(freedom);
    printf("%-14s %10s %10s %8s %10s\n", "", "estimate", "std.error",
           normal ? "z" : "t", "p");
    for (size_t j = 0; j < theta.shape[0]; j++) {
        const double t = (double)AT(theta, j) / (double)AT(error, j);
        const double p = 2 * (normal ? gsl_cdf_ugaussian_Q(fabs(t))
                              : gsl_cdf_tdist_Q(fabs(t), freedom));
        printf("%s %10.4f %10.4f %8.3f",
               text_fit(j == 0 ? "(intercept)" : name[j - 1], 14).s,
               (double)AT(theta, j), (double)AT(error, j), t);
        printf(p < 1e-15 ? "    < 1e-15\n" : " %10.3g\n", p);
    }
}

/* The points of P (m,2), when tables are asked for. */
static inline void write_points(const char *name, tensor P)
{
    struct table t = table_hidden(name, "x %g|y %g");
    for (size_t i = 0; i < P.shape[0]; i++)
        ROW(&t, NULL, (double)AT(P, i, 0), (double)AT(P, i, 1));
    table_end(&t);
}

#endif
