#include "exercise.h"
#define REAL double
#include "tensor.h"

int sweep_order(struct arena *a, int n, const int in[][2], int root,
                int order[]);

static struct arena memory;

/* Is node i behind the root?  By repeating until nothing changes. */
static void behind(int n, const int in[][2], int root, bool is[])
{
    bool changed = true;
    for (int i = 0; i < n; i++)
        is[i] = i == root;
    while (changed) {
        changed = false;
        for (int i = 0; i < n; i++)
            for (int k = 0; k < 2; k++)
                if (is[i] && in[i][k] >= 0 && !is[in[i][k]])
                    is[in[i][k]] = changed = true;
    }
}

/* Check the order of a graph without cycles. */
static void judge(int n, const int in[][2], int root)
{
    int order[60], place[60], want = 0;
    bool is[60];
    behind(n, in, root, is);
    for (int i = 0; i < n; i++)
        order[i] = place[i] = -7, want += is[i];
    const int got = sweep_order(&memory, n, in, root, order);
    if (!ex_equal_int("the length of the order", got, want))
        return;
    ex_equal_int("order[0]", order[0], root);
    for (int i = 0; i < got; i++) {
        const bool good = order[i] >= 0 && order[i] < n && is[order[i]]
                          && place[order[i]] < 0;
        if (!ex_true(good, "entry %d of the order, %d, is a node behind "
                     "the root, and comes only once", i, order[i]))
            return;
        place[order[i]] = i;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++)
            if (is[i] && in[i][k] >= 0)
                ex_true(place[in[i][k]] > place[i],
                        "node %d comes after node %d, which uses it",
                        in[i][k], i);
}

static void small(void)
{
    static const int doubled[][2] = { { 1, 1 }, { 2, 2 }, { -1, -1 } };
    static const int diamond[][2] = { { -1, -1 }, { 0, 4 }, { 4, 0 },
                                      { 2, 1 }, { 0, -1 }, { 3, 3 } };
    static const int early[][2] = { { 1, 3 }, { 2, -1 }, { 3, -1 },
                                    { 4, -1 }, { -1, -1 } };
    ex_case("b = a + a, c = b + b");
    judge(3, doubled, 0);
    ex_case("six nodes, the last of which is not used");
    judge(6, diamond, 3);
    judge(6, diamond, 5);
    ex_case("a node that is used early and late");
    judge(5, early, 0);
}

/* Numbers 0, ..., n-1 in random order. */
static void shuffle(gsl_rng *r, int n, int p[])
{
    for (int i = 0; i < n; i++)
        p[i] = i;
    gsl_ran_shuffle(r, p, (size_t)n, sizeof *p);
}

static void at_random(void)
{
    gsl_rng *r = random_new(31);
    for (int trial = 0; trial < 300; trial++) {
        const int n = 2 + (int)gsl_rng_uniform_int(r, 58);
        int in[60][2], name[60];
        shuffle(r, n, name);
        for (int i = 0; i < n; i++)
            for (int k = 0; k < 2; k++) {
                const int x = (int)gsl_rng_uniform_int(r,
                              (unsigned long)i + 2) - 2;
                in[name[i]][k] = x < 0 ? -1 : name[x];
            }
        ex_case("random graph %d with %d nodes", trial, n);
        judge(n, (const int (*)[2])in, name[n - 1]);
    }
    gsl_rng_free(r);
}

static void cycles(void)
{
    static const int self[][2] = { { 0, -1 } };
    static const int pair[][2] = { { 1, 4 }, { 2, -1 }, { 3, 4 }, { 1, 4 },
                                   { -1, -1 } };
    static const int through[][2] = { { 1, -1 }, { 2, -1 }, { 0, 3 },
                                      { -1, -1 } };
    int order[5];
    ex_case("a node that uses itself");
    ex_equal_int("the result", sweep_order(&memory, 1, self, 0, order), -1);
    ex_case("a cycle behind the root");
    ex_equal_int("the result", sweep_order(&memory, 5, pair, 0, order), -1);
    ex_case("a cycle through the root");
    ex_equal_int("the result", sweep_order(&memory, 4, through, 0, order),
                 -1);
    ex_case("a cycle that the root does not depend on");
    judge(5, pair, 4);
}

static void long_chain(void)
{
    const int n = 1000000;
    int (*in)[2] = arena_take(&memory, (size_t)n, sizeof *in);
    int *name = arena_take(&memory, (size_t)n, sizeof *name);
    int *order = arena_take(&memory, (size_t)n, sizeof *order);
    gsl_rng *r = random_new(32);
    shuffle(r, n, name);
    gsl_rng_free(r);
    for (int i = 0; i < n; i++) {
        in[name[i]][0] = i + 1 < n ? name[i + 1] : -1;
        in[name[i]][1] = -1;
        order[i] = -7;
    }
    ex_case("a chain of a million nodes");
    if (!ex_equal_int("the length of the order",
                      sweep_order(&memory, n, (const int (*)[2])in, name[0],
                                  order), n))
        return;
    for (int i = 0; i < n; i++)
        if (!ex_equal_int("an entry of the order", order[i], name[i]))
            return;
}

EX_MAIN("2.8",
    { "four small graphs", "eq:adjoint", small },
    { "three hundred random graphs", "eq:adjoint", at_random },
    { "cycles", "eq:adjoint", cycles },
    { "a long chain", "eq:adjoint", long_chain })
