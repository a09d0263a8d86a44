/*
 * Tests of chapter 1: tensor.h and what its program computes.
 * Shapes have unequal sizes, values are not round, so that a transposed or
 * forgotten factor cannot hide.
 */
#include "../tangled/tap.h"

#define main tensors_main
#include "../tangled/01-tensors.c"
#undef main

/* All elements of t, in row order, against n expected values. */
static void same(tensor t, size_t n, const double want[], double tolerance,
                 const char *title)
{
    double got[200];
    if (!ok(tensor_len(t) == n, "%s: %zu elements", title, n)) {
        diag("the shape is %s", TENSOR_SHAPE(t));
        return;
    }
    const tensor c = tensor_clone(&memory, t);
    for (size_t i = 0; i < n; i++)
        got[i] = (double)c.data[i];
    ok_all_close(n, got, want, tolerance, tolerance, "%s", title);
}

#define SAME(t, tolerance, title, ...) \
    same(t, sizeof (double[]){ __VA_ARGS__ } / sizeof(double), \
         (const double[]){ __VA_ARGS__ }, tolerance, title)

static void is_shape(tensor t, const char *want, const char *title)
{
    ok_text(TENSOR_SHAPE(t), want, "%s", title);
}

/* 2 x 3 x 5 numbers without structure. */
static tensor some(void)
{
    return tensor_uniform(&memory, rng, -2.385, 1.917, SHAPE(2, 3, 5));
}

static void counting(void)
{
    ok_equal(tensor_len(some()), 30, "[eq:count] 2 x 3 x 5 is 30 elements");
    ok_equal(shape_len(SCALAR), 1, "[eq:count] the empty product is 1");
    ok_equal(shape_len(SHAPE(3, 0, 2)), 0, "[eq:count] a size of 0");
}

/* begin offset */
static void offsets(void)
{
    const tensor t = tensor_arange(&memory, 2 * 3 * 5 * 7);
    const tensor u = tensor_reshape(t, SHAPE(2, 3, 5, 7));
    size_t expected = 0, wrong = 0;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t k = 0; k < 5; k++)
                for (size_t m = 0; m < 7; m++)
                    wrong += AT(u, i, j, k, m) != (real)expected++;
    ok_equal(wrong, 0, "[eq:offset] 210 indices, 210 positions in order");
    real cells[1006] = { 0 };
    const tensor w = { cells, 1000, 2, { 2, 3 }, { 3, 1 } };
    for (size_t i = 0; i < 6; i++)
        cells[1000 + i] = (real)(i + 1);
    ok_equal((size_t)(&AT(w, 1, 2) - cells), 1005,
             "[eq:offset] from 1000 on, element (1, 2) is at 1005");
    ok_close((double)AT(w, 1, 2), 6, 0, 0, "and its value is 6");
    const tensor v = { t.data, 4, 2, { 3, 2 }, { 7, 19 } };
    ok_close((double)AT(v, 2, 1), 4 + 2 * 7 + 1 * 19, 0, 0,
             "[eq:offset] offset 4, strides 7 and 19: element (2, 1)");
}
/* end offset */

static void strides(void)
{
    const tensor t = tensor_zeros(&memory, SHAPE(2, 3, 5, 7));
    const size_t want[] = { 105, 35, 7, 1 };
    for (int d = 0; d < 4; d++)
        ok_equal(t.stride[d], want[d], "[eq:stride] of axis %d", d);
    ok(tensor_is_contiguous(t), "a new tensor is contiguous");
    ok(!tensor_is_contiguous(tensor_swap(t, 1, 2)), "its transpose is not");
    ok(!tensor_is_contiguous(tensor_slice(t, 3, 0, 6, 1)),
       "a narrower slice is not");
    ok(tensor_is_contiguous(tensor_slice(t, 0, 1, 2, 1)),
       "a block of rows is");
}

static void too_large(void) { tensor_zeros(&memory, SHAPE(SIZE_MAX / 3, 7)); }
static void bad_index(void) { AT(some(), 1, 3, 0) = 0; }
static void bad_rank(void) { AT(some(), 1, 2) = 0; }
static void bad_count(void)
{
    tensor_from(&memory, VALUES(1, 2, 3), SHAPE(2, 2));
}
static void bad_item(void) { (void)tensor_item(some()); }

static void bugs(void)
{
    ok_dies(too_large, "too many elements", "a shape that overflows stops");
    ok_dies(bad_index, "index 3 of axis 1 is outside the shape (2, 3, 5)",
            "an index outside the shape stops");
    ok_dies(bad_rank, "2 indices for a tensor of shape (2, 3, 5)",
            "too few indices stop");
    ok_dies(bad_count, "3 values for the shape (2, 2)",
            "values that do not fill the shape stop");
    ok_dies(bad_item, "has 30 elements", "the item of a larger tensor");
}

static void arenas(void)
{
    struct arena a = { 0 };
    char *p = arena_take(&a, 3, 5), *q = arena_alloc(&a, 100, 7);
    size_t wrong = 0;
    ok((uintptr_t)p % 64 == 0 && (uintptr_t)q % 64 == 0,
       "pieces begin on a multiple of 64");
    ok(q >= p + 15 || p >= q + 700, "pieces do not overlap");
    memset(q, 77, 700);
    char *large = arena_take(&a, 3, ARENA_BLOCK);
    memset(large, 1, 3 * (size_t)ARENA_BLOCK);
    arena_reset(&a);
    ok(arena_take(&a, 3, 5) == p, "after a reset the memory is used again");
    q = arena_alloc(&a, 100, 7);
    for (size_t i = 0; i < 700; i++)
        wrong += q[i] != 0;
    ok_equal(wrong, 0, "arena_alloc writes zeros over what was there");
    ok(arena_take(&a, 3, ARENA_BLOCK) == large,
       "the large block is kept and found again");
    ok(a.first->next->next == NULL, "no third block was asked for");
    arena_free(&a);
    ok(a.first == NULL, "arena_free leaves an empty arena");
}

