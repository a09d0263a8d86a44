/*
 * Tests of chapter 6: layers.h in double precision.  Every gradient is
 * compared with central differences, with the tape, and with values that
 * PyTorch computed (oracle/06-multilayer-perceptron.py).
 */
#include "../tangled/tap.h"

#include "../tangled/glm.h"
#include "../tangled/gradcheck.h"
#include "../tangled/layers.h"
#include "../tangled/taped.h"
#include "oracle/06-losses.h"
#include "oracle/06-multilayer-perceptron.h"

#define LEN(array) (sizeof (array) / sizeof (array)[0])

static struct arena memory;
static gsl_rng *rng;

static tensor weights(const struct network *n, size_t k)
{
    return n->layer[k].p[WEIGHT].value;
}

static tensor biases(const struct network *n, size_t k)
{
    return n->layer[k].p[BIAS].value;
}

/* The activations with the constants of the oracle. */
static const struct {
    const char *name;
    double c;
    const double *value, *slope, *loss, *logits, *grad;
} known[] = {
#define KNOWN(f, c) \
    { #f, c, oracle_##f, oracle_##f##_slope, oracle_##f##_loss, \
      oracle_##f##_logits, oracle_##f##_grad }
    KNOWN(sigmoid, 0), KNOWN(tanh, 0), KNOWN(relu, 0), KNOWN(leaky, 0.2),
    KNOWN(elu, 0.7), KNOWN(selu, 0)
};

/* The network of the oracle, 3-5-4-2, with the oracle's weights. */
static struct network oracle_network(size_t f, size_t batch)
{
    struct network n = network_mlp(&memory, 4, (size_t[]){ 3, 5, 4, 2 },
                                   activation_find(known[f].name), batch);
    for (size_t k = 0; k < n.layers; k++)
        n.layer[k].c = known[f].c;
    memcpy(n.model.theta.data, oracle_theta, sizeof oracle_theta);
    return n;
}

static tensor oracle_rows(size_t first, size_t m)
{
    tensor X = tensor_from(&memory, LEN(oracle_X), oracle_X,
                           SHAPE(LEN(oracle_labels), 3));
    return tensor_rows(X, first, m);
}

/* ---- why one line is not enough ---- */

static void xor_lines(void)
{
    double left[50], right[50];
    for (size_t i = 0; i < 50; i++) {
        const double w1 = gsl_ran_gaussian(rng, 2.385);
        const double w2 = gsl_ran_gaussian(rng, 1.917);
        const double b = gsl_ran_gaussian(rng, 3.141);
        left[i] = (w2 + b) + (w1 + b);          /* z(0,1) + z(1,0) */
        right[i] = b + (w1 + w2 + b);           /* z(0,0) + z(1,1) */
    }
    ok_all_close(50, left, right, 1e-14, 1e-14,
                 "[eq:xor-impossible] the two diagonals have equal sums");
    struct network n = network_mlp(&memory, 2, (size_t[]){ 2, 1 }, NULL, 4);
    tensor X = tensor_from(&memory, VALUES(0, 0, 0, 1, 1, 0, 1, 1),
                           SHAPE(4, 2));
    size_t most = 0;
    for (size_t i = 0; i < 4000; i++) {
        network_init(&n, (struct init){ INIT_NORMAL, 2, true }, rng);
        const tensor z = network_forward(&n, X, false);
        const size_t right_ones = (size_t)(z.data[0] <= 0)
            + (size_t)(z.data[1] > 0) + (size_t)(z.data[2] > 0)
            + (size_t)(z.data[3] <= 0);
        most = right_ones > most ? right_ones : most;
    }
    ok_equal(most, 3, "[eq:xor-impossible] 4000 lines: 3 corners at most");
}

static void xor_network(void)
{
    struct network n = network_mlp(&memory, 3, (size_t[]){ 2, 2, 1 },
                                   activation_find("relu"), 4);
    tensor X = tensor_from(&memory, VALUES(0, 0, 0, 1, 1, 0, 1, 1),
                           SHAPE(4, 2));
    memcpy(n.model.theta.data, (double[]){ 1, 1, 1, 1, 0, -1, 1, -2, 0 },
           9 * sizeof(double));
    ok_all_close(4, network_forward(&n, X, false).data,
                 (double[]){ 0, 1, 1, 0 }, 0, 0,
                 "[eq:xor-network] 0, 1, 1, 0");
}

static void composition(void)
{
    struct network two = network_new(&memory, 7, SHAPE(3));
    network_dense(&two, 5);
    network_dense(&two, 2);
    network_finish(&two);
    network_init(&two, (struct init){ INIT_NORMAL, 0.7, true }, rng);
    tensor W = tensor_matmul(&memory, weights(&two, 0), weights(&two, 1));
    tensor b = tensor_matmul(&memory, biases(&two, 0), weights(&two, 1));
    b = tensor_add(&memory, b, biases(&two, 1));
    tensor X = oracle_rows(0, 7);
    tensor want = tensor_add(&memory, tensor_matmul(&memory, X, W), b);
    ok_all_close(14, network_forward(&two, X, false).data, want.data, 1e-14,
                 1e-13, "[eq:linear-composition] two affine layers are one");
}

/* ---- activations ---- */

static void activation_values(void)
{
    const char *const label[] = { "sigmoid-slope", "tanh-slope",
        "relu-slope", "leaky-slope", "elu-slope", "selu-slope" };
    for (size_t f = 0; f < LEN(known); f++) {
        const struct activation *act = activation_find(known[f].name);
        double a[LEN(oracle_points)], d[LEN(oracle_points)];
        for (size_t i = 0; i < LEN(a); i++)
            a[i] = oracle_points[i], d[i] = 2.385;
        act->push(a, LEN(a), known[f].c);
        act->pull(a, d, LEN(a), known[f].c);
        /* measured: 1.2e-16 */
        ok_all_close(LEN(a), a, known[f].value, 4e-16, 4e-16,
                     "[eq:%s] %s equals PyTorch's", label[f], act->name);
        for (size_t i = 0; i < LEN(a); i++)
            d[i] /= 2.385;
        /* measured: 6.2e-16; the slope is made from a, so absolute */
        ok_all_close(LEN(a), d, known[f].slope, 2e-15, 6e-16,
                     "[eq:%s] %s: the slope from the output", label[f],
                     act->name);
    }
    ok(activation_find("swish") == NULL, "an unknown activation is NULL");
}

/* begin leaky */
static void leaky_table(void)
{
    double z[] = { 0.1, 0.2, 0.3, -1.0, 2.0, 0.5, -0.2, 0.8, 0.05, -1.5 };
    const double a[] = { 0.1, 0.2, 0.3, -0.2, 2.0,
                         0.5, -0.04, 0.8, 0.05, -0.3 };
    leaky_push(z, 10, 0.2);
    ok_all_close(10, z, a, 1e-16, 1e-16,
                 "[eq:leaky-slope] the printed table, epsilon 0.2");
}
/* end leaky */

static double normal_density(double z)
{
    return exp(-z * z / 2) / sqrt(2 * acos(-1));
}

static void selu_moments(void)
{
    double first = 0, second = 0;
    const double h = 1.0 / 4096;                /* trapezoids, kink at 0 */
    for (int i = -12 * 4096; i <= 12 * 4096; i++) {
        double a = i * h;
        const double weight = normal_density(a) * h;
        selu_push(&a, 1, 0);
        first += a * weight, second += a * a * weight;
    }
    /* measured: 6e-9, 3e-13, the error of the trapezoids at the kink */
    ok_close(first, 0, 2e-8, 0, "[eq:selu-fixed-point] mean 0 stays 0");
    ok_close(second, 1, 2e-8, 0,
             "[eq:selu-fixed-point] variance 1 stays 1");
}

/* ---- one dense layer ---- */

/* A network of one dense layer, in x out, with random weights. */
static struct network one_layer(size_t in, size_t out, size_t batch)
{
    struct network n = network_new(&memory, batch, SHAPE(in));
    network_dense(&n, out);
    network_finish(&n);
    network_init(&n, (struct init){ INIT_NORMAL, 0.8, true }, rng);
    return n;
}

static void dense_values(void)
{
    struct network n = one_layer(3, 5, 7);
    const tensor W = weights(&n, 0), b = biases(&n, 0);
    tensor X = tensor_normal(&memory, rng, 0.3, 1.1, SHAPE(7, 3));
    double want[35];
    AT(X, 2, 1) = 0;                    /* an input that is skipped */
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 5; j++) {
            want[5 * i + j] = AT(b, 0, j);
            for (size_t k = 0; k < 3; k++)
                want[5 * i + j] += AT(X, i, k) * AT(W, k, j);
        }
    ok_all_close(35, network_forward(&n, X, false).data, want, 1e-14, 1e-14,
                 "[eq:dense] X W + 1 b, entry by entry");
    double got[35];
    for (size_t i = 0; i < 7; i++)
        memcpy(got + 5 * i, network_forward(&n, tensor_rows(X, i, 1),
                                            false).data, 5 * sizeof *got);
    ok_all_close(35, got, want, 1e-14, 1e-14,
                 "[eq:dense-one] x W + b, row after row");
    tensor wide = tensor_normal(&memory, rng, 0, 1, SHAPE(7, 8));
    wide = tensor_slice(wide, 1, 4, 7, 1);
    tensor_copy(wide, X);
    ok_all_close(35, network_forward(&n, wide, false).data, want, 1e-14,
                 1e-14, "[eq:dense] X may be a part of wider rows");
}

