#define REAL double
/*
 * Tensors: shaped views of shared memory.  Downhill, chapter 1.
 *
 * cc -O3 -march=native tangled/01-tensors.c -lgsl -lopenblas -lm -o tensors
 */
#include "program.h"
#include "data/iris.h"

/* A matrix of two rows and three columns. */
#define MATRIX(...) \
    tensor_from(&memory, VALUES(__VA_ARGS__), SHAPE(2, 3))

static void show(const char *name, tensor t)
{
    tensor_print(stdout, name, t);
}

#define LINE(name, t) printf("%-21s %s\n", name, TENSOR_SHAPE(t))

static void show_create(void)
{
    const tensor u = tensor_uniform(&memory, rng, 0, 1, SHAPE(2, 3));
    show("uniform", u);
    show("normal", tensor_normal(&memory, rng, 0, 1, SHAPE(2, 3)));
    show("ones", tensor_ones(&memory, SHAPE(2, 3)));
    show("zeros", tensor_zeros(&memory, 2, u.shape));
    show("arange", tensor_arange(&memory, 5));
    show("values", tensor_from(&memory, VALUES(1.5, 2.25, 3), SHAPE(3)));
}

static void show_offset(void)
{
    const tensor t = MATRIX(1, 2, 3, 4, 5, 6);
    printf("shape %s, strides (%zu, %zu), offset %zu\n", TENSOR_SHAPE(t),
           t.stride[0], t.stride[1], t.offset);
    for (size_t i = 0; i < t.shape[0]; i++)
        for (size_t j = 0; j < t.shape[1]; j++)
            printf("t[%zu][%zu] is %g, at position %td\n", i, j,
                   AT(t, i, j), &AT(t, i, j) - t.data);
}

static void show_reshape(void)
{
    const tensor t = tensor_from(&memory,
        VALUES(1.1, 1.2, 1.3, 2.1, 2.2, 2.3, 3.1, 3.2, 3.3, 4.1, 4.2, 4.3),
        SHAPE(4, 3));
    show("reshape(2, 6)", tensor_reshape(t, SHAPE(2, 6)));
    show("reshape(INFER, 4)", tensor_reshape(t, SHAPE(INFER, 4)));
    const tensor u = tensor_unsqueeze(t, 1);
    printf("unsqueeze(1)  %s\n", TENSOR_SHAPE(u));
    printf("squeeze(1)    %s\n", TENSOR_SHAPE(tensor_squeeze(u, 1)));
    const tensor pictures = tensor_zeros(&memory, SHAPE(3, 1, 28, 28));
    printf("flatten(1)    %s to %s\n", TENSOR_SHAPE(pictures),
           TENSOR_SHAPE(tensor_flatten(pictures, 1)));
    AT(t, 0, 0) = 9.9;
    printf("after t[0][0] = 9.9 unsqueeze(1) has %g at [0][0][0]\n",
           AT(u, 0, 0, 0));
}

static real hundred_and_8(real x)
{
    return 100 * x + 8;
}

static void show_elementwise(void)
{
    struct arena *a = &memory;
    const tensor x = MATRIX(1.1, 1.2, 1.3, 2.1, 2.2, 2.3);
    const tensor y = MATRIX(10.1, 11, 12, 20, 21, 22);
    const tensor row = tensor_from(a, VALUES(100, 200, 300), SHAPE(3));
    show("x + y", tensor_add(a, x, y));
    show("x / y", tensor_div(a, x, y));
    show("x - 2", tensor_sub(a, x, tensor_scalar(a, 2)));
    show("x > 1.2", tensor_gt(a, x, tensor_scalar(a, 1.2)));
    show("x + (100, 200, 300)", tensor_add(a, x, row));
    show("100 x + 8", tensor_map(a, x, hundred_and_8));
}

