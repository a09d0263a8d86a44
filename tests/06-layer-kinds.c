/*
 * Does another kind of layer fit into layers.h without a change of it?
 * Here are a convolution, an embedding, a recurrent cell, a dense layer for
 * each step of a sequence, and a way around; and a rule that sums the
 * gradients of two networks in two threads.  Every kind is checked against
 * differences inside a network, and trained by the loop of loop.h.
 */
#include "../tangled/tap.h"

#include <pthread.h>

#include "../tangled/gradcheck.h"
#include "../tangled/layers.h"
#include "../tangled/optim.h"

static struct arena memory;
static gsl_rng *rng;

/* W <- keep W, whatever is there when keep is 0. */
static void keep_some(tensor W, double keep)
{
    keep_times(W.data + W.offset, tensor_len(W), keep);
}

/* ---- a convolution: (C,H,W) to (O,H-k+1,W-k+1) ---- */

enum { KERNEL, CHANNEL_BIAS };

struct convolution { size_t k; tensor patches; };   /* (places, C k k) */

/* Row by row, what the kernel sees at each place of a picture (C,H,W). */
static void patches_take(const struct convolution *c, tensor picture)
{
    const size_t down = picture.shape[1] - c->k + 1;
    const size_t across = picture.shape[2] - c->k + 1;
    real *to = c->patches.data;
    for (size_t y = 0; y < down; y++)
        for (size_t x = 0; x < across; x++)
            for (size_t ch = 0; ch < picture.shape[0]; ch++)
                for (size_t i = 0; i < c->k; i++)
                    for (size_t j = 0; j < c->k; j++)
                        *to++ = AT(picture, ch, y + i, x + j);
}

/* The way back: patches are added where they were taken. */
static void patches_add(const struct convolution *c, tensor picture)
{
    const size_t down = picture.shape[1] - c->k + 1;
    const size_t across = picture.shape[2] - c->k + 1;
    const real *from = c->patches.data;
    for (size_t y = 0; y < down; y++)
        for (size_t x = 0; x < across; x++)
            for (size_t ch = 0; ch < picture.shape[0]; ch++)
                for (size_t i = 0; i < c->k; i++)
                    for (size_t j = 0; j < c->k; j++)
                        AT(picture, ch, y + i, x + j) += *from++;
}

/* Sample i of (m,O,h,w) as a matrix with a channel in each row. */
static tensor channels(tensor A, size_t i)
{
    const tensor one = tensor_select(A, 0, (ptrdiff_t)i);
    return tensor_reshape(one, SHAPE(one.shape[0], INFER));
}

static void convolution_forward(struct layer *l, tensor X, tensor A,
                                bool training)
{
    const struct convolution *c = l->more;
    (void)training;
    for (size_t n = 0; n < X.shape[0]; n++) {
        const tensor a = channels(A, n);
        patches_take(c, tensor_select(X, 0, (ptrdiff_t)n));
        tensor_copy(a, tensor_transpose(l->p[CHANNEL_BIAS].value));
        tensor_gemm(1, c->patches, l->p[KERNEL].value, 1,
                    tensor_transpose(a));
    }
}

static void convolution_backward(struct layer *l, tensor X, tensor A,
                                 tensor dA, tensor dX)
{
    const struct convolution *c = l->more;
    real zero = 0;
    (void)A;
    if (dX.data == NULL)
        return;
    tensor_copy(dX, tensor_wrap(&zero, SCALAR));
    for (size_t n = 0; n < X.shape[0]; n++) {
        tensor_gemm(1, tensor_transpose(channels(dA, n)),
                    tensor_transpose(l->p[KERNEL].value), 0, c->patches);
        patches_add(c, tensor_select(dX, 0, (ptrdiff_t)n));
    }
}

static void convolution_gradient(struct layer *l, tensor X, tensor dA,
                                 double scale, double keep, tensor to)
{
    const struct convolution *c = l->more;
    const tensor W = parameter_in(l, KERNEL, to);
    const tensor b = parameter_in(l, CHANNEL_BIAS, to);
    keep_some(W, keep), keep_some(b, keep);
    for (size_t n = 0; n < X.shape[0]; n++) {
        const tensor d = channels(dA, n);
        patches_take(c, tensor_select(X, 0, (ptrdiff_t)n));
        tensor_gemm(scale, tensor_transpose(c->patches),
                    tensor_transpose(d), 1, W);
        rows_collect(tensor_contiguous(&memory, tensor_transpose(d)),
                     scale, 1, b);
    }
}

