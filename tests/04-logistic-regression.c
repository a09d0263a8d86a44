/*
 * Tests of chapter 4: glm.h and the program itself.
 * Expected values come from R and PyTorch (tests/oracle/), from GSL's
 * distributions, from another formula, or from the sources.
 */
#include "../tangled/tap.h"

#include <gsl/gsl_math.h>

#define main families_main
#include "../tangled/04-logistic-regression.c"
#undef main

#include "../tangled/gradcheck.h"
#include "oracle/04-glm.h"
#include "oracle/04-logistic-regression.h"

#define COUNT_OF(array) (sizeof (array) / sizeof (array)[0])

/* The elements of t against as many expected values. */
static void same(tensor t, const double want[], double tolerance,
                 const char *title)
{
    const tensor c = tensor_clone(&memory, t);
    ok_all_close(tensor_len(c), c.data, want, tolerance, tolerance, "%s",
                 title);
}

/* The seven rows of the oracle with three outcomes. */
static tensor seven(void)
{
    return with_ones(&memory, tensor_from(&memory, VALUES(
        0.731, 1.917, -1.284, 0.366, 2.385, -0.845, 0.092, 2.268,
        -0.517, -1.392, 1.663, 0.154, -2.041, 0.713), SHAPE(7, 2)));
}

static tensor yes(void)
{
    return tensor_from(&memory, VALUES(1, 0, 0, 1, 1, 0, 1), SHAPE(7));
}

static tensor counts(void)
{
    return tensor_from(&memory, VALUES(3, 1, 0, 7, 2, 0, 4), SHAPE(7));
}

static tensor numbers(void)
{
    return tensor_from(&memory, VALUES(1.249, -3.618, 4.377, 0.581, -2.906,
                                       3.142, -5.873), SHAPE(7));
}

static const double theta0[] = { 0.613, -1.429, 0.288 };

/* A model of the seven rows at theta0. */
static struct glm model(const struct family *f, tensor y, double ridge)
{
    struct glm M = glm_new(&memory, f, seven(), y, ridge);
    tensor_copy(M.theta, tensor_from(&memory, 3, theta0, SHAPE(3)));
    return M;
}

/* ---------------------------------------------------------- the sigmoid */

static double of_logistic(void *context, const double z[], size_t n)
{
    (void)context, (void)n;
    return logistic(z[0]);
}

static void sigmoids(void)
{
    double got[7], other[7];
    for (size_t i = 0; i < 7; i++) {
        got[i] = logistic(torch_z[i]);
        other[i] = softplus(torch_z[i]);
    }
    /* measured: 2e-16 */
    ok_all_close(7, got, torch_sigmoid, 1e-300, 1e-15,
                 "[eq:logistic] as PyTorch, far out too");
    ok_all_close(7, other, torch_softplus, 1e-300, 1e-15,
                 "[eq:softplus] as PyTorch, far out too");
    ok_close(logistic(-2.385), 1 / (1 + exp(2.385)), 0, 1e-15,
             "[eq:logistic] the definition");
    ok_close(1 - logistic(1.917), logistic(-1.917), 0, 1e-15,
             "[eq:logistic] 1 - sigma(z) is sigma(-z)");
    ok_close(softplus(2.385), log(1 + exp(2.385)), 0, 1e-15,
             "[eq:softplus] the definition");
    ok_close(softplus(-800), 0, 0, 0, "[eq:softplus] no underflow noise");
    ok_close(softplus(800), 800, 0, 0, "[eq:softplus] no overflow");
    double z[] = { 0.731 };
    const double slope = logistic(z[0]) * (1 - logistic(z[0]));
    ok(grad_passed(grad_check(of_logistic, NULL, z, &slope, 1, 1e-10,
                              1e-8)), "[eq:logistic-slope] differences");
    ok_close(bernoulli_variance(0.731), slope, 0, 1e-15,
             "[eq:logistic-slope] as the program computes it");
}

/* ------------------------------------------------- the logistic problem */

static void likelihood(void)
{
    struct glm M = model(&bernoulli, yes(), 0);
    double product = 1, sum = 0, direct = 0;
    const tensor y = M.y;
    const double loss = glm_loss(&M, M.theta);
    for (size_t i = 0; i < 7; i++) {
        const double z = AT(M.eta, i), p = 1 / (1 + exp(-z));
        product *= pow(p, AT(y, i)) * pow(1 - p, 1 - AT(y, i));
        sum -= AT(y, i) * log(p) + (1 - AT(y, i)) * log(1 - p);
        direct += log(1 + exp(z)) - AT(y, i) * z;
    }
    /* measured: 1e-16 */
    ok_close(loss, -log(product) / 7, 0, 1e-14,
             "[eq:logistic-likelihood] minus log of the product over m");
    ok_close(loss, sum / 7, 0, 1e-14,
             "[eq:logistic-likelihood] the sum of logarithms");
    ok_close(loss, direct / 7, 0, 1e-14, "[eq:logistic-loss] by z alone");
}