static void overflow(void)
{
    arena_take(&memory, SIZE_MAX / 2, 3);
}

static void faults(void)
{
    struct error e;
    ok(!fail(&e, "a.csv", 7, 3, "found '%s'", "x"), "fail returns false");
    ok_text(e.text, "found 'x'", "the text of an error");
    ok_equal(e.line * 100 + e.column, 703, "line and column of an error");
    ok_dies(overflow, "arena_take", "a size that overflows stops");
}

static void creating(void)
{
    SAME(tensor_full(&memory, (real)2.385, SHAPE(2, 2)), 1e-7,
         "full", 2.385, 2.385, 2.385, 2.385);
    SAME(tensor_ones(&memory, SHAPE(3)), 0, "ones", 1, 1, 1);
    SAME(tensor_zeros(&memory, SHAPE(3)), 0, "zeros", 0, 0, 0);
    SAME(tensor_scalar(&memory, 4), 0, "a scalar", 4);
    gsl_rng *r = random_new(100);
    SAME(tensor_uniform(&memory, r, 0, 1, SHAPE(2, 2)), 1e-15,
         "[eq:uniform] numpy.random.seed(100); rand(2, 2)",
         0.54340494179096543, 0.27836938509379616, 0.42451759074913309,
         0.84477613231990367);
    double sum = 0, square = 0;
    const tensor z = tensor_normal(&memory, r, 1.5, 0.5, SHAPE(100000));
    for (size_t i = 0; i < 100000; i++) {
        sum += (double)z.data[i];
        square += ((double)z.data[i] - 1.5) * ((double)z.data[i] - 1.5);
    }
    /* the standard error of the mean is 0.0016, of the variance 0.0011 */
    ok_close(sum / 1e5, 1.5, 0.008, 0, "the mean of normal numbers");
    ok_close(square / 1e5, 0.25, 0.006, 0, "the variance of them");
    gsl_rng_free(r);
}

static tensor grid(void)
{
    return tensor_from(&memory, VALUES(1.1, 1.2, 1.3, 2.1, 2.2, 2.3, 3.1,
                       3.2, 3.3, 4.1, 4.2, 4.3), SHAPE(4, 3));
}

static void two_unknown(void) { tensor_reshape(grid(), SHAPE(INFER, INFER)); }
static void no_division(void) { tensor_reshape(grid(), SHAPE(5, INFER)); }
static void other_count(void) { tensor_reshape(grid(), SHAPE(3, 5)); }
static void not_contiguous(void)
{
    tensor_reshape(tensor_transpose(grid()), SHAPE(12));
}

static void reshaping(void)
{
    const tensor t = grid();
    is_shape(tensor_reshape(t, SHAPE(2, 6)), "(2, 6)", "reshape(2, 6)");
    is_shape(tensor_reshape(t, SHAPE(INFER, 4)), "(3, 4)",
             "[eq:infer] reshape(-1, 4) of 4 x 3");
    is_shape(tensor_reshape(t, SHAPE(3, INFER, 2)), "(3, 2, 2)",
             "[eq:infer] an open size in the middle");
    ok_close((double)AT(tensor_reshape(t, SHAPE(3, 4)), 1, 3), 3.2, 1e-7, 0,
             "reshape keeps the row order");
    is_shape(tensor_squeeze_all(tensor_reshape(t, SHAPE(1, INFER))), "(12)",
             "reshape(1, -1).squeeze()");
    is_shape(tensor_unsqueeze(t, 1), "(4, 1, 3)", "unsqueeze(1)");
    is_shape(tensor_unsqueeze(t, 2), "(4, 3, 1)", "unsqueeze at the end");
    is_shape(tensor_squeeze(tensor_unsqueeze(t, 1), 1), "(4, 3)",
             "squeeze(1) undoes unsqueeze(1)");
    ok(tensor_is_contiguous(tensor_unsqueeze(t, 0)),
       "unsqueeze keeps a tensor contiguous");
    const tensor p = tensor_zeros(&memory, SHAPE(3, 1, 28, 28));
    is_shape(tensor_flatten(p, 1), "(3, 784)", "flatten(1) of pictures");
    is_shape(tensor_flatten(p, 0), "(2352)", "flatten(0)");
    is_shape(tensor_flatten(tensor_zeros(&memory, SHAPE(28, 28)), 0),
             "(784)", "flatten of a 28 x 28 picture");
    AT(tensor_reshape(t, SHAPE(2, 6)), 1, 5) = 7;
    ok_close((double)AT(t, 3, 2), 7, 0, 0, "a reshape shares its memory");
}

static void bad_shapes(void)
{
    ok_dies(two_unknown, "two sizes to infer", "two open sizes stop");
    ok_dies(no_division, "does not divide", "[eq:infer] a remainder stops");
    ok_dies(other_count, "(4, 3) to (3, 5)", "another count stops");
    ok_dies(not_contiguous, "not contiguous", "a transpose has no reshape");
}

