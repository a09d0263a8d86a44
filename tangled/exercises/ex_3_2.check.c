#include "exercise.h"
#define REAL double
#include "linear.h"

double best_rate_along(struct arena *a, tensor X, tensor g);

static struct arena memory;

struct problem { tensor X, y, theta, g; };

/* The gradient at theta, and the loss there. */
static double look(struct problem *p, tensor theta)
{
    const tensor r = tensor_empty(&memory, SHAPE(p->X.shape[0]));
    const double loss = linear_loss(p->X, p->y, theta, 0, r);
    linear_gradient(p->X, r, theta, 0, p->g);
    return loss;
}

static struct problem draw(unsigned long seed, size_t m, size_t n)
{
    gsl_rng *r = random_new(seed);
    struct problem p = {
        with_ones(&memory,
                  tensor_normal(&memory, r, 0.6, 1.4, SHAPE(m, n - 1))),
        tensor_normal(&memory, r, 2.3, 3.1, SHAPE(m)),
        tensor_normal(&memory, r, 0, 1.7, SHAPE(n)),
        tensor_empty(&memory, SHAPE(n)),
    };
    gsl_rng_free(r);
    look(&p, p.theta);
    ex_case("X of shape %s", TENSOR_SHAPE(p.X));
    return p;
}

/* theta - rate g */
static tensor step(const struct problem *p, double rate)
{
    const tensor to = tensor_empty(&memory, SHAPE(p->theta.shape[0]));
    descent_step(to, p->theta, rate, p->g);
    return to;
}

/* Three losses on the line give the parabola and its lowest point. */
static void lowest(void)
{
    static const size_t shape[3][2] = { { 7, 3 }, { 23, 4 }, { 5, 2 } };
    for (size_t k = 0; k < 3; k++) {
        struct problem p = draw(31 + k, shape[k][0], shape[k][1]);
        const tensor g = tensor_clone(&memory, p.g);
        const double rate = best_rate_along(&memory, p.X, p.g), h = 0.4;
        ex_unchanged("g", shape[k][1], p.g.data, g.data);
        const tensor half = step(&p, h), full = step(&p, 2 * h);
        const double L0 = look(&p, p.theta), L1 = look(&p, half);
        const double L2 = look(&p, full);
        ex_close_to("the rate", rate, h * (3 * L0 - 4 * L1 + L2)
                    / (2 * (L0 - 2 * L1 + L2)), 0.0, 1e-9);
    }
}

/* At the lowest point of the line the slope along it is zero. */
static void right_angle(void)
{
    struct problem p = draw(41, 11, 5);
    const tensor old = tensor_clone(&memory, p.g);
    look(&p, step(&p, best_rate_along(&memory, p.X, p.g)));
    double product = 0, size = 0;
    for (size_t j = 0; j < 5; j++) {
        product += AT(old, j) * AT(p.g, j);
        size += AT(old, j) * AT(old, j);
    }
    ex_true(fabs(product) <= 1e-12 * size, "after the step the new "
            "gradient is at right angles to the old one");
}

/* Columns at right angles, of heights 1, 1.5 and 0.4. */
static void eigenvectors(void)
{
    static const double height[3] = { 1, 1.5, 0.4 };
    const tensor X = tensor_from(&memory, VALUES(1, 1.5, 0.4,
        1, -1.5, 0.4, 1, 1.5, -0.4, 1, -1.5, -0.4), SHAPE(4, 3));
    for (size_t j = 0; j < 3; j++) {
        const tensor g = tensor_zeros(&memory, SHAPE(3));
        AT(g, j) = 0.37;
        ex_case("a gradient along axis %zu", j);
        ex_close_to("the rate", best_rate_along(&memory, X, g),
                    1 / (height[j] * height[j]), 0.0, 1e-12);
    }
    ex_case("a gradient of zeros");
    ex_close_to("the rate", best_rate_along(&memory, X,
                tensor_zeros(&memory, SHAPE(3))), 0, 0.0, 0.0);
}

static void arrives(void)
{
    struct problem p = draw(43, 40, 4);
    const tensor best = tensor_empty(&memory, SHAPE(4));
    for (int k = 0; k < 200; k++) {
        look(&p, p.theta);
        p.theta = step(&p, best_rate_along(&memory, p.X, p.g));
    }
    linear_solve_qr(&memory, p.X, p.y, best);
    ex_close("theta after 200 steps", 1, 4, p.theta.data, best.data, 1e-9,
             1e-9);
}

EX_MAIN("3.2",
    { "the lowest point of three lines", "eq:descent-bound", lowest },
    { "the slope there is zero", "eq:descent-bound", right_angle },
    { "along an eigenvector, and zero", "eq:linear-hessian", eigenvectors },
    { "a descent without a fixed rate", "eq:descent", arrives })
