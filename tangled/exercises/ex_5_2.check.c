#include "exercise.h"
#define REAL double
#include "softmax.h"

void tempered_softmax(size_t K, const double z[], double temperature,
                      double p[]);

enum { SIZE = 5 };
static const double z[SIZE] = { 1.3, -0.72, 2.385, 0.4, -1.9 };

/* The same by powers: p_k(T) is proportional to p_k(1)^(1/T). */
static void by_powers(double T, double want[SIZE])
{
    double one[SIZE], sum = 0;
    softmax_row(SIZE, z, one);
    for (size_t k = 0; k < SIZE; k++)
        sum += want[k] = pow(one[k], 1 / T);
    for (size_t k = 0; k < SIZE; k++)
        want[k] /= sum;
}

static void moderate(void)
{
    static const double T[] = { 1.0, 0.5, 2.0, 0.37, 6.5 };
    double p[SIZE], want[SIZE];
    for (size_t i = 0; i < sizeof T / sizeof *T; i++) {
        ex_case("T = %g", T[i]);
        by_powers(T[i], want);
        ex_fill(SIZE, p);
        tempered_softmax(SIZE, z, T[i], p);
        ex_close("p", 1, SIZE, p, want, 1e-15, 1e-12);
    }
}

static void in_place(void)
{
    double p[SIZE], want[SIZE];
    ex_case("p in the place of z, T = 2");
    by_powers(2.0, want);
    memcpy(p, z, sizeof p);
    tempered_softmax(SIZE, p, 2.0, p);
    ex_close("p", 1, SIZE, p, want, 1e-15, 1e-12);
}

/* Logits of size 10000, whose exponentials nobody can write down. */
static void large_one(double T, double a, double b, double c)
{
    static const double far[4] = { 9998.5, 10000, -10000, 9999 };
    const double sum = a + 1 + b + c;
    const double want[4] = { a / sum, 1 / sum, b / sum, c / sum };
    double p[4];
    ex_case("logits of size 10000, T = %g", T);
    ex_fill(4, p);
    tempered_softmax(4, far, T, p);
    ex_close("p", 1, 4, p, want, 1e-15, 1e-12);
}

static void large(void)
{
    large_one(1.0, exp(-1.5), 0, exp(-1));
    large_one(1000.0, exp(-0.0015), exp(-20), exp(-0.001));
    large_one(0.001, 0, 0, 0);
    large_one(1e-305, 0, 0, 0);
}

static void ends(void)
{
    static const double equal[SIZE] = { 2.5, -1.1, 2.5, 0.3, 2.5 };
    static const double three[SIZE] = { 1 / 3.0, 0, 1 / 3.0, 0, 1 / 3.0 };
    static const double fair[SIZE] = { 0.2, 0.2, 0.2, 0.2, 0.2 };
    static const double first[SIZE] = { 0, 0, 1, 0, 0 };
    double p[SIZE];
    ex_case("T = 0");
    ex_fill(SIZE, p);
    tempered_softmax(SIZE, z, 0.0, p);
    ex_close("p", 1, SIZE, p, first, 0.0, 0.0);
    ex_case("T = 0 and three equal logits");
    ex_fill(SIZE, p);
    tempered_softmax(SIZE, equal, 0.0, p);
    ex_close("p", 1, SIZE, p, three, 1e-15, 0.0);
    ex_case("T = infinity");
    ex_fill(SIZE, p);
    tempered_softmax(SIZE, z, (double)INFINITY, p);
    ex_close("p", 1, SIZE, p, fair, 1e-15, 0.0);
}

/* The entropy rises from 0 at T = 0 to log K at infinity. */
static void rising(void)
{
    static const double T[] = { 0.1, 0.3, 1, 3, 10, 100 };
    double p[SIZE], before = 0;
    for (size_t i = 0; i < sizeof T / sizeof *T; i++) {
        tempered_softmax(SIZE, z, T[i], p);
        const double H = entropy(SIZE, p);
        ex_true(H > before && H < log(SIZE), "the entropy %g at T = %g is "
                "above %g and below log K", H, T[i], before);
        before = H;
    }
}

EX_MAIN("5.2",
    { "moderate temperatures", "eq:softmax", moderate },
    { "p in the place of z", "eq:softmax", in_place },
    { "large logits", "eq:softmax-shift", large },
    { "both ends", "eq:lse-bounds", ends },
    { "the entropy rises with T", "eq:entropy-bounds", rising })
