#include "exercise.h"
#define REAL double
#include "linear.h"

size_t steps_to_shrink(size_t n, const double lambda[], double rate,
                       double part);

static struct arena memory;

/* Walk down a parabola for each eigenvalue, from 2.75 towards 1.5. */
static size_t walk(size_t n, const double lambda[], double rate,
                   double part)
{
    size_t most = 0;
    for (size_t j = 0; j < n; j++) {
        size_t k = 0;
        for (double x = 2.75; fabs(x - 1.5) > part * 1.25; k++)
            x -= rate * lambda[j] * (x - 1.5);
        most = k > most ? k : most;
    }
    return most;
}

static void compare(size_t n, const double lambda[], double rate,
                    double part)
{
    ex_case("%zu eigenvalues, the first %g, rate %g, part %g", n,
            lambda[0], rate, part);
    ex_equal("the number of steps",
             steps_to_shrink(n, lambda, rate, part),
             walk(n, lambda, rate, part));
}

static void parabolas(void)
{
    const double three[] = { 0.7, 2.6, 1.1 }, one[] = { 0.5 };
    const double five[] = { 0.013, 0.9, 0.21, 1.43, 0.055 };
    compare(1, one, 1, 0.1);
    compare(3, three, 0.3, 0.05);
    compare(3, three, 0.7, 0.1);
    compare(3, three, 0.765, 1e-6);
    compare(5, five, 1.1, 0.001);
    compare(5, five, 0.4, 0.77);
}

/* Columns at right angles: the directions q_j are those of theta. */
static const double height[3] = { 1, 1.5, 0.4 };
static const double target[3] = { 0.7, -1.3, 2.1 };

static size_t descend(double rate, double part)
{
    const tensor X = tensor_from(&memory, VALUES(1, 1.5, 0.4,
        1, -1.5, 0.4, 1, 1.5, -0.4, 1, -1.5, -0.4), SHAPE(4, 3));
    const tensor y = tensor_empty(&memory, SHAPE(4));
    const tensor path = tensor_zeros(&memory, SHAPE(400, 3));
    linear_predict(X, tensor_from(&memory, 3, target, SHAPE(3)), y);
    linear_descend(&memory, X, y, rate, 0, path);
    for (size_t k = 0; k < 400; k++) {
        bool done = true;
        for (size_t j = 0; j < 3; j++)
            done = done && fabs(AT(path, k, j) - target[j])
                           <= part * fabs(target[j]);
        if (done)
            return k;
    }
    return 400;
}

static void real_descent(void)
{
    static const double rate[] = { 0.2, 0.6, 0.85, 0.87 };
    double lambda[3];
    for (size_t j = 0; j < 3; j++)
        lambda[j] = height[j] * height[j];
    for (size_t k = 0; k < 4; k++) {
        ex_case("linear_descend at rate %g, part 0.02", rate[k]);
        ex_equal("the number of steps",
                 steps_to_shrink(3, lambda, rate[k], 0.02),
                 descend(rate[k], 0.02));
    }
}

static void single_step(void)
{
    const double same[] = { 4, 4 }, near[] = { 4.1, 3.95, 4 };
    ex_case("all eigenvalues are 4, the rate is 0.25");
    ex_equal("the number of steps", steps_to_shrink(2, same, 0.25, 1e-9),
             1);
    ex_case("eigenvalues from 3.95 to 4.1, the rate is 0.25");
    ex_equal("the number of steps", steps_to_shrink(3, near, 0.25, 0.03),
             1);
    ex_equal("the number of steps", steps_to_shrink(3, near, 0.25, 6e-4),
             3);
}

EX_MAIN("3.1",
    { "the same number as a walk", "eq:descent-parabola", parabolas },
    { "the same number as a descent", "eq:descent-error", real_descent },
    { "a rate that fits almost exactly", "eq:descent-error", single_step })