static const struct layer_kind convolution_layer = {
    "convolution", false, false, convolution_forward, convolution_backward,
    convolution_gradient
};

static struct layer *network_convolution(struct network *n, size_t O,
                                         size_t k)
{
    const size_t *in = n->out.size, C = in[0];
    REQUIRE(n->out.rank == 3 && k <= in[1] && k <= in[2],
            "a convolution of %s", shape_text(n->out.rank, in).s);
    const size_t places = (in[1] - k + 1) * (in[2] - k + 1);
    struct layer *l = network_add(n, &convolution_layer,
                                  SHAPE(O, in[1] - k + 1, in[2] - k + 1));
    struct convolution *c = arena_alloc(n->arena, 1, sizeof *c);
    *c = (struct convolution){ k, tensor_empty(n->arena,
                                               SHAPE(places, C * k * k)) };
    l->more = c;
    struct parameter *W = layer_parameter(l, C * k * k, O);
    W->fan_in = (double)(C * k * k), W->fan_out = (double)(O * k * k);
    layer_parameter(l, 1, O)->bias = true;
    return l;
}

/* ---- an embedding: T numbers of words to (T,D) ---- */

static size_t word_at(const struct layer *l, tensor X, size_t n, size_t t)
{
    const double x = (double)AT(X, n, t);
    REQUIRE(x >= 0 && x < (double)l->p[0].rows && x == floor(x),
            "word %g of %zu", x, l->p[0].rows);
    return (size_t)x;
}

static void embedding_forward(struct layer *l, tensor X, tensor A,
                              bool training)
{
    (void)training;
    for (size_t n = 0; n < X.shape[0]; n++)
        for (size_t t = 0; t < X.shape[1]; t++)
            for (size_t d = 0; d < A.shape[2]; d++)
                AT(A, n, t, d) = AT(l->p[0].value, word_at(l, X, n, t), d);
}

static void embedding_backward(struct layer *l, tensor X, tensor A,
                               tensor dA, tensor dX)
{
    (void)l, (void)X, (void)A, (void)dA;
    REQUIRE(dX.data == NULL, "nothing can be learnt below words");
}

/* A word that occurs twice gets the sum; one that does not, nothing. */
static void embedding_gradient(struct layer *l, tensor X, tensor dA,
                               double scale, double keep, tensor to)
{
    const tensor E = parameter_in(l, 0, to);
    keep_some(E, keep);
    for (size_t n = 0; n < X.shape[0]; n++)
        for (size_t t = 0; t < X.shape[1]; t++)
            for (size_t d = 0; d < dA.shape[2]; d++)
                AT(E, word_at(l, X, n, t), d) += scale * AT(dA, n, t, d);
}

static const struct layer_kind embedding_layer = {
    "embedding", false, false, embedding_forward, embedding_backward,
    embedding_gradient
};

static struct layer *network_embedding(struct network *n, size_t words,
                                       size_t D)
{
    REQUIRE(n->out.rank == 1, "an embedding of %s",
            shape_text(n->out.rank, n->out.size).s);
    struct layer *l = network_add(n, &embedding_layer,
                                  SHAPE(n->out.size[0], D));
    struct parameter *E = layer_parameter(l, words, D);
    E->fan_in = 1, E->fan_out = (double)D;
    return l;
}

/* ---- a recurrent cell: (T,D) to (T,H) ---- */

enum { FROM_INPUT, FROM_BEFORE, CELL_BIAS };

/* Time t of (m,T,D): a matrix (m,D). */
static tensor at_time(tensor X, size_t t)
{
    return tensor_select(X, 1, (ptrdiff_t)t);
}

/* h_t = tanh(x_t U + h_(t-1) V + b),  h_(-1) = 0 */
static void recurrent_forward(struct layer *l, tensor X, tensor A,
                              bool training)
{
    (void)training;
    for (size_t t = 0; t < X.shape[1]; t++) {
        const tensor h = at_time(A, t);
        affine_forward(at_time(X, t), l->p[FROM_INPUT].value,
                       l->p[CELL_BIAS].value, h);
        if (t > 0)
            tensor_gemm(1, at_time(A, t - 1), l->p[FROM_BEFORE].value, 1,
                        h);
        for (size_t n = 0; n < h.shape[0]; n++)
            tanh_push(matrix_row(h, n), h.shape[1], 0);
    }
}

