/*
 * Tests of chapter 3: dataset.h, linear.h and the program itself.
 * Expected values come from R and PyTorch (tests/oracle/), from another
 * formula, or from the sources.
 */
#include "../tangled/tap.h"

#include <gsl/gsl_math.h>

#define main lines_main
#include "../tangled/03-linear-regression.c"
#undef main

#include "../tangled/gradcheck.h"
#include "oracle/03-descent.h"
#include "oracle/03-linear-regression.h"

#define COUNT_OF(array) (sizeof (array) / sizeof (array)[0])

/* The elements of t against as many expected values. */
static void same(tensor t, const double want[], double tolerance,
                 const char *title)
{
    const tensor c = tensor_clone(&memory, t);
    ok_all_close(tensor_len(c), c.data, want, tolerance, tolerance, "%s",
                 title);
}

/* The seven rows of the oracles: X (7,3) with its column of ones, y (7). */
static void seven(tensor *X, tensor *y)
{
    *X = with_ones(&memory, tensor_from(&memory, COUNT_OF(r_X), r_X,
                                        SHAPE(7, 2)));
    *y = tensor_from(&memory, COUNT_OF(r_y), r_y, SHAPE(7));
}

static tensor start(void)
{
    return tensor_from(&memory, VALUES(0.613, -1.429, 0.288), SHAPE(3));
}

/* The gradient at theta. */
static tensor gradient_of(tensor X, tensor y, tensor theta, double ridge)
{
    tensor r = vector(y.shape[0]), g = vector(theta.shape[0]);
    (void)linear_loss(X, y, theta, ridge, r);
    linear_gradient(X, r, theta, ridge, g);
    return g;
}

static double loss_of(tensor X, tensor y, tensor theta, double ridge)
{
    tensor r = vector(y.shape[0]);
    return linear_loss(X, y, theta, ridge, r);
}

static double dot(tensor u, tensor v)
{
    double sum = 0;
    for (size_t i = 0; i < u.shape[0]; i++)
        sum += AT(u, i) * AT(v, i);
    return sum;
}

static tensor solved(tensor X, tensor y)
{
    tensor theta = vector(X.shape[1]);
    ok(linear_solve_qr(&memory, X, y, theta), "QR solves");
    return theta;
}

/* The speeds, (50,1), and distances, (50), of the cars. */
static tensor cars(tensor *y)
{
    const struct frame f = frame_open(NULL, EMBEDDED(cars));
    *y = frame_column(&f, "dist")->number;
    return frame_matrix(&memory, &f, 1, (const char *const[]){ "speed" });
}

/* ------------------------------------------------------------- the loss */

static void loss_and_gradient(void)
{
    tensor X, y, theta = start(), r = vector(7), g = vector(3);
    double sum = 0, part[3] = { 0 };
    seven(&X, &y);
    for (size_t i = 0; i < 7; i++) {
        const double yhat = AT(theta, 0) + AT(theta, 1) * AT(X, i, 1)
                            + AT(theta, 2) * AT(X, i, 2);
        sum += (yhat - AT(y, i)) * (yhat - AT(y, i));
        for (size_t j = 0; j < 3; j++)
            part[j] += (yhat - AT(y, i)) * AT(X, i, j) / 7;
    }
    /* measured: 0 to 2e-15 */
    ok_close(linear_loss(X, y, theta, 0, r), sum / 14, 0, 1e-14,
             "[eq:half-mse] the sum of squares over 2m");
    linear_gradient(X, r, theta, 0, g);
    same(g, part, 1e-14, "[eq:linear-partial] sums over the rows");
    const tensor twice = tensor_cat(&memory, X, X, 0);
    const tensor both = tensor_cat(&memory, y, y, 0);
    ok_close(loss_of(twice, both, theta, 0), sum / 14, 0, 1e-14,
             "[eq:half-mse] every row twice: the same mean");
    same(gradient_of(twice, both, theta, 0), part, 1e-14,
         "[eq:linear-gradient] every row twice: the same gradient");
}

/* begin gradient-check */
struct problem { tensor X, y; double ridge; };

static double objective_loss(void *context, const double theta[], size_t n)
{
    const struct problem *p = context;
    return loss_of(p->X, p->y, tensor_from(&memory, n, theta, SHAPE(n)),
                   p->ridge);
}

static void check_gradient(double ridge, const char *title)
{
    struct problem p = { .ridge = ridge };
    tensor theta = start();
    seven(&p.X, &p.y);
    tensor g = gradient_of(p.X, p.y, theta, ridge);
    const struct gradcheck c = grad_check(objective_loss, &p, theta.data,
                                          g.data, 3, 1e-9, 1e-7);
    ok(grad_passed(c), "%s, worst error %.1g", title, c.worst_error);
}

static void gradients(void)
{
    check_gradient(0, "[eq:linear-gradient] against differences");
    check_gradient(0.37, "[eq:ridge] against differences");
}
/* end gradient-check */

static void torch(void)
{
    tensor X, y, path = tensor_zeros(&memory, SHAPE(7, 3));
    double losses[6];
    seven(&X, &y);
    tensor_copy(tensor_select(path, 0, 0), start());
    ok_equal(linear_descend(&memory, X, y, 0.173, 0.37, path), 6,
             "six steps stay finite");
    for (size_t k = 0; k < 6; k++)
        losses[k] = loss_of(X, y, tensor_select(path, 0, (ptrdiff_t)k),
                            0.37);
    /* measured: 5e-15 */
    same(gradient_of(X, y, start(), 0.37), torch_gradient, 1e-13,
         "[eq:ridge] the gradient that PyTorch finds");
    ok_all_close(6, losses, torch_losses, 0, 1e-13,
                 "[eq:ridge] the losses that PyTorch finds");
    same(path, torch_path, 1e-13, "[eq:descent] the steps PyTorch makes");
}

/* ------------------------------------------------------ rules for traces */

enum { P = 3, Q = 4 };

/* tr(A B A^T C), A (P,Q), B (Q,Q), C (P,P), by its definition. */
struct traced { double B[Q][Q], C[P][P], M[Q][P]; };

static double trace_quadratic(void *context, const double A[], size_t n)
{
    const struct traced *t = context;
    double sum = 0;
    (void)n;
    for (size_t i = 0; i < P; i++)
        for (size_t j = 0; j < Q; j++)
            for (size_t k = 0; k < Q; k++)
                for (size_t m = 0; m < P; m++)
                    sum += A[i * Q + j] * t->B[j][k] * A[m * Q + k]
                           * t->C[m][i];
    return sum;
}

