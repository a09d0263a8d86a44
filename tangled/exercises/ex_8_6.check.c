#include "exercise.h"
#define REAL double
#include "tensor.h"

void deal_parts(size_t n, const int label[], int classes, size_t k,
                size_t part[]);

enum { MOST = 400, PARTS = 12 };

/* The images of class c (all: c < 0) in the parts differ by at most 1. */
static void even(size_t n, const int label[], int c, size_t k,
                 const size_t part[])
{
    size_t count[PARTS] = { 0 }, least = n, most = 0;
    for (size_t i = 0; i < n; i++)
        count[part[i]] += c < 0 || label[i] == c;
    for (size_t p = 0; p < k; p++) {
        least = count[p] < least ? count[p] : least;
        most = count[p] > most ? count[p] : most;
    }
    if (c < 0)
        ex_true(most - least <= 1, "the parts are equally large but for 1; "
                "one has %zu and another %zu images", most, least);
    else
        ex_true(most - least <= 1, "each part has equally many of class %d "
                "but for 1; one has %zu and another %zu", c, most, least);
}

static void deal(size_t n, const int label[], int classes, size_t k)
{
    size_t part[MOST];
    for (size_t i = 0; i < n; i++)
        part[i] = SIZE_MAX;
    ex_case("%zu images of %d classes in %zu parts", n, classes, k);
    deal_parts(n, label, classes, k, part);
    for (size_t i = 0; i < n; i++)
        if (!ex_true(part[i] < k, "part[%zu] is below %zu", i, k))
            return;
    even(n, label, -1, k, part);
    for (int c = 0; c < classes; c++)
        even(n, label, c, k, part);
}

/* Labels in random order, the higher the rarer; class 1 is empty. */
static void shuffled(void)
{
    static int label[MOST];
    gsl_rng *r = random_new(86);
    for (size_t i = 0; i < MOST; i++) {
        const double u = random_uniform(r);
        label[i] = (int)(7 * u * u);
        label[i] += label[i] == 1;
    }
    gsl_rng_free(r);
    deal(MOST, label, 7, 5);
    deal(389, label, 7, 12);
    deal(47, label, 7, 4);
}

/* Labels that come in turn or sorted. */
static void in_order(void)
{
    static int turn[60], sorted[60];
    for (int i = 0; i < 60; i++)
        turn[i] = i % 3, sorted[i] = i / 20;
    deal(60, turn, 3, 3);
    deal(60, sorted, 3, 7);
    deal(59, turn, 3, 6);
}

/* Classes of fewer images than there are parts. */
static void rare(void)
{
    static const int label[] = { 3, 8, 0, 5, 1, 2, 4, 7, 6, 3, 8, 0, 5, 1 };
    deal(9, label, 9, 3);
    deal(14, label, 9, 4);
    deal(5, label, 9, 5);
}

EX_MAIN("8.6",
    { "labels in random order", NULL, shuffled },
    { "labels in a regular order", NULL, in_order },
    { "classes with few images", NULL, rare })
