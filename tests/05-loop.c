/*
 * Tests of loop.h: data, batches, the loop and its scores.  The model is
 * softmax regression; what is expected is worked out here by plain loops.
 */
#include "../tangled/tap.h"

#define REAL double
#include "../tangled/softmax.h"

enum { N = 11, I = 3, K = 4 };

static struct arena memory;
static gsl_rng *rng;
static int label[N];

/* X (N,I) of normal numbers; every third label is 0, 1, 2. */
static tensor samples(void)
{
    for (int i = 0; i < N; i++)
        label[i] = i % 3;
    return tensor_normal(&memory, rng, 0.25, 1.7, SHAPE(N, I));
}

/* begin data */
static void rows_as_data(void)
{
    const tensor wide = tensor_normal(&memory, rng, 0, 1, SHAPE(N, 7));
    const tensor X = tensor_slice(wide, 1, 2, 5, 1);    /* columns 2 to 4 */
    double want[6], got[6];
    samples();
    const struct data d = data_labelled(X, label);
    struct batch b = batch_new(&memory, &d, 2);
    const size_t order[N] = { 4, 9 };
    ok(d.n == N && d.numbers == 3 && d.labels == 1 && d.answers == 0,
       "labelled rows: %d samples of 3 numbers", N);
    ok(batch_fill(&b, &d, order, 0) && b.n == 2, "a batch of two");
    for (size_t i = 0; i < 6; i++) {
        want[i] = AT(wide, order[i / 3], 2 + i % 3);
        got[i] = AT(b.X, i / 3, i % 3);
    }
    ok_all_close(6, got, want, 0, 0, "rows with a gap between them");
    ok(b.label[0] == label[4] && b.label[1] == label[9], "their labels");
    ok(b.X.stride[0] == 3 && b.X.stride[1] == 1, "packed for the BLAS");
}

static void table_as_data(void)
{
    const tensor X = samples(), Y = tensor_normal(&memory, rng, 0, 1,
                                                  SHAPE(N, 2));
    const struct data d = data_table(X, Y);
    struct batch b = batch_new(&memory, &d, 4);
    size_t sizes = 0, wrong = 0, seen = 0;
    for (size_t t = 0; batch_fill(&b, &d, NULL, t); t++) {
        sizes = 10 * sizes + b.n;
        wrong += b.X.shape[0] != b.n || b.Y.shape[0] != b.n
                 || b.Y.shape[1] != 2;
        for (size_t i = 0; i < b.n; i++, seen++)
            for (size_t j = 0; j < 5; j++)
                wrong += j < 3 ? AT(b.X, i, j) != AT(X, seen, j)
                               : AT(b.Y, i, j - 3) != AT(Y, seen, j - 3);
    }
    ok_equal(sizes, 443, "11 samples by fours: the last batch has three");
    ok_equal(seen, N, "without an order: all samples, as they come");
    ok_equal(wrong, 0, "each with its answers");
}

static void windows_as_data(void)
{
    const double series[] = { 5, 3, 8, 1, 9, 2, 7 };
    const struct data d =
        data_windows(tensor_from(&memory, 7, series, SHAPE(7)), 3);
    struct batch b = batch_new(&memory, &d, 3);
    const double want[] = { 8, 1, 9, 2, 5, 3, 8, 1 };
    double got[8];
    const size_t order[] = { 2, 0, 3, 1 };
    ok(d.n == 4 && d.numbers == 3 && d.answers == 1 && d.labels == 0,
       "seven numbers have four windows of three with one after");
    batch_fill(&b, &d, order, 0);
    for (size_t i = 0; i < 8; i++)
        got[i] = i % 4 < 3 ? AT(b.X, i / 4, i % 4) : AT(b.Y, i / 4, 0);
    ok_all_close(8, got, want, 0, 0, "a window, and the number after it");
    ok(batch_fill(&b, &d, order, 1) && b.n == 1 && !batch_fill(&b, &d, order,
       2), "the last batch has one, and then there is none");
    ok_close(AT(b.Y, 0, 0), 9, 0, 0, "and it is window 1");
}
/* end data */

static void windows_too_long(void)
{
    data_windows(tensor_zeros(&memory, SHAPE(4)), 4);
}

static void rows_that_differ(void)
{
    data_table(tensor_zeros(&memory, SHAPE(4, 2)),
               tensor_zeros(&memory, SHAPE(3, 1)));
}

static void refusing(void)
{
    ok_dies(windows_too_long, "windows of 4 of (4)",
            "a window with nothing after it");
    ok_dies(rows_that_differ, "(4, 2) and (3, 1)",
            "a table with fewer answers than samples");
}

/* A model with random weights, its loss of all samples known. */
static struct softmax model_of(tensor X)
{
    struct softmax s = softmax_new(&memory, I, K, N);
    for (size_t i = 0; i < I * K + K; i++)
        s.model.theta.data[i] = gsl_ran_gaussian(rng, 0.5);
    softmax_loss(&s, X, label);
    return s;
}