static void transposing(void)
{
    const tensor t = some(), u = tensor_swap(t, 0, 2), m = grid();
    size_t wrong = 0;
    is_shape(u, "(5, 3, 2)", "[eq:transpose] sizes are swapped");
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t k = 0; k < 5; k++)
                wrong += &AT(t, i, j, k) != &AT(u, k, j, i);
    ok_equal(wrong, 0, "[eq:transpose] the same cells under swapped indices");
    ok_close((double)AT(tensor_transpose(m), 2, 3), 4.3, 1e-7, 0,
             "[eq:transpose] of a matrix");
}

static void bad_slice(void) { tensor_slice(grid(), 0, 0, END, 0); }
static void bad_select(void) { tensor_select(grid(), 1, 3); }
static void bad_select2(void) { tensor_select(grid(), 1, -4); }
static void bad_rows(void) { tensor_rows(grid(), 3, 2); }

static void slicing(void)
{
    const tensor t = tensor_arange(&memory, 10);
    SAME(tensor_slice(t, 0, 2, 9, 3), 0, "[eq:slice] t[2:9:3]", 2, 5, 8);
    SAME(tensor_slice(t, 0, 1, 8, 3), 0, "[eq:slice] t[1:8:3]", 1, 4, 7);
    SAME(tensor_slice(t, 0, 1, 9, 3), 0, "[eq:slice] t[1:9:3]", 1, 4, 7);
    SAME(tensor_slice(t, 0, -3, END, 1), 0, "t[-3:]", 7, 8, 9);
    SAME(tensor_slice(t, 0, 0, -7, 1), 0, "t[:-7]", 0, 1, 2);
    SAME(tensor_slice(t, 0, -100, 2, 1), 0, "t[-100:2] is cut", 0, 1);
    ok_equal(tensor_len(tensor_slice(t, 0, 7, 3, 1)), 0,
             "[eq:slice] t[7:3] is empty");
    ok_equal(tensor_len(tensor_slice(t, 0, 20, 30, 1)), 0, "t[20:30] too");
    const tensor s = tensor_slice(tensor_slice(t, 0, 1, END, 2), 0, 1, END,
                                  2);
    SAME(s, 0, "[eq:slice] a slice of a slice", 3, 7);
    AT(s, 1) = 70;
    ok_close((double)AT(t, 7), 70, 0, 0, "a slice shares its memory");
    SAME(tensor_rows(grid(), 1, 2), 1e-7, "rows 1 and 2", 2.1, 2.2, 2.3,
         3.1, 3.2, 3.3);
    SAME(tensor_select(grid(), 1, -1), 1e-7, "the last column", 1.3, 2.3,
         3.3, 4.3);
    ok_dies(bad_slice, "step must be positive", "a step of 0 stops");
    ok_dies(bad_select, "of axis 1 of shape (4, 3)", "select beyond");
    ok_dies(bad_select2, "-4 of axis 1", "select before the beginning");
    ok_dies(bad_rows, "2 from 3 on of shape (4, 3)", "rows beyond the end");
}