static void logistic_derivatives(void)
{
    struct glm M = model(&bernoulli, yes(), 0);
    double g[3] = { 0 }, H[3][3] = { { 0 } };
    glm_loss(&M, M.theta);
    glm_gradient(&M);
    glm_hessian(&M);
    for (size_t i = 0; i < 7; i++) {
        const double p = 1 / (1 + exp(-AT(M.eta, i)));
        for (size_t j = 0; j < 3; j++) {
            g[j] += (p - AT(M.y, i)) * AT(M.X, i, j) / 7;
            for (size_t k = 0; k < 3; k++)
                H[j][k] += p * (1 - p) * AT(M.X, i, j) * AT(M.X, i, k) / 7;
        }
    }
    same(M.g, g, 1e-14, "[eq:logistic-gradient] sums over the rows");
    double off = 0;
    for (size_t j = 0; j < 3; j++)
        for (size_t k = 0; k <= j; k++)
            off = fmax(off, fabs(gsl_matrix_get(&M.H.matrix, j, k)
                                 - H[j][k]));
    ok(off < 1e-15, "[eq:logistic-hessian] sums over the rows, off by %.1g",
       off);
}

/* --------------------------------------------------- every family alike */

static double loss_at(void *context, const double theta[], size_t n)
{
    return glm_loss(context, tensor_from(&memory, n, theta, SHAPE(n)));
}

struct entry { struct glm *M; size_t j; };

static double gradient_at(void *context, const double theta[], size_t n)
{
    struct entry *e = context;
    tensor_copy(e->M->theta, tensor_from(&memory, n, theta, SHAPE(n)));
    glm_loss(e->M, e->M->theta);
    glm_gradient(e->M);
    return AT(e->M->g, e->j);
}

/* Loss, gradient and Hessian of one family against PyTorch and checks. */
static void derivatives_of(const struct family *f, tensor y,
                           const double *loss, const double *gradient,
                           const double *hessian, const double *minimiser)
{
    struct glm M = model(f, y, 0.37);
    double theta[] = { theta0[0], theta0[1], theta0[2] };
    ok_close(glm_loss(&M, M.theta), loss[0], 0, 1e-14,
             "[eq:glm-loss] %s as PyTorch", f->name);
    glm_gradient(&M);
    glm_hessian(&M);
    /* measured: 2e-15 */
    ok_all_close(3, M.g.data, gradient, 1e-14, 1e-13,
                 "[eq:glm-ridge] gradient, %s as PyTorch", f->name);
    double h[9];
    for (size_t j = 0; j < 9; j++)      /* the lower triangle, mirrored */
        h[j] = gsl_matrix_get(&M.H.matrix, j / 3 > j % 3 ? j / 3 : j % 3,
                              j / 3 > j % 3 ? j % 3 : j / 3);
    ok_all_close(9, h, hessian, 1e-14, 1e-13,
                 "[eq:glm-ridge] Hessian, %s as PyTorch", f->name);
    ok(grad_passed(grad_check(loss_at, &M, theta, M.g.data, 3, 1e-9,
                              1e-7)),
       "[eq:glm-gradient] gradient of %s against differences", f->name);
    for (size_t j = 0; j < 3; j++) {
        struct entry e = { &M, j };
        ok(grad_passed(grad_check(gradient_at, &e, theta, h + 3 * j, 3,
                                  1e-9, 1e-7)),
           "[eq:glm-gradient] Hessian of %s, row %zu", f->name, j);
    }
    struct glm N = glm_new(&memory, f, M.X, y, 0.37);
    ok(glm_fit(&N) == GLM_DONE, "%s is fitted", f->name);
    /* measured: 3e-15 */
    ok_all_close(3, N.theta.data, minimiser, 1e-13, 1e-12,
                 "[eq:newton] the minimiser of %s as PyTorch", f->name);
}

