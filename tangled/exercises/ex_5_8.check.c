#include "exercise.h"
#define REAL double
#include "tensor.h"
#include "gradcheck.h"

void gaussian_map_gradient(tensor P, tensor Y, tensor dY);

enum { POINTS = 7 };
static double P[POINTS * POINTS];

/* A symmetric table of sum 1 for n points. */
static tensor table(unsigned long seed, size_t n)
{
    double sum = 0;
    gsl_rng *r = random_new(seed);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const double x = random_uniform(r);
            P[i * n + j] = P[j * n + i] = i == j ? 0 : x * x;
            sum += 2 * P[i * n + j];
        }
    for (size_t c = 0; c < n * n; c++)
        P[c] /= sum;
    gsl_rng_free(r);
    return tensor_wrap(P, SHAPE(n, n));
}

/* The loss as it is defined; n is 2 times the points. */
static double loss(void *context, const double y[], size_t n)
{
    double w[POINTS * POINTS], Z = 0, C = 0;
    (void)context;
    n /= 2;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const double h = hypot(y[i] - y[j], y[n + i] - y[n + j]);
            Z += w[i * n + j] = i == j ? 0 : exp(-h * h);
        }
    for (size_t c = 0; c < n * n; c++)
        if (P[c] > 0)
            C += P[c] * log(P[c] * Z / w[c]);
    return C;
}

static void scatter(unsigned long seed, double scale, size_t n, double y[])
{
    gsl_rng *r = random_new(seed);
    for (size_t i = 0; i < 2 * n; i++)
        y[i] = gsl_ran_gaussian(r, scale);
    gsl_rng_free(r);
}

static void differences(void)
{
    double y[2 * POINTS], dy[2 * POINTS], want[2 * POINTS], sum = 0;
    for (size_t n = 3; n <= POINTS; n += 2) {
        const tensor T = table(80 + n, n);
        const tensor Y = tensor_wrap(y, SHAPE(2, n));
        scatter(90 + n, 0.9, n, y);
        for (size_t i = 0; i < 2 * n; i++)
            want[i] = grad_measure(loss, NULL, y, 2 * n, i);
        ex_case("%zu points", n);
        ex_fill(2 * n, dy);
        gaussian_map_gradient(T, Y, tensor_wrap(dy, SHAPE(2, n)));
        ex_close("dY", 2, n, dy, want, 1e-8, 1e-8);
        for (size_t i = 0; i < n; i++)
            sum += dy[i];
        ex_close_to("the sum of a row of dY", sum, 0.0, 1e-13, 0.0);
    }
}

/* Three corners with equal sides: all q are 1/6, whatever the side is. */
static void triangle(void)
{
    static double y[6] = { -0.6, 0.6, 0, 0, 0, 0 };
    static const double p[3] = { 0.27, 0.04, 0.19 };    /* 01, 02, 12 */
    const double height = 0.6 * sqrt(3);
    double dy[6], before[6];
    y[5] = height;
    memcpy(before, y, sizeof y);
    const double a = 4 * (p[0] - 1 / 6.0), b = 4 * (p[1] - 1 / 6.0);
    const double c = 4 * (p[2] - 1 / 6.0);
    const double want[6] = {
        -1.2 * a - 0.6 * b, 1.2 * a + 0.6 * c, 0.6 * b - 0.6 * c,
        -height * b, -height * c, height * (b + c)
    };
    memset(P, 0, sizeof P);
    P[1] = P[3] = p[0], P[2] = P[6] = p[1], P[5] = P[7] = p[2];
    ex_case("a triangle of equal sides");
    ex_fill(6, dy);
    gaussian_map_gradient(tensor_wrap(P, SHAPE(3, 3)),
                          tensor_wrap(y, SHAPE(2, 3)),
                          tensor_wrap(dy, SHAPE(2, 3)));
    ex_close("dY", 2, 3, dy, want, 1e-13, 1e-12);
    ex_unchanged("Y", 6, y, before);
}

/* A few hundred steps bring the loss down, every step of them. */
static void descent(void)
{
    double y[2 * POINTS], dy[2 * POINTS];
    const tensor T = table(88, POINTS);
    const tensor Y = tensor_wrap(y, SHAPE(2, POINTS));
    scatter(98, 0.7, POINTS, y);
    const double first = loss(NULL, y, 2 * POINTS);
    double last = first;
    for (int step = 1; step <= 300; step++) {
        gaussian_map_gradient(T, Y, tensor_wrap(dy, SHAPE(2, POINTS)));
        for (size_t i = 0; i < 2 * POINTS; i++)
            y[i] -= 0.2 * dy[i];
        const double C = loss(NULL, y, 2 * POINTS);
        if (!ex_true(C < last, "step %d lowers the loss (from %.6g to "
                     "%.6g)", step, last, C))
            return;
        last = C;
    }
    ex_true(last < 0.5 * first, "300 steps halve the loss (from %.4g to "
            "%.4g)", first, last);
}

EX_MAIN("5.8",
    { "against differences of the loss", "eq:tsne-gradient", differences },
    { "a triangle", "eq:tsne-pair", triangle },
    { "steps that descend", "eq:tsne-loss", descent })