/*
 * From the last time to the first:
 *   delta_t = (dh_t + delta_(t+1) V^T) * (1 - h_t^2),  dx_t = delta_t U^T
 * The deltas stay in l->more for the gradient.
 */
static void recurrent_backward(struct layer *l, tensor X, tensor A,
                               tensor dA, tensor dX)
{
    const tensor delta = first_rows(*(const tensor *)l->more, X.shape[0]);
    tensor_copy(delta, dA);
    for (size_t t = X.shape[1]; t-- > 0; ) {
        const tensor h = at_time(A, t), d = at_time(delta, t);
        if (t + 1 < X.shape[1])
            tensor_gemm(1, at_time(delta, t + 1),
                        tensor_transpose(l->p[FROM_BEFORE].value), 1, d);
        for (size_t n = 0; n < h.shape[0]; n++)
            tanh_pull(matrix_row(h, n), matrix_row(d, n), h.shape[1], 0);
        if (dX.data != NULL)
            affine_input_gradient(l->p[FROM_INPUT].value, d,
                                  at_time(dX, t));
    }
}

static void recurrent_gradient(struct layer *l, tensor X, tensor dA,
                               double scale, double keep, tensor to)
{
    const tensor delta = first_rows(*(const tensor *)l->more, X.shape[0]);
    const tensor A = first_rows(l->A, X.shape[0]);
    const tensor V = parameter_in(l, FROM_BEFORE, to);
    (void)dA;
    keep_some(V, keep);
    for (size_t t = 0; t < X.shape[1]; t++) {
        affine_collect(at_time(X, t), at_time(delta, t), scale,
                       t == 0 ? keep : 1, parameter_in(l, FROM_INPUT, to),
                       parameter_in(l, CELL_BIAS, to));
        if (t > 0)
            tensor_gemm(scale, tensor_transpose(at_time(A, t - 1)),
                        at_time(delta, t), 1, V);
    }
}

static const struct layer_kind recurrent_layer = {
    "recurrent", false, true, recurrent_forward, recurrent_backward,
    recurrent_gradient
};

static struct layer *network_recurrent(struct network *n, size_t H)
{
    const size_t T = n->out.size[0], D = n->out.size[1];
    REQUIRE(n->out.rank == 2, "a recurrent cell for %s",
            shape_text(n->out.rank, n->out.size).s);
    struct layer *l = network_add(n, &recurrent_layer, SHAPE(T, H));
    tensor *delta = arena_alloc(n->arena, 1, sizeof *delta);
    *delta = tensor_zeros(n->arena, SHAPE(n->batch, T, H));
    l->more = delta;
    struct parameter *U = layer_parameter(l, D, H);
    U->fan_in = (double)D, U->fan_out = (double)H;
    struct parameter *V = layer_parameter(l, H, H);
    V->fan_in = V->fan_out = (double)H;
    layer_parameter(l, 1, H)->bias = true;
    return l;
}

/* ---- a dense layer for each step: (T,D) to (T,K), the same weights ---- */

static void each_forward(struct layer *l, tensor X, tensor A, bool training)
{
    dense_forward(l, answer_rows(X), answer_rows(A), training);
}

static void each_backward(struct layer *l, tensor X, tensor A, tensor dA,
                          tensor dX)
{
    dense_backward(l, X, A, answer_rows(dA), answer_rows(dX));
}

static void each_gradient(struct layer *l, tensor X, tensor dA,
                          double scale, double keep, tensor to)
{
    dense_gradient(l, answer_rows(X), answer_rows(dA), scale, keep, to);
}

static const struct layer_kind each_layer = {
    "dense for each", false, false, each_forward, each_backward,
    each_gradient
};

static struct layer *network_each(struct network *n, size_t K)
{
    const size_t T = n->out.size[0], D = n->out.size[1];
    struct layer *l = network_add(n, &each_layer, SHAPE(T, K));
    struct parameter *W = layer_parameter(l, D, K);
    W->fan_in = (double)D, W->fan_out = (double)K;
    layer_parameter(l, 1, K)->bias = true;
    return l;
}

