#include "exercise.h"
#define REAL double
#include "glm.h"

double signed_label_loss(struct arena *a, tensor X, tensor s, tensor theta,
                         tensor g);

static struct arena memory;

struct problem { size_t m, n; tensor X, y, s, theta; };

static struct problem draw(unsigned long seed, size_t m, size_t n)
{
    gsl_rng *r = random_new(seed);
    struct problem p = { m, n,
        with_ones(&memory,
                  tensor_normal(&memory, r, 0.4, 1.5, SHAPE(m, n - 1))),
        tensor_empty(&memory, SHAPE(m)), tensor_empty(&memory, SHAPE(m)),
        tensor_normal(&memory, r, -0.3, 1.1, SHAPE(n)) };
    for (size_t i = 0; i < m; i++) {
        AT(p.y, i) = random_uniform(r) < 0.45;
        AT(p.s, i) = 2 * AT(p.y, i) - 1;
    }
    gsl_rng_free(r);
    return p;
}

static double answer(const struct problem *p, tensor g)
{
    ex_case("%zu samples, %zu parameters", p->m, p->n);
    ex_fill(p->n, g.data);
    return signed_label_loss(&memory, p->X, p->s, p->theta, g);
}

/* With labels of 0 and 1, by the functions of the chapter. */
static void zero_and_one(void)
{
    for (size_t n = 2; n < 6; n++) {
        const struct problem p = draw(211 + n, 4 * n + 1, n);
        const tensor g = tensor_empty(&memory, SHAPE(n));
        struct glm M = glm_new(&memory, &bernoulli, p.X, p.y, 0);
        tensor_copy(M.theta, p.theta);
        const double want = glm_loss(&M, M.theta);
        glm_gradient(&M);
        const double loss = answer(&p, g);
        ex_close_to("the loss", loss, want, 0.0, 1e-12);
        ex_close("g", 1, n, g.data, M.g.data, 1e-13, 1e-11);
    }
}

static void differences(void)
{
    const struct problem p = draw(223, 9, 3);
    const tensor g = tensor_empty(&memory, SHAPE(3));
    const tensor unused = tensor_empty(&memory, SHAPE(3));
    double want[3];
    answer(&p, g);
    for (size_t j = 0; j < 3; j++) {
        const double was = AT(p.theta, j), h = 1e-5;
        AT(p.theta, j) = was + h;
        const double more = answer(&p, unused);
        AT(p.theta, j) = was - h;
        want[j] = (more - answer(&p, unused)) / (2 * h);
        AT(p.theta, j) = was;
    }
    ex_close("g", 1, 3, g.data, want, 1e-8, 1e-8);
    ex_true(fabs(want[0]) > 1e-3, "the loss depends on theta[0]");
}

/* At theta = 0 each sample costs log 2. */
static void at_zero(void)
{
    const struct problem p = draw(227, 12, 4);
    const tensor g = tensor_empty(&memory, SHAPE(4));
    for (size_t j = 0; j < 4; j++)
        AT(p.theta, j) = 0;
    ex_close_to("the loss at theta = 0", answer(&p, g), log(2), 0.0, 1e-13);
}

static void far_out(void)
{
    const struct problem p = { 3, 2, tensor_from(&memory,
        VALUES(1, 400, 1, -400, 1, 375), SHAPE(3, 2)), { 0 },
        tensor_from(&memory, VALUES(-1, -1, 1), SHAPE(3)),
        tensor_from(&memory, VALUES(0, 2), SHAPE(2)) };
    const tensor g = tensor_empty(&memory, SHAPE(2));
    const double want[2] = { 1.0 / 3, 400.0 / 3 };
    const double loss = answer(&p, g);
    ex_case("z = 800, -800, 750 and the labels -1, -1, 1");
    ex_close_to("the loss", loss, 800.0 / 3, 0.0, 1e-12);
    ex_close("g", 1, 2, g.data, want, 1e-12, 1e-12);
}

EX_MAIN("4.3",
    { "the same as with 0 and 1", "eq:logistic-gradient", zero_and_one },
    { "against difference quotients", "eq:logistic-loss", differences },
    { "theta = 0", "eq:logistic-loss", at_zero },
    { "z of 800 and more", "eq:softplus", far_out })
