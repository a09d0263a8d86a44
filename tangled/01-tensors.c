#define REAL double
/*
 * Tensors: shaped views of shared memory.  Downhill, chapter 1.
 *
 * cc -O3 -march=native tangled/01-tensors.c -lgsl -lopenblas -lm -o tensors
 */
#include <time.h>

#include <gsl/gsl_sort.h>

#include "program.h"
#include "data/iris.h"

static struct arena memory;
static gsl_rng *rng;
static size_t seed = 100;

static void show_create(void)
{
    const tensor u = tensor_uniform(&memory, rng, 0, 1, SHAPE(2, 3));
    const tensor z = tensor_normal(&memory, rng, 0, 1, SHAPE(2, 3));
    tensor_print(stdout, "uniform", u);
    tensor_print(stdout, "normal", z);
    tensor_print(stdout, "ones", tensor_ones(&memory, SHAPE(2, 3)));
    tensor_print(stdout, "zeros", tensor_zeros(&memory, 2, u.shape));
    tensor_print(stdout, "arange", tensor_arange(&memory, 5));
    tensor_print(stdout, "values", tensor_from(&memory,
                     VALUES(1.5, 2.25, 3), SHAPE(3)));
}

static void show_offset(void)
{
    const tensor t = tensor_from(&memory, VALUES(1, 2, 3, 4, 5, 6),
                                 SHAPE(2, 3));
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
    tensor_print(stdout, "reshape(2, 6)", tensor_reshape(t, SHAPE(2, 6)));
    tensor_print(stdout, "reshape(INFER, 4)",
                 tensor_reshape(t, SHAPE(INFER, 4)));
    const tensor u = tensor_unsqueeze(t, 1);
    printf("unsqueeze(1)  %s\n", TENSOR_SHAPE(u));
    printf("squeeze(1)    %s\n", TENSOR_SHAPE(tensor_squeeze(u, 1)));

    const tensor pictures = tensor_uniform(&memory, rng, 0, 1,
                                           SHAPE(3, 1, 28, 28));
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
    const tensor x = tensor_from(&memory, VALUES(1.1, 1.2, 1.3, 2.1, 2.2,
                                 2.3), SHAPE(2, 3));
    const tensor y = tensor_from(&memory, VALUES(10.1, 11, 12, 20, 21, 22),
                                 SHAPE(2, 3));
    const tensor two = tensor_scalar(&memory, 2);
    const tensor row = tensor_from(&memory, VALUES(100, 200, 300),
                                   SHAPE(3));
    const tensor limit = tensor_scalar(&memory, 1.2);
    tensor_print(stdout, "x + y", tensor_add(&memory, x, y));
    tensor_print(stdout, "x / y", tensor_div(&memory, x, y));
    tensor_print(stdout, "x - 2", tensor_sub(&memory, x, two));
    tensor_print(stdout, "x > 1.2", tensor_gt(&memory, x, limit));
    tensor_print(stdout, "x + (100, 200, 300)",
                 tensor_add(&memory, x, row));
    tensor_print(stdout, "100 x + 8",
                 tensor_map(&memory, x, hundred_and_8));
}

static void show_reduce(void)
{
    const tensor t = tensor_from(&memory, VALUES(1, 2, 3, 4, 5, 6),
                                 SHAPE(2, 3));
    const tensor p = tensor_from(&memory, VALUES(0.1, 0.5, 0.4, 0.9, 0.05,
                                 0.05), SHAPE(2, 3));
    printf("sum %g, mean %g, std %.16g, max %g\n",
           tensor_item(tensor_sum(&memory, t, ALL)),
           tensor_item(tensor_mean(&memory, t, ALL)),
           tensor_item(tensor_std(&memory, t, ALL)),
           tensor_item(tensor_max(&memory, t, ALL)));
    tensor_print(stdout, "sum over axis 0", tensor_sum(&memory, t, 0));
    tensor_print(stdout, "sum over axis 1", tensor_sum(&memory, t, 1));
    tensor_print(stdout, "mean over axis 0", tensor_mean(&memory, t, 0));
    tensor_print(stdout, "std over axis 0", tensor_std(&memory, t, 0));
    tensor_print(stdout, "std over axis 1", tensor_std(&memory, t, 1));
    tensor_print(stdout, "argmax over axis 1 of probabilities",
                 tensor_argmax(&memory, p, 1));
}