static void show_reduce(void)
{
    struct arena *a = &memory;
    const tensor t = MATRIX(1, 2, 3, 4, 5, 6);
    const tensor p = MATRIX(0.1, 0.5, 0.4, 0.9, 0.05, 0.05);
    printf("sum %g, mean %g, std %.16g, max %g\n",
           tensor_item(tensor_sum(a, t, ALL)),
           tensor_item(tensor_mean(a, t, ALL)),
           tensor_item(tensor_std(a, t, ALL)),
           tensor_item(tensor_max(a, t, ALL)));
    show("sum over axis 0", tensor_sum(a, t, 0));
    show("sum over axis 1", tensor_sum(a, t, 1));
    show("mean over axis 0", tensor_mean(a, t, 0));
    show("std over axis 0", tensor_std(a, t, 0));
    show("std over axis 1", tensor_std(a, t, 1));
    show("argmax over axis 1 of probabilities", tensor_argmax(a, p, 1));
}

static void show_index(void)
{
    const tensor X = tensor_uniform(&memory, rng, 0, 1,
                                    SHAPE(16, 3, 32, 32));
    const size_t pick[] = { 0, 7, 8 }, red_blue[] = { 0, 2 };
    const size_t places[] = { 0, 1, 5 };
    const tensor corner = tensor_slice(X, 2, 0, 8, 1);
    const tensor mask = tensor_ge(&memory, X, tensor_scalar(&memory, 0.5));
    LINE("X[:2]", tensor_slice(X, 0, 0, 2, 1));
    LINE("X[-1:]", tensor_slice(X, 0, -1, END, 1));
    LINE("X[1::2]", tensor_slice(X, 0, 1, END, 2));
    LINE("X[:, :, :8, :6]", tensor_slice(corner, 3, 0, 6, 1));
    LINE("X[0]", tensor_select(X, 0, 0));
    LINE("X[:, 1]", tensor_select(X, 1, 1));
    LINE("pictures 0, 7, 8", tensor_index_select(&memory, X, 0, 3, pick));
    LINE("red and blue", tensor_index_select(&memory, X, 1, 2, red_blue));
    printf("at least 0.5          %s of %zu\n",
           TENSOR_SHAPE(tensor_masked_select(&memory, X, mask)), tensor_len(X));
    show("take {0, 1, 5}", tensor_take(&memory, MATRIX(3.0, 3.1, 3.2, 3.3,
                                       3.4, 3.5), 3, places));
}

static void show_gsl(void)
{
    const tensor A = MATRIX(11, 12, 13, 21, 22, 23);
    real_matrix_view view = tensor_matrix(A);
    gsl_matrix_set(&view.matrix, 0, 0, -11);
    show("A, after GSL wrote to it", A);
    gsl_matrix *m = gsl_matrix_calloc(2, 2);
    const tensor T = tensor_of_matrix(m);
    AT(T, 0, 1) = 7;
    printf("GSL finds %g where the tensor wrote it\n",
           gsl_matrix_get(m, 0, 1));
    gsl_matrix_free(m);
    show("transpose(A) A", tensor_matmul(&memory, tensor_transpose(A), A));
}

static void show_addresses(void)
{
    const tensor t = MATRIX(1, 2, 3, 4, 5, 6);
    const char *first = (const char *)&AT(t, 0, 0);
    printf("t[1][2] is %td elements and %td bytes from t[0][0]\n",
           &AT(t, 1, 2) - &AT(t, 0, 0), (const char *)&AT(t, 1, 2) - first);
    const double s = tensor_item(tensor_std(&memory, t, ALL));
    printf("standard deviation %.4f, variance %.4f\n", s, s * s);
    struct arena a = { 0 };
    tensor_full(&a, 7, SHAPE(3));
    arena_reset(&a);
    show("an empty tensor after arena_reset", tensor_empty(&a, SHAPE(3)));
    arena_free(&a);
}

