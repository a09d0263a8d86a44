#include "exercise.h"
#define REAL double
#include "tensor.h"

int common_shape(tensor x, tensor y, tensor z, size_t shape[RANK_MAX]);

static struct arena memory;

/* Three shapes, and the rank that they meet in. */
struct meeting { int rank, r[3]; size_t n[3][RANK_MAX]; };

static const struct meeting good[] = {
    { 4, { 3, 2, 4 }, { { 4, 1, 3 }, { 5, 1 }, { 2, 1, 1, 1 } } },
    { 2, { 2, 1, 0 }, { { 7, 3 }, { 3 }, { 0 } } },
    { 3, { 1, 3, 2 }, { { 6 }, { 5, 2, 1 }, { 1, 6 } } },
    { 2, { 2, 2, 2 }, { { 1, 4 }, { 3, 1 }, { 3, 4 } } },
    { 3, { 2, 3, 1 }, { { 1, 2 }, { 4, 0, 2 }, { 1 } } },
    { 1, { 1, 0, 1 }, { { 1 }, { 0 }, { 0 } } },
};
static const struct meeting bad[] = {
    { -1, { 1, 1, 1 }, { { 3 }, { 1 }, { 4 } } },
    { -1, { 2, 1, 1 }, { { 2, 3 }, { 2 }, { 3 } } },
    { -1, { 2, 2, 2 }, { { 5, 2 }, { 1, 2 }, { 6, 1 } } },
    { -1, { 1, 2, 1 }, { { 0 }, { 4, 1 }, { 3 } } },
    { -1, { 2, 1, 2 }, { { 3, 2 }, { 3 }, { 1, 1 } } },
};
enum { GOOD = sizeof good / sizeof good[0] };
enum { BAD = sizeof bad / sizeof bad[0] };

static tensor operand(const struct meeting *m, int k)
{
    return tensor_ones(&memory, m->r[k], m->n[k]);
}

/* Call the answer with the operands in the order a, b, c. */
static int meet(const struct meeting *m, int a, int b, int c,
                size_t shape[RANK_MAX])
{
    const tensor x = operand(m, a), y = operand(m, b), z = operand(m, c);
    for (int d = 0; d < RANK_MAX; d++)
        shape[d] = 9999;
    ex_case("the shapes %s, %s and %s", TENSOR_SHAPE(x), TENSOR_SHAPE(y),
            TENSOR_SHAPE(z));
    return common_shape(x, y, z, shape);
}

/* In every order of the operands the shape is that of x + y + z. */
static void as_a_sum(void)
{
    static const int order[6][3] = {
        { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
        { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
    };
    size_t shape[RANK_MAX];
    for (size_t i = 0; i < GOOD; i++)
        for (size_t p = 0; p < 6; p++) {
            const struct meeting *m = &good[i];
            const int *o = order[p];
            const tensor sum = tensor_add(&memory, operand(m, 0),
                tensor_add(&memory, operand(m, 1), operand(m, 2)));
            const int rank = meet(m, o[0], o[1], o[2], shape);
            ex_equal_int("the rank", rank, sum.rank);
            ex_sizes("shape", (size_t)sum.rank, shape, sum.shape);
        }
}

static void by_hand(void)
{
    const size_t want[4] = { 2, 4, 5, 3 };
    size_t shape[RANK_MAX];
    ex_equal_int("the rank", meet(&good[0], 0, 1, 2, shape), 4);
    ex_sizes("shape", 4, shape, want);
}

static void misfits(void)
{
    size_t shape[RANK_MAX];
    for (size_t i = 0; i < BAD; i++) {
        ex_equal_int("the rank", meet(&bad[i], 0, 1, 2, shape), -1);
        ex_equal_int("the rank", meet(&bad[i], 2, 0, 1, shape), -1);
        ex_equal_int("the rank", meet(&bad[i], 1, 2, 0, shape), -1);
    }
}

EX_MAIN("1.3",
    { "three shapes that you can do by hand", "eq:broadcast", by_hand },
    { "the shape is that of a sum of three", "eq:broadcast", as_a_sum },
    { "shapes that do not broadcast give -1", "eq:broadcast", misfits })
