#include "exercise.h"
#define REAL double
#include "glm.h"

void curvature_times(struct arena *a, tensor X, tensor theta, double ridge,
                     tensor v, tensor Hv);

static struct arena memory;

struct problem { size_t m, n; tensor X, y, theta, v; };

static struct problem draw(unsigned long seed, size_t m, size_t n)
{
    gsl_rng *r = random_new(seed);
    const struct problem p = { m, n,
        with_ones(&memory,
                  tensor_normal(&memory, r, 0.2, 1.3, SHAPE(m, n - 1))),
        tensor_zeros(&memory, SHAPE(m)),
        tensor_normal(&memory, r, 0.3, 0.9, SHAPE(n)),
        tensor_normal(&memory, r, -0.4, 1.6, SHAPE(n)) };
    for (size_t i = 0; i < m; i++)
        AT(p.y, i) = random_uniform(r) < 0.5;
    gsl_rng_free(r);
    return p;
}

static tensor answer(const struct problem *p, double ridge)
{
    const tensor Hv = tensor_empty(&memory, SHAPE(p->n));
    const tensor v = tensor_clone(&memory, p->v);
    const tensor theta = tensor_clone(&memory, p->theta);
    ex_case("X of shape %s, ridge %g", TENSOR_SHAPE(p->X), ridge);
    ex_fill(p->n, Hv.data);
    curvature_times(&memory, p->X, p->theta, ridge, p->v, Hv);
    ex_unchanged("v", p->n, p->v.data, v.data);
    ex_unchanged("theta", p->n, p->theta.data, theta.data);
    return Hv;
}

/* How the gradient of the chapter changes along v. */
static void differences(struct problem p, double ridge, double want[])
{
    struct glm M = glm_new(&memory, &bernoulli, p.X, p.y, ridge);
    const double h = 1e-5;
    descent_step(M.theta, p.theta, -h, p.v);
    glm_loss(&M, M.theta);
    glm_gradient(&M);
    for (size_t j = 0; j < p.n; j++)
        want[j] = AT(M.g, j);
    descent_step(M.theta, p.theta, h, p.v);
    glm_loss(&M, M.theta);
    glm_gradient(&M);
    for (size_t j = 0; j < p.n; j++)
        want[j] = (want[j] - AT(M.g, j)) / (2 * h);
}

static void without_ridge(void)
{
    double want[5];
    for (size_t n = 2; n <= 5; n++) {
        const struct problem p = draw(229 + n, 3 * n + 1, n);
        differences(p, 0, want);
        ex_close("Hv", 1, n, answer(&p, 0).data, want, 1e-8, 1e-8);
    }
}

static void with_ridge(void)
{
    double want[4];
    const struct problem p = draw(239, 15, 4);
    differences(p, 0.65, want);
    ex_close("Hv", 1, 4, answer(&p, 0.65).data, want, 1e-8, 1e-8);
}

/* The columns of H, from unit vectors, against the chapter's H. */
static void columns(void)
{
    struct problem p = draw(241, 11, 3);
    struct glm M = glm_new(&memory, &bernoulli, p.X, p.y, 0.2);
    glm_loss(&M, p.theta);
    glm_hessian(&M);
    double got[9], want[9];
    for (size_t k = 0; k < 3; k++) {
        for (size_t j = 0; j < 3; j++)
            AT(p.v, j) = j == k;
        const tensor Hv = answer(&p, 0.2);
        for (size_t j = 0; j < 3; j++) {
            got[j * 3 + k] = AT(Hv, j);
            want[j * 3 + k] = gsl_matrix_get(&M.H.matrix, j > k ? j : k,
                                             j > k ? k : j);
        }
    }
    ex_close("H", 3, 3, got, want, 1e-13, 1e-11);
}

static void many_parameters(void)
{
    const struct problem p = draw(251, 6, 2500);
    double *want = arena_alloc(&memory, 2500, sizeof *want);
    for (size_t i = 0; i < 6; i++) {
        double z = 0, u = 0;
        for (size_t j = 0; j < 2500; j++) {
            z += AT(p.X, i, j) * AT(p.theta, j) / 50;
            u += AT(p.X, i, j) * AT(p.v, j);
        }
        for (size_t j = 0; j < 2500; j++)
            want[j] += u * AT(p.X, i, j) / (6 * (2 + 2 * cosh(z)));
    }
    for (size_t j = 0; j < 2500; j++)
        AT(p.theta, j) /= 50;
    ex_close("Hv", 1, 2500, answer(&p, 0).data, want, 1e-11, 1e-10);
}

EX_MAIN("4.4",
    { "the change of the gradient", "eq:logistic-hessian", without_ridge },
    { "the same with ridge", "eq:glm-ridge", with_ridge },
    { "column by column", "eq:logistic-hessian", columns },
    { "2500 parameters", "eq:logistic-hessian", many_parameters })