/* L = sum of C * Z: linear in Z, so dL/dZ = C. */
struct answers { struct network *n; tensor X, C; };

static double sum_of_answers(void *context, const double theta[], size_t n)
{
    const struct answers *s = context;
    (void)theta, (void)n;               /* theta is the network's, or X */
    const tensor Z = network_forward(s->n, s->X, false);
    double sum = 0;
    for (size_t i = 0; i < tensor_len(Z); i++)
        sum += Z.data[i] * s->C.data[i];
    return sum;
}

/* The gradients of two dense layers and of X, with B rows. */
static void dense_slopes(size_t B, const char *label)
{
    struct network n = network_new(&memory, B, SHAPE(3));
    network_dense(&n, 5);
    network_dense(&n, 2);
    network_finish(&n);
    network_init(&n, (struct init){ INIT_NORMAL, 0.8, true }, rng);
    struct answers s = { &n,
        tensor_normal(&memory, rng, 0.3, 1.1, SHAPE(B, 3)),
        tensor_normal(&memory, rng, 0, 1, SHAPE(B, 2)) };
    tensor dX = tensor_full(&memory, NAN, SHAPE(B, 3));
    network_forward(&n, s.X, false);
    tensor_copy(network_top(&n, B), s.C);
    network_backward(&n.model, 1, 0, n.model.grad);
    n.layer[0].kind->backward(&n.layer[0], s.X, n.layer[0].A,
                              first_rows(n.layer[0].dA, B), dX);
    /* measured: 7e-10 */
    struct gradcheck g = grad_check(sum_of_answers, &s, n.model.theta.data,
                                    n.model.grad.data, 32, 1e-8, 1e-7);
    ok(grad_passed(g) && g.checked == 32,
       "[eq:%s] %zu rows: dW and db by differences (%.1e)", label, B,
       g.worst_error);
    g = grad_check(sum_of_answers, &s, s.X.data, dX.data, 3 * B, 1e-8,
                   1e-7);
    ok(grad_passed(g) && g.checked == 3 * B,
       "[eq:%s] %zu rows: dX by differences (%.1e)", label, B,
       g.worst_error);
}

static void dense_gradients(void)
{
    dense_slopes(1, "dense-one-gradient");
    dense_slopes(4, "dense-gradient");
    /* and by hand, from the sums */
    struct network n = one_layer(3, 2, 4);
    tensor X = tensor_normal(&memory, rng, 0.3, 1.1, SHAPE(4, 3));
    double dW[6] = { 0 }, db[2] = { 0 };
    network_forward(&n, X, false);
    tensor dZ = network_top(&n, 4);
    for (size_t i = 0; i < 8; i++)
        dZ.data[i] = gsl_ran_gaussian(rng, 1);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 2; j++) {
            db[j] += AT(dZ, i, j);
            for (size_t k = 0; k < 3; k++)
                dW[2 * k + j] += AT(X, i, k) * AT(dZ, i, j);
        }
    network_backward(&n.model, 1, 0, n.model.grad);
    ok_all_close(6, n.model.grad.data, dW, 1e-14, 1e-14,
                 "[eq:dense-gradient] dW is a sum over the rows");
    ok_all_close(2, n.model.grad.data + 6, db, 1e-14, 1e-14,
                 "[eq:dense-gradient] db is a sum over the rows");
}