static double trace_linear(void *context, const double A[], size_t n)
{
    const struct traced *t = context;
    double sum = 0;
    (void)n;
    for (size_t i = 0; i < P; i++)
        for (size_t j = 0; j < Q; j++)
            sum += A[i * Q + j] * t->M[j][i];
    return sum;
}

static tensor wrap(const double *x, size_t m, size_t n)
{
    return tensor_from(&memory, m * n, x, SHAPE(m, n));
}

static double trace(tensor A)
{
    double sum = 0;
    for (size_t i = 0; i < A.shape[0]; i++)
        sum += AT(A, i, i);
    return sum;
}

static void traces(void)
{
    struct traced t;
    tensor A = tensor_uniform(&memory, rng, -2.4, 1.9, SHAPE(P, Q));
    for (size_t i = 0; i < sizeof t / sizeof(double); i++)
        ((double *)&t)[i] = random_uniform(rng) * 3.1 - 1.3;
    const tensor B = wrap(t.B[0], Q, Q), C = wrap(t.C[0], P, P);
    const tensor M = wrap(t.M[0], Q, P);
    const tensor AM = tensor_matmul(&memory, A, M);
    const tensor MA = tensor_matmul(&memory, M, A);
    ok_close(trace(AM), trace(MA), 0, 1e-14, "[eq:trace-cycle] tr AM");
    ok_close(trace(tensor_matmul(&memory, C, AM)),
             trace(tensor_matmul(&memory, M, tensor_matmul(&memory, C, A))),
             0, 1e-14, "[eq:trace-cycle] tr CAM = tr MCA");
    tensor g = tensor_clone(&memory, tensor_transpose(M));
    ok(grad_passed(grad_check(trace_linear, &t, A.data, g.data, P * Q, 1e-9,
                              1e-7)), "[eq:trace-linear] M^T");
    const tensor left = tensor_matmul(&memory, tensor_transpose(C),
        tensor_matmul(&memory, A, tensor_transpose(B)));
    const tensor right = tensor_matmul(&memory, C,
        tensor_matmul(&memory, A, B));
    g = tensor_add(&memory, left, right);
    ok(grad_passed(grad_check(trace_quadratic, &t, A.data, g.data, P * Q,
                              1e-9, 1e-7)),
       "[eq:trace-quadratic] C^T A B^T + C A B");
}

/* -------------------------------------------------------------- descent */

/* How often the loss rises along a path of n steps. */
static size_t rises(tensor X, tensor y, tensor path, size_t n)
{
    size_t count = 0;
    for (size_t k = 0; k < n; k++)
        count += loss(X, y, row(path, k + 1)) > loss(X, y, row(path, k));
    return count;
}

static void parabolas(void)
{
    double x = 2.385;
    for (int k = 0; k < 9; k++)
        x -= 0.173 * parabola_slope(x);
    ok_close(x - 1.5, pow(1 - 2 * 0.173, 9) * 0.885, 0, 1e-12,
             "[eq:descent-parabola] nine steps at once");
    x = 2.5;
    for (int k = 0; k < 7; k++)
        x -= 1.0 * parabola_slope(x);
    ok_close(x, 0.5, 1e-14, 0,
             "[eq:descent-parabola] rate 1: back and forth");
}

static void curvature(void)
{
    tensor X, y, theta = start();
    const tensor d = tensor_from(&memory, VALUES(-0.83, 1.27, 0.41),
                                 SHAPE(3));
    seven(&X, &y);
    tensor Xd = vector(7);
    linear_predict(X, d, Xd);
    /* measured: 4e-15 */
    ok_close(loss_of(X, y, tensor_add(&memory, theta, d), 0),
             loss_of(X, y, theta, 0)
             + dot(gradient_of(X, y, theta, 0), d) + dot(Xd, Xd) / 14,
             0, 1e-13, "[eq:linear-hessian] the expansion is exact");
}

static tensor iris_design(tensor *y)
{
    struct frame f;
    struct error e;
    if (!csv_file(&f, &memory, "chapters/data/iris.csv", &e))
        give_up(&e);
    *y = frame_column(&f, "petal_width")->number;
    return with_ones(&memory, frame_matrix(&memory, &f, 3,
        (const char *const[]){ "sepal_length", "sepal_width",
                               "petal_length" }));
}

/* The eigenvectors of X^T X / m, by columns, in double. */
static gsl_matrix *eigenvectors(tensor X, gsl_vector *lambda)
{
    const size_t n = X.shape[1];
    gsl_matrix *H = gsl_matrix_alloc(n, n), *Q_ = gsl_matrix_alloc(n, n);
    gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            gsl_matrix_set(H, i, j,
                dot(tensor_select(X, 1, (ptrdiff_t)i),
                    tensor_select(X, 1, (ptrdiff_t)j))
                / (double)X.shape[0]);
    gsl_eigen_symmv(H, lambda, Q_, w);
    gsl_eigen_symmv_sort(lambda, Q_, GSL_EIGEN_SORT_VAL_ASC);
    gsl_eigen_symmv_free(w);
    gsl_matrix_free(H);
    return Q_;
}

static void descent_errors(void)
{
    tensor X, y, path = tensor_zeros(&memory, SHAPE(18, 3));
    gsl_vector *lambda = gsl_vector_alloc(3);
    double want[3] = { 0 };
    seven(&X, &y);
    const tensor best = solved(X, y);
    gsl_matrix *Q_ = eigenvectors(X, lambda);
    tensor_copy(tensor_select(path, 0, 0), start());
    linear_descend(&memory, X, y, 0.31, 0, path);
    for (size_t j = 0; j < 3; j++) {
        double product = 0;
        for (size_t i = 0; i < 3; i++)
            product += gsl_matrix_get(Q_, i, j)
                       * (AT(path, 0, i) - AT(best, i));
        product *= pow(1 - 0.31 * gsl_vector_get(lambda, j), 17);
        for (size_t i = 0; i < 3; i++)
            want[i] += product * gsl_matrix_get(Q_, i, j);
    }
    /* measured: 2e-15 */
    same(tensor_sub(&memory, tensor_select(path, 0, 17), best), want,
         1e-13, "[eq:descent-error] seventeen steps at once");
    gsl_matrix_free(Q_);
    gsl_vector_free(lambda);
}