/* The nine slices of a batch of 16 colour pictures. */
static void pictures(void)
{
    struct arena *a = &memory;
    const tensor X = tensor_uniform(a, rng, 0, 1, SHAPE(16, 3, 32, 32));
    const size_t pick[] = { 0, 7, 8 }, red_blue[] = { 0, 2 };
    size_t eight[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    is_shape(tensor_slice(X, 0, 0, 2, 1), "(2, 3, 32, 32)", "X[:2]");
    is_shape(tensor_slice(X, 0, -1, END, 1), "(1, 3, 32, 32)", "X[-1:]");
    is_shape(tensor_slice(X, 0, 1, END, 2), "(8, 3, 32, 32)", "X[1::2]");
    const tensor three = tensor_index_select(a, X, 0, 3, pick);
    is_shape(three, "(3, 3, 32, 32)", "pictures 0, 7, 8");
    ok(AT(three, 1, 2, 30, 31) == AT(X, 7, 2, 30, 31),
       "the second of them is picture 7");
    const tensor colours = tensor_index_select(a, X, 1, 2, red_blue);
    is_shape(colours, "(16, 2, 32, 32)", "red and blue");
    ok(AT(colours, 9, 1, 4, 5) == AT(X, 9, 2, 4, 5), "the second is blue");
    is_shape(tensor_index_select(a, tensor_index_select(a, X, 2, 8, eight),
             3, 6, eight), "(16, 3, 8, 6)", "the corner of 8 x 6");
    is_shape(tensor_select(X, 0, 0), "(3, 32, 32)", "X[0, ...]");
    is_shape(tensor_select(X, 1, 1), "(16, 32, 32)", "X[:, 1, ...]");
    const tensor half = tensor_scalar(a, 0.5);
    const tensor mask = tensor_ge(a, X, half);
    const tensor chosen = tensor_masked_select(a, X, mask);
    ok_equal(tensor_len(chosen), (size_t)tensor_item(tensor_sum(a, mask,
             ALL)), "as many elements as the mask has ones");
    ok(chosen.data[tensor_argmax(a, chosen, ALL).data[0] > 0] >= 0.5
       && tensor_item(tensor_sum(a, tensor_lt(a, chosen, half), ALL)) == 0,
       "none of them is below 0.5");
    const tensor t = tensor_from(a, VALUES(3.0, 3.1, 3.2, 3.3, 3.4, 3.5),
                                 SHAPE(2, 3));
    const size_t places[] = { 0, 1, 5 };
    SAME(tensor_take(a, t, 3, places), 1e-7, "take {0, 1, 5}", 3.0, 3.1,
         3.5);
    SAME(tensor_take(a, tensor_transpose(t), 3, places), 1e-7,
         "take from a transpose", 3.0, 3.3, 3.5);
}

static void no_broadcast(void)
{
    tensor_add(&memory, tensor_zeros(&memory, SHAPE(2, 3)),
               tensor_zeros(&memory, SHAPE(2)));
}
static void no_stretch(void)
{
    tensor_copy(tensor_zeros(&memory, SHAPE(3)), grid());
}

static void broadcasting(void)
{
    struct arena *a = &memory;
    static const struct { int rx; size_t x[4]; int ry; size_t y[4];
                          const char *want; } row[] = {
        { 2, { 2, 3 }, 1, { 3 }, "(2, 3)" },
        { 2, { 3, 1 }, 1, { 4 }, "(3, 4)" },
        { 3, { 2, 1, 5 }, 2, { 3, 1 }, "(2, 3, 5)" },
        { 0, { 0 }, 2, { 2, 3 }, "(2, 3)" },
        { 4, { 2, 1, 3, 1 }, 4, { 1, 5, 1, 7 }, "(2, 5, 3, 7)" },
        { 2, { 0, 3 }, 2, { 1, 3 }, "(0, 3)" },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        is_shape(tensor_add(a, tensor_zeros(a, row[i].rx, row[i].x),
                            tensor_zeros(a, row[i].ry, row[i].y)),
                 row[i].want, "[eq:broadcast] of two shapes");
    const tensor x = tensor_from(a, VALUES(1.5, 2.25, -3), SHAPE(3, 1));
    const tensor y = tensor_from(a, VALUES(10, 20), SHAPE(2));
    SAME(tensor_sub(a, x, y), 1e-7, "[eq:broadcast] a column less a row",
         -8.5, -18.5, -7.75, -17.75, -13, -23);
    const tensor b = tensor_broadcast(x, SHAPE(3, 4));
    ok(&AT(b, 1, 0) == &AT(b, 1, 3) && b.stride[1] == 0,
       "[eq:broadcast] a stretched axis has stride 0");
    ok_dies(no_broadcast, "shapes (2, 3) and (2) do not broadcast",
            "[eq:broadcast] (2, 3) with (2) stops, with both shapes");
    ok_dies(no_stretch, "shape (4, 3) does not broadcast to (3)",
            "a tensor does not shrink");
}

static void joining(void)
{
    struct arena *a = &memory;
    const tensor t = tensor_from(a, VALUES(11, 12, 13, 14, 15, 21, 22, 23,
                     24, 25, 31, 32, 33, 34, 35), SHAPE(3, 5));
    const tensor u = tensor_from(a, VALUES(41, 42, 43, 44, 45), SHAPE(1, 5));
    const tensor v = tensor_from(a, VALUES(101, 102, 103, 104), SHAPE(4, 1));
    const tensor z = tensor_cat(a, tensor_cat(a, t, u, 0), v, 1);
    is_shape(z, "(4, 6)", "[eq:cat] 3 x 5, 1 x 5 and 4 x 1 make 4 x 6");
    SAME(tensor_select(z, 1, 5), 0, "[eq:cat] the last column", 101, 102,
         103, 104);
    SAME(tensor_select(z, 0, 3), 0, "[eq:cat] the last row", 41, 42, 43, 44,
         45, 104);
    is_shape(tensor_reshape(tensor_cat(a, tensor_zeros(a, SHAPE(28, 28)),
             tensor_zeros(a, SHAPE(56, 28)), 0), SHAPE(3, 28, 28)),
             "(3, 28, 28)", "[eq:cat] pictures joined and reshaped");
}

static void bad_join(void)
{
    tensor_cat(&memory, grid(), tensor_zeros(&memory, SHAPE(4, 2)), 0);
}

static void arithmetic(void)
{
    struct arena *a = &memory;
    const tensor x = tensor_from(a, VALUES(1.1, 1.2, 1.3, 2.1, 2.2, 2.3),
                                 SHAPE(2, 3));
    const tensor y = tensor_from(a, VALUES(10.1, 11, 12, 20, 21, 22),
                                 SHAPE(2, 3));
    const tensor two = tensor_scalar(a, 2);
    const tensor r = tensor_from(a, VALUES(100, 200, 300), SHAPE(3));
    const double e = 4 * (double)REAL_EPSILON;
    SAME(tensor_add(a, x, y), e, "t1+t2", 11.2, 12.2, 13.3, 22.1, 23.2,
         24.3);
    SAME(tensor_sub(a, x, y), 10 * e, "t1-t2", -9, -9.8, -10.7, -17.9,
         -18.8, -19.7);
    SAME(tensor_mul(a, x, y), e, "t1*t2", 11.11, 13.2, 15.6, 42, 46.2, 50.6);
    SAME(tensor_div(a, x, y), 5e-5, "t1/t2", .1089, .1091, .1083, .1050,
         .1048, .1045);
    SAME(tensor_add(a, x, two), e, "t1+2", 3.1, 3.2, 3.3, 4.1, 4.2, 4.3);
    SAME(tensor_sub(a, x, two), e, "t1-2", -.9, -.8, -.7, .1, .2, .3);
    SAME(tensor_mul(a, x, two), e, "t1*2", 2.2, 2.4, 2.6, 4.2, 4.4, 4.6);
    SAME(tensor_div(a, x, two), e, "t1/2", .55, .6, .65, 1.05, 1.1, 1.15);
    SAME(tensor_gt(a, x, tensor_scalar(a, (real)1.2)), 0, "t1>1.2", 0, 0, 1,
         1, 1, 1);
    SAME(tensor_lt(a, x, tensor_scalar(a, (real)1.2)), 0, "t1<1.2", 1, 0, 0,
         0, 0, 0);
    SAME(tensor_eq(a, x, tensor_scalar(a, (real)1.1)), 0, "t1==1.1", 1, 0,
         0, 0, 0, 0);
    SAME(tensor_add(a, x, r), e, "t1+t3", 101.1, 201.2, 301.3, 102.1, 202.2,
         302.3);
    SAME(tensor_sub(a, x, r), e, "t1-t3", -98.9, -198.8, -298.7, -97.9,
         -197.8, -297.7);
    SAME(tensor_mul(a, x, r), e, "t1*t3", 110, 240, 390, 210, 440, 690);
    SAME(tensor_div(a, x, r), 5e-5, "t1/t3", .0110, .0060, .0043, .0210,
         .0110, .0077);
    SAME(tensor_map(a, x, hundred_and_8), e, "100 t1 + 8", 118, 128, 138,
         218, 228, 238);
    ok_dies(bad_join, "along axis 0", "[eq:cat] other sizes must agree");
}

static void comparing(void)
{
    struct arena *a = &memory;
    const tensor x = tensor_from(a, VALUES(1, 2, 3), SHAPE(3));
    const tensor y = tensor_from(a, VALUES(3, 2, 1), SHAPE(3));
    SAME(tensor_le(a, x, y), 0, "<=", 1, 1, 0);
    SAME(tensor_ge(a, x, y), 0, ">=", 0, 1, 1);
    SAME(tensor_ne(a, x, y), 0, "!=", 1, 0, 1);
    SAME(tensor_max2(a, x, y), 0, "the larger of two", 3, 2, 3);
    const tensor bad = tensor_scalar(a, (real)NAN);
    SAME(tensor_ge(a, x, bad), 0, "NaN is in no order", 0, 0, 0);
    ok(isnan(real_larger((real)NAN, 1)) && isnan(real_larger(1, (real)NAN)),
       "but it is the larger of two, on either side");
}

/* Rows, a number for all of a row on either side, and strides. */
static void walking_two_lanes(void)
{
    struct arena *a = &memory;
    const tensor x = tensor_uniform(a, rng, -2, 3, SHAPE(7, 37));
    const tensor y = tensor_uniform(a, rng, 1, 2, SHAPE(37, 7));
    const tensor with[] = { tensor_clone(a, tensor_transpose(y)),
                            tensor_slice(x, 1, 3, 4, 1),
                            tensor_transpose(y) };
    static const char *const name[] =
        { "with another", "with a column", "with a transpose" };
    for (size_t k = 0; k < 3; k++) {
        const tensor z = tensor_sub(a, x, with[k]);
        const tensor w = tensor_sub(a, with[k], x);
        size_t wrong = 0;
        for (size_t i = 0; i < 7; i++)
            for (size_t j = 0; j < 37; j++) {
                const real v = AT(with[k], i, k == 1 ? 0 : j);
                wrong += AT(z, i, j) != AT(x, i, j) - v
                         || AT(w, i, j) != v - AT(x, i, j);
            }
        ok_equal(wrong, 0, "a matrix %s, both ways round", name[k]);
    }
    const tensor t = tensor_map(a, tensor_transpose(x), hundred_and_8);
    ok(AT(t, 30, 5) == 100 * AT(x, 5, 30) + 8, "a map of a transpose");
}

static void folding(void)
{
    struct arena *a = &memory;
    const tensor t = tensor_from(a, VALUES(1, 2, 3, 4, 5, 6), SHAPE(2, 3));
    const double e = 4 * (double)REAL_EPSILON;
    SAME(tensor_sum(a, t, ALL), 0, "the whole sum", 21);
    SAME(tensor_sum(a, t, 1), 0, "sums of rows", 6, 15);
    SAME(tensor_sum(a, t, 0), 0, "sums of columns", 5, 7, 9);
    SAME(tensor_mean(a, t, ALL), 0, "[eq:mean] of all", 3.5);
    SAME(tensor_mean(a, t, 1), 0, "[eq:mean] of rows", 2, 5);
    SAME(tensor_mean(a, t, 0), 0, "[eq:mean] of columns", 2.5, 3.5, 4.5);
    SAME(tensor_std(a, t, ALL), 1e-7, "[eq:std] of all",
         1.8708287477493286);
    SAME(tensor_std(a, t, 1), e, "[eq:std] of rows", 1, 1);
    SAME(tensor_std(a, t, 0), 1e-4, "[eq:std] of columns", 2.1213, 2.1213,
         2.1213);
    SAME(tensor_max(a, t, ALL), 0, "the maximum", 6);
    SAME(tensor_max(a, t, 1), 0, "maxima of rows", 3, 6);
    SAME(tensor_argmax(a, t, 1), 0, "their places", 2, 2);
    SAME(tensor_max(a, t, 0), 0, "maxima of columns", 4, 5, 6);
    SAME(tensor_argmax(a, t, 0), 0, "their places", 1, 1, 1);
    SAME(tensor_argmax(a, tensor_from(a, VALUES(.1, .5, .4, .9, .05, .05),
         SHAPE(2, 3)), 1), 0, "classes", 1, 0);
    SAME(tensor_argmax(a, tensor_ones(a, SHAPE(4)), ALL), 0,
         "of equal ones the first", 0);
    ok(isnan((double)tensor_item(tensor_std(a, tensor_ones(a, SHAPE(1)),
       ALL))), "[eq:std] one number has no spread");
    /* numbers near 1e9: the one-pass formula would lose every digit */
    SAME(tensor_std(a, tensor_from(a, VALUES(1e9 + 4, 1e9 + 7, 1e9 + 13,
         1e9 + 16), SHAPE(4)), ALL), 1e-9, "[eq:std] far from zero",
         5.477225575051661);
}

static void folding_higher_ranks(void)
{
    struct arena *a = &memory;
    const tensor t = some();
    const tensor rows = tensor_sum(a, tensor_sum(a, t, 1), 1);
    const tensor u = tensor_sum(a, t, 1);
    double want = 0, all = 0;
    is_shape(u, "(2, 5)", "axis 1 of (2, 3, 5) goes away");
    for (size_t j = 0; j < 3; j++)
        want += (double)AT(t, 1, j, 4);
    ok_close((double)AT(u, 1, 4), want, 1e-14, 0, "one of its sums");
    for (size_t i = 0; i < 2; i++)
        all += (double)AT(rows, i);
    ok_close((double)tensor_item(tensor_sum(a, tensor_swap(t, 0, 2), ALL)),
             all, 1e-13, 0, "axis by axis or all at once");
}

/* The sum in the order of the text, one addition a line. */
static double ordered_sum(const real *x, size_t n)
{
    double part[32] = { 0 }, sum = 0;
    const size_t whole = n - n % 32;
    for (size_t i = 0; i < whole; i++)
        part[i % 32] += (double)x[i];
    for (size_t half = 16; half > 0; half /= 2)
        for (size_t j = 0; j < half; j++)
            part[j] = part[j] + part[j + half];
    if (whole > 0)
        sum = part[0];
    for (size_t i = whole; i < n; i++)
        sum = sum + (double)x[i];
    return sum;
}

static void summing_in_parts(void)
{
    struct arena *a = &memory;
    const tensor t = tensor_uniform(a, rng, -1.3, 2.9, SHAPE(3 * 1100));
    const tensor every_third = tensor_clone(a, tensor_slice(t, 0, 0, END,
                                                            3));
    size_t wrong = 0, strided = 0;
    for (size_t n = 0; n < 300; n++) {
        wrong += lane_sum(t.data, n, 1) != ordered_sum(t.data, n);
        strided += lane_sum(t.data, n, 3)
                   != ordered_sum(every_third.data, n);
    }
    ok_equal(wrong, 0, "[eq:partial-sums] 300 sums, to the last bit");
    ok_equal(strided, 0, "[eq:partial-sums] the same at a distance");
    double plain = 0;
    for (size_t i = 0; i < 3300; i++)
        plain += (double)t.data[i];
    ok_close(lane_sum(t.data, 3300, 1), plain, 0, 1e-14,
             "[eq:partial-sums] the same as one by one, but for rounding");
    const tensor tenths = tensor_full(a, 0.1, SHAPE(1000000));
    plain = 0;
    for (size_t i = 0; i < 1000000; i++)
        plain += (double)tenths.data[i];
    ok(fabs(lane_sum(tenths.data, 1000000, 1) - 1e5) < 1e-7
       && fabs(plain - 1e5) > 1e-6,
       "[eq:partial-sums] a million tenths, and fewer digits lost");
}

/* A fold that tensor.h does not know. */
static real fold_first(const real *x, size_t n, size_t step)
{
    (void)n, (void)step;
    return x[0];
}

/* Every fold over every axis, against one lane at a time. */
static void by_rows(tensor t, int axis, const char *title)
{
    static const struct { const char *name; fold *f; } all[] = {
        { "sum", fold_sum }, { "mean", fold_mean }, { "std", fold_std },
        { "max", fold_max }, { "argmax", fold_argmax },
        { "a fold of our own", fold_first }
    };
    struct arena *a = &memory;
    tensor moved = t;
    for (int d = axis; d + 1 < t.rank; d++)
        moved = tensor_swap(moved, d, d + 1);
    moved = tensor_clone(a, moved);             /* lanes of step 1 */
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        const tensor z = tensor_fold(a, t, axis, all[k].f);
        size_t wrong = tensor_len(z) != tensor_lanes(moved);
        for (size_t i = 0; i < tensor_lanes(moved) && !wrong; i++) {
            const double got = (double)z.data[i];
            const double want = (double)all[k].f(tensor_lane(moved, i),
                                                 lane_len(moved), 1);
            const double far = fabs(got - want) / (1 + fabs(want));
            const bool right = isnan(want) ? isnan(got) : far <= 1e-13;
            wrong += !right;
        }
        ok_equal(wrong, 0, "%s: %s", title, all[k].name);
    }
}

static void folding_by_rows(void)
{
    struct arena *a = &memory;
    const tensor t = tensor_normal(a, rng, 0.3, 2, SHAPE(45, 2, 1031));
    const tensor u = tensor_normal(a, rng, 0.3, 2, SHAPE(5, 9, 4, 3));
    by_rows(t, 0, "axis 0 of (45, 2, 1031)");
    by_rows(t, 1, "axis 1");
    by_rows(t, 2, "axis 2");
    by_rows(tensor_swap(t, 0, 2), 0, "axis 0 of a transpose");
    by_rows(tensor_swap(t, 0, 2), 2, "axis 2 of a transpose");
    by_rows(u, 1, "axis 1 of (5, 9, 4, 3)");
    by_rows(tensor_slice(u, 3, 0, END, 2), 1, "axis 1 of a slice");
    by_rows(tensor_slice(tensor_slice(t, 0, 3, 4, 1), 2, 5, 90, 1), 0,
            "an axis of size 1");
}

static void max_of_none(void)
{
    tensor_max(&memory, tensor_zeros(&memory, SHAPE(0, 4)), 0);
}
static void argmax_of_none(void)
{
    tensor_argmax(&memory, tensor_zeros(&memory, SHAPE(0)), ALL);
}

static void empty_folds(void)
{
    struct arena *a = &memory;
    const tensor t = tensor_zeros(a, SHAPE(0, 3));
    SAME(tensor_sum(a, t, 0), 0, "a sum of nothing", 0, 0, 0);
    ok_equal(tensor_len(tensor_sum(a, t, 1)), 0, "no sums at all");
    ok_equal(tensor_len(tensor_max(a, tensor_zeros(a, SHAPE(4, 0)), 0)), 0,
             "no maxima at all");
    const tensor s = tensor_std(a, t, 0);
    ok(isnan((double)s.data[0])
       && isnan((double)tensor_item(tensor_std(a, t, ALL))),
       "[eq:std] no number has no spread either");
    ok_dies(max_of_none, "the maximum of no elements", "a maximum of none");
    ok_dies(argmax_of_none, "the maximum of no elements", "and its place");
}

/* NaN at each of 700 places, in a lane, in steps, in a column. */
static void not_a_number(void)
{
    struct arena *a = &memory;
    const tensor t = tensor_uniform(a, rng, -5, -1, SHAPE(700, 3));
    size_t lost = 0, elsewhere = 0, second = 0;
    for (size_t i = 0; i < 700; i++) {
        const tensor x = tensor_clone(a, t);
        const real *column = x.data + 1;
        AT(x, i, 1) = (real)NAN;
        AT(x, 699, 1) = i % 2 ? (real)NAN : (real)INFINITY;
        const bool alone = i < 699 || i % 2;
        const tensor max = tensor_max(a, x, 0), at = tensor_argmax(a, x, 0);
        const tensor line = tensor_clone(a, tensor_select(x, 1, 1));
        lost += alone && !(isnan(AT(max, 1)) && isnan(fold_max(line.data,
                700, 1)) && isnan(fold_max(column, 700, 3)));
        elsewhere += alone && (AT(at, 1) != (real)i
                     || lane_argmax(line.data, 700, 1) != i
                     || lane_argmax(column, 700, 3) != i);
        second += AT(max, 0) != fold_max(t.data, 700, 3)
                  || AT(at, 2) != (real)lane_argmax(t.data + 2, 700, 3);
    }
    ok_equal(lost, 0, "a NaN anywhere makes the maximum NaN");
    ok_equal(elsewhere, 0, "its place is that of the first NaN");
    ok_equal(second, 0, "the columns beside it keep theirs");
    const tensor low = tensor_full(a, (real)-INFINITY, SHAPE(600));
    ok(fold_max(low.data, 600, 1) == (real)-INFINITY
       && lane_argmax(low.data, 600, 1) == 0, "all of them minus infinity");
    low.data[300] = low.data[555] = 2;
    ok_equal(lane_argmax(low.data, 600, 1), 300, "the first of equal ones");
}

static void selecting_by_mask(void)
{
    struct arena *a = &memory;
    const tensor t = tensor_uniform(a, rng, 1, 2, SHAPE(40, 3));
    const tensor zero = tensor_zeros(a, SHAPE(1));
    const tensor mask = tensor_from(a, VALUES(1, 0, 1), SHAPE(3));
    const tensor some_of = tensor_masked_select(a, t, mask);
    size_t wrong = 0;
    ok_equal(tensor_len(tensor_masked_select(a, t, zero)), 0, "no element");
    ok_equal(tensor_len(tensor_masked_select(a, t, t)), 120, "all of them");
    ok_equal(tensor_len(some_of), 80, "two columns of three");
    for (size_t i = 0; i < 40; i++)
        wrong += some_of.data[2 * i] != AT(t, i, 0)
                 || some_of.data[2 * i + 1] != AT(t, i, 2);
    ok_equal(wrong, 0, "in row order");
}

static void masks(void)
{
    static const double mean[3][4] = {          /* oracle/01-tensors.py */
        { 5.006, 3.428, 1.462, 0.246 }, { 5.936, 2.770, 4.260, 1.326 },
        { 6.588, 2.974, 5.552, 2.026 } };
    static const double deviation[3][4] = {
        { 0.3524896872134513, 0.3790643690962887, 0.1736639964801841,
          0.1053855893800456 },
        { 0.5161711470638634, 0.3137983233784114, 0.4699109772399538,
          0.197752680004544 },
        { 0.6358795932744321, 0.3224966381726376, 0.5518946956639834,
          0.2746500556366674 } };
    tensor X, y, m, s;
    iris_read(&X, &y);
    for (size_t k = 0; k < 3; k++) {
        describe(X, y, k, &m, &s);
        same(m, 4, mean[k], 1e-14, "[eq:masked-mean] one species of iris");
        same(s, 4, deviation[k], 1e-14,
             "[eq:masked-std] one species of iris");
    }
}

static void bad_product(void)
{
    tensor_matmul(&memory, grid(), grid());
}

static void multiplying(void)
{
    struct arena *a = &memory;
    const tensor A = tensor_uniform(a, rng, -1, 1, SHAPE(4, 3));
    const tensor B = tensor_uniform(a, rng, -1, 1, SHAPE(3, 5));
    double want[20], twice[20];
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 5; j++) {
            want[5 * i + j] = 0;
            for (size_t p = 0; p < 3; p++)
                want[5 * i + j] += (double)(AT(A, i, p) * AT(B, p, j));
            twice[5 * i + j] = 2.5 * want[5 * i + j] - 0.5 * 1.25;
        }
    same(tensor_matmul(a, A, B), 20, want, 1e-15,
         "[eq:matmul] against three loops");
    const tensor At = tensor_clone(a, tensor_transpose(A));
    const tensor Bt = tensor_clone(a, tensor_transpose(B));
    same(tensor_matmul(a, tensor_transpose(At), tensor_transpose(Bt)), 20,
         want, 1e-15, "[eq:matmul] of two transposed views");
    tensor C = tensor_full(a, 1.25, SHAPE(4, 5));
    tensor_gemm(2.5, A, B, -0.5, C);
    same(C, 20, twice, 1e-15, "[eq:gemm] 2.5 A B - 0.5 C");
    C = tensor_full(a, (real)NAN, SHAPE(4, 5));
    tensor_gemm(1, A, B, 0, C);
    same(C, 20, want, 1e-15, "[eq:gemm] beta = 0 overwrites a NaN");
    const tensor wide = tensor_zeros(a, SHAPE(4, 9));
    const tensor part = tensor_slice(wide, 1, 2, 7, 1);
    tensor_gemm(1, A, B, 0, part);
    same(part, 20, want, 1e-15, "[eq:gemm] into a slice of columns");
    ok_close((double)(AT(wide, 0, 1) + AT(wide, 3, 7)), 0, 0, 0,
             "and nothing beside it");
    ok_dies(bad_product, "(4, 3) times (4, 3)", "shapes that do not fit");
}