/* ---- a way around: fork and join share what goes around ---- */

struct around { tensor up, down; };

static void fork_forward(struct layer *l, tensor X, tensor A, bool training)
{
    struct around *s = l->more;
    (void)training;
    tensor_copy(A, X);
    s->up = X;
}

/* What came through, and what went around. */
static void fork_backward(struct layer *l, tensor X, tensor A, tensor dA,
                          tensor dX)
{
    const struct around *s = l->more;
    const real *d = dA.data, *more = s->down.data;
    (void)A;
    for (size_t i = 0; i < X.shape[0] * l->outputs; i++)
        dX.data[i] = d[i] + more[i];
}

static void join_forward(struct layer *l, tensor X, tensor A, bool training)
{
    const struct around *s = l->more;
    (void)training;
    for (size_t n = 0; n < X.shape[0]; n++)
        for (size_t j = 0; j < l->outputs; j++)
            AT(A, n, j) = AT(X, n, j) + AT(s->up, n, j);
}

static void join_backward(struct layer *l, tensor X, tensor A, tensor dA,
                          tensor dX)
{
    const struct around *s = l->more;
    (void)A;
    tensor_copy(first_rows(s->down, X.shape[0]), dA);
    tensor_copy(dX, dA);
}

static const struct layer_kind fork_layer = {
    "fork", false, false, fork_forward, fork_backward, NULL
};
static const struct layer_kind join_layer = {
    "join", false, false, join_forward, join_backward, NULL
};

/* X + f(X), where f is two dense layers. */
static void network_around(struct network *n, size_t inner)
{
    const size_t I = n->out.size[0];
    struct around *s = arena_alloc(n->arena, 1, sizeof *s);
    s->down = tensor_zeros(n->arena, SHAPE(n->batch, I));
    network_add(n, &fork_layer, SHAPE(I))->more = s;
    network_dense(n, inner);
    network_activation(n, activation_find("elu"));
    network_dense(n, I);
    network_add(n, &join_layer, SHAPE(I))->more = s;
}

/* ---- what every kind must pass ---- */

struct at_batch { struct network *n; struct batch b; };

static double loss_at(void *context, const double theta[], size_t count)
{
    struct at_batch *s = context;
    (void)theta, (void)count;           /* theta is the network's */
    return network_loss(&s->n->model, &s->b, false);
}

/* All samples as one batch. */
static struct batch batch_of_all(const struct data *d)
{
    struct batch b = batch_new(&memory, d, d->n);
    batch_fill(&b, d, NULL, 0);
    return b;
}

/* The gradient of one batch as a new vector. */
static tensor gradient_of(struct network *n, const struct batch *b)
{
    network_loss(&n->model, b, true);
    network_backward(&n->model, 1, 0, n->model.grad);
    return tensor_clone(&memory, n->model.grad);
}

static void check_differences(struct network *n, const struct data *d,
                              const char *name)
{
    struct at_batch s = { n, batch_of_all(d) };
    const size_t count = n->model.theta.shape[0];
    const tensor g = gradient_of(n, &s.b);
    struct gradcheck c = grad_check(loss_at, &s, n->model.theta.data,
                                    g.data, count, 1e-9, 1e-7);
    ok(grad_passed(c) && c.checked == count, "%s: %zu entries by "
       "differences (%.1e)", name, count, c.worst_error);
    tensor mean = tensor_zeros(&memory, SHAPE(count));
    struct batch one = batch_new(&memory, d, 1);
    for (size_t t = 0; batch_fill(&one, d, NULL, t); t++) {
        network_loss(&n->model, &one, true);
        network_backward(&n->model, 1 / (double)d->n, 1, mean);
    }
    ok_all_close(count, mean.data, g.data, 1e-14, 1e-12,
                 "[eq:collect] %s: samples one by one add up to the batch",
                 name);
}