static void bound(void)
{
    tensor X, y, theta = start();
    seven(&X, &y);
    const tensor lambda = linear_curvature(&memory, X);
    const double high = AT(lambda, 2), alpha = 0.231;
    const tensor g = gradient_of(X, y, theta, 0);
    tensor Xg = vector(7), next = vector(3);
    linear_predict(X, g, Xg);
    descent_step(next, theta, alpha, g);
    const double fall = loss_of(X, y, theta, 0) - loss_of(X, y, next, 0);
    ok_close(fall, alpha * dot(g, g) - alpha * alpha / 2 * dot(Xg, Xg) / 7,
             0, 1e-13, "[eq:descent-bound] the fall of one step");
    ok(fall >= alpha * (1 - alpha * high / 2) * dot(g, g),
       "[eq:descent-bound] the fall is at least what is promised");
    ok(fall - alpha * (1 - alpha * high / 2) * dot(g, g)
       < 0.5 * alpha * dot(g, g), "and the promise is not empty");
}

/* From many starts: never up below 2/max, at last always up above it. */
static void bound_is_sharp(void)
{
    tensor X, y;
    size_t up = 0, grown = 0;
    seven(&X, &y);
    const tensor lambda = linear_curvature(&memory, X);
    const double most = 2 / AT(lambda, 2);
    const double least = loss_of(X, y, solved(X, y), 0);
    for (int trial = 0; trial < 10; trial++) {
        tensor path = tensor_uniform(&memory, rng, -9, 9, SHAPE(901, 3));
        linear_descend(&memory, X, y, 0.999 * most, 0, path);
        up += rises(X, y, path, 900);
        linear_descend(&memory, X, y, 1.01 * most, 0, path);
        grown += loss(X, y, row(path, 900))
                 > 1e4 * (loss(X, y, row(path, 1)) - least);
    }
    ok_equal(up, 0, "[eq:descent-bound] 0.999 of the bound: never up");
    ok_equal(grown, 10, "[eq:descent-bound] 1.01 of the bound: diverges");
}

static void best_rate(void)
{
    tensor X, y, path = tensor_zeros(&memory, SHAPE(42, 3));
    double length[2] = { 0 };
    seven(&X, &y);
    const tensor best = solved(X, y);
    const tensor lambda = linear_curvature(&memory, X);
    const double low = AT(lambda, 0), high = AT(lambda, 2);
    const double kappa = high / low;
    tensor_copy(tensor_select(path, 0, 0), start());
    linear_descend(&memory, X, y, 2 / (low + high), 0, path);
    for (ptrdiff_t k = 0; k < 2; k++) {
        const tensor e = tensor_sub(&memory,
                             tensor_select(path, 0, 19 + 2 * k), best);
        length[k] = sqrt(dot(e, e));
    }
    /* two steps: the parts along both ends are then multiplied alike;
       measured 3e-7, from the middle eigenvalue and rounding */
    ok_close(sqrt(length[1] / length[0]), (kappa - 1) / (kappa + 1), 0,
             1e-5, "[eq:descent-best] the error falls as promised");
    ok_close(fmax(fabs(1 - 2 / (low + high) * low),
                  fabs(1 - 2 / (low + high) * high)),
             (kappa - 1) / (kappa + 1), 1e-14, 0,
             "[eq:descent-best] both ends meet");
}

static void overflow(void)
{
    tensor X, y, path = tensor_zeros(&memory, SHAPE(2001, 3));
    seven(&X, &y);
    const size_t done = linear_descend(&memory, X, y, 5, 0, path);
    ok(done < 2000, "a diverging descent stops: after %zu steps", done);
    ok(tensor_is_finite(tensor_select(path, 0, (ptrdiff_t)done)),
       "its last point is finite");
    const size_t of_rows = linear_descend_batches(&memory, rng, X, y, 3, 5,
                                                  path);
    ok(of_rows < 2000, "on batches too: after %zu steps", of_rows);
}

/* -------------------------------------------------------------- batches */

static void every_batch(void)
{
    tensor X, y, theta = start(), mean = vector(3);
    size_t count = 0;
    seven(&X, &y);
    for (size_t i = 0; i < 7; i++)
        for (size_t j = i + 1; j < 7; j++)
            for (size_t k = j + 1; k < 7; k++, count++) {
                const size_t rows[] = { i, j, k };
                const tensor g = gradient_of(
                    tensor_index_select(&memory, X, 0, 3, rows),
                    tensor_index_select(&memory, y, 0, 3, rows), theta, 0);
                for (size_t c = 0; c < 3; c++)
                    AT(mean, c) += AT(g, c) / 35;
            }
    ok_equal(count, 35, "35 batches of 3 rows");
    same(mean, gradient_of(X, y, theta, 0).data, 1e-13,
         "[eq:batch-gradient] their gradients' mean is the gradient");
}

static void two_epochs(void)
{
    tensor X, y, theta = start(), path = tensor_zeros(&memory, SHAPE(7, 3));
    size_t order[7];
    double off = 0;
    seven(&X, &y);
    tensor_copy(tensor_select(path, 0, 0), theta);
    gsl_rng *a = random_new(11), *b = random_new(11);
    ok_equal(batches(7, 3), 3, "7 rows make batches of 3, 3, 1");
    linear_descend_batches(&memory, a, X, y, 3, 0.173, path);
    for (size_t k = 0; k < 6; k++) {
        if (k % 3 == 0)
            order_shuffle(b, 7, order);
        const size_t n = k % 3 == 2 ? 1 : 3;
        const size_t *rows = order + k % 3 * 3;
        const tensor g = gradient_of(
            tensor_index_select(&memory, X, 0, n, rows),
            tensor_index_select(&memory, y, 0, n, rows), theta, 0);
        for (size_t j = 0; j < 3; j++) {
            AT(theta, j) -= 0.173 * AT(g, j);
            off = fmax(off, fabs(AT(theta, j) - AT(path, k + 1, j)));
        }
    }
    ok(off < 1e-14, "[eq:batch-gradient] two epochs with a small last "
       "batch");
    gsl_rng_free(a);
    gsl_rng_free(b);
}

