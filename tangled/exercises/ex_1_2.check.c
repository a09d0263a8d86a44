#include "exercise.h"
#define REAL double
#include "tensor.h"

void column_strides(int rank, const size_t shape[], size_t stride[]);

static void values(void)
{
    size_t stride[4] = { 9999, 9999, 9999, 9999 };
    const size_t want[4] = { 1, 2, 6, 30 };
    column_strides(4, (const size_t[]){ 2, 3, 5, 7 }, stride);
    ex_case("the shape (2, 3, 5, 7)");
    ex_sizes("stride", 4, stride, want);
    stride[0] = 9999;
    column_strides(1, (const size_t[]){ 6 }, stride);
    ex_case("the shape (6)");
    ex_equal("stride[0]", stride[0], 1);
    stride[0] = 9999;
    column_strides(0, NULL, stride);
    ex_case("rank 0");
    ex_equal("the memory beside the result", stride[0], 9999);
}

/* All positions of a (4, 3, 2, 5) tensor are different and below 120. */
static void each_cell_once(void)
{
    const size_t n[4] = { 4, 3, 2, 5 };
    size_t s[4] = { 9999, 9999, 9999, 9999 };
    bool seen[120] = { false };
    column_strides(4, n, s);
    for (size_t k = 0; k < 120; k++) {
        const size_t at = k % 4 * s[0] + k / 4 % 3 * s[1]
                          + k / 12 % 2 * s[2] + k / 24 * s[3];
        if (!ex_true(at < 120 && !seen[at],
                     "the 120 elements of a (4, 3, 2, 5) tensor fill 120 "
                     "cells, each of them once"))
            return;
        seen[at] = true;
    }
}

static void matrix(void)
{
    static struct arena a;
    const size_t n[2] = { 3, 4 };
    real cells[12], got[12];
    for (size_t i = 0; i < 12; i++)
        cells[i] = sin(1.0 + (double)(i * i));
    tensor A = tensor_wrap(cells, 2, n);
    A.stride[0] = A.stride[1] = 0;
    column_strides(2, n, A.stride);
    if (!ex_true(2 * A.stride[0] + 3 * A.stride[1] < 12,
                 "a (3, 4) matrix stays within its 12 cells"))
        return;
    tensor_copy(tensor_wrap(got, 2, n), A);
    const tensor rows = tensor_wrap(cells, SHAPE(4, 3));
    ex_close("A", 3, 4, got,
             tensor_clone(&a, tensor_transpose(rows)).data, 0.0, 0.0);
}

EX_MAIN("1.2",
    { "the strides of three shapes", "eq:stride", values },
    { "every cell is used once", "eq:offset", each_cell_once },
    { "a matrix stored by columns", "eq:transpose", matrix })