/* Into any vector; and into theta itself, as plain descent does. */
static void check_collecting(struct network *n, const struct data *d,
                             const char *name)
{
    const size_t count = n->model.theta.shape[0];
    const struct batch b = batch_of_all(d);
    const tensor g = gradient_of(n, &b);
    tensor to = tensor_normal(&memory, rng, 0, 1, SHAPE(count));
    tensor want = tensor_empty(&memory, SHAPE(count));
    for (size_t i = 0; i < count; i++)
        want.data[i] = 0.731 * to.data[i] + 2.385 * g.data[i];
    network_backward(&n->model, 2.385, 0.731, to);
    ok_all_close(count, to.data, want.data, 1e-14, 1e-12,
                 "[eq:collect] %s: keep t + scale gradient", name);
    for (size_t i = 0; i < count; i++) {
        to.data[i] = NAN;
        want.data[i] = n->model.theta.data[i] - 0.2385 * g.data[i];
    }
    network_backward(&n->model, 1, 0, to);
    ok_all_close(count, to.data, g.data, 1e-15, 1e-12,
                 "[eq:collect] %s: keep = 0 keeps nothing", name);
    tensor before = tensor_clone(&memory, n->model.theta);
    network_backward(&n->model, -0.2385, 1, n->model.theta);
    ok_all_close(count, n->model.theta.data, want.data, 1e-14, 1e-12,
                 "[eq:fused-descent] %s: straight into theta", name);
    tensor_copy(n->model.theta, before);
}

/* Each layer frozen in turn: its gradient is 0, that of others the same. */
static void check_frozen(struct network *n, const struct data *d,
                         const char *name)
{
    const struct batch b = batch_of_all(d);
    const tensor g = gradient_of(n, &b);
    bool good = true;
    for (size_t k = 0; k < n->layers; k++) {
        const struct layer *l = &n->layer[k];
        network_freeze(n, k, true);
        const tensor h = gradient_of(n, &b);
        for (size_t i = 0; i < g.shape[0]; i++) {
            const bool mine = i >= l->first && i < l->first + l->count;
            good = good && close_to(h.data[i], mine ? 0 : g.data[i], 1e-16,
                                    1e-12);
        }
        network_freeze(n, k, false);
    }
    ok(good, "%s: a frozen layer changes no other gradient", name);
}

/* Some epochs of momentum; the loss before and after. */
static void check_training(struct network *n, struct data d, size_t epochs,
                           double most, const char *name)
{
    struct optimizer o = optimizer_new(&memory, MOMENTUM,
                                       n->model.theta.shape[0], 0.01);
    struct learner l = learner_new(&memory, &n->model, &o.rule, d, 5, rng);
    struct batch room = batch_new(&memory, &d, n->batch);
    const struct score before = model_score(&n->model, &d, &room);
    while (l.epoch < epochs && learner_epoch(&l))
        ;
    const struct score after = model_score(&n->model, &d, &room);
    ok(after.loss < most && before.loss > 2 * most, "%s: %zu epochs take "
       "the loss from %.3f to below %.2f", name, epochs, before.loss, most);
    ok(after.accuracy > 0.9 && after.accuracy <= 1
       && learner_score(&l).accuracy <= 1, "%s: %.0f %% right", name,
       100 * after.accuracy);
}

static void check(struct network *n, struct data d, size_t epochs,
                  const char *name)
{
    network_finish(n);
    network_init(n, (struct init){ INIT_XAVIER, 0, true }, rng);
    check_differences(n, &d, name);
    check_collecting(n, &d, name);
    check_frozen(n, &d, name);
    check_training(n, d, epochs, 0.2, name);
}

/* ---- the networks ---- */

/* Pictures (2,5,6) with a bright spot; the label is its quarter. */
static struct data spots(size_t n)
{
    int *label = arena_take(&memory, n, sizeof *label);
    tensor X = tensor_normal(&memory, rng, 0, 0.3, SHAPE(n, 2, 5, 6));
    for (size_t i = 0; i < n; i++) {
        const size_t y = 1 + gsl_rng_uniform_int(rng, 3);
        const size_t x = 1 + gsl_rng_uniform_int(rng, 4);
        label[i] = 2 * (y > 1) + (x > 2);
        AT(X, i, 0, y, x) += 3, AT(X, i, 1, y, x) -= 3;
    }
    return data_labelled(tensor_reshape(X, SHAPE(n, INFER)), label);
}