static void derivatives(void)
{
    derivatives_of(&gaussian, numbers(), torch_gaussian_loss,
                   torch_gaussian_gradient, torch_gaussian_hessian,
                   torch_gaussian_minimiser);
    derivatives_of(&bernoulli, yes(), torch_bernoulli_loss,
                   torch_bernoulli_gradient, torch_bernoulli_hessian,
                   torch_bernoulli_minimiser);
    derivatives_of(&poisson, counts(), torch_poisson_loss,
                   torch_poisson_gradient, torch_poisson_hessian,
                   torch_poisson_minimiser);
}

/* E[y] and Var[y] by summing over outcomes, and A', A'' by differences. */
static void moments(void)
{
    const double eta = 0.613, h = 1e-3;
    static const struct family *const all[] = { &gaussian, &bernoulli,
                                                &poisson };
    for (size_t k = 0; k < 3; k++) {
        const struct family *f = all[k];
        const double low = f->normaliser(eta - h);
        const double mid = f->normaliser(eta), high = f->normaliser(eta + h);
        /* errors h^2/6 A''' and h^2/12 A'''': measured 3e-7 */
        ok_close(f->mean(eta), (high - low) / (2 * h), 1e-6, 0,
                 "[eq:family-moments] A' of %s", f->name);
        ok_close(f->variance(eta), (high - 2 * mid + low) / (h * h), 1e-6,
                 0, "[eq:family-moments] A'' of %s", f->name);
    }
    double mean = 0, square = 0, total = 0;
    for (unsigned y = 0; y < 60; y++) {
        const double p = gsl_ran_poisson_pdf(y, poisson.mean(eta));
        total += p, mean += y * p, square += y * y * p;
    }
    ok_close(total, 1, 0, 1e-14, "the Poisson probabilities sum to 1");
    ok_close(mean, poisson.mean(eta), 0, 1e-13,
             "[eq:family-moments] the mean of the Poisson");
    ok_close(square - mean * mean, poisson.variance(eta), 0, 1e-13,
             "[eq:family-moments] its variance");
    const double p = bernoulli.mean(eta);
    ok_close(bernoulli.variance(eta), p - p * p, 0, 1e-14,
             "[eq:family-moments] the variance of the Bernoulli");
}

/* b(y) exp(eta y - A) against GSL's densities. */
static void densities(void)
{
    const double eta = 0.613, y = -1.284;
    ok_close(exp(-y * y / 2) / sqrt(2 * M_PI)
             * exp(eta * y - gaussian.normaliser(eta)),
             gsl_ran_gaussian_pdf(y - gaussian.mean(eta), 1), 0, 1e-14,
             "[eq:family-gaussian] the density");
    for (unsigned k = 0; k < 2; k++)
        ok_close(exp(eta * k - bernoulli.normaliser(eta)),
                 gsl_ran_bernoulli_pdf(k, bernoulli.mean(eta)), 0, 1e-14,
                 "[eq:family-bernoulli] P(%u)", k);
    for (unsigned k = 0; k < 9; k += 4)
        ok_close(exp(eta * k - poisson.normaliser(eta))
                 / tgamma(k + 1.0),
                 gsl_ran_poisson_pdf(k, poisson.mean(eta)), 0, 1e-13,
                 "[eq:family-poisson] P(%u)", k);
    ok_close(log(bernoulli.mean(eta) / (1 - bernoulli.mean(eta))), eta, 0,
             1e-14, "[eq:family-bernoulli] eta is the log of the odds");
    ok_close(gaussian_variance(eta), 1, 0, 0,
             "[eq:family-gaussian] A'' is 1");
}

/* ---------------------------------------------------------------- Newton */

static void roots(void)
{
    double x = 4.5;
    static const double want[] = { 2.5, 1.7 };
    for (int k = 0; k < 2; k++) {
        x = root_step(x);
        ok_close(x, want[k], 0, 1e-15, "[eq:newton-root] step %d", k + 1);
    }
    for (int k = 0; k < 4; k++) {
        const double error = x - 1.5, next = root_step(x);
        ok_close(next - 1.5, error * error / (2 * x), 3e-16, 1e-9,
                 "[eq:newton-error] from the error %.2g", error);
        x = next;
    }
    ok_close(x, 1.5, 0, 1e-15, "[eq:newton-root] 1.5 at last");
}