static void one_batch(void)
{
    tensor X, y, a = tensor_zeros(&memory, SHAPE(12, 3));
    seven(&X, &y);
    tensor b = tensor_zeros(&memory, SHAPE(12, 3));
    linear_descend(&memory, X, y, 0.173, 0, a);
    linear_descend_batches(&memory, rng, X, y, 7, 0.173, b);
    /* the rows come in another order: measured 2e-15 */
    same(a, b.data, 1e-13, "[eq:batch-gradient] one batch of all rows");
}

static void no_batch(void)
{
    (void)batches(7, 0);
}

static void shuffles(void)
{
    size_t order[9], seen = 0, fixed = 0;
    for (int trial = 0; trial < 900; trial++) {
        order_shuffle(rng, 9, order);
        fixed += order[8] == 8;
    }
    for (size_t i = 0; i < 9; i++)
        seen |= (size_t)1 << order[i];
    ok_equal(seen, 511, "an order holds every row once");
    ok(fixed > 60 && fixed < 140, "the last row stays one time in nine: "
       "%zu of 900", fixed);
    ok_dies(no_batch, "at least one row", "a batch of no rows stops");
}

static void splits(void)
{
    tensor X = tensor_reshape(tensor_arange(&memory, 22), SHAPE(11, 2));
    const tensor y = tensor_select(X, 1, 0);
    const struct split s = rows_split(&memory, rng, X, y, 0.7);
    double sum = 0, wrong = 0;
    ok_equal(s.X_train.shape[0], 7, "0.7 of 11 rows, rounded down");
    ok_equal(s.X_test.shape[0], 4, "the rest for testing");
    for (size_t i = 0; i < 7; i++) {
        sum += AT(s.y_train, i);
        wrong += fabs(AT(s.X_train, i, 1) - AT(s.y_train, i) - 1);
    }
    for (size_t i = 0; i < 4; i++) {
        sum += AT(s.y_test, i);
        wrong += fabs(AT(s.X_test, i, 1) - AT(s.y_test, i) - 1);
    }
    ok_close(sum, 110, 0, 0, "no row is lost or in both parts");
    ok_close(wrong, 0, 0, 0, "X and y stay together");
}

/* ----------------------------------------------------------- solutions */

static void solutions(void)
{
    tensor X, y, c = vector(3), q = vector(3), v = vector(3), s = vector(3);
    seven(&X, &y);
    ok(linear_solve_cholesky(&memory, X, y, 0, c), "Cholesky solves");
    ok(linear_solve_qr(&memory, X, y, q), "QR solves");
    ok_equal(linear_solve_svd(&memory, X, y, 1e-12, v, s), 3, "rank 3");
    /* measured: 2e-15 */
    same(c, r_theta, 1e-13, "[eq:cholesky-solve] R's solution");
    same(q, r_theta, 1e-13, "[eq:qr-solve] R's solution");
    same(v, r_theta, 1e-13, "[eq:svd-solve] R's solution");
    const tensor Xt = tensor_transpose(X);
    tensor left = vector(3), right = vector(3);
    linear_predict(tensor_matmul(&memory, Xt, X), q, left);
    linear_predict(Xt, y, right);
    same(left, right.data, 1e-13, "[eq:normal-equations] both sides");
}

static void dependent(void)
{
    tensor X, y, theta = vector(4), s = vector(4);
    seven(&X, &y);
    const tensor Z = with_twice(X, 0);
    AT(theta, 2) = 2.385;
    ok(!linear_solve_cholesky(&memory, Z, y, 0, theta),
       "Cholesky reports x3 = 2 x1");
    ok(!linear_solve_qr(&memory, Z, y, theta), "QR reports x3 = 2 x1");
    ok_close(AT(theta, 2), 2.385, 0, 0, "and theta is as it was");
    ok_equal(linear_solve_svd(&memory, Z, y, 1e-12, theta, s), 3,
             "rank 3 of 4");
    same(theta, r_shortest, 1e-13, "[eq:svd-solve] the shortest solution");
    ok(isnan(linear_errors(&memory, Z, y, theta, s)),
       "no standard errors then");
    ok(linear_solve_cholesky(&memory, Z, y, 1e-9, s), "ridge solves it");
    same(s, r_shortest, 1e-6, "and is close to the shortest");
    const tensor none = tensor_zeros(&memory, SHAPE(7, 2));
    ok(!linear_solve_qr(&memory, none, y, vector(2))
       && !linear_solve_cholesky(&memory, none, y, 0, vector(2)),
       "columns of zeros are reported");
}

/* More parameters than rows. */
static void wide(void)
{
    tensor X, y, theta = vector(3), s = vector(3), fit = vector(2);
    seven(&X, &y);
    X = tensor_rows(X, 0, 2), y = tensor_rows(y, 0, 2);
    ok(!linear_solve_qr(&memory, X, y, theta), "QR wants m >= n");
    ok(!linear_solve_cholesky(&memory, X, y, 0, theta),
       "Cholesky reports two rows for three parameters");
    ok_equal(linear_solve_svd(&memory, X, y, 1e-12, theta, s), 2,
             "rank 2 of a matrix (2, 3)");
    linear_predict(X, theta, fit);
    same(fit, r_y, 1e-13, "[eq:svd-solve] and the rows are met");
    const tensor null = tensor_from(&memory, VALUES(
        AT(X, 0, 1) * AT(X, 1, 2) - AT(X, 0, 2) * AT(X, 1, 1),
        AT(X, 1, 1) * 0 + AT(X, 0, 2) - AT(X, 1, 2),
        AT(X, 1, 1) - AT(X, 0, 1)), SHAPE(3));
    ok_close(dot(null, theta), 0, 1e-13, 0,
             "[eq:svd-solve] nothing along what X does not see");
}

static void conditions(void)
{
    tensor y, X = iris_design(&y), theta = vector(4), s = vector(4);
    linear_solve_svd(&memory, X, y, 0, theta, s);
    same(s, r_iris_singular, 1e-12, "the singular values that R finds");
    same(theta, r_iris_theta, 1e-12, "[eq:svd-solve] iris, as in R");
    const tensor lambda = linear_curvature(&memory, X);
    same(lambda, r_iris_curvature, 1e-13,
         "[eq:linear-hessian] eigenvalues that R finds");
    const double kappa = AT(s, 0) / AT(s, 3);
    ok_close(AT(lambda, 3) / AT(lambda, 0), kappa * kappa, 0, 1e-10,
             "[eq:condition] the Hessian's is the square");
    ok_close(kappa, r_iris_singular[0] / r_iris_singular[3], 0, 1e-12,
             "[eq:condition] as in R");
}