static void convolution_works(void)
{
    const struct data d = spots(40);
    struct network n = network_new(&memory, 40, SHAPE(2, 5, 6));
    const struct layer *l = network_convolution(&n, 3, 3);
    network_activation(&n, activation_find("tanh"));
    network_convolution(&n, 4, 2);
    network_activation(&n, activation_find("elu"));
    network_dense(&n, 4);
    ok(l->out.rank == 3 && l->out.size[0] == 3 && l->out.size[1] == 3
       && l->out.size[2] == 4 && l->outputs == 36, "(2,5,6) to (3,3,4)");
    ok_equal(l->count, 2 * 3 * 3 * 3 + 3, "few weights for a picture");
    check(&n, d, 30, "convolution");
    network_forward(&n, d.X, false);
    double got[36], want[36];
    const tensor a = tensor_select(l->A, 0, 7);
    const tensor x = tensor_reshape(tensor_rows(d.X, 7, 1), SHAPE(2, 5, 6));
    for (size_t i = 0; i < 36; i++) {
        const size_t o = i / 12, y = i / 4 % 3, across = i % 4;
        double z = AT(l->p[CHANNEL_BIAS].value, 0, o);
        for (size_t j = 0; j < 18; j++)
            z += AT(l->p[KERNEL].value, j, o)
                 * AT(x, j / 9, y + j / 3 % 3, across + j % 3);
        got[i] = AT(a, o, y, across), want[i] = tanh(z);
    }
    ok_all_close(36, got, want, 1e-14, 1e-13, "the sum over a patch");
    double top = 0;
    network_init(&n, (struct init){ INIT_FAN, 0, false }, rng);
    for (size_t j = 0; j < 54; j++)
        top = fmax(top, fabs(AT(l->p[KERNEL].value, j / 3, j % 3)));
    ok(top < sqrt(1 / 18.0) && top > 0.9 * sqrt(1 / 18.0),
       "its fan-in is 18, the size of a patch, and not 60");
}

/* T words of 6; label t says whether word t equals the one before. */
static struct data echoes(size_t n, size_t T)
{
    int *label = arena_take(&memory, n * T, sizeof *label);
    tensor X = tensor_empty(&memory, SHAPE(n, T));
    for (size_t i = 0; i < n * T; i++) {
        const bool again = i % T > 0 && gsl_rng_uniform_int(rng, 2) == 0;
        X.data[i] = again ? X.data[i - 1]
                          : (real)gsl_rng_uniform_int(rng, 6);
        label[i] = i % T > 0 && X.data[i] == X.data[i - 1];
    }
    struct data d = data_labelled(X, label);
    d.labels = T;
    return d;
}

/* How many of the T words differ from the one before: 0, 1, 2, ... */
static struct data changes(size_t n, size_t T)
{
    struct data d = echoes(n, T);
    int *label = arena_alloc(&memory, n, sizeof *label);
    for (size_t i = 0; i < n * T; i++)
        label[i / T] += i % T > 0 && d.label[i] == 0;
    return data_labelled(d.X, label);
}

static void embedding_works(void)
{
    const struct data d = changes(30, 3);
    struct network n = network_new(&memory, 30, SHAPE(3));
    const struct layer *l = network_embedding(&n, 70, 4);
    network_dense(&n, 20);
    network_activation(&n, activation_find("tanh"));
    network_dense(&n, 3);
    check(&n, d, 60, "embedding");
    ok(l->p[0].value.stride[1] != 1, "its table is stored by columns");
    const struct batch b = batch_of_all(&d);
    const tensor g = gradient_of(&n, &b);
    double sum = 0;
    for (size_t word = 6; word < 70; word++)
        for (size_t j = 0; j < 4; j++)
            sum += fabs(AT(parameter_in(l, 0, g), word, j));
    ok(sum == 0, "words that do not occur have no gradient");
}

static void sequences_work(void)
{
    struct data d = echoes(30, 5);
    struct network n = network_new(&memory, 30, SHAPE(5));
    network_embedding(&n, 6, 4);
    struct layer *cell = network_recurrent(&n, 12);
    network_activation(&n, activation_find("tanh"));
    network_each(&n, 2);
    ok(n.out.rank == 2 && n.out.size[0] == 5 && n.outputs == 10,
       "an answer for each of five steps");
    ok(n.layer[2].A.data != cell->A.data,
       "nothing lies over a cell that reads its output");
    check(&n, d, 200, "sequence");
    struct batch room = batch_new(&memory, &d, 30);
    const struct score a = model_score(&n.model, &d, &room);
    int *label = arena_take(&memory, 150, sizeof *label);
    memcpy(label, d.label, 150 * sizeof *label);
    n.batch = 7;                                /* 7 + 7 + 7 + 7 + 2 */
    const struct score s = network_score(&n, d.X, label);
    ok_close(s.loss, a.loss, 1e-14, 1e-13, "network_score takes five "
             "labels a row");
    ok_close(s.accuracy, a.accuracy, 1e-14, 0, "and counts all of them");
}