static void activation_gradient(void)
{
    for (size_t f = 0; f < LEN(known); f++) {
        struct network n = network_new(&memory, 3, SHAPE(4));
        struct layer *p = network_activation(&n,
                                             activation_find(known[f].name));
        p->c = known[f].c;
        network_finish(&n);
        struct answers s = { &n,
            tensor_normal(&memory, rng, 0.1, 1.3, SHAPE(3, 4)),
            tensor_normal(&memory, rng, 0, 1, SHAPE(3, 4)) };
        tensor dZ = tensor_clone(&memory, s.C);
        const tensor A = network_forward(&n, s.X, false);
        p->kind->backward(p, s.X, A, dZ, dZ);
        /* measured: 3e-10 */
        struct gradcheck g = grad_check(sum_of_answers, &s, s.X.data,
                                        dZ.data, 12, 1e-8, 1e-7);
        ok(grad_passed(g), "[eq:activation-gradient] dZ = dA * f'(Z), %s "
           "(%.1e)", known[f].name, g.worst_error);
    }
}

/* ---- whole networks ---- */

static double network_loss_of(void *context, const double theta[], size_t n)
{
    struct network *net = context;
    (void)theta, (void)n;
    return softmax_nll(network_forward(net, net->X, false), oracle_labels);
}

static void whole_networks(void)
{
    for (size_t f = 0; f < LEN(known); f++) {
        struct network n = oracle_network(f, 7);
        const double loss = network_gradient(&n, oracle_rows(0, 7),
                                             oracle_labels);
        ok_all_close(14, network_forward(&n, n.X, false).data,
                     known[f].logits, 4e-15, 1e-14,
                     "[eq:mlp-forward] %s: logits equal PyTorch's",
                     known[f].name);
        ok_close(loss, known[f].loss[0], 1e-15, 1e-14,
                 "[eq:mlp-forward] %s: the loss equals PyTorch's",
                 known[f].name);
        ok_all_close(LEN(oracle_theta), n.model.grad.data, known[f].grad,
                     2e-15, 1e-13,
                     "[eq:mlp-backward] %s: 54 entries equal PyTorch's",
                     known[f].name);
        /* measured: 5e-11 */
        struct gradcheck g = grad_check(network_loss_of, &n,
                                        n.model.theta.data,
                                        n.model.grad.data,
                                        LEN(oracle_theta), 1e-9, 1e-7);
        ok(grad_passed(g) && g.checked == LEN(oracle_theta),
           "[eq:mlp-backward] %s: all entries by differences (%.1e)",
           known[f].name, g.worst_error);
    }
}

/* begin batch */
static void batch_is_mean_of_samples(void)
{
    for (size_t f = 0; f < LEN(known); f++) {
        struct network n = oracle_network(f, 7);
        double sum[LEN(oracle_theta)] = { 0 };
        for (size_t i = 0; i < 7; i++) {        /* one row at a time */
            network_gradient(&n, oracle_rows(i, 1), oracle_labels + i);
            for (size_t j = 0; j < LEN(sum); j++)
                sum[j] += n.model.grad.data[j] / 7;
        }
        network_gradient(&n, oracle_rows(0, 7), oracle_labels);
        ok_all_close(LEN(sum), n.model.grad.data, sum, 1e-15, 1e-13,
                     "[eq:dense-gradient] %s: a batch is the mean of its "
                     "samples", known[f].name);
    }
}
/* end batch */

static var bend_leaky(struct tape *t, var z)
{
    return tape_leaky_relu(t, z, 0.2);
}

static var bend_elu(struct tape *t, var z)
{
    return tape_elu(t, z, 0.7);
}

/* As in known[]. */
static var (*const bends[])(struct tape *t, var z) = {
    tape_sigmoid, tape_tanh, tape_relu, bend_leaky, bend_elu, tape_selu
};

static void against_the_tape(void)
{
    for (size_t f = 0; f < LEN(known); f++)
        for (size_t B = 1; B <= 7; B += 3) {
            struct network n = oracle_network(f, 7);
            struct taped s = taped_new(&memory, &n, bends[f]);
            const struct batch b = { .n = B, .X = oracle_rows(0, B),
                                     .label = oracle_labels };
            const double loss = network_gradient(&n, b.X, b.label);
            ok_close(taped_loss(&s.model, &b, true), loss, 1e-15, 1e-14,
                     "[eq:mlp-forward] %s, %zu rows: the tape's loss",
                     known[f].name, B);
            ok_equal(s.model.right, count_right(network_forward(&n, b.X,
                     false), b.label), "and its right answers");
            taped_backward(&s.model, 1, 0, s.model.grad);
            /* measured: 2.9e-15, as the tape has expm1 */
            ok_all_close(LEN(oracle_theta), n.model.grad.data,
                         s.model.grad.data, 1e-14, 1e-13,
                         "[eq:mlp-backward] %s, %zu rows: the tape's "
                         "gradient", known[f].name, B);
            tape_free(&s.tape);
        }
}