static void projections(void)
{
    tensor y, x = cars(&y);
    const tensor X = with_ones(&memory, x), theta = solved(X, y);
    const tensor p = linear_hat(&memory, X);
    tensor diagonal = vector(50), fit = vector(50), py = vector(50);
    tensor dots = vector(2);
    for (size_t i = 0; i < 50; i++)
        AT(diagonal, i) = AT(p, i, i);
    /* measured: 1e-15 */
    same(diagonal, r_cars_hat_diagonal, 1e-13,
         "[eq:projection] the diagonal that R finds");
    same(tensor_matmul(&memory, p, p), p.data, 1e-13, "[eq:projection] PP");
    same(tensor_transpose(p), p.data, 1e-15, "[eq:projection] P^T");
    ok_close(trace(p), 2, 0, 1e-13, "[eq:projection] the trace is n");
    linear_predict(X, theta, fit);
    linear_predict(p, y, py);
    same(py, fit.data, 1e-11, "[eq:projection] P y is the fit");
    const tensor r = tensor_sub(&memory, y, fit);
    linear_predict(tensor_transpose(X), r, dots);
    /* sums of 50 products up to 1e3: measured 2e-12 */
    ok_close(AT(dots, 0), 0, 1e-10, 0, "[eq:residual-orthogonal] to 1");
    ok_close(AT(dots, 1), 0, 1e-10, 0, "[eq:residual-orthogonal] to speed");
    ok_close(dot(y, y), dot(fit, fit) + dot(r, r), 0, 1e-13,
             "[eq:residual-orthogonal] Pythagoras");
}

static void standard_errors(void)
{
    tensor y, x = cars(&y), theta = vector(2), error = vector(2);
    tensor X = with_ones(&memory, x);
    ok(linear_solve_qr(&memory, X, y, theta), "cars are solved");
    /* measured: 3e-15 */
    same(theta, r_cars_theta, 1e-12, "[eq:qr-solve] cars as in R");
    const double s = linear_errors(&memory, X, y, theta, error);
    same(error, r_cars_error, 1e-12, "[eq:standard-error] cars as in R");
    ok_close(s, r_cars_sigma_r2[0], 0, 1e-13, "[eq:standard-error] s");
    for (size_t j = 0; j < 2; j++) {
        const double t = AT(theta, j) / AT(error, j);
        ok_close(t, r_cars_t[j], 0, 1e-12, "t of parameter %zu", j);
        ok_close(2 * gsl_cdf_tdist_Q(fabs(t), 48), r_cars_p[j], 0, 1e-10,
                 "p of parameter %zu", j);
    }
    const double spread = tensor_item(tensor_std(&memory, y, 0));
    ok_close(1 - s * s * 48 / (spread * spread * 49), r_cars_sigma_r2[1], 0,
             1e-12, "R^2");
    X = iris_design(&y);
    theta = solved(X, y), error = vector(4);
    (void)linear_errors(&memory, X, y, theta, error);
    same(error, r_iris_error, 1e-11, "[eq:standard-error] iris as in R");
    ok(isnan(linear_errors(&memory, tensor_rows(X, 0, 4),
                           tensor_rows(y, 0, 4), theta, error)),
       "as many parameters as rows: no errors");
}

static void ridges(void)
{
    tensor X, y, a = vector(3), b = vector(3);
    seven(&X, &y);
    ok(linear_solve_cholesky(&memory, X, y, 0.37, a), "ridge solves");
    same(a, r_ridge_theta, 1e-13, "[eq:ridge-solve] as R with more rows");
    same(gradient_of(X, y, a, 0.37), (const double[]){ 0, 0, 0 }, 1e-14,
         "[eq:ridge-solve] the gradient of eq:ridge vanishes there");
    const tensor more = tensor_add(&memory, y,
                                   tensor_scalar(&memory, 100));
    linear_solve_cholesky(&memory, X, more, 0.37, b);
    AT(b, 0) -= 100;
    same(b, a.data, 1e-12, "[eq:ridge] the bias is not punished");
}

static void polynomials(void)
{
    tensor X, y;
    seven(&X, &y);
    const tensor x = tensor_select(X, 1, 1);
    const tensor powers = polynomial(&memory, x, 4);
    double off = 0;
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 5; j++)
            off = fmax(off, fabs(AT(powers, i, j)
                                 - gsl_pow_int(AT(x, i), (int)j)));
    ok(off < 1e-13, "[eq:polynomial] powers 0 to 4");
    ok_text(TENSOR_SHAPE(polynomial(&memory, x, 0)), "(7, 1)", "degree 0");
    same(solved(powers, y), r_poly_theta, 1e-11,
         "[eq:polynomial] degree 4 as in R");
}

static void scales(void)
{
    tensor y, X = cars(&y);
    struct scaling s = scaling_fit(&memory, X);
    ok_close(AT(s.mean, 0), r_cars_mean_sd[0], 0, 1e-14, "mean as in R");
    ok_close(AT(s.deviation, 0), r_cars_mean_sd[1], 0, 1e-14,
             "deviation as in R");
    tensor y4, iris = tensor_slice(iris_design(&y4), 1, 1, END, 1);
    s = scaling_fit(&memory, iris);
    const tensor Z = scaling_apply(&memory, &s, iris);
    ok_close(AT(Z, 17, 2), (AT(iris, 17, 2) - AT(s.mean, 2))
             / AT(s.deviation, 2), 1e-15, 0, "[eq:standardise] an element");
    same(tensor_mean(&memory, Z, 0), (const double[]){ 0, 0, 0 }, 1e-13,
         "[eq:standardise] mean 0");
    same(tensor_std(&memory, Z, 0), (const double[]){ 1, 1, 1 }, 1e-13,
         "[eq:standardise] deviation 1");
    tensor theta = solved(with_ones(&memory, Z), y4);
    scaling_undo(&s, theta);
    same(theta, r_iris_theta, 1e-12, "[eq:unstandardise] back to R's");
    s = scaling_fit(&memory, tensor_full(&memory, 7.3, SHAPE(5, 1)));
    ok_close(AT(s.deviation, 0), 1, 0, 0, "a constant column is kept");
}