static void show_index(void)
{
    const tensor X = tensor_uniform(&memory, rng, 0, 1,
                                    SHAPE(16, 3, 32, 32));
    const size_t pick[] = { 0, 7, 8 }, red_blue[] = { 0, 2 };
    const tensor corner = tensor_slice(tensor_slice(X, 2, 0, 8, 1), 3, 0, 6,
                                       1);
    #define LINE(name, t) printf("%-21s %s\n", name, TENSOR_SHAPE(t))
    LINE("X[:2]", tensor_slice(X, 0, 0, 2, 1));
    LINE("X[-1:]", tensor_slice(X, 0, -1, END, 1));
    LINE("X[1::2]", tensor_slice(X, 0, 1, END, 2));
    LINE("X[:, :, :8, :6]", corner);
    LINE("X[0]", tensor_select(X, 0, 0));
    LINE("X[:, 1]", tensor_select(X, 1, 1));
    LINE("pictures 0, 7, 8", tensor_index_select(&memory, X, 0, 3, pick));
    LINE("red and blue", tensor_index_select(&memory, X, 1, 2, red_blue));
    #undef LINE
    const tensor mask = tensor_ge(&memory, X, tensor_scalar(&memory, 0.5));
    const tensor t = tensor_from(&memory, VALUES(3.0, 3.1, 3.2, 3.3, 3.4,
                                 3.5), SHAPE(2, 3));
    const size_t places[] = { 0, 1, 5 };
    printf("at least 0.5          %s of %zu\n",
           TENSOR_SHAPE(tensor_masked_select(&memory, X, mask)),
           tensor_len(X));
    tensor_print(stdout, "take {0, 1, 5}",
                 tensor_take(&memory, t, 3, places));
}

static void show_gsl(void)
{
    const tensor A = tensor_from(&memory, VALUES(11, 12, 13, 21, 22, 23),
                                 SHAPE(2, 3));
    real_matrix_view view = tensor_matrix(A);
    gsl_matrix_set(&view.matrix, 0, 0, -11);
    tensor_print(stdout, "A, after GSL wrote to it", A);

    gsl_matrix *m = gsl_matrix_calloc(2, 2);
    const tensor T = tensor_of_matrix(m);
    AT(T, 0, 1) = 7;
    printf("GSL finds %g where the tensor wrote it\n",
           gsl_matrix_get(m, 0, 1));
    gsl_matrix_free(m);

    tensor_print(stdout, "transpose(A) A",
                 tensor_matmul(&memory, tensor_transpose(A), A));
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
        double x[LENGTHS];
        const int n = sscanf(iris_csv[i + 1], "%lf,%lf,%lf,%lf,%19s", &x[0],
                             &x[1], &x[2], &x[3], name);
        REQUIRE(n == 5, "iris.h, line %zu: %s", i + 1, iris_csv[i + 1]);
        for (size_t j = 0; j < LENGTHS; j++)
            AT(*X, i, j) = (real)x[j];
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
    const tensor one = tensor_scalar(a, 1);
    const tensor variance = tensor_div(a, tensor_sum(a, R2, 0),
                                       tensor_sub(a, count, one));
    *deviation = tensor_map(a, variance, real_sqrt);
}

static void show_iris(void)
{
    tensor X, y, mean, deviation;
    iris_read(&X, &y);
    printf("mean and standard deviation in cm\n%-12s%16s%16s%16s%16s\n", "",
           "sepal length", "sepal width", "petal length", "petal width");
    for (size_t k = 0; k < SPECIES; k++) {
        describe(X, y, k, &mean, &deviation);
        printf("%-12s", species_name[k]);
        for (size_t j = 0; j < LENGTHS; j++)
            printf("    %5.3f (%.3f)", AT(mean, j), AT(deviation, j));
        printf("\n");
    }
}

static void show_addresses(void)
{
    const tensor t = tensor_from(&memory, VALUES(1, 2, 3, 4, 5, 6),
                                 SHAPE(2, 3));
    const char *first = (const char *)&AT(t, 0, 0);
    printf("t[1][2] is %td elements and %td bytes from t[0][0]\n",
           &AT(t, 1, 2) - &AT(t, 0, 0), (const char *)&AT(t, 1, 2) - first);
    const double s = tensor_item(tensor_std(&memory, t, ALL));
    printf("standard deviation %.4f, variance %.4f\n", s, s * s);

    struct arena a = { 0 };
    tensor_full(&a, 7, SHAPE(3));
    arena_reset(&a);
    tensor_print(stdout, "an empty tensor after arena_reset",
                 tensor_empty(&a, SHAPE(3)));
    arena_free(&a);
}