/* The tape collects as a network does, and learns the same. */
static void trained_by_the_tape(void)
{
    for (size_t f = 0; f < LEN(known); f++) {
        struct network n = oracle_network(f, 7);
        struct taped s = taped_new(&memory, &n, bends[f]);
        struct model *const both[] = { &n.model, &s.model };
        const struct batch b = { .n = 7, .X = oracle_rows(0, 7),
                                 .label = oracle_labels };
        tensor to[2];
        for (size_t k = 0; k < 2; k++) {
            to[k] = tensor_full(&memory, 1.917, SHAPE(LEN(oracle_theta)));
            both[k]->loss(both[k], &b, true);
            both[k]->backward(both[k], 2.385, 0.731, to[k]);
        }
        ok_all_close(LEN(oracle_theta), to[1].data, to[0].data, 1e-14,
                     1e-13, "[eq:collect] %s: the tape, keep t + scale "
                     "gradient", known[f].name);
        for (size_t k = 0; k < 2; k++) {
            struct descent rule = descent_new(0.2385);
            gsl_rng *r = random_new(66);
            struct learner l = learner_new(&memory, both[k], &rule.rule,
                data_labelled(oracle_rows(0, 7), oracle_labels), 3, r);
            while (l.epoch < 20 && learner_epoch(&l))
                ;
            gsl_rng_free(r);
        }
        /* measured: 2.0e-15 */
        ok_all_close(LEN(oracle_theta), s.model.theta.data,
                     n.model.theta.data, 1e-13, 1e-13, "[eq:fused-descent] "
                     "%s: 60 steps by the tape, the same weights",
                     known[f].name);
        tape_free(&s.tape);
    }
}

/* A step of descent on the first B rows: into theta, with no gradient. */
static double descend(struct network *n, size_t B, double rate)
{
    struct descent d = descent_new(rate);
    struct learner l = learner_new(&memory, &n->model, &d.rule,
                                   data_labelled(oracle_rows(0, B),
                                                 oracle_labels), B, NULL);
    learner_step(&l);
    return l.last;
}

/* Freeze the dense layers whose bit is set: 1, 2 and 4. */
static void freeze_by_bits(struct network *n, unsigned bits)
{
    for (size_t k = 0; k < 3; k++)
        network_freeze(n, 2 * k, bits >> k & 1u);
}

static void steps(void)
{
    for (size_t B = 1; B <= 7; B += 3)
        for (unsigned bits = 0; bits < 8; bits++) {
            struct network n = oracle_network(3, 7);
            double want[LEN(oracle_theta)];
            freeze_by_bits(&n, bits);
            const double loss = network_gradient(&n, oracle_rows(0, B),
                                                 oracle_labels);
            for (size_t i = 0; i < LEN(want); i++)
                want[i] = n.model.theta.data[i]
                          - 0.2385 * n.model.grad.data[i];
            tensor grad = tensor_clone(&memory, n.model.grad);
            const double same = descend(&n, B, 0.2385);
            ok_close(same, loss, 0, 0, "%zu rows: the same loss", B);
            ok_all_close(LEN(want), n.model.theta.data, want, 1e-15, 1e-14,
                         "[eq:fused-descent] %zu rows, frozen %u: step = "
                         "theta - rate gradient", B, bits);
            ok_all_close(LEN(want), n.model.grad.data, grad.data, 0, 0,
                         "%zu rows: the step leaves the gradient alone", B);
        }
    struct network n = oracle_network(0, 7);
    AT(weights(&n, 2), 1, 3) = NAN;
    tensor before = tensor_clone(&memory, n.model.theta);
    ok(isnan(descend(&n, 7, 0.1)),
       "a NaN in the weights makes the loss NaN");
    ok(memcmp(before.data, n.model.theta.data, sizeof oracle_theta) == 0,
       "a NaN loss stops the step");
}

/* What network_backward makes of a vector full of numbers. */
static void collected(void)
{
    for (size_t B = 1; B <= 7; B += 6) {
        struct network n = oracle_network(4, 7);
        double to[LEN(oracle_theta)], want[LEN(oracle_theta)];
        tensor vector = tensor_wrap(to, SHAPE(LEN(to)));
        network_gradient(&n, oracle_rows(0, B), oracle_labels);
        for (size_t i = 0; i < LEN(to); i++) {
            to[i] = gsl_ran_gaussian(rng, 1);
            want[i] = 0.731 * to[i] + 2.385 * n.model.grad.data[i];
        }
        network_backward(&n.model, 2.385, 0.731, vector);
        ok_all_close(LEN(to), to, want, 1e-14, 1e-13, "[eq:collect] a "
                     "network, %zu rows: keep t + scale gradient", B);
        for (size_t i = 0; i < LEN(to); i++)
            to[i] = NAN;
        network_backward(&n.model, 1, 0, vector);
        ok_all_close(LEN(to), to, n.model.grad.data, 1e-16, 1e-15,
                     "[eq:collect] %zu rows: keep = 0 keeps nothing", B);
    }
}

static void frozen_layers(void)
{
    struct network n = oracle_network(1, 7);
    network_gradient(&n, oracle_rows(0, 7), oracle_labels);
    freeze_by_bits(&n, 3);
    double sum = 0;
    for (size_t i = 0; i < 20 + 24; i++)
        sum += fabs(n.model.grad.data[i]);
    ok(sum == 0, "to freeze a layer sets its gradient to 0");
    tensor before = tensor_clone(&memory, n.model.theta);
    descend(&n, 7, 0.1);
    const size_t low = 20 + 24, all = LEN(oracle_theta);
    ok(memcmp(before.data, n.model.theta.data, low * sizeof(double)) == 0,
       "frozen layers stay as they are");
    ok(before.data[all - 1] != n.model.theta.data[all - 1],
       "the layer above them learns");
    ok_equal(network_lowest(&n), 4, "backward ends above frozen layers");
    ok(n.model.spans == 1 && n.model.span[0].first == 44
       && n.model.span[0].count == 10, "the model names what learns");
    freeze_by_bits(&n, 2);
    memcpy(n.model.theta.data, oracle_theta, sizeof oracle_theta);
    network_gradient(&n, oracle_rows(0, 7), oracle_labels);
    ok_all_close(20, n.model.grad.data, known[1].grad, 2e-15, 1e-13,
                 "a frozen layer in the middle passes the gradient on");
    freeze_by_bits(&n, 7);
    ok(n.model.spans == 1 && n.model.span[0].count == 0,
       "all layers frozen: what learns is empty, and not all");
}

static size_t arena_used(const struct arena *a)
{
    size_t used = 0;
    for (const struct block *b = a->first; b != NULL; b = b->next)
        used += b->used;
    return used;
}