/* Newton's step by a weighted least squares problem, solved by QR. */
static void reweighted(void)
{
    struct glm M = model(&bernoulli, yes(), 0);
    tensor W = tensor_clone(&memory, M.X), u = vector(7);
    tensor want = vector(3);
    glm_loss(&M, M.theta);
    for (size_t i = 0; i < 7; i++) {
        const double p = logistic(AT(M.eta, i)), v = p * (1 - p);
        AT(u, i) = sqrt(v) * (AT(M.eta, i) + (AT(M.y, i) - p) / v);
        for (size_t j = 0; j < 3; j++)
            AT(W, i, j) *= sqrt(v);
    }
    ok(linear_solve_qr(&memory, W, u, want), "weighted least squares");
    ok(glm_newton(&M) == GLM_GOES_ON && M.halvings == 0, "a full step");
    /* measured: 1e-15 */
    same(M.theta, want.data, 1e-13, "[eq:irls] is Newton's step");
}

/* After a step the model knows where it is. */
static void step_by_step(void)
{
    struct glm M = model(&poisson, counts(), 0.37), N;
    N = model(&poisson, counts(), 0.37);
    M.loss = glm_loss(&M, M.theta);
    for (int k = 0; k < 4; k++) {
        ok(glm_step(&M) == GLM_GOES_ON && glm_newton(&N) == GLM_GOES_ON,
           "step %d", k + 1);
        same(M.theta, N.theta.data, 0, "[eq:newton] nothing is stale");
    }
    const tensor eta = tensor_clone(&memory, M.eta);
    ok_close(glm_loss(&M, M.theta), M.loss, 0, 0, "the loss of theta");
    same(M.eta, eta.data, 0, "and so are the natural parameters");
}

/* Views with other strides: X by columns, y one column of many. */
static void strides(void)
{
    struct glm M = model(&poisson, counts(), 0.37);
    const tensor Xt = tensor_clone(&memory, tensor_transpose(M.X));
    const tensor turned = tensor_transpose(Xt);
    const tensor wide = tensor_cat(&memory, tensor_unsqueeze(M.y, 1), M.X,
                                   1);
    struct glm N = glm_new(&memory, &poisson, turned,
                           tensor_select(wide, 1, 0), 0.37);
    ok(glm_fit(&N) == GLM_DONE, "a fit");
    same(N.theta, torch_poisson_minimiser, 1e-12,
         "[eq:glm-gradient] whatever the strides");
}

static void decrements(void)
{
    struct glm M = model(&gaussian, numbers(), 0);
    double before = glm_loss(&M, M.theta);
    ok(glm_newton(&M) == GLM_GOES_ON, "a step of the Gaussian");
    ok_close(before - M.loss, M.decrement, 0, 1e-13,
             "[eq:decrement] exact for a quadratic loss");
    ok_equal(M.steps, 1, "[eq:newton] one step");
    M = model(&bernoulli, yes(), 0.37);
    for (int k = 0; k < 3; k++) {
        before = glm_loss(&M, M.theta);
        glm_newton(&M);
    }
    /* third-order terms: measured 1e-3 */
    ok_close(M.decrement / (before - M.loss), 1, 0.01, 0,
             "[eq:decrement] nearly exact near the minimum");
}

static void doubles(void)
{
    tensor X, y;
    double error[9], worst = 0;
    petals(VERSICOLOR, VIRGINICA, false, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    struct glm end = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&end);
    for (size_t k = 0; k < 9; k++) {
        error[k] = fabs(AT(M.theta, 1) - AT(end.theta, 1));
        glm_newton(&M);
    }
    for (size_t k = 6; k < 9; k++)
        worst = fmax(worst, fabs(error[k] / (error[k - 1] * error[k - 1])
                                 - 0.24));
    ok(worst < 0.02, "[eq:newton] error over last error squared settles: "
       "0.24 within %.2g", worst);
}

static void far_away(void)
{
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, false, &X, &y);
    const double deviation = AT(tensor_std(&memory, X, 0), 2);
    petals(VERSICOLOR, VIRGINICA, true, &X, &y);
    size_t rose = 0, halved = 0;
    for (int trial = 0; trial < 12; trial++) {
        struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
        AT(M.theta, 0) = 1.3 * (trial % 5 - 2);
        AT(M.theta, 1) = 2.1 * (trial % 4 - 2);
        AT(M.theta, 2) = 1.7 * (trial % 3 - 1);
        double last = INFINITY;
        for (int k = 0; k < 60; k++) {
            if (glm_newton(&M) != GLM_GOES_ON)
                break;
            rose += M.loss > last + 1e-13;
            last = M.loss;
        }
        halved += M.halvings;
        ok_close(AT(M.theta, 2), r_glm_iris_theta[2] * deviation, 0, 1e-9,
                 "[eq:newton] start %d arrives where R does", trial);
    }
    ok_equal(rose, 0, "the loss never rises");
    ok(halved > 0, "because %zu steps were halved", halved);
}