/* The cell itself, as the lowest layer, whose input nobody wants. */
static void cell_works_at_the_bottom(void)
{
    const tensor X = tensor_normal(&memory, rng, 0, 1, SHAPE(30, 4 * 3));
    int label[30];
    for (size_t i = 0; i < 30; i++)             /* remember the start */
        label[i] = AT(X, i, 0) + AT(X, i, 4) > 0;
    struct network n = network_new(&memory, 30, SHAPE(4, 3));
    const struct layer *l = network_recurrent(&n, 5);
    network_dense(&n, 2);
    check(&n, data_labelled(X, label), 80, "recurrent");
    double h[5] = { 0 }, before[5];
    network_forward(&n, X, false);
    for (size_t t = 0; t < 4; t++) {
        memcpy(before, h, sizeof h);
        for (size_t j = 0; j < 5; j++) {
            double z = AT(l->p[CELL_BIAS].value, 0, j);
            for (size_t i = 0; i < 3; i++)
                z += AT(X, 3, 3 * t + i)
                     * AT(l->p[FROM_INPUT].value, i, j);
            for (size_t i = 0; i < 5; i++)
                z += before[i] * AT(l->p[FROM_BEFORE].value, i, j);
            h[j] = tanh(z);
        }
    }
    double got[5];
    for (size_t j = 0; j < 5; j++)
        got[j] = AT(l->A, 3, 3, j);
    ok_all_close(5, got, h, 1e-14, 1e-13, "the state after four steps");
}

/* Three classes of points in the plane, each in a ring of its own. */
static struct data rings(size_t n)
{
    int *label = arena_take(&memory, n, sizeof *label);
    tensor X = tensor_empty(&memory, SHAPE(n, 2));
    for (size_t i = 0; i < n; i++) {
        const double angle = 2 * acos(-1) * random_uniform(rng);
        label[i] = (int)(i % 3);
        AT(X, i, 0) = (label[i] + 0.3) * cos(angle);
        AT(X, i, 1) = (label[i] + 0.3) * sin(angle);
    }
    return data_labelled(X, label);
}

static void way_around_works(void)
{
    const struct data d = rings(60);
    struct network n = network_new(&memory, 60, SHAPE(2));
    network_around(&n, 8);                      /* the first layer forks */
    network_dense(&n, 6);
    network_activation(&n, activation_find("elu"));
    network_around(&n, 7);
    network_activation(&n, activation_find("tanh"));
    network_around(&n, 5);
    network_dense(&n, 3);
    check(&n, d, 150, "around");
}

/* ---- a rule that sums the gradients of two networks ---- */

enum { REPLICAS = 2 };

/* Where they meet: what each brought. */
struct meeting { pthread_barrier_t barrier; tensor grad[REPLICAS]; };

struct all_reduce {
    struct rule rule, *inner;
    struct meeting *meeting;
    size_t me;
    tensor sum;
};

/* What a model passes on whose gradient has already been collected. */
static void reduced_backward(struct model *m, double scale, double keep,
                             tensor to)
{
    for (size_t i = 0; i < to.shape[0]; i++)
        to.data[i] = (keep == 0 ? 0 : keep * to.data[i])
                     + scale * m->grad.data[i];
}

static void all_reduce_step(struct rule *r, struct model *m)
{
    struct all_reduce *s = (struct all_reduce *)r;
    struct meeting *all = s->meeting;
    m->backward(m, 1.0 / REPLICAS, 0, m->grad);
    all->grad[s->me] = m->grad;
    pthread_barrier_wait(&all->barrier);        /* all have brought theirs */
    for (size_t i = 0; i < s->sum.shape[0]; i++) {
        s->sum.data[i] = 0;
        for (size_t k = 0; k < REPLICAS; k++)
            s->sum.data[i] += all->grad[k].data[i];
    }
    pthread_barrier_wait(&all->barrier);        /* all have read them */
    tensor_copy(m->grad, s->sum);
    struct model seen = *m;
    seen.backward = reduced_backward;
    s->inner->step(s->inner, &seen);
}