static void small_products(void)
{
    struct arena *a = &memory;
    const tensor x = tensor_from(a, VALUES(1.5, -2, 4), SHAPE(3, 1));
    SAME(tensor_matmul(a, tensor_transpose(x), x), 1e-15,
         "[eq:matmul] (1, 3) times (3, 1)", 22.25);
    SAME(tensor_matmul(a, x, tensor_transpose(x)), 1e-15,
         "[eq:matmul] (3, 1) times (1, 3)", 2.25, -3, 6, -3, 4, -8, 6, -8,
         16);
    const tensor column = tensor_slice(grid(), 1, 1, 2, 1);
    SAME(tensor_matmul(a, tensor_transpose(column), column), 1e-6,
         "[eq:matmul] a column of a matrix",
         1.2 * 1.2 + 2.2 * 2.2 + 3.2 * 3.2 + 4.2 * 4.2);
    const tensor none = tensor_zeros(a, SHAPE(2, 0));
    SAME(tensor_matmul(a, none, tensor_transpose(none)), 0,
         "[eq:matmul] over no terms is zero", 0, 0, 0, 0);
}

static void no_layout(void)
{
    tensor t = tensor_zeros(&memory, SHAPE(4, 6));
    t = tensor_slice(tensor_slice(t, 1, 0, END, 2), 0, 0, END, 2);
    tensor_operand(t);
}