/* Views with other strides than 1: a transposed matrix, one column. */
static void views(void)
{
    tensor X, y, theta = vector(3);
    seven(&X, &y);
    const tensor Xt = tensor_clone(&memory, tensor_transpose(X));
    const tensor turned = tensor_transpose(Xt);
    const tensor wide = tensor_cat(&memory, tensor_unsqueeze(y, 1), X, 1);
    const tensor other = tensor_select(wide, 1, 0);
    ok_equal(other.stride[0], 4, "y is one column of four");
    ok_close(loss_of(turned, other, start(), 0.37),
             loss_of(X, y, start(), 0.37), 0, 1e-15,
             "[eq:half-mse] whatever the strides");
    same(gradient_of(turned, other, start(), 0.37),
         gradient_of(X, y, start(), 0.37).data, 1e-15,
         "[eq:linear-gradient] whatever the strides");
    ok(linear_solve_cholesky(&memory, turned, other, 0, theta), "Cholesky");
    same(theta, r_theta, 1e-13, "[eq:cholesky-solve] whatever the strides");
    ok(linear_solve_qr(&memory, turned, other, theta), "QR");
    same(theta, r_theta, 1e-13, "[eq:qr-solve] whatever the strides");
}

/* Mean logarithm of the errors of disturbed systems at one `bit`. */
static double mean_error(tensor X, double bit, bool normal)
{
    double sum = 0;
    const tensor Z = with_twice(X, bit), Zt = tensor_transpose(Z);
    const tensor y = tensor_sum(&memory, Z, 1), b = vector(4);
    linear_predict(Zt, y, b);
    for (int k = 0; k < 200; k++)
        sum += log2(normal ? disturbed(tensor_matmul(&memory, Zt, Z), b)
                    : disturbed(Z, y)) / 200;
    return sum;
}

/* A bit that is 32 times smaller: kappa is 32 times larger. */
static void lost_digits(void)
{
    tensor X, y, theta = vector(4), s[2] = { vector(4), vector(4) };
    startups(10, &X, &y);
    y = tensor_ones(&memory, SHAPE(10));
    for (int k = 0; k < 2; k++)
        linear_solve_svd(&memory, with_twice(X, k ? 0x1p-8 : 0x1p-3), y, 0,
                         theta, s[k]);
    const double growth = log2(AT(s[1], 0) / AT(s[1], 3) * AT(s[0], 3)
                               / AT(s[0], 0));
    ok_close(growth, 5, 0.1, 0, "five powers of two in kappa");
    /* measured: 0.01 and 0.1, from means of 200 */
    ok_close(mean_error(X, 0x1p-8, false) - mean_error(X, 0x1p-3, false),
             growth, 0.3, 0, "[eq:condition] the error grows as much");
    ok_close(mean_error(X, 0x1p-8, true) - mean_error(X, 0x1p-3, true),
             2 * growth, 0.3, 0,
             "[eq:condition] with the normal equations twice as much");
}

/* ----------------------------------------------------------- CSV files */

static bool read_text(struct frame *f, const char *text, size_t n,
                      struct error *e)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, n, "rb");
    const bool done = csv_read(f, &memory, in, "t.csv", e);
    fclose(in);
    return done;
}

static void csv_good(void)
{
    static const char text[] = "\xEF\xBB\xBF" "size,\"kind, \"\"of\"\"\"\r\n"
        " -2.385e1 ,b\r\n3, \"a, c\" \r\n+.5,b\r\n\r\n";
    struct frame f = { 0 };
    struct error e;
    ok(read_text(&f, text, sizeof text - 1, &e),
       "BOM, CRLF, quotes, blanks, an empty last line");
    ok(f.rows == 3 && f.columns == 2, "3 rows, 2 columns");
    const struct column *c = frame_column(&f, "size");
    ok(c != NULL && c->is_number, "the first column has numbers");
    same(c->number, (const double[]){ -23.85, 3, 0.5 }, 1e-15, "these");
    c = frame_column(&f, "kind, \"of\"");
    ok(c != NULL && !c->is_number && c->levels == 2, "the second words");
    ok(c->level[0] == 0 && c->level[1] == 1 && c->level[2] == 0,
       "levels by first appearance");
    ok_text(c->level_name[1], "a, c", "a quoted comma");
    ok(frame_column(&f, "none") == NULL, "no such column");
    ok(read_text(&f, "a\n1", 3, &e) && f.rows == 1, "no end of line");
}

static void csv_refused(void)
{
    static const struct { const char *text, *what; size_t line, column; }
    bad[] = {
        { "a,b\n1,2\n3,\n", "no value in column 'b'", 3, 3 },
        { "a,b\n,2\n", "no value in column 'a'", 2, 1 },
        { "a,b\n1,2\n3,x y\n", "needs a decimal number, not 'x y'", 3, 3 },
        { "a,b\n1,2\n3,NaN\n", "not 'NaN'", 3, 3 },
        { "a,b\nnan,2\n3,4\n", "not 'nan'", 2, 1 },
        { "a,b\n1,-inf\n", "not '-inf'", 2, 3 },
        { "a,b\n1,0x1F\n", "not '0x1F'", 2, 3 },
        { "a,b\n1,1e999\n", "1e999 is too large", 2, 3 },
        { "a,b\n1,2,3\n", "3 cells for 2 columns", 2, 5 },
        { "a,b\n1,2\n3\n", "1 cell for 2 columns", 3, 2 },
        { "a,b\n1,2\n\n3,4\n", "the line is empty", 3, 0 },
        { "", "the file is empty", 0, 0 },
        { "\n \n", "the file is empty", 0, 0 },
        { "a,b\n", "no rows", 0, 0 },
        { "a,\n1,2\n", "column 2 has no name", 1, 3 },
        { "a,b,a\n1,2,3\n", "a second column 'a'", 1, 5 },
        { "a,b\n1,\"2\n", "a quote", 2, 3 },
        { "a,b\n1,\"2\"x\n", "a quote", 2, 3 },
        { "a,b\n1,2\"\n", "a quote", 2, 3 },
        { "a,b\r1,2\r", "a carriage return", 1, 4 },
        { "a\n1\n\"x\033[2J\"\n", "not 'x?[2J'", 3, 1 },
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct frame f = { .rows = 77 };
        struct error e = { .text = "" };
        const bool done = read_text(&f, bad[i].text, strlen(bad[i].text),
                                    &e);
        if (!ok(!done && strstr(e.text, bad[i].what) != NULL
                && e.line == bad[i].line && e.column == bad[i].column
                && f.rows == 77, "refused: %s", bad[i].what))
            diag("%s:%zu:%zu: %s", e.file, e.line, e.column, e.text);
    }
}