static void full_steps(void)
{
    tensor X, y;
    petals(VERSICOLOR, VIRGINICA, true, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    tensor_copy(M.theta, tensor_from(&memory, VALUES(0, -3, -3), SHAPE(3)));
    for (int k = 0; k < 2; k++) {
        (void)glm_loss(&M, M.theta);
        if (glm_direction(&M))
            descent_step(M.theta, M.theta, 1, M.step);
    }
    ok(glm_loss(&M, M.theta) > 1000, "without halving the loss explodes");
}

/* -------------------------------------------------------- separable data */

static enum glm_status status_of(const struct family *f, size_t m,
                                 const double x[], const double y[],
                                 double ridge)
{
    const tensor X = with_ones(&memory, tensor_from(&memory, m, x,
                                                    SHAPE(m, 1)));
    struct glm M = glm_new(&memory, f, X, tensor_from(&memory, m, y,
                                                      SHAPE(m)), ridge);
    return glm_fit(&M);
}

static void separable(void)
{
    static const double x[] = { -1.4, -0.3, 0.2, 1.1, 2.385 };
    static const double apart[] = { 0, 0, 1, 1, 1 };
    static const double mixed[] = { 0, 1, 0, 1, 1 };
    static const double all[] = { 1, 1, 1, 1, 1 };
    static const double touch_x[] = { -1.4, 0.2, 0.2, 1.1, 2.385 };
    static const double touch[] = { 0, 0, 1, 1, 1 };
    static const double nearly_x[] = { -1.4, 0.20001, 0.2, 1.1, 2.385 };
    const struct family *f = &bernoulli;
    ok(status_of(f, 5, x, apart, 0) == GLM_SEPARABLE,
       "[eq:separable] a line between the classes");
    ok(status_of(f, 5, x, mixed, 0) == GLM_DONE,
       "[eq:separable] none: a finite optimum");
    ok(status_of(f, 5, x, all, 0) == GLM_SEPARABLE,
       "[eq:separable] one class only");
    ok(status_of(f, 5, touch_x, touch, 0) == GLM_SEPARABLE,
       "[eq:separable] classes that touch in a point");
    ok(status_of(f, 5, nearly_x, touch, 0) == GLM_DONE,
       "[eq:separable] classes that overlap by a hair");
    ok(status_of(f, 5, x, apart, 1e-4) == GLM_DONE
       && status_of(f, 5, touch_x, touch, 1e-4) == GLM_DONE
       && status_of(f, 5, x, all, 1e-4) != GLM_SEPARABLE,
       "[eq:glm-ridge] ridge gives an answer");
}

/* theta itself is the proof, before the direction of the steps is. */
static void proof(void)
{
    const tensor X = with_ones(&memory, tensor_from(&memory, VALUES(
        -1.61, -0.04, -3.52, 14.16, 0.004, -0.56, -0.8, -0.06, 2.24, 1.15,
        -0.75, -1.19), SHAPE(6, 2)));
    const tensor y = tensor_from(&memory, VALUES(0, 0, 1, 0, 1, 1),
                                 SHAPE(6));
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    ok(glm_fit(&M) == GLM_SEPARABLE, "[eq:separable] six points");
    ok_equal(mistakes(X, y, M.theta), 0, "[eq:separable] theta is a proof");
    ok(M.steps < 4, "after %zu steps; the directions need 6", M.steps);
}

/* The loss along the direction of a separating line. */
static void separated_loss(void)
{
    tensor X, y;
    petals(SETOSA, VERSICOLOR, false, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    const tensor d = tensor_from(&memory, VALUES(-2.8, 0.7, 1.1), SHAPE(3));
    ok_equal(mistakes(X, y, d), 0, "this line separates");
    double last = INFINITY, want = 0;
    for (double t = 1; t <= 1024; t *= 4) {
        tensor td = tensor_mul(&memory, d, tensor_scalar(&memory, t));
        const double loss = glm_loss(&M, td);
        ok(loss < last, "[eq:separable] the loss falls: %.3g", loss);
        want = 0;
        for (size_t i = 0; i < y.shape[0]; i++)
            want += log1p(exp(-fabs(AT(M.eta, i)))) / 100;
        ok_close(loss, want, 1e-13, 1e-12, "[eq:separable] its formula");
        last = loss;
    }
    ok(last < 1e-15, "[eq:separable] to zero");
}

static void counts_at_infinity(void)
{
    static const double x[] = { 0, 0, 0, 1, 1 };
    static const double none[] = { 3, 5, 2, 0, 0 };
    static const double some[] = { 3, 5, 2, 0, 1 };
    ok(status_of(&poisson, 5, x, none, 0) == GLM_SEPARABLE,
       "[eq:separable] a group without a single count");
    ok(status_of(&poisson, 5, x, some, 0) == GLM_DONE,
       "[eq:separable] a group with one");
    ok(status_of(&gaussian, 5, x, none, 0) == GLM_DONE,
       "never for the Gaussian");
}

static void dependent(void)
{
    tensor X = seven();
    X = tensor_cat(&memory, X, tensor_slice(X, 1, 1, 2, 1), 1);
    struct glm M = glm_new(&memory, &bernoulli, X, yes(), 0);
    ok(glm_fit(&M) == GLM_DEPENDENT, "a column twice is reported");
    tensor error = vector(4);
    ok(!glm_errors(&M, error), "and has no standard errors");
    M = glm_new(&memory, &bernoulli, X, yes(), 0.01);
    ok(glm_fit(&M) == GLM_DONE, "ridge solves it");
    ok_close(AT(M.theta, 1), AT(M.theta, 3), 0, 1e-10,
             "[eq:glm-ridge] and shares the weight out");
}

/* --------------------------------------------------------- real data, R */

static void check_model(struct glm *M, const double theta[],
                        const double error[], const double deviance[],
                        const char *name)
{
    tensor e = vector(M->theta.shape[0]);
    ok(glm_fit(M) == GLM_DONE, "%s is fitted", name);
    /* measured: 3e-14 to 8e-12 (R stops a little earlier) */
    ok_all_close(e.shape[0], M->theta.data, theta, 0, 1e-9,
                 "[eq:newton] %s as in R", name);
    ok(glm_errors(M, e), "%s has errors", name);
    ok_all_close(e.shape[0], e.data, error, 0, 1e-7,
                 "[eq:glm-error] %s as in R", name);
    ok_close(glm_deviance(M), deviance[0], 0, 1e-12,
             "[eq:deviance] %s as in R", name);
    struct glm none = glm_new(&memory, M->family,
                              tensor_slice(M->X, 1, 0, 1, 1), M->y, 0);
    ok(glm_fit(&none) == GLM_DONE, "the intercept alone");
    ok_close(glm_deviance(&none), deviance[1], 0, 1e-12,
             "[eq:deviance] %s, intercept alone", name);
}

static void real_data(void)
{
    tensor X, y;
    struct frame f = frame_open(NULL, EMBEDDED(warpbreaks));
    struct glm M = glm_new(&memory, &poisson,
                           frame_design(&memory, &f, "breaks"),
                           frame_column(&f, "breaks")->number, 0);
    check_model(&M, r_glm_warp_theta, r_glm_warp_error, r_glm_warp_deviance,
                "Poisson");
    ok_close(glm_deviance(&M), 210.391888762, 0, 1e-11, "210.391888762");
    petals(VERSICOLOR, VIRGINICA, false, &X, &y);
    M = glm_new(&memory, &bernoulli, X, y, 0);
    check_model(&M, r_glm_iris_theta, r_glm_iris_error, r_glm_iris_deviance,
                "Bernoulli");
    f = frame_open(NULL, EMBEDDED(cars));
    M = glm_new(&memory, &gaussian, frame_design(&memory, &f, "dist"),
                frame_column(&f, "dist")->number, 0);
    check_model(&M, r_glm_cars_theta, r_glm_cars_error, r_glm_cars_deviance,
                "Gaussian");
}

static void boundary(void)
{
    tensor X, y, at = vector(1);
    petals(VERSICOLOR, VIRGINICA, false, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0);
    glm_fit(&M);
    const double b = AT(M.theta, 0), w1 = AT(M.theta, 1);
    const double w2 = AT(M.theta, 2);
    for (int i = 0; i < 3; i++) {
        const double x1 = 3.1 + i, x2 = -w1 / w2 * x1 - b / w2;
        linear_predict(tensor_from(&memory, VALUES(1, x1, x2), SHAPE(1, 3)),
                       M.theta, at);
        ok_close(logistic(AT(at, 0)), 0.5, 1e-13, 0,
                 "[eq:boundary] p = 1/2 at length %.1f", x1);
    }
}

static void contrasts(void)
{
    const struct frame f = frame_open(NULL, EMBEDDED(warpbreaks));
    const tensor X = frame_design(&memory, &f, "breaks");
    static const char *const name[] = { "(intercept)", "woolB", "tensionM",
                                        "tensionH" };
    ok_text(TENSOR_SHAPE(X), "(54, 4)", "three columns and the intercept");
    for (size_t j = 0; j < 4; j++)
        ok_text(design_name(&f, "breaks", j).s, name[j], "its name");
    same(row(X, 0), (const double[]){ 1, 0, 0, 0 }, 0, "wool A, tension L");
    same(row(X, 53), (const double[]){ 1, 1, 0, 1 }, 0,
         "wool B, tension H");
    same(tensor_sum(&memory, X, 0), (const double[]){ 54, 27, 18, 18 }, 0,
         "as many of each");
    ok_text(TENSOR_SHAPE(frame_design(&memory, &f, "wool")), "(54, 4)",
            "a column of numbers is one column");
    ok_text(design_name(&f, "wool", 1).s, "breaks", "its name");
}

static void descents(void)
{
    tensor X, y, path = tensor_zeros(&memory, SHAPE(3001, 3));
    size_t rises = 0;
    double last = INFINITY;
    petals(VERSICOLOR, VIRGINICA, true, &X, &y);
    struct glm M = glm_new(&memory, &bernoulli, X, y, 0.01);
    struct glm end = glm_new(&memory, &bernoulli, X, y, 0.01);
    ok_equal(glm_descend(&M, safe_rate(X), path), 3000, "3000 steps");
    for (size_t k = 0; k <= 3000; k++) {
        const double loss = glm_loss(&M, row(path, k));
        rises += loss > last + 1e-15;
        last = loss;
    }
    ok_equal(rises, 0, "[eq:logistic-hessian] p(1-p) <= 1/4: never up");
    ok(glm_fit(&end) == GLM_DONE, "Newton");
    same(M.theta, end.theta.data, 1e-9, "descent arrives where Newton does");
    struct glm P = model(&poisson, counts(), 0);
    ok(glm_descend(&P, 40, path) < 3000, "a rate too large is reported");
}

/* --------------------------------------------------------- K categories */

static double of_logsumexp(void *context, const double eta[], size_t n)
{
    double sum = 0;
    (void)context;
    for (size_t k = 0; k < n; k++)
        sum += exp(eta[k]);
    return log(sum);
}

static void categories(void)
{
    double eta[] = { 1.249, -0.517, 2.268, 0 }, q[4];
    const double A = of_logsumexp(NULL, eta, 4);
    for (size_t k = 0; k < 4; k++)
        q[k] = exp(eta[k] - A);
    ok_all_close(4, q, torch_softmax, 0, 1e-15,
                 "[eq:categorical-mean] the softmax of PyTorch");
    ok_close(A, torch_logsumexp[0], 0, 1e-15,
             "[eq:categorical-mean] its normaliser");
    ok_close(A, -log(q[3]), 0, 1e-15, "[eq:categorical-mean] A = -log q_K");
    ok(grad_passed(grad_check(of_logsumexp, NULL, eta, q, 4, 1e-10, 1e-8)),
       "[eq:categorical-mean] q is the gradient of A");
    for (size_t c = 0; c < 4; c++) {
        double exponent = log(q[3]);
        for (size_t k = 0; k < 3; k++)
            exponent += (k == c) * log(q[k] / q[3]);
        ok_close(exp(exponent), q[c], 0, 1e-14,
                 "[eq:categorical] P(class %zu)", c);
    }
    const double two[] = { 0.731, 0 };
    ok_close(exp(two[0] - of_logsumexp(NULL, two, 2)), logistic(0.731), 0,
             1e-15, "[eq:categorical-mean] two classes: the sigmoid");
}

/* ------------------------------------------------ sources, bugs, program */

static void conformance(void)
{
    /* the sources compute in float and print their parameters rounded:
       measured 1.1e-8 */
    ok_close(logistic(0.9104482 * 3.31 + 0.12319656 * 0.21 + 0.01103974),
             0.9548038840, 3e-8, 0, "the sources' probability");
}

/* The words of --family are the names of the families. */
static void by_name(void)
{
    const struct setting *s = settings;
    size_t length = 0;
    while (s->name != NULL && strcmp(s->name, "family") != 0)
        s++;
    for (size_t k = 0; k < COUNT_OF(families); k++) {
        const char *name = families[k]->name;
        ok(family_find(name) == families[k] && words_have(s->help, name),
           "a family called %s", name);
        length += strlen(name) + (k > 0);
    }
    ok_equal(strlen(s->help), length, "and no other words");
    ok(family_find("gamma") == NULL, "none called gamma");
}

static void bad_outcome(void)
{
    (void)glm_new(&memory, &bernoulli, seven(), counts(), 0);
}

static void bad_shape(void)
{
    (void)glm_new(&memory, &bernoulli, tensor_rows(seven(), 0, 5), yes(),
                  0);
}

static void misuse(void)
{
    ok_dies(bad_outcome, "y[0] = 3 is not bernoulli", "a count is no yes");
    ok_dies(bad_shape, "X (5, 3), y (7)", "unequal numbers of rows");
    ok(!poisson.valid(2.5) && !poisson.valid(-1) && poisson.valid(0)
       && !poisson.valid(INFINITY) && !poisson.valid(NAN),
       "counts are whole and not negative");
    ok(!bernoulli.valid(0.5) && !bernoulli.valid(NAN), "yes is 1, no is 0");
}

static void runs(int want, const char *say, const char *a, const char *b,
                 const char *c, const char *d)
{
    static char error[20000];
    char *const argv[] = { (char *)(uintptr_t)"families",
        (char *)(uintptr_t)a, (char *)(uintptr_t)b, (char *)(uintptr_t)c,
        (char *)(uintptr_t)d, NULL };
    int ends[2], status = -1, argc = 0;
    size_t n = 0;
    fflush(stdout);
    if (pipe(ends) != 0)
        return;
    while (argv[argc] != NULL)
        argc++;
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 2);
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(99);
        exit(families_main(argc, (char **)(uintptr_t)argv));
    }
    close(ends[1]);
    for (ssize_t got; (got = read(ends[0], error + n,
                                  sizeof error - n - 1)) > 0; )
        n += (size_t)got;
    error[n] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    if (!ok(WIFEXITED(status) && WEXITSTATUS(status) == want
            && (say == NULL ? n == 0 : strstr(error, say) != NULL),
            "exit %d: %s %s %s %s", want, a ? a : "", b ? b : "",
            c ? c : "", d ? d : ""))
        diag("status %d, %s", status, error);
}