/* begin collect */
static void collecting(void)
{
    enum { n = I * K + K };
    const tensor X = samples();
    struct softmax s = model_of(X);
    struct model *m = &s.model;
    double gradient[n], theta[n], want[n];
    memcpy(gradient, m->grad.data, sizeof gradient);
    memcpy(theta, m->theta.data, sizeof theta);
    m->backward(m, 1, 1, m->grad);
    for (size_t i = 0; i < n; i++)
        want[i] = 2 * gradient[i];
    ok_all_close(n, m->grad.data, want, 1e-14, 0,
                 "[eq:collect] added once more: twice the gradient");
    m->backward(m, -0.25, 0.5, m->grad);
    for (size_t i = 0; i < n; i++)
        want[i] = 0.5 * want[i] - 0.25 * gradient[i];
    ok_all_close(n, m->grad.data, want, 1e-14, 0,
                 "[eq:collect] half of it less a quarter of the gradient");
    for (size_t i = 0; i < n; i++)
        m->grad.data[i] = (double)NAN;
    m->backward(m, 3, 0, m->grad);
    for (size_t i = 0; i < n; i++)
        want[i] = 3 * gradient[i];
    ok_all_close(n, m->grad.data, want, 1e-14, 0,
                 "[eq:collect] keeping nothing, not even a NaN");
    m->backward(m, -0.385, 1, m->theta);
    for (size_t i = 0; i < n; i++)
        want[i] = theta[i] - 0.385 * gradient[i];
    ok_all_close(n, m->theta.data, want, 1e-14, 0,
                 "[eq:collect] into theta: a step, no gradient between");
}
/* end collect */

/* The gradients of two halves of a batch add up to that of the batch. */
static void collecting_halves(void)
{
    const tensor X = samples();
    struct softmax s = model_of(X);
    struct model *m = &s.model;
    double want[I * K + K];
    memcpy(want, m->grad.data, sizeof want);
    for (size_t i = 0; i < 2; i++) {
        const size_t first = i * 5, n = i == 0 ? 5 : N - 5;
        const struct batch b = { .n = n, .X = tensor_rows(X, first, n),
                                 .label = label + first };
        m->loss(m, &b, true);
        m->backward(m, (double)n / N, i == 0 ? 0 : 1, m->grad);
    }
    ok_all_close(I * K + K, m->grad.data, want, 1e-14, 0,
                 "[eq:collect] two parts of a batch, one after the other");
}

/* One number to learn, with the loss (theta - x)^2 / 2 of its batch. */
static double parabola_loss(struct model *m, const struct batch *b,
                            bool training)
{
    double sum = 0;
    (void)training;
    for (size_t i = 0; i < b->n; i++)
        sum += pow(m->theta.data[0] - AT(b->X, i, 0), 2) / 2;
    m->grad.data[0] = m->theta.data[0] - fold_mean(b->X.data, b->n, 1);
    m->right = b->n;
    return sum / (double)b->n;
}

static void parabola_backward(struct model *m, double scale, double keep,
                              tensor to)
{
    to.data[0] = keep * to.data[0] + scale * m->grad.data[0];
}

static struct model parabola(void)
{
    return (struct model){ .theta = tensor_zeros(&memory, SHAPE(1)),
                           .grad = tensor_zeros(&memory, SHAPE(1)),
                           .loss = parabola_loss,
                           .backward = parabola_backward };
}

static struct data five_numbers(void)
{
    static const double x[] = { 2, 4, 6, 8, 100 };
    return data_table(tensor_from(&memory, 5, x, SHAPE(5, 1)),
                      tensor_zeros(&memory, SHAPE(5, 0)));
}

/* begin epoch */
/* By hand: batches (2,4), (6,8), (100), at a rate of a half, from 0. */
static void one_epoch(void)
{
    struct model m = parabola();
    struct descent d = descent_new(0.5);
    struct learner l = learner_new(&memory, &m, &d.rule, five_numbers(), 2,
                                   NULL);
    ok_equal(learner_batches(&l), 3, "five by twos are three batches");
    ok(learner_epoch(&l), "an epoch without a random order");
    /* theta: 0, 1.5, 4.25, 52.125;  losses 5, 15.625, 4584.03125 */
    ok_close(m.theta.data[0], 52.125, 0, 1e-15,
             "[eq:softmax-step] three steps, by hand");
    ok(l.epoch == 1 && l.t == 0 && l.steps == 3 && l.seen == 5
       && l.right == 5, "three steps, five samples seen");
    ok_close(l.last, 4584.03125, 0, 1e-15, "the last loss");
    ok_close(learner_score(&l).loss, (2 * 5 + 2 * 15.625 + 4584.03125) / 5, 0,
             1e-15, "the mean is over samples, not over batches");
    const struct score s = model_score(&m, &l.data, &l.batch);
    double want = 0;
    for (int i = 0; i < 5; i++)
        want += pow(52.125 - l.data.X.data[i], 2) / 10;
    ok_close(s.loss, want, 0, 1e-14,
             "a score by twos of five: each sample counts the same");
}
/* end epoch */