static void sharing(void)
{
    const tensor A = grid();
    real_matrix_view v = tensor_matrix(A);
    gsl_matrix_set(&v.matrix, 2, 1, -7.5);
    ok_close((double)AT(A, 2, 1), -7.5, 0, 0, "GSL writes to the tensor");
    gsl_matrix *m = gsl_matrix_calloc(3, 5);
    gsl_matrix_view sub = gsl_matrix_submatrix(m, 1, 2, 2, 3);
    const tensor T = tensor_of_matrix(&sub.matrix);
    AT(T, 1, 2) = 8.25;
    ok_close(gsl_matrix_get(m, 2, 4), 8.25, 0, 0,
             "a tensor writes to a part of a GSL matrix");
    gsl_vector_view column = gsl_matrix_column(m, 4);
    ok_close((double)AT(tensor_of_vector(&column.vector), 2), 8.25, 0, 0,
             "a column of a GSL matrix is a tensor with a stride");
    real_vector_view w = tensor_vector(tensor_select(A, 1, 1));
    ok_close(gsl_vector_get(&w.vector, 2), -7.5, 0, 0,
             "a column of a tensor is a GSL vector");
    gsl_matrix_free(m);
    ok_dies(no_layout, "no BLAS layout", "a matrix with two strides stops");
}