static void runs_program(void)
{
    runs(0, NULL, NULL, NULL, NULL, NULL);
    runs(0, NULL, "warpbreaks", "--data=chapters/data/cars.csv",
         "--target=dist", "--family=gaussian");
    runs(0, NULL, "warpbreaks", "--target=wool", "--family=bernoulli",
         NULL);
    runs(2, "found 'gamma'", "warpbreaks", "--family", "gamma", NULL);
    runs(2, "unknown option", "--sede", "3", NULL, NULL);
    runs(2, "--seed is not used by any part", "--seed", "3", NULL, NULL);
    runs(2, "--family is not used by the part race", "race", "--family",
         "poisson", NULL);
    runs(1, "tests: is a folder, expected a file", "warpbreaks", "--data",
         "tests", NULL);
    runs(1, "there is no column 'x'", "warpbreaks", "--target", "x", NULL);
    runs(1, "begins with 'L'", "warpbreaks", "--target", "tension", NULL);
    runs(1, "chapters/data/iris.csv:2: column 'sepal_length': 5.1 is no "
         "value", "warpbreaks", "--data=chapters/data/iris.csv",
         "--target=sepal_length", NULL);
    runs(1, "missing.csv:3:3:", "warpbreaks", "--data",
         "tests/bad/missing.csv", NULL);
}

int main(void)
{
    TAP_RUN(sigmoids);
    TAP_RUN(likelihood);
    TAP_RUN(logistic_derivatives);
    TAP_RUN(derivatives);
    TAP_RUN(moments);
    TAP_RUN(densities);
    TAP_RUN(roots);
    TAP_RUN(reweighted);
    TAP_RUN(step_by_step);
    TAP_RUN(strides);
    TAP_RUN(decrements);
    TAP_RUN(doubles);
    TAP_RUN(far_away);
    TAP_RUN(full_steps);
    TAP_RUN(separable);
    TAP_RUN(proof);
    TAP_RUN(separated_loss);
    TAP_RUN(counts_at_infinity);
    TAP_RUN(dependent);
    TAP_RUN(real_data);
    TAP_RUN(boundary);
    TAP_RUN(contrasts);
    TAP_RUN(descents);
    TAP_RUN(categories);
    TAP_RUN(conformance);
    TAP_RUN(by_name);
    TAP_RUN(misuse);
    TAP_RUN(runs_program);
    return tap_done();
}