static void csv_large(void)
{
    enum { LONG = 10 << 20 };
    struct frame f = { .rows = 77 };
    struct error e;
    char *text = malloc(LONG);
    ok(!read_text(&f, "a\n1\0" "2\n", 6, &e)
       && strstr(e.text, "zero byte") != NULL && e.line == 2
       && e.column == 2, "a zero byte");
    memset(text, '7', LONG);
    memcpy(text, "a\n", 2);
    ok(!read_text(&f, text, LONG, &e)
       && strstr(e.text, "longer than 1048576 bytes") != NULL
       && e.line == 2 && f.rows == 77, "a line of ten megabytes");
    memset(text, ',', LONG);
    ok(!read_text(&f, text, 1 << 19, &e) && strchr(e.text, '\n') == NULL,
       "half a million commas: %s", e.text);
    size_t n = (size_t)sprintf(text, "word,x\n");
    for (int i = 0; i < 5000; i++)
        n += (size_t)sprintf(text + n, "w%d,%d\n", i, i);
    ok(!read_text(&f, text, n, &e)
       && strstr(e.text, "more than 4096 levels") != NULL && e.line == 4098,
       "too many words");
    n = (size_t)sprintf(text, "word,x\n");
    for (int i = 0; i < 5000; i++)
        n += (size_t)sprintf(text + n, "w%d,%d.25\n", i % 37, i);
    ok(read_text(&f, text, n, &e) && f.rows == 5000
       && f.column[0].levels == 37 && f.column[0].level[4999] == 4999 % 37
       && AT(f.column[1].number, 4999) == 4999.25, "five thousand rows");
    free(text);
}

static void csv_columns(void)
{
    static const char *const ab[] = { "b", "a" };
    static const char *const ac[] = { "a", "c" };
    struct frame f;
    struct error e;
    static const char *const lines[] = { "a,b,word", "1,2,x", "3,4,NA" };
    ok(csv_lines(&f, &memory, lines, 3, "lines", &e), "lines are read");
    same(frame_matrix(&memory, &f, 2, ab), (const double[]){ 2, 1, 4, 3 },
         0, "columns in the order asked for");
    ok(frame_needs(&f, 2, ab, "l", &e), "both are there");
    ok(!frame_needs(&f, 2, ac, "l", &e)
       && strstr(e.text, "no column 'c'") != NULL, "one is not");
    ok(!frame_needs(&f, 1, (const char *const[]){ "word" }, "l", &e)
       && strstr(e.text, "begins with 'x'") != NULL, "one has words");
    ok(!csv_file(&f, &memory, "tests", &e)
       && strcmp(e.text, "is a folder, expected a file") == 0, "a folder");
    ok(!csv_file(&f, &memory, "tests/none.csv", &e)
       && strstr(e.text, "cannot open") != NULL, "no such file");
}

/* "s" as it stands in a message and in a column of 14. */
static void quoted(const char *s, const char *cell, const char *fit)
{
    ok_text(cell_text(s).s, cell, "in a message");
    ok_text(text_fit(s, 14).s, fit, "in a table");
}

static void names(void)
{
    quoted("speed", "speed", "speed         ");
    quoted("", "", "              ");
    quoted("a\tb\177c", "a?b?c", "a?b?c         ");
    quoted("0123456789abcd", "0123456789abcd", "0123456789abcd");
    quoted("0123456789abcde", "0123456789abcde", "0123456789abcd");
    quoted("gr\303\266\303\237e", "gr\303\266\303\237e",
           "gr\303\266\303\237e         ");
    quoted("0123456789abc\342\202\254\342\202\254",
           "0123456789abc\342\202\254\342\202\254",
           "0123456789abc\342\202\254");
    quoted("0123456789012345678901234567890123456\360\237\214\273x",
           "0123456789012345678901234567890123456...", "01234567890123");
    static const char *const lines[] = { "a,word", "1,x" };
    const char *const lost[] = {
        "012345678901234567890123456789012345678\303\237" };
    struct frame f;
    struct error e = { .text = "" };
    ok(csv_lines(&f, &memory, lines, 2, "l", &e), "lines are read");
    ok(!frame_needs(&f, 1, lost, "l", &e), "a column that is not there");
    ok_text(e.text, "there is no column "
            "'012345678901234567890123456789012345678...'",
            "no half a character at the end");
    const char *number[2] = { NULL };
    ok_equal(frame_numbers(&f, "b", number), 1, "one column of numbers");
    ok_text(number[0], "a", "its name");
    ok_equal(frame_numbers(&f, "a", number), 0, "none but that");
}

/* What is printed when only rounding is left. */
static void rounding(void)
{
    ok_close(tidy(-1e-17), 0, 0, 0, "no minus before a zero");
    ok(!signbit(tidy(-1e-17)), "not even a hidden one");
    ok_close(tidy(-5.1e-5), -5.1e-5, 0, 0, "numbers that show stay");
    ok_close(above(3.25 + 4e-16, 3.25), 0, 0, 0, "the least loss");
    ok_close(above(3.25, 3), 0.25, 0, 1e-9, "a loss that is not");
    ok_close(above(1e-30, 0), 1e-30, 0, 0, "above 0 it is the loss itself");
}

static void no_column(void)
{
    struct frame f;
    struct error e;
    if (csv_lines(&f, &memory, cars_csv, cars_csv_lines, "cars", &e))
        (void)frame_matrix(&memory, &f, 1, (const char *const[]){ "sped" });
}

static void misuse(void)
{
    ok_dies(no_column, "no column of numbers 'sped'",
            "asking for a column that is not there");
}

/* --------------------------------------------------------- the sources */