static void printing(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    tensor_print(out, "t", tensor_from(&memory, VALUES(-1.5, 2, 10, 0.25),
                 SHAPE(2, 1, 2)));
    fclose(out);
    ok_text(text, "t (2, 1, 2)\n    [[[-1.5000,  2.0000]],\n"
            "     [[10.0000,  0.2500]]]\n", "a tensor of rank 3 printed");
    free(text);
}

int main(void)
{
    rng = random_new(100);
    TAP_RUN(counting);
    TAP_RUN(offsets);
    TAP_RUN(strides);
    TAP_RUN(bugs);
    TAP_RUN(arenas);
    TAP_RUN(faults);
    TAP_RUN(creating);
    TAP_RUN(reshaping);
    TAP_RUN(bad_shapes);
    TAP_RUN(transposing);
    TAP_RUN(slicing);
    TAP_RUN(pictures);
    TAP_RUN(broadcasting);
    TAP_RUN(joining);
    TAP_RUN(arithmetic);
    TAP_RUN(comparing);
    TAP_RUN(walking_two_lanes);
    TAP_RUN(folding);
    TAP_RUN(folding_higher_ranks);
    TAP_RUN(summing_in_parts);
    TAP_RUN(folding_by_rows);
    TAP_RUN(empty_folds);
    TAP_RUN(not_a_number);
    TAP_RUN(selecting_by_mask);
    TAP_RUN(masks);
    TAP_RUN(multiplying);
    TAP_RUN(small_products);
    TAP_RUN(sharing);
    TAP_RUN(printing);
    return tap_done();
}