static void no_allocation_in_a_step(void)
{
    struct arena own = { 0 };
    struct network n = network_mlp(&own, 4, (size_t[]){ 3, 5, 4, 2 },
                                   activation_find("selu"), 7);
    struct descent d = descent_new(0.1);
    struct learner l = learner_new(&own, &n.model, &d.rule,
                                   data_labelled(oracle_rows(0, 7),
                                                 oracle_labels), 3, rng);
    const size_t before = arena_used(&own);
    network_gradient(&n, oracle_rows(0, 7), oracle_labels);
    ok(learner_epoch(&l) && l.steps == 3, "an epoch of three batches");
    network_score(&n, oracle_rows(0, 7), oracle_labels);
    network_freeze(&n, 0, true);
    ok_equal(arena_used(&own), before, "no step takes memory");
    arena_free(&own);
}

/* An activation may lie over a layer that needs its output no more. */
static void memory_is_shared_with_care(void)
{
    struct network n = network_new(&memory, 7, SHAPE(3));
    network_activation(&n, activation_find("tanh"));
    network_dense(&n, 4);
    network_activation(&n, activation_find("elu"));
    network_activation(&n, activation_find("sigmoid"));
    network_dense(&n, 2);
    network_finish(&n);
    network_init(&n, (struct init){ INIT_NORMAL, 0.8, true }, rng);
    const struct layer *l = n.layer;
    ok(l[2].A.data == l[1].A.data && l[2].dA.data == l[1].dA.data,
       "an activation lies over the dense layer below it");
    ok(l[3].A.data != l[2].A.data && l[3].dA.data != l[2].dA.data,
       "and not over another activation, which reads its output");
    network_gradient(&n, oracle_rows(0, 7), oracle_labels);
    struct gradcheck g = grad_check(network_loss_of, &n, n.model.theta.data,
                                    n.model.grad.data, 26, 1e-9, 1e-7);
    ok(grad_passed(g) && g.checked == 26, "[eq:mlp-backward] two "
       "activations in a row, by differences (%.1e)", g.worst_error);
}

static void scores(void)
{
    struct network seven = oracle_network(4, 7);
    struct network three = oracle_network(4, 3);        /* 3 + 3 + 1 */
    const struct score a = network_score(&seven, oracle_rows(0, 7),
                                         oracle_labels);
    const struct score b = network_score(&three, oracle_rows(0, 7),
                                         oracle_labels);
    size_t right = 0;
    for (size_t i = 0; i < 7; i++)
        right += (known[4].logits[2 * i + 1] > known[4].logits[2 * i])
                 == (oracle_labels[i] == 1);
    ok_close(a.loss, known[4].loss[0], 1e-15, 1e-14, "the mean loss");
    ok_close(b.loss, a.loss, 1e-15, 1e-14, "in batches, the last of one");
    ok_close(a.accuracy, (double)right / 7, 1e-15, 0, "the right answers");
    ok_close(b.accuracy, a.accuracy, 0, 0, "in batches");
}

/* ---- losses ---- */

/* The answers and truths of the oracle, as (rows, K). */
static struct batch oracle_answers(tensor *Z, bool yes)
{
    const size_t n = LEN(oracle_z), K = 3;
    *Z = tensor_from(&memory, n, oracle_z, SHAPE(n / K, K));
    return (struct batch){ .n = n / K, .Y = tensor_from(&memory, n,
                           yes ? oracle_yes : oracle_y, SHAPE(n / K, K)) };
}

static void losses(void)
{
    const struct { const struct loss *loss; const char *label;
                   double value; const double *slope; } known_losses[] = {
        { &squared_loss, "squared-loss", oracle_squared,
          oracle_squared_slope },
        { &bernoulli_loss, "bernoulli-loss", oracle_bernoulli,
          oracle_bernoulli_slope }
    };
    for (size_t k = 0; k < LEN(known_losses); k++) {
        const struct loss *loss = known_losses[k].loss;
        tensor Z;
        const struct batch b = oracle_answers(&Z, k == 1);
        tensor dZ = tensor_full(&memory, NAN, 2, Z.shape);
        /* measured: 3.1e-16 and 4.2e-16 */
        ok_close(loss->value(Z, &b, dZ), known_losses[k].value, 0, 1e-15,
                 "[eq:%s] the value, to 50 digits in the oracle",
                 known_losses[k].label);
        ok_all_close(LEN(oracle_z), dZ.data, known_losses[k].slope, 1e-16,
                     1e-15, "[eq:%s] the slopes likewise",
                     known_losses[k].label);
        ok_close(loss->value(Z, &b, (tensor){ 0 }), known_losses[k].value,
                 0, 1e-15, "[eq:%s] without a place for slopes",
                 known_losses[k].label);
    }
    tensor Z;
    const struct batch b = oracle_answers(&Z, true);
    AT(Z, 0, 0) = -1e4, AT(Z, 1, 1) = 1e4;
    ok(isfinite(bernoulli_value(Z, &b, Z)) && isfinite(AT(Z, 0, 0))
       && isfinite(AT(Z, 1, 1)), "[eq:bernoulli-loss] nothing overflows");
}

/* The loss of answers theta, for differences. */
struct loss_at { const struct loss *loss; struct batch b; tensor Z; };

static double loss_of_answers(void *context, const double theta[], size_t n)
{
    const struct loss_at *s = context;
    (void)theta, (void)n;               /* theta is Z.data */
    return s->loss->value(s->Z, &s->b, (tensor){ 0 });
}

static void loss_slopes(void)
{
    const struct loss *const all[] = { &squared_loss, &bernoulli_loss,
                                       &cross_entropy_loss };
    const char *const label[] = { "squared-loss", "bernoulli-loss",
                                  "batch-dz" };
    for (size_t k = 0; k < LEN(all); k++) {
        struct loss_at s = { .loss = all[k] };
        s.Z = tensor_normal(&memory, rng, 0, 2, SHAPE(3, 2, 4));
        s.b = (struct batch){ .n = 3, .label = (int[]){ 1, 0, 3, 2, 0, 3 },
                              .Y = tensor_uniform(&memory, rng, 0, 1,
                                                  SHAPE(3, 8)) };
        tensor dZ = tensor_clone(&memory, s.Z);
        all[k]->value(s.Z, &s.b, dZ);
        /* measured: 2.1e-10 */
        struct gradcheck g = grad_check(loss_of_answers, &s, s.Z.data,
                                        dZ.data, 24, 1e-9, 1e-7);
        ok(grad_passed(g) && g.checked == 24, "[eq:%s] %s of (3, 2, 4): the "
           "slopes by differences (%.1e)", label[k], all[k]->name,
           g.worst_error);
    }
}

