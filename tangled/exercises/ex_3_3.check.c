#include "exercise.h"
#define REAL double
#include "linear.h"

double huber_gradient(struct arena *a, tensor X, tensor y, tensor theta,
                      double c, tensor g);

static struct arena memory;

struct problem { size_t m, n; tensor X, y, theta; };

static struct problem draw(unsigned long seed, size_t m, size_t n)
{
    gsl_rng *r = random_new(seed);
    const struct problem p = { m, n,
        with_ones(&memory,
                  tensor_normal(&memory, r, -0.3, 1.6, SHAPE(m, n - 1))),
        tensor_normal(&memory, r, 1.9, 4.2, SHAPE(m)),
        tensor_normal(&memory, r, 0.2, 1.3, SHAPE(n)),
    };
    gsl_rng_free(r);
    return p;
}

static double answer(const struct problem *p, double c, tensor g)
{
    ex_case("%zu samples, %zu parameters, c = %g", p->m, p->n, c);
    ex_fill(p->n, g.data);
    return huber_gradient(&memory, p->X, p->y, p->theta, c, g);
}

/* min over u of (r - u)^2/2 + c |u| is Huber's loss; u is known. */
static double mean_loss(const struct problem *p, double c)
{
    double sum = 0;
    for (size_t i = 0; i < p->m; i++) {
        double r = -AT(p->y, i);
        for (size_t j = 0; j < p->n; j++)
            r += AT(p->X, i, j) * AT(p->theta, j);
        const double u = fmax(fabs(r) - c, 0);
        sum += (fabs(r) - u) * (fabs(r) - u) / 2 + c * u;
    }
    return sum / (double)p->m;
}

static void by_hand(void)
{
    const struct problem p = { 3, 1, tensor_ones(&memory, SHAPE(3, 1)),
        tensor_from(&memory, VALUES(1.25, 4.0, -3.5), SHAPE(3)),
        tensor_from(&memory, VALUES(1.5), SHAPE(1)) };
    const tensor g = tensor_empty(&memory, SHAPE(1));
    const double loss = answer(&p, 2, g);
    ex_close_to("the loss", loss, 11.03125 / 3, 0.0, 1e-13);
    ex_close_to("g[0]", AT(g, 0), 0.25 / 3, 0.0, 1e-13);
}

static void differences(void)
{
    static const double c[] = { 0.4, 1.75, 5.5 };
    for (size_t k = 0; k < 3; k++) {
        const struct problem p = draw(51 + k, 9 + 4 * k, 3);
        const tensor g = tensor_empty(&memory, SHAPE(3));
        double want[3], before[3];
        memcpy(before, p.theta.data, sizeof before);
        const double loss = answer(&p, c[k], g);
        ex_unchanged("theta", 3, p.theta.data, before);
        ex_close_to("the loss", loss, mean_loss(&p, c[k]), 0.0, 1e-12);
        for (size_t j = 0; j < 3; j++) {
            const double h = 1e-6;
            AT(p.theta, j) = before[j] + h;
            const double more = mean_loss(&p, c[k]);
            AT(p.theta, j) = before[j] - h;
            want[j] = (more - mean_loss(&p, c[k])) / (2 * h);
            AT(p.theta, j) = before[j];
        }
        ex_close("g", 1, 3, g.data, want, 1e-7, 1e-7);
    }
}

static void squares(void)
{
    const struct problem p = draw(61, 17, 4);
    const tensor g = tensor_empty(&memory, SHAPE(4));
    const tensor want = tensor_empty(&memory, SHAPE(4));
    const tensor r = tensor_empty(&memory, SHAPE(17));
    const double L = linear_loss(p.X, p.y, p.theta, 0, r);
    linear_gradient(p.X, r, p.theta, 0, want);
    const double loss = answer(&p, 1e6, g);
    ex_close("g", 1, 4, g.data, want.data, 1e-12, 1e-12);
    ex_close_to("the loss", loss, L, 0.0, 1e-12);
}

/* A sample that is far away moves further: only the loss changes. */
static void outlier(void)
{
    struct problem p = draw(67, 8, 3);
    const tensor g = tensor_empty(&memory, SHAPE(3));
    const tensor far = tensor_empty(&memory, SHAPE(3));
    AT(p.y, 5) = 400;
    const double loss = answer(&p, 1.5, g);
    AT(p.y, 5) = 900;
    const double more = answer(&p, 1.5, far);
    ex_close_to("the growth of the loss", more - loss, 1.5 * 500 / 8, 0.0,
                1e-11);
    ex_close("g", 1, 3, far.data, g.data, 1e-13, 1e-13);
}

EX_MAIN("3.3",
    { "three samples by hand", "eq:linear-partial", by_hand },
    { "against difference quotients", "eq:linear-partial", differences },
    { "a very large c gives squares", "eq:linear-gradient", squares },
    { "an outlier that moves away", "eq:half-mse", outlier })
