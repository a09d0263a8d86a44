#include "exercise.h"
#define REAL double
#include "tensor.h"

tensor picture_windows(tensor X, size_t m, size_t n, size_t step);

static struct arena memory;

static tensor numbers(unsigned long seed, size_t m, size_t n)
{
    gsl_rng *r = random_new(seed);
    const tensor A = tensor_normal(&memory, r, 0.3, 2.0, SHAPE(m, n));
    gsl_rng_free(r);
    return A;
}

/* Call the answer, and see if its shape is as it should be. */
static bool windows(tensor X, size_t m, size_t n, size_t step, tensor *V)
{
    size_t want[4] = { 0, 0, m, n };
    for (size_t i = 0; i + m <= X.shape[0]; i += step)
        want[0]++;
    for (size_t j = 0; j + n <= X.shape[1]; j += step)
        want[1]++;
    ex_case("windows of %zu by %zu, step %zu, of a picture %s", m, n, step,
            TENSOR_SHAPE(X));
    *V = picture_windows(X, m, n, step);
    return ex_equal_int("the rank", V->rank, 4)
           && ex_sizes("shape", 4, V->shape, want);
}

static void shapes(void)
{
    const tensor X = numbers(2, 7, 10);
    tensor V;
    windows(X, 3, 2, 1, &V);
    windows(X, 3, 3, 2, &V);
    windows(X, 1, 4, 3, &V);
    windows(X, 7, 10, 5, &V);
    windows(X, 8, 2, 1, &V);
    windows(X, 2, 12, 3, &V);
}

/* Every pixel of every window is the pixel itself, not a copy. */
static void same_pixels(tensor X, size_t m, size_t n, size_t step)
{
    tensor V;
    if (!windows(X, m, n, step, &V))
        return;
    for (size_t i = 0; i < V.shape[0]; i++)
        for (size_t j = 0; j < V.shape[1]; j++)
            for (size_t p = 0; p < m; p++)
                for (size_t q = 0; q < n; q++)
                    if (!ex_true(&AT(V, i, j, p, q)
                                 == &AT(X, step * i + p, step * j + q),
                                 "element (%zu, %zu, %zu, %zu) is pixel "
                                 "(%zu, %zu)", i, j, p, q, step * i + p,
                                 step * j + q))
                        return;
}

static void pixels(void)
{
    same_pixels(numbers(3, 6, 9), 2, 3, 1);
    same_pixels(numbers(4, 9, 8), 3, 2, 2);
}

static void views(void)
{
    const tensor X = numbers(5, 13, 17);
    const tensor part = tensor_slice(tensor_slice(X, 0, 2, 12, 2), 1, 1,
                                     END, 3);
    same_pixels(tensor_transpose(X), 3, 4, 2);
    same_pixels(part, 2, 3, 1);
    same_pixels(tensor_transpose(part), 3, 2, 2);
}

/* Windows times a kernel, summed, against four loops. */
static void kernel(void)
{
    const tensor X = numbers(6, 8, 11), K = numbers(7, 3, 4);
    tensor V;
    real want[6 * 8] = { 0 };
    if (!windows(X, 3, 4, 1, &V))
        return;
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 8; j++)
            for (size_t p = 0; p < 3; p++)
                for (size_t q = 0; q < 4; q++)
                    want[8 * i + j] += AT(X, i + p, j + q) * AT(K, p, q);
    const tensor VK = tensor_mul(&memory, V, K);
    const tensor each = tensor_reshape(VK, SHAPE(48, 12));
    const tensor Z = tensor_sum(&memory, each, 1);
    ex_close("the picture, filtered", 6, 8, Z.data, want, 1e-12, 1e-12);
}

EX_MAIN("1.8",
    { "how many windows there are", "eq:slice", shapes },
    { "each pixel of each window", "eq:offset", pixels },
    { "windows of a transpose and of a slice", "eq:offset", views },
    { "a kernel slides over a picture", "eq:broadcast", kernel })