static void random_order(void)
{
    const tensor X = samples();
    struct softmax s = model_of(X), u = s;
    struct descent d = descent_new(0.1);
    gsl_rng *r = random_new(7), *q = random_new(7);
    size_t order[N], place[N] = { 0 };
    struct learner l = learner_new(&memory, &s.model, &d.rule,
                                   data_labelled(X, label), 4, r);
    for (size_t i = 0; i < N; i++)
        order[i] = i;
    u.model.theta = tensor_clone(&memory, s.model.theta);
    u.W = flat_matrix(u.model.theta, 0, I, K);
    u.b = flat_matrix(u.model.theta, I * K, 1, K);
    for (int epoch = 0; epoch < 2; epoch++) {
        learner_epoch(&l);
        index_shuffle(q, N, order);
        for (size_t first = 0; first < N; first += 4) {
            const size_t n = N - first < 4 ? N - first : 4;
            const tensor B = tensor_empty(&memory, SHAPE(n, I));
            int y[4];
            for (size_t i = 0; i < n; i++) {
                tensor_copy(tensor_rows(B, i, 1),
                            tensor_rows(X, order[first + i], 1));
                y[i] = label[order[first + i]];
            }
            softmax_loss(&u, B, y);
            for (size_t i = 0; i < I * K + K; i++)
                u.model.theta.data[i] -= 0.1 * u.model.grad.data[i];
        }
    }
    for (size_t i = 0; i < N; i++)
        place[l.order[i]]++;
    ok(memcmp(l.order, order, sizeof order) == 0,
       "each epoch shuffles the order of the last");
    size_t twice = 0;
    for (size_t i = 0; i < N; i++)
        twice += place[i] != 1;
    ok_equal(twice, 0, "every sample once");
    ok_all_close(I * K + K, s.model.theta.data, u.model.theta.data, 1e-14, 0,
                 "[eq:softmax-step] two epochs, against two plain loops");
    gsl_rng_free(r), gsl_rng_free(q);
}

static void not_a_number(void)
{
    const tensor X = samples();
    struct softmax s = model_of(X);
    struct descent d = descent_new(0.1);
    struct learner l = learner_new(&memory, &s.model, &d.rule,
                                   data_labelled(X, label), 4, NULL);
    double theta[I * K + K];
    AT(X, 6, 1) = (double)NAN;                  /* in the second batch */
    ok(learner_step(&l), "the first step is a step");
    memcpy(theta, s.model.theta.data, sizeof theta);
    ok(!learner_epoch(&l) && isnan(l.last), "a NaN stops the epoch");
    ok(memcmp(theta, s.model.theta.data, sizeof theta) == 0,
       "and the parameters are those before it");
    ok(l.t == 1 && l.steps == 1 && l.epoch == 0 && l.seen == 4,
       "it stands where the trouble is");
    AT(X, 6, 1) = (double)INFINITY;
    ok(!learner_epoch(&l) && !isfinite(l.last) && memcmp(theta,
       s.model.theta.data, sizeof theta) == 0, "so does infinity");
    AT(X, 6, 1) = 0.5;
    ok(learner_epoch(&l) && l.steps == 3 && l.seen == N,
       "mended, it goes on");
}

/* Stop after every step that the watcher points at. */
static bool stop_after(struct learner *l)
{
    return l->steps != *(size_t *)l->watcher;
}

static void stopping(void)
{
    const tensor X = samples();
    struct softmax s = model_of(X), u;
    struct descent d = descent_new(0.1);
    const tensor theta = tensor_clone(&memory, s.model.theta);
    struct learner l = learner_new(&memory, &s.model, &d.rule,
                                   data_labelled(X, label), 4, NULL);
    size_t at = 2;
    l.watch = stop_after, l.watcher = &at;
    ok(!learner_epoch(&l) && l.steps == 2 && l.t == 2 && l.epoch == 0
       && isfinite(l.last), "the watch may stop an epoch, the loss is fine");
    ok(learner_epoch(&l) && l.steps == 3 && l.epoch == 1 && l.t == 0
       && l.seen == N, "and the epoch goes on where it stood");
    at = 6;                                     /* the last of an epoch */
    ok(!learner_epoch(&l) && l.epoch == 1 && l.t == 3, "at its very end");
    ok(learner_epoch(&l) && l.epoch == 2 && l.steps == 6,
       "going on then does no step too many");
    u = softmax_new(&memory, I, K, N);
    tensor_copy(u.model.theta, theta);
    struct learner o = learner_new(&memory, &u.model, &d.rule,
                                   data_labelled(X, label), 4, NULL);
    learner_epoch(&o), learner_epoch(&o);
    ok(memcmp(u.model.theta.data, s.model.theta.data,
              (I * K + K) * sizeof(real)) == 0,
       "bit for bit what two undisturbed epochs give");
}