static void right_answers(void)
{
    const tensor Z = tensor_from(&memory, VALUES(1, -1, 2, -2, 3, 0),
                                 SHAPE(3, 2));
    const struct batch b = {
        .n = 3, .label = (int[]){ 0, 1, 0 },
        .Y = tensor_from(&memory, VALUES(1, 0, 1, 1, 1, 0), SHAPE(3, 2))
    };
    ok_equal(cross_entropy_right(Z, &b), 2, "two classes are right");
    ok_equal(bernoulli_right(Z, &b), 2, "two rows of yes and no are right");
    ok_equal(squared_right(Z, &b), 0, "no number is right");
}

/* ---- the three losses in the loop ---- */

/* A network of one dense layer, trained with all rows in each step. */
static struct network learnt(struct data d, size_t out,
                             const struct loss *loss, double rate,
                             size_t steps)
{
    struct network n = one_layer(d.numbers, out, d.n);
    struct descent rule = descent_new(rate);
    struct learner l = learner_new(&memory, &n.model, &rule.rule, d, d.n,
                                   NULL);
    n.loss = loss;
    while (l.epoch < steps && learner_epoch(&l))
        ;
    return n;
}

/* 40 points: X (40, 2), and two lines with some noise. */
static struct data points(bool yes)
{
    const tensor X = tensor_normal(&memory, rng, 0, 1, SHAPE(40, 2));
    const tensor Y = tensor_empty(&memory, SHAPE(40, 2));
    for (size_t i = 0; i < 40; i++)
        for (size_t k = 0; k < 2; k++) {
            const double z = 0.7 - 0.4 * AT(X, i, k) + AT(X, i, 1 - k)
                             + gsl_ran_gaussian(rng, 1.3);
            AT(Y, i, k) = yes ? z > 0 : z;
        }
    return data_table(X, Y);
}

static tensor column(tensor Y, size_t k)
{
    return tensor_clone(&memory, tensor_select(Y, 1, (ptrdiff_t)k));
}

/* Column k of b and W, as the parameters of a linear model. */
static tensor line_of(const struct network *n, size_t k)
{
    return tensor_from(&memory, VALUES(AT(biases(n, 0), 0, k),
                                       AT(weights(n, 0), 0, k),
                                       AT(weights(n, 0), 1, k)), SHAPE(3));
}

static void regression(void)
{
    const struct data d = points(false);
    const struct network n = learnt(d, 2, &squared_loss, 0.5, 2000);
    const tensor X = with_ones(&memory, d.X);
    for (size_t k = 0; k < 2; k++) {
        const tensor want = tensor_empty(&memory, SHAPE(3));
        ok(linear_solve_qr(&memory, X, column(d.Y, k), want),
           "least squares have a solution");
        /* measured: 3.3e-16 */
        ok_all_close(3, line_of(&n, k).data, want.data, 1e-13, 1e-13,
                     "[eq:squared-loss] column %zu of a dense layer: the "
                     "least squares", k);
    }
}

static void yes_or_no(void)
{
    const struct data d = points(true);
    const struct network n = learnt(d, 2, &bernoulli_loss, 1, 5000);
    const tensor X = with_ones(&memory, d.X);
    for (size_t k = 0; k < 2; k++) {
        struct glm M = glm_new(&memory, &bernoulli, X, column(d.Y, k), 0);
        ok(glm_fit(&M) == GLM_DONE, "logistic regression has a minimum");
        /* measured: 8.9e-16 */
        ok_all_close(3, line_of(&n, k).data, M.theta.data, 1e-12, 1e-12,
                     "[eq:bernoulli-loss] column %zu of a dense layer: "
                     "logistic regression", k);
    }
}

/* Softmax regression as a network takes the steps of softmax.h. */
static void one_of_many(void)
{
    struct network n = one_layer(3, 4, 7);
    struct softmax s = softmax_new(&memory, 3, 4, 7);
    tensor_copy(s.model.theta, n.model.theta);
    struct model *const both[] = { &n.model, &s.model };
    double score[2];
    for (size_t k = 0; k < 2; k++) {
        struct descent rule = descent_new(0.3);
        gsl_rng *r = random_new(66);
        struct learner l = learner_new(&memory, both[k], &rule.rule,
                                       data_labelled(oracle_rows(0, 7),
                                                     oracle_labels), 3, r);
        while (l.epoch < 20 && learner_epoch(&l))
            ;
        score[k] = learner_score(&l).loss;
        gsl_rng_free(r);
    }
    ok_all_close(16, n.model.theta.data, s.model.theta.data, 1e-13, 1e-13,
                 "[eq:softmax-step] one dense layer is softmax regression");
    ok_close(score[0], score[1], 1e-14, 1e-14, "with the same losses");
}

/* ---- counting, reading, building ---- */

static void counts(void)
{
    const struct { const char *text; size_t n; } cases[] = {
        { "784-512-10", 407050 }, { "784-1024-1024-10", 1863690 },
        { "784-28-10", 22270 }, { "4-20-3", 163 },
        { "784-520-320-240-120-10", 682090 }
    };
    struct error e;
    struct widths w;
    for (size_t i = 0; i < LEN(cases); i++) {
        if (!ok(widths_read(&w, cases[i].text, "--net", &e), "%s",
                cases[i].text))
            continue;
        struct arena own = { 0 };
        struct network n = network_mlp(&own, w.n, w.width,
                                       activation_find("relu"), 2);
        ok_equal(network_parameters(&n), cases[i].n,
                 "[eq:parameter-count] %s", cases[i].text);
        if (i == 0) {
            ok_equal(n.layer[0].count, 401920, "the first layer");
            ok_equal(n.layer[2].count, 5130, "the second layer");
        }
        arena_free(&own);
    }
}