static void conformance(void)
{
    static const double table[10][3] = {
        { 0.54340494, 0.2783694, 4.521918 },
        { 0.4245176, 0.84477615, 5.9833636 },
        { 0.00471886, 0.12156912, 2.974145 },
        { 0.67074907, 0.82585275, 6.419056 },
        { 0.13670659, 0.5750933, 4.598693 },
        { 0.89132196, 0.20920213, 5.01025 },
        { 0.18532822, 0.10837689, 3.2957869 },
        { 0.21969749, 0.9786238, 5.9752665 },
        { 0.8116832, 0.17194101, 4.739189 },
        { 0.81622475, 0.27407375, 5.054671 },
    };
    tensor X, y;
    startups(10, &X, &y);
    const tensor all = tensor_cat(&memory, tensor_slice(X, 1, 1, END, 1),
                                  tensor_unsqueeze(y, 1), 1);
    same(all, table[0], 6e-8, "the ten start-ups, to 7 digits");
    const tensor theta = solved(X, y);
    /* y is rounded to float: measured 3e-7 */
    same(theta, (const double[]){ 2.6, 2, 3 }, 1e-6, "their parameters");
    ok_close(AT(theta, 0) + 4 * AT(theta, 1) + 5 * AT(theta, 2), 25.6, 1e-5,
             0, "the prediction at (4, 5)");
    ok_close(parabola(2.5), 1, 0, 0, "f(2.5)");
    ok_close(parabola_slope(2.5), 2, 0, 0, "f'(2.5)");
    ok_close(parabola(2), 0.25, 0, 0, "f(2)");
    ok_close(parabola(0), 2.25, 0, 0, "f(0)");
}

static void conformance_polynomial(void)
{
    tensor x, y;
    curve_points(&x, &y);
    tensor X = polynomial(&memory, x, 1), theta = solved(X, y);
    /* the source works in float: measured 9e-8 */
    same(theta, (const double[]){ 0.10917388, 1.94713893 }, 2e-7,
         "degree 1: intercept and slope");
    ok_close(20 * loss(X, y, theta), 2.74216547, 2e-7, 0,
             "degree 1: sum of squares");
    X = polynomial(&memory, x, 2);
    same(solved(X, y), (const double[]){ -0.5, 3, 8 }, 1e-13, "degree 2");
    X = polynomial(&memory, x, 9), theta = solved(X, y);
    same(theta, (const double[]){ -0.5, 3, 8, 0, 0, 0, 0, 0, 0, 0 }, 1e-7,
         "degree 9 without noise is the parabola too");
}

/* --------------------------------------------------------- the program */

/* The exit status of the program with these arguments; its stderr. */
static int program_status(char *const argv[], char *error, size_t room)
{
    int ends[2], status = -1, argc = 0;
    fflush(stdout);
    if (pipe(ends) != 0)
        return -1;
    const pid_t child = fork();
    while (argv[argc] != NULL)
        argc++;
    if (child == 0) {
        dup2(ends[1], 2);
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(99);
        exit(lines_main(argc, (char **)(uintptr_t)argv));
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; (got = read(ends[0], error + n, room - n - 1)) > 0; )
        n += (size_t)got;
    error[n] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void runs(int want, const char *say, const char *a, const char *b,
                 const char *c, const char *d)
{
    static char error[20000];
    char *const argv[] = { (char *)(uintptr_t)"lines",
        (char *)(uintptr_t)a, (char *)(uintptr_t)b, (char *)(uintptr_t)c,
        (char *)(uintptr_t)d, NULL };
    const int status = program_status(argv, error, sizeof error);
    if (!ok(status == want && (say == NULL ? error[0] == '\0'
                               : strstr(error, say) != NULL),
            "exit %d: %s %s %s %s", want, a ? a : "", b ? b : "",
            c ? c : "", d ? d : ""))
        diag("status %d, %s", status, error);
    const char *end = strchr(error, '\n');
    if (want == 1)
        ok(end != NULL && end[1] == '\0', "one line: %.60s", error);
}

static void program(void)
{
    runs(0, NULL, NULL, NULL, NULL, NULL);
    runs(0, NULL, "startups", "--seed", "7", NULL);
    runs(0, NULL, "cars", "--data=chapters/data/iris.csv",
         "--target=petal_width", NULL);
    runs(0, NULL, "--help", NULL, NULL, NULL);
    runs(2, "--seed", "--seed", "-3", NULL, NULL);
    runs(2, "unknown option", "--sede", "3", NULL, NULL);
    runs(2, "there is no part", "car", NULL, NULL, NULL);
    runs(1, "none.csv: cannot open", "cars", "--data", "none.csv", NULL);
    runs(1, "no column 'sped'", "cars", "--target", "sped", NULL);
    runs(1, "tests: is a folder, expected a file", "cars", "--data",
         "tests", NULL);
    runs(2, "--data is not used by the part rates", "rates", "--data",
         "chapters/data/iris.csv", NULL);
    runs(1, "bad/missing.csv:3:3:", "cars", "--data",
         "tests/bad/missing.csv", NULL);
    runs(1, "bad/ragged.csv:4:5:", "cars", "--data",
         "tests/bad/ragged.csv", NULL);
}

int main(void)
{
    rng = random_new(100);
    TAP_RUN(loss_and_gradient);
    TAP_RUN(gradients);
    TAP_RUN(torch);
    TAP_RUN(traces);
    TAP_RUN(parabolas);
    TAP_RUN(curvature);
    TAP_RUN(descent_errors);
    TAP_RUN(bound);
    TAP_RUN(bound_is_sharp);
    TAP_RUN(best_rate);
    TAP_RUN(overflow);
    TAP_RUN(every_batch);
    TAP_RUN(two_epochs);
    TAP_RUN(one_batch);
    TAP_RUN(shuffles);
    TAP_RUN(splits);
    TAP_RUN(solutions);
    TAP_RUN(dependent);
    TAP_RUN(wide);
    TAP_RUN(conditions);
    TAP_RUN(projections);
    TAP_RUN(standard_errors);
    TAP_RUN(ridges);
    TAP_RUN(polynomials);
    TAP_RUN(scales);
    TAP_RUN(views);
    TAP_RUN(lost_digits);
    TAP_RUN(csv_good);
    TAP_RUN(csv_refused);
    TAP_RUN(csv_large);
    TAP_RUN(csv_columns);
    TAP_RUN(names);
    TAP_RUN(rounding);
    TAP_RUN(misuse);
    TAP_RUN(conformance);
    TAP_RUN(conformance_polynomial);
    TAP_RUN(program);
    return tap_done();
}