/* One of those that learn together, or the one that learns alone. */
struct worker {
    struct arena memory;
    struct network net;
    struct optimizer optimizer;
    struct all_reduce together;
    struct learner learner;
    size_t epochs;
};

/* Learn from the rows first, first + step, ... of d, by the method. */
static void worker_start(struct worker *w, enum method method,
                         const struct data *d, size_t first, size_t step,
                         size_t batch)
{
    const size_t rows = d->n / step;
    int *label = arena_take(&w->memory, rows, sizeof *label);
    for (size_t i = 0; i < rows; i++)
        label[i] = d->label[first + i * step];
    const tensor X = tensor_slice(d->X, 0, (ptrdiff_t)first, END,
                                  step);
    gsl_rng *same = random_new(100);
    w->net = network_mlp(&w->memory, 3, (size_t[]){ 2, 9, 3 },
                         activation_find("tanh"), batch);
    network_init(&w->net, (struct init){ INIT_XAVIER, 0, false }, same);
    gsl_rng_free(same);
    const size_t n = w->net.model.theta.shape[0];
    w->optimizer = optimizer_new(&w->memory, method, n, 0.05);
    w->together = (struct all_reduce){ .rule = { all_reduce_step },
        .inner = &w->optimizer.rule, .me = first,
        .sum = tensor_empty(&w->memory, SHAPE(n)) };
    w->learner = learner_new(&w->memory, &w->net.model, step == 1
                             ? &w->optimizer.rule : &w->together.rule,
                             data_labelled(X, label), batch, NULL);
    w->epochs = 10;
}

static void *worker_run(void *context)
{
    struct worker *w = context;
    while (w->learner.epoch < w->epochs && learner_epoch(&w->learner))
        ;
    return NULL;
}

/* Two with half a batch each, in threads, and one with the whole batch. */
static void learn_together(enum method method, double tolerance)
{
    const struct data d = rings(60);
    struct meeting meeting;
    struct worker alone = { 0 }, w[REPLICAS] = { 0 };
    pthread_t thread[REPLICAS];
    pthread_barrier_init(&meeting.barrier, NULL, REPLICAS);
    worker_start(&alone, method, &d, 0, 1, 12);
    for (size_t k = 0; k < REPLICAS; k++) {
        worker_start(&w[k], method, &d, k, REPLICAS, 12 / REPLICAS);
        w[k].together.meeting = &meeting;
    }
    const tensor start = tensor_clone(&memory, alone.net.model.theta);
    for (size_t k = 0; k < REPLICAS; k++)
        if (pthread_create(&thread[k], NULL, worker_run, &w[k]) != 0)
            PANIC("no thread");
    worker_run(&alone);
    for (size_t k = 0; k < REPLICAS; k++)
        pthread_join(thread[k], NULL);
    const size_t n = start.shape[0];
    const real *theta = alone.net.model.theta.data;
    ok(alone.learner.steps == 50 && w[1].learner.steps == 50
       && fabs(theta[3] - start.data[3]) > 0.01, "50 steps of %s",
       method_name[method]);
    ok(memcmp(w[0].net.model.theta.data, w[1].net.model.theta.data,
              n * sizeof *theta) == 0, "%s: all replicas have the same "
       "weights, bit for bit", method_name[method]);
    ok_all_close(n, w[0].net.model.theta.data, theta, tolerance, tolerance,
                 "%s: and those of one network with the whole batch",
                 method_name[method]);
    pthread_barrier_destroy(&meeting.barrier);
    for (size_t k = 0; k < REPLICAS; k++)
        arena_free(&w[k].memory);
    arena_free(&alone.memory);
}

static void all_reduce_works(void)
{
    learn_together(SGD, 1e-13);
    learn_together(MOMENTUM, 1e-13);
    learn_together(ADAM, 1e-10);
}

int main(void)
{
    rng = random_new(6);
    TAP_RUN(convolution_works);
    TAP_RUN(embedding_works);
    TAP_RUN(sequences_work);
    TAP_RUN(cell_works_at_the_bottom);
    TAP_RUN(way_around_works);
    TAP_RUN(all_reduce_works);
    return tap_done();
}