static void bad_widths(void)
{
    const struct { const char *text; size_t column; } bad[] = {
        { "", 1 }, { "784", 0 }, { "784-", 5 }, { "-784-10", 1 },
        { "784--10", 5 }, { "784-0-10", 5 }, { "784 10", 4 },
        { "784-1e3", 6 }, { "784-ten", 5 }, { "784-99999999999999", 5 },
        { "1-2-3-4-5-6-7-8-9-1-2-3-4-5-6-7-8-9-1-2-3-4-5-6-7-8-9-1-2-3-4-5"
          "-6", 65 }
    };
    for (size_t i = 0; i < LEN(bad); i++) {
        struct error e = { .column = 999 };
        struct widths w = { .n = 77 };
        ok(!widths_read(&w, bad[i].text, "--widths", &e) && w.n == 77
           && e.column == bad[i].column && e.text[0] != '\0',
           "'%.20s' is refused at column %zu: %s", bad[i].text, e.column,
           e.text);
    }
}

static void too_wide(void)
{
    struct network n = oracle_network(0, 7);
    network_forward(&n, tensor_zeros(&memory, SHAPE(7, 4)), false);
}

static void too_many_rows(void)
{
    struct network n = oracle_network(0, 5);
    network_forward(&n, oracle_rows(0, 7), false);
}

static void added_late(void)
{
    struct network n = oracle_network(0, 5);
    network_dense(&n, 3);
}

static void label_too_large(void)
{
    struct network n = oracle_network(0, 5);
    network_gradient(&n, oracle_rows(0, 1), (int[]){ 2 });
}

static void parameter_in_place(void)
{
    struct network n = network_new(&memory, 1, SHAPE(3));
    layer_parameter(network_activation(&n, activations), 1, 3);
}

static void numbers_missing(void)
{
    struct network n = oracle_network(0, 5);
    n.loss = &squared_loss;
    const struct batch b = { .n = 2, .X = oracle_rows(0, 2),
                             .Y = tensor_zeros(&memory, SHAPE(2, 1)) };
    network_loss(&n.model, &b, true);
}

static void bugs(void)
{
    ok_dies(too_wide, "X (7, 4), the network takes (1..7, 3)",
            "rows that are too wide");
    ok_dies(too_many_rows, "X (7, 3), the network takes (1..5, 3)",
            "more rows than a batch");
    ok_dies(added_late, "network_add", "a layer on a finished network");
    ok_dies(label_too_large, "label[0] = 2", "a label that is no class");
    ok_dies(parameter_in_place, "layer_parameter: activation, number 1",
            "a parameter of a kind that works in place");
    ok_dies(numbers_missing, "answers (2, 2), wanted (2, 1)",
            "fewer numbers to be said than answers");
}

/* ---- the first weights ---- */

/* The mean square of the n numbers x. */
static double mean_square(size_t n, const double x[])
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum / (double)n;
}

static void variance(void)
{
    struct network n = network_new(&memory, 1, SHAPE(40));
    network_dense(&n, 30000);
    network_finish(&n);
    network_init(&n, (struct init){ INIT_NORMAL, 0.37, false }, rng);
    tensor x = tensor_normal(&memory, rng, 0.9, 0.5, SHAPE(1, 40));
    const double z2 = mean_square(30000, network_forward(&n, x, false).data);
    const double x2 = mean_square(40, x.data);
    /* measured: 0.2 % off; 2 standard errors are 1.6 % */
    ok_close(z2, 40 * 0.37 * 0.37 * x2, 0, 0.03,
             "[eq:variance-forward] Var z = I s^2 E x^2");
    struct network m = network_new(&memory, 1, SHAPE(30000));
    network_dense(&m, 40);
    network_finish(&m);
    network_init(&m, (struct init){ INIT_NORMAL, 0.37, false }, rng);
    tensor dx = tensor_zeros(&memory, SHAPE(1, 30000));
    m.layer[0].kind->backward(&m.layer[0], dx, x, x, dx);
    ok_close(mean_square(30000, dx.data), 40 * 0.37 * 0.37 * x2, 0, 0.03,
             "[eq:variance-backward] Var dx = O s^2 E dz^2");
}

static void rules(void)
{
    static real w[30000];
    const struct parameter p = {
        .rows = 300, .cols = 100, .fan_in = 300, .fan_out = 100,
        .value = tensor_wrap(w, SHAPE(300, 100))
    };
    const struct { enum init_rule rule; double want; const char *label; }
    v[] = {
        { INIT_LECUN, 1.0 / 300, "[eq:xavier] LeCun: 1/I" },
        { INIT_XAVIER, 2.0 / 400, "[eq:xavier] Xavier: 2/(I+O)" },
        { INIT_HE, 2.0 / 300, "[eq:he] He: 2/I" },
        { INIT_FAN, 1.0 / 900, "fan: a third of LeCun's" },
        { INIT_UNIFORM, 0.09 / 3, "uniform: r^2/3" },
        { INIT_NORMAL, 0.09, "normal: the square of the deviation" },
        { INIT_ZERO, 0, "zero" }
    };
    for (size_t i = 0; i < LEN(v); i++) {
        rule_draw(&p, (struct init){ v[i].rule, 0.3, false }, rng);
        /* 2 standard errors: 1.6 % for normal, 1 % for uniform numbers */
        ok_close(mean_square(LEN(w), w), v[i].want, 0, 0.03, "%s",
                 v[i].label);
    }
    double top = 0;
    rule_draw(&p, (struct init){ INIT_XAVIER, 0, false }, rng);
    for (size_t i = 0; i < LEN(w); i++)
        top = fmax(top, fabs(w[i]));
    ok(top <= sqrt(6.0 / 400) && top > 0.999 * sqrt(6.0 / 400),
       "[eq:xavier] uniform within sqrt(6/(I+O))");
    /* He keeps E x^2 through ReLU: half of Var z. */
    double sum = 0;
    for (size_t i = 0; i < 200000; i++) {
        double z = gsl_ran_gaussian(rng, 1.7);
        relu_push(&z, 1, 0);
        sum += z * z;
    }
    ok_close(sum / 200000, 1.7 * 1.7 / 2, 0, 0.03,
             "[eq:he] E max(0,z)^2 is half of Var z");
}