enum { FLOWERS = 150, LENGTHS = 4, SPECIES = 3 };
static const char *const species_name[SPECIES] =
    { "setosa", "versicolor", "virginica" };

/* X (150, 4) in cm; y (150) is the species, 0 to 2. */
static void iris_read(tensor *X, tensor *y)
{
    *X = tensor_empty(&memory, SHAPE(FLOWERS, LENGTHS));
    *y = tensor_empty(&memory, SHAPE(FLOWERS));
    for (size_t i = 0; i < FLOWERS; i++) {
        char name[20];
        double *x = &AT(*X, i, 0);
        const int n = sscanf(iris_csv[i + 1], "%lf,%lf,%lf,%lf,%19s", &x[0],
                             &x[1], &x[2], &x[3], name);
        REQUIRE(n == 5, "iris.h, line %zu: %s", i + 1, iris_csv[i + 1]);
        for (size_t k = 0; k < SPECIES; k++)
            if (strcmp(name, species_name[k]) == 0)
                AT(*y, i) = (real)k;
    }
}

/* Mean and deviation (4) of the rows of X (150, 4) with y = k. */
static void describe(tensor X, tensor y, size_t k, tensor *mean,
                     tensor *deviation)
{
    struct arena *a = &memory;
    const tensor m = tensor_eq(a, y, tensor_scalar(a, (real)k));
    const tensor column = tensor_unsqueeze(m, 1);           /* (150, 1) */
    const tensor count = tensor_sum(a, m, ALL);
    const tensor total = tensor_sum(a, tensor_mul(a, column, X), 0);
    *mean = tensor_div(a, total, count);

    const tensor R = tensor_sub(a, X, *mean);               /* (150, 4) */
    const tensor R2 = tensor_mul(a, column, tensor_mul(a, R, R));
    const tensor n_1 = tensor_sub(a, count, tensor_scalar(a, 1));
    const tensor variance = tensor_div(a, tensor_sum(a, R2, 0), n_1);
    *deviation = tensor_map(a, variance, real_sqrt);
}

static void show_iris(void)
{
    tensor X, y, mean, deviation;
    iris_read(&X, &y);
    printf("mean and deviation in cm\n%25s%31s\n", "sepal", "petal");
    struct table t = table_new("iris-means", "species %-10s"
        "|length %8.3f|+- %6.3f|width %6.3f|+- %6.3f"
        "|length %8.3f|+- %6.3f|width %6.3f|+- %6.3f");
    for (size_t k = 0; k < SPECIES; k++) {
        double row[2 * LENGTHS];
        describe(X, y, k, &mean, &deviation);
        for (size_t j = 0; j < LENGTHS; j++)
            row[2 * j] = AT(mean, j), row[2 * j + 1] = AT(deviation, j);
        table_row(&t, species_name[k], 2 * LENGTHS, row);
    }
    table_end(&t);
    t = table_hidden("iris", "length %g|width %g|species %g");
    for (size_t i = 0; i < FLOWERS; i++)
        ROW(&t, NULL, AT(X, i, 2), AT(X, i, 3), AT(y, i));
    table_end(&t);
}

int main(int argc, char **argv)
{
    static const struct part parts[] = {
        { "create", show_create, "ways to make a tensor", "seed" },
        { "offset", show_offset, "where each element lives", NULL },
        { "reshape", show_reshape, "other shapes, same memory", NULL },
        { "elementwise", show_elementwise, "arithmetic and masks", NULL },
        { "reduce", show_reduce, "sum, mean, deviation, maximum", NULL },
        { "index", show_index, "slices and selections", "seed" },
        { "gsl", show_gsl, "memory shared with GSL", NULL },
        { "addresses", show_addresses, "elements, bytes and empty", NULL },
        { "iris", show_iris, "Fisher's irises by species", NULL },
        { 0 }
    };
    option.seed = 100;
    return program_run(argc, argv, "01-tensors",
                       "Tensors: views of shared memory.", parts, NULL);
}