static void scoring(void)
{
    const tensor X = samples();
    struct softmax s = model_of(X);
    const struct data d = data_labelled(X, label);
    struct batch all = batch_new(&memory, &d, N), few = batch_new(&memory,
                                                                  &d, 4);
    const tensor Z = tensor_empty(&memory, SHAPE(N, K));
    affine_forward(X, s.W, s.b, Z);
    const struct score a = model_score(&s.model, &d, &all);
    const struct score b = model_score(&s.model, &d, &few);
    ok_close(a.loss, softmax_nll(Z, label), 1e-15, 0,
             "[eq:softmax-nll] a score in one batch");
    ok_close(b.loss, a.loss, 1e-14, 0,
             "[eq:softmax-nll] and in batches that do not divide it");
    ok_close(b.accuracy, accuracy(Z, label), 1e-16, 0,
             "[eq:accuracy] likewise");
}

/* begin narrow */
/* A narrow model, and the same by rows; what they compute must agree. */
static void layouts(void)
{
    enum { inputs = 64, classes = 10, rows = 7 };
    const tensor X = tensor_normal(&memory, rng, 0, 1, SHAPE(rows, inputs));
    const int y[rows] = { 3, 0, 9, 9, 4, 1, 7 };
    struct softmax s = softmax_new(&memory, inputs, classes, rows);
    for (size_t i = 0; i < inputs * classes + classes; i++)
        s.model.theta.data[i] = gsl_ran_gaussian(rng, 0.2);
    const tensor W = tensor_clone(&memory, s.W);
    const tensor Z = tensor_empty(&memory, SHAPE(rows, classes));
    const tensor dW = tensor_empty(&memory, SHAPE(inputs, classes));
    const tensor db = tensor_empty(&memory, SHAPE(1, classes));
    const tensor dX = tensor_empty(&memory, SHAPE(rows, inputs));
    const tensor dX2 = tensor_empty(&memory, SHAPE(rows, inputs));
    ok(s.W.stride[0] == 1 && s.W.stride[1] == inputs
       && W.stride[0] == classes, "64 x 10 is stored by columns");
    ok(is_narrow(64, 16) && !is_narrow(63, 16) && !is_narrow(64, 17),
       "so are matrices of up to 16 columns and at least 64 rows");
    const double loss = softmax_loss(&s, X, y);
    affine_forward(X, W, s.b, Z);
    ok_close(loss, softmax_nll_gradient(Z, y, Z), 1e-14, 0,
             "[eq:batch-logits] by columns and by rows");
    affine_gradient(X, Z, dW, db);
    affine_input_gradient(s.W, s.Z, dX);
    affine_input_gradient(W, Z, dX2);
    ok_all_close(inputs * classes, tensor_clone(&memory, s.dW).data, dW.data,
                 1e-14, 0, "[eq:batch-dw] by columns and by rows");
    ok_all_close(classes, matrix_row(s.db, 0), db.data, 1e-14, 0,
                 "[eq:batch-db] by columns and by rows");
    ok_all_close(rows * inputs, dX.data, dX2.data, 1e-14, 0,
                 "[eq:batch-dx] by columns and by rows");
}
/* end narrow */

static void flat_views(void)
{
    const tensor v = tensor_arange(&memory, 64 * 2 + 1);
    const tensor A = flat_matrix(v, 1, 64, 2), C = flat_matrix(v, 1, 2, 64);
    ok_close(AT(A, 3, 1), 1 + 64 + 3, 0, 0, "by columns: 64 numbers apart");
    ok_close(AT(C, 1, 3), 1 + 64 + 3, 0, 0, "by rows: the same number");
    AT(A, 0, 0) = -5;
    ok_close(v.data[1], -5, 0, 0, "both are views of the vector");
}

int main(void)
{
    rng = random_new(2385);
    TAP_RUN(rows_as_data);
    TAP_RUN(table_as_data);
    TAP_RUN(windows_as_data);
    TAP_RUN(refusing);
    TAP_RUN(collecting);
    TAP_RUN(collecting_halves);
    TAP_RUN(one_epoch);
    TAP_RUN(random_order);
    TAP_RUN(not_a_number);
    TAP_RUN(stopping);
    TAP_RUN(scoring);
    TAP_RUN(layouts);
    TAP_RUN(flat_views);
    gsl_rng_free(rng);
    arena_free(&memory);
    return tap_done();
}