static void streams(void)
{
    gsl_rng *r = random_new(100);
    struct network n = network_new(&memory, 1, SHAPE(3));
    network_dense(&n, 5);
    network_finish(&n);
    network_init(&n, (struct init){ INIT_FAN, 0, false }, r);
    ok_all_close(15, n.model.theta.data, oracle_fan, 1e-15, 1e-15,
                 "fan: the weights of np.random.seed(100)");
    ok(n.model.theta.data[15] == 0 && n.model.theta.data[19] == 0, "b is 0");
    gsl_rng_set(r, 100);
    struct network m = network_new(&memory, 1, SHAPE(4));
    network_dense(&m, 20);
    network_finish(&m);
    network_init(&m, (struct init){ INIT_XAVIER, 0, false }, r);
    ok_all_close(80, m.model.theta.data, oracle_xavier, 1e-15, 1e-15,
                 "[eq:xavier] the weights of np.random.seed(100)");
    network_init(&m, (struct init){ INIT_NORMAL, 1, true }, r);
    ok(m.model.theta.data[80] != 0 && m.model.theta.data[99] != 0,
       "b is drawn too");
    network_init(&m, (struct init){ INIT_ZERO, 1, true }, r);
    ok(mean_square(100, m.model.theta.data) == 0, "zero sets all to 0");
    gsl_rng_free(r);
}

static void twins(void)
{
    const char *const name[] = { "sigmoid", "tanh", "elu" };
    for (size_t f = 0; f < LEN(name); f++) {
        struct network n = network_mlp(&memory, 3, (size_t[]){ 3, 4, 2 },
                                       activation_find(name[f]), 7);
        network_init(&n, (struct init){ INIT_NORMAL, 1, true }, rng);
        const tensor W = weights(&n, 0), V = weights(&n, 2);
        for (size_t i = 0; i < 3; i++)
            AT(W, i, 3) = AT(W, i, 1);
        AT(biases(&n, 0), 0, 3) = AT(biases(&n, 0), 0, 1);
        tensor_copy(tensor_rows(V, 3, 1), tensor_rows(V, 1, 1));
        for (size_t i = 0; i < 50; i++)
            descend(&n, 7, 0.2);
        double gap = 0, other = 0;
        for (size_t i = 0; i < 3; i++) {
            gap = fmax(gap, fabs(AT(W, i, 3) - AT(W, i, 1)));
            other = fmax(other, fabs(AT(W, i, 2) - AT(W, i, 1)));
        }
        for (size_t o = 0; o < 2; o++)
            gap = fmax(gap, fabs(AT(V, 3, o) - AT(V, 1, o)));
        ok(gap < 1e-12 && other > 0.01,
           "[eq:symmetry] %s: twins stay twins for 50 steps (%.1e)",
           name[f], gap);
    }
    struct network n = network_mlp(&memory, 3, (size_t[]){ 3, 4, 2 },
                                   activation_find("tanh"), 7);
    network_gradient(&n, oracle_rows(0, 7), oracle_labels);
    ok(mean_square(24, n.model.grad.data) == 0 && n.model.grad.data[25] != 0,
       "[eq:symmetry] from zeros only the last bias moves under tanh");
}

static void vanishing(void)
{
    struct network n = network_new(&memory, 1, SHAPE(1));
    for (size_t k = 0; k < 10; k++) {
        network_dense(&n, 1);
        network_activation(&n, activation_find("sigmoid"));
    }
    network_finish(&n);
    network_init(&n, (struct init){ INIT_NORMAL, 1.3, true }, rng);
    tensor x = tensor_full(&memory, 0.731, SHAPE(1, 1));
    double a = 0.731, product = 1;
    for (size_t k = 0; k < 10; k++) {
        const double w = n.model.theta.data[2 * k];
        a = 1 / (1 + exp(-(a * w + n.model.theta.data[2 * k + 1])));
        product *= (k > 0 ? w : 1) * a * (1 - a);
    }
    network_forward(&n, x, false);
    network_top(&n, 1).data[0] = 1;
    network_backward(&n.model, 1, 0, n.model.grad);
    /* db of layer 1 is dL/dz_1 */
    ok_close(n.model.grad.data[1], product, 0, 1e-12,
             "[eq:vanishing] ten slopes and nine weights: %.3e", product);
    double top = 0;
    for (double z = -3; z <= 3; z += 0.0625) {
        double y = z, d = 1;
        sigmoid_push(&y, 1, 0);
        sigmoid_pull(&y, &d, 1, 0);
        top = fmax(top, d);
    }
    ok_close(top, 0.25, 1e-16, 0, "[eq:vanishing] no slope above 1/4");
    ok_close(pow(top, 10), 9.5e-7, 5e-9, 0, "[eq:vanishing] its tenth power");
}

int main(void)
{
    rng = random_new(6);
    TAP_RUN(xor_lines);
    TAP_RUN(xor_network);
    TAP_RUN(composition);
    TAP_RUN(activation_values);
    TAP_RUN(leaky_table);
    TAP_RUN(selu_moments);
    TAP_RUN(dense_values);
    TAP_RUN(dense_gradients);
    TAP_RUN(activation_gradient);
    TAP_RUN(whole_networks);
    TAP_RUN(batch_is_mean_of_samples);
    TAP_RUN(against_the_tape);
    TAP_RUN(trained_by_the_tape);
    TAP_RUN(steps);
    TAP_RUN(collected);
    TAP_RUN(frozen_layers);
    TAP_RUN(no_allocation_in_a_step);
    TAP_RUN(memory_is_shared_with_care);
    TAP_RUN(losses);
    TAP_RUN(loss_slopes);
    TAP_RUN(right_answers);
    TAP_RUN(regression);
    TAP_RUN(yes_or_no);
    TAP_RUN(one_of_many);
    TAP_RUN(scores);
    TAP_RUN(counts);
    TAP_RUN(bad_widths);
    TAP_RUN(bugs);
    TAP_RUN(variance);
    TAP_RUN(rules);
    TAP_RUN(streams);
    TAP_RUN(twins);
    TAP_RUN(vanishing);
    return tap_done();
}