/* A number as an object: a count of references, a type, a value. */
struct box { size_t references; const void *type; double value; };

static double sum_boxes(size_t n, struct box *const list[])
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += list[i]->value;
    return sum;
}

static double seconds(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The median time in ms of eleven sums, of a tensor or of boxes. */
static double median_ms(tensor t, struct box *const list[], double *sum)
{
    double ms[11];
    for (size_t k = 0; k < 11; k++) {
        const double start = seconds();
        *sum = list != NULL ? sum_boxes(tensor_len(t), list)
                            : lane_sum(t.data, tensor_len(t), 1);
        ms[k] = 1e3 * (seconds() - start);
    }
    gsl_sort(ms, 1, 11);
    return ms[5];
}

static void bench(void)
{
    const size_t n = 10000000;
    const tensor t = tensor_uniform(&memory, rng, 0, 1, SHAPE(n));
    struct box **list = arena_take(&memory, n, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        list[i] = arena_take(&memory, 1, sizeof **list);
        *list[i] = (struct box){ 1, NULL, AT(t, i) };
    }
    double sum[3], ms[3];
    ms[0] = median_ms(t, NULL, &sum[0]);
    ms[1] = median_ms(t, list, &sum[1]);
    gsl_ran_shuffle(rng, list, n, sizeof *list);
    ms[2] = median_ms(t, list, &sum[2]);
    const char *const way[] =
        { "tensor", "boxes in order", "boxes shuffled" };
    printf("ten million doubles\tms\tratio\tsum\n");
    for (size_t k = 0; k < 3; k++)
        printf("%s\t%.1f\t%.1f\t%.6g\n", way[k], ms[k], ms[k] / ms[0],
               sum[k]);
}

static void tables(void)
{
    tensor X, y, mean, deviation;
    iris_read(&X, &y);
    struct table flowers = table_open("iris", "length\twidth\tspecies");
    for (size_t i = 0; i < FLOWERS; i++)
        fprintf(flowers.file, "%g\t%g\t%g\n", AT(X, i, 2), AT(X, i, 3),
                AT(y, i));
    table_close(&flowers);
    struct table means = table_open("iris-means", "length\twidth\tdl\tdw");
    for (size_t k = 0; k < SPECIES; k++) {
        char name[60];
        describe(X, y, k, &mean, &deviation);
        fprintf(means.file, "%.4f\t%.4f\t%.4f\t%.4f\n", AT(mean, 2),
                AT(mean, 3), AT(deviation, 2), AT(deviation, 3));
        snprintf(name, sizeof name, "iris.%s.petal_length",
                 species_name[k]);
        value_write(name, "%.3f", AT(mean, 2));
    }
    table_close(&means);
}

static void prepare(void)
{
    arena_reset(&memory);
    if (rng != NULL)
        gsl_rng_free(rng);
    rng = random_new(seed);
}

int main(int argc, char **argv)
{
    static const struct setting settings[] = {
        { "seed", COUNT, &seed, 1, 4294967295, "of the random numbers" },
        { 0 }
    };
    static const struct part parts[] = {
        { "create", show_create, "ways to make a tensor" },
        { "offset", show_offset, "where each element lives" },
        { "reshape", show_reshape, "other shapes, same memory" },
        { "elementwise", show_elementwise, "arithmetic and masks" },
        { "reduce", show_reduce, "sum, mean, deviation, maximum" },
        { "index", show_index, "slices and selections" },
        { "gsl", show_gsl, "memory shared with GSL" },
        { "addresses", show_addresses, "elements, bytes and empty" },
        { "iris", show_iris, "Fisher's irises by species" },
        { 0 }
    };
    static const struct part extras[] = {
        { "bench", bench, "time tensors against boxes" },
        { 0 }
    };
    static const struct program program =
        { "01-tensors", "Tensors: shaped views of shared memory.", settings,
          parts, tables, extras, prepare };
    const int status = program_run(argc, argv, &program);
    gsl_rng_free(rng);
    arena_free(&memory);
    return status;
}
