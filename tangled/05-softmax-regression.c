/*
 * Softmax regression: ten digits, one layer.  Downhill, chapter 5.
 *
 * cc -O3 -march=native tangled/05-softmax-regression.c -lgsl -lopenblas \
 *     -lz -lm -o softmax                      (-DREAL=float: faster)
 */
#include "program.h"            /* before any other header */

#include <gsl/gsl_sort.h>

#include "sets.h"
#include "softmax.h"
#include "tape.h"
#include "tsne.h"

enum { CLASSES = 10, SIDE = 8, PIXELS = SIDE * SIDE };

/* Rows 0 .. n-1 of X, pixel by pixel, for a figure. */
static void write_pictures(const char *name, tensor X, size_t n)
{
    struct table t = table_hidden(name, "picture %g|pixel %g|value %g");
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < PIXELS; j++)
            ROW(&t, NULL, (double)i, (double)j, AT(X, i, j));
    table_end(&t);
}

static void show_entropy(void)
{
    static const struct { const char *name; size_t n; double p[6]; } k[] = {
        { "a coin", 2, { 0.5, 0.5 } }, { "a bent coin", 2, { 0.9, 0.1 } },
        { "a coin with two heads", 2, { 1, 0 } },
        { "a die", 6, { 1./6, 1./6, 1./6, 1./6, 1./6, 1./6 } },
        { "p = (0.7, 0.2, 0.1)", 3, { 0.7, 0.2, 0.1 } },
        { "q = (0.4, 0.4, 0.2)", 3, { 0.4, 0.4, 0.2 } } };
    const double *p = k[4].p, *q = k[5].p;
    struct table t = table_new(NULL, "entropy of %-22s|nats %7.4f|"
                               "bits %7.4f|nats at most %12.4f");
    for (size_t i = 0; i < 6; i++) {
        const double H = entropy(k[i].n, k[i].p);
        ROW(&t, k[i].name, H, H / log(2), log((double)k[i].n));
    }
    printf("\nH(p, q) = %.4f   H(p) + D(p || q) = %.4f + %.4f\n",
           cross_entropy(3, p, q), entropy(3, p), kl_divergence(3, p, q));
    printf("H(q, p) = %.4f   H(q) + D(q || p) = %.4f + %.4f\n",
           cross_entropy(3, q, p), entropy(3, q), kl_divergence(3, q, p));
    printf("D(p || p) = %.4f\n", kl_divergence(3, p, p));
    t = table_hidden("coin", "p %g|nats %g");
    for (int i = 0; i <= 200; i++) {
        const double coin[] = { i / 200.0, 1 - i / 200.0 };
        ROW(&t, NULL, coin[0], entropy(2, coin));
    }
    table_end(&t);
}

static void show_overflow(void)
{
    const tensor Z = tensor_from(&memory, VALUES(2, 1, 0, 709, 708, 707,
        710, 709, 708, -746, -747, -748, 0, -400, -800), SHAPE(5, 3));
    const tensor E = tensor_map(&memory, Z, real_exp);
    const tensor S = tensor_unsqueeze(tensor_sum(&memory, E, 1), 1);
    const tensor P = tensor_div(&memory, E, S);
    printf("%18splain: p, -log p_3 %14s shifted: p, lse - z_3\n", "", "");
    struct table t = table_new(NULL, "z_1 %4.0f|z_2 %4.0f|z_3 %4.0f|"
        "p_1 %8.4f|p_2 %6.4f|p_3 %6.4f|loss %5.4g|"
        "p_1 %8.4f|p_2 %6.4f|p_3 %6.4f|loss %5.4g");
    for (size_t i = 0; i < 5; i++) {
        const real *z = matrix_row(Z, i), *p = matrix_row(P, i);
        real q[3], lse = softmax_row(3, z, q);
        ROW(&t, NULL, z[0], z[1], z[2], p[0], p[1], p[2], -real_log(p[2]),
            q[0], q[1], q[2], lse - z[2]);
    }
}

static void show_layer(void)
{
    const tensor X = tensor_from(&memory, VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9,
                                 10, 11, 12), SHAPE(4, 3));
    const tensor dX = tensor_empty(&memory, SHAPE(4, 3));
    struct softmax s = softmax_new(&memory, 3, 5, 4);
    gsl_rng_set(rng, 100);
    tensor_copy(s.W, tensor_transpose(tensor_uniform(&memory, rng,
                     -1 / sqrt(3), 1 / sqrt(3), SHAPE(5, 3))));
    const tensor P = tensor_matmul(&memory, X, s.W);    /* b = 0 */
    softmax_rows(P, P);
    const double loss = softmax_loss(&s, X, (int[]){ 0, 1, 2, 3 });
    softmax_backward(&s.model, 4, 0, s.model.grad);     /* the sums */
    tensor_gemm(4, s.Z, tensor_transpose(s.W), 0, dX);
    tensor_print(stdout, "P", P);
    printf("loss %.5f, summed over the batch %.5f\n", loss, 4 * loss);
    tensor_print(stdout, "dW", s.dW);
    tensor_print(stdout, "db", s.db);
    tensor_print(stdout, "dX", dX);
}

enum { WAYS = 5 };
#define COLUMN(x) tensor_wrap(x, SHAPE(WAYS, 1))

/* -sum_k y_k/p_k dp_k/dz_j, both cases by hand.        eq:p-minus-y */
static void by_components(const real p[], const real y[], real dz[])
{
    for (size_t j = 0; j < WAYS; j++) {
        dz[j] = -y[j] / p[j] * p[j] * (1 - p[j]);
        for (size_t k = 0; k < WAYS; k++)
            if (k != j)
                dz[j] -= y[k] / p[k] * -p[k] * p[j];
    }
}

/* log sum exp z - z_y along the tape.             eq:p-minus-y-tape */
static void by_tape(real z[], real y[], real dz[])
{
    struct tape t = { 0 };
    var x = tape_parameter(&t, COLUMN(z), COLUMN(dz));
    var lse = tape_log(&t, tape_sum(&t, tape_exp(&t, x), ALL));
    var yz = tape_mul(&t, tape_constant(&t, COLUMN(y)), x);
    tape_backward(&t, tape_sub(&t, lse, tape_sum(&t, yz, ALL)));
    tape_free(&t);
}

static void show_three_ways(void)
{
    real z[] = { (real)1.5, (real)-0.3, (real)0.2, (real)2.1, -1 };
    real y[] = { 0, 0, 1, 0, 0 }, p[WAYS], dz[3][WAYS] = { { 0 } };
    const tensor J = tensor_empty(&memory, SHAPE(WAYS, WAYS));
    softmax_row(WAYS, z, p);
    by_components(p, y, dz[0]);
    softmax_jacobian(WAYS, p, J);           /* eq:p-minus-y-matrix */
    tensor_gemm(-1, tensor_transpose(J), tensor_div(&memory, COLUMN(y),
                COLUMN(p)), 0, COLUMN(dz[1]));
    by_tape(z, y, dz[2]);
    struct table t = table_new(NULL, "z %6.1f|p %8.5f|y %3.0f|p - y %8.5f|"
        "by components %13.5f|by matrices %11.5f|by the tape %11.5f");
    for (size_t k = 0; k < WAYS; k++)
        ROW(&t, NULL, z[k], p[k], y[k], p[k] - y[k], dz[0][k], dz[1][k],
            dz[2][k]);
    printf("\n%46s%10s\n", "Jacobian: p_i (delta_ij - p_j)", "row sum");
    for (size_t i = 0; i <= WAYS; i++) {
        double x, sum = 0;
        printf(i < WAYS ? "      " : "wrong ");
        for (size_t j = 0; j < WAYS; j++, sum += x) {
            x = (double)(i < WAYS ? AT(J, i, j)
                         : p[WAYS - 1] * (1 - p[j == 0 ? 1 : j]));
            printf(" %7.4f", x);
        }
        printf("  %8.4f\n", fabs(sum) < 1e-6 ? 0 : sum);     /* no -0 */
    }
}

static struct softmax model;            /* what learns, by what rule, */
static struct descent rule;
static struct learner learner;          /* and how far it is */

/* The recipe, where the options do not give another. */
static void usual(size_t epochs, size_t batch, double rate)
{
    option.epochs = option.epochs > 0 ? option.epochs : epochs;
    option.batch = option.batch > 0 ? option.batch : batch;
    option.lr = option.lr > 0 ? option.lr : rate;
}

/* A new model that knows nothing yet of these images. */
static void begin(const struct images *train)
{
    const struct data d = images_data(train);
    model = softmax_new(&memory, d.numbers, CLASSES, option.batch);
    rule = descent_new(option.lr);
    learner = learner_new(&memory, &model.model, &rule.rule, d,
                          option.batch, rng);
}

static void train_until(size_t epochs)
{
    while (learner.epoch < epochs)
        if (!learner_epoch(&learner))
            give_up_on("training", "the loss is not a number in step %zu",
                       learner.steps + 1);
}

/* Loss and accuracy on these images. */
static struct score score_of(const struct images *s)
{
    const struct data d = images_data(s);
    return model_score(&model.model, &d, &learner.batch);
}

/* Train; two scores after each epoch, the losses times a factor. */
static void train_table(struct table *t, const struct images *train,
                        struct score another(const struct images *),
                        const struct images *some, double factor)
{
    begin(train);
    for (size_t e = 0; e <= option.epochs; e++) {
        train_until(e);
        const struct score a = score_of(train), b = another(some);
        t->hidden = e > 5 && e % 10 != 0 && e < option.epochs;
        ROW(t, NULL, (double)e, factor * a.loss, 100 * a.accuracy,
            factor * b.loss, 100 * b.accuracy);
    }
    table_end(t);
}

static void train_and_test(const char *name, const struct halves *d)
{
    printf("%zu images to learn from, %zu to test; ln 10 = %.4f\n",
           d->train.n, d->test.n, log(10));
    struct table t = table_new(name, "epoch %5.0f|train: loss %12.3f|"
        "right %8.1f %|test: loss %11.3f|right %8.1f %");
    train_table(&t, &d->train, score_of, &d->test, 1);
}

static void show_train(void)
{
    double right[5];
    usual(30, 32, 0.5);
    const struct halves d = digits_split(&memory, option.seed);
    train_and_test("loss", &d);
    for (size_t k = 0; k < 5; k++) {
        const struct halves h = digits_split(&memory, option.seed + k);
        gsl_rng_set(rng, option.seed + k);
        begin(&h.train);
        train_until(option.epochs);
        right[k] = 100 * score_of(&h.test).accuracy;
    }
    gsl_sort(right, 1, 5);
    printf("test accuracy of five seeds: %.1f to %.1f %%, median %.1f %%\n",
           right[0], right[4], right[2]);
    value_write("digits.median_accuracy", "%.1f", right[2]);
    write_pictures("digits", digits_load(&memory).X, 40);
}

static void show_normalise(void)
{
    static const char *const name[] = { "raw, 0 to 1", "raw, 0 to 1",
        "one scale for all", "a scale for each pixel" };
    struct halves d[4];
    struct pixel_scale s[4];
    size_t still = 0;
    option.epochs = 20, option.batch = 32;
    for (int k = 0; k < 4; k++) {
        d[k] = digits_split(&memory, option.seed);
        s[k] = k < 3 ? pixels_fit_all(&memory, d[k].train.X)
                     : pixels_fit(&memory, d[k].train.X);
        for (int part = 0; k > 1 && part < 2; part++)
            pixels_scale(s[k], part ? d[k].train.X : d[k].test.X);
    }
    for (size_t j = 0; j < PIXELS; j++)
        still += s[3].mean.data[j] == 0;
    printf("all pixels: mean %.4f, deviation %.4f\n",
           (double)s[2].mean.data[0], (double)s[2].deviation.data[0]);
    printf("pixels that are 0 in all %zu training images: %zu\n\n",
           d[0].train.n, still);
    struct table t = table_new(NULL, "20 epochs %-26s|rate %5.2f|"
                               "loss %9.3f|test %8.1f %");
    for (int k = 0; k < 4; k++) {
        option.lr = k == 0 ? 0.5 : 0.05;
        begin(&d[k].train);
        train_until(option.epochs);
        ROW(&t, name[k], option.lr, score_of(&d[k].train).loss,
            100 * score_of(&d[k].test).accuracy);
    }
}

static void show_weights(void)
{
    usual(30, 32, 0.5);
    const struct halves d = digits_split(&memory, option.seed);
    begin(&d.train);
    train_until(option.epochs);
    const tensor mu = tensor_mean(&memory, model.W, 1);
    const tensor W = tensor_sub(&memory, model.W, tensor_unsqueeze(mu, 1));
    const real most = tensor_item(tensor_max(&memory, W, ALL));
    printf("largest weight %.2f; # + for, - = against\n", (double)most);
    for (size_t first = 0; first < CLASSES; first += 5) {
        printf("%zu to %zu:\n", first, first + 4);
        for (size_t row = 0; row < SIDE; row++)
            for (size_t k = first; k < first + 5; k++) {
                for (size_t c = 0; c < SIDE; c++) {
                    const real w = AT(W, row * SIDE + c, k) / most;
                    putchar(w > 0.5 ? '#' : w > 0.15 ? '+'
                            : w < -0.5 ? '=' : w < -0.15 ? '-' : '.');
                }
                printf(k < first + 4 ? "      " : "\n");
            }
    }
    write_pictures("weights", tensor_transpose(W), CLASSES);
}

static void show_mistakes(void)
{
    usual(30, 32, 0.5);
    const struct halves d = digits_split(&memory, option.seed);
    begin(&d.train);
    train_until(option.epochs);
    const tensor P = tensor_empty(&memory, SHAPE(d.test.n, CLASSES));
    double *sure = arena_alloc(&memory, d.test.n, sizeof *sure);
    size_t n = 0, at[10];
    affine_forward(d.test.X, model.W, model.b, P);
    softmax_rows(P, P);
    for (size_t i = 0; i < d.test.n; i++)
        if (!is_largest(CLASSES, matrix_row(P, i), (size_t)d.test.label[i]))
            sure[i] = (double)fold_max(matrix_row(P, i), CLASSES, 1), n++;
    gsl_sort_largest_index(at, 10, sure, 1, d.test.n);
    printf("%zu of %zu test images are answered wrongly; the surest:\n", n,
           d.test.n);
    n = n < 10 ? n : 10;
    const struct images w = images_pick(&memory, &d.test, n, at);
    struct table t = table_new("mistake-names", "written %7.0f|"
                               "taken for %9.0f|sure %6.0f %");
    for (size_t k = 0; k < n; k++)
        ROW(&t, NULL, w.label[k], fold_argmax(matrix_row(P, at[k]), CLASSES,
                                              1), 100 * sure[at[k]]);
    table_end(&t);
    for (size_t k = 0; k < 8 && k + 4 <= n; k += 4)
        images_print(stdout, &w, k, 4);
    write_pictures("mistakes", w.X, n);
}

static void show_mnist(void)
{
    struct halves d;
    struct error e;
    usual(5, 64, 0.1);
    if (!large_load(&d, &memory, option.data, option.label_first, rng, &e))
        give_up(&e);
    train_and_test("mnist", &d);
}

/* A source's score: its softmax runs along the samples. */
static struct score wrong_score(const struct images *s)
{
    struct arena *a = &memory;
    const tensor Z = tensor_empty(a, SHAPE(s->n, CLASSES));
    double loss = 0;            /* a mean; that source prints the sum */
    affine_forward(s->X, model.W, model.b, Z);
    const tensor E = tensor_map(a, tensor_sub(a, Z, tensor_max(a, Z, ALL)),
                                real_exp);
    const tensor P = tensor_div(a, E, tensor_sum(a, E, 0));
    for (size_t i = 0; i < s->n; i++)
        loss -= log((double)AT(P, i, (size_t)s->label[i]) + 1e-9);
    return (struct score){ loss / (double)s->n, accuracy(P, s->label) };
}

static void show_axis(void)
{
    usual(30, 32, 0.5);
    const struct images s = digits_split(&memory, option.seed).train;
    const double n = (double)s.n;
    printf("n ln n = %.0f, n ln 10 = %.0f\n", n * log(n), n * log(10));
    struct table t = table_new("axis", "epoch %5.0f|over classes: loss "
        "%18.0f|right %8.1f %|over samples: loss %20.0f|right %8.1f %");
    train_table(&t, &s, wrong_score, &s, n);
}

/*
 * A source's loss: the mean of K binary cross-entropies of softmax(Z),
 * and its gradient over Z.  dz_k = p_k (g_k - sum_j p_j g_j) with
 * g_k = dL/dp_k = (p_k - y_k) / (p_k (1 - p_k)) / (K B)
 */
static double binary_gradient(tensor Z, const int label[])
{
    const size_t B = Z.shape[0], K = Z.shape[1];
    double loss = 0;
    softmax_rows(Z, Z);
    for (size_t i = 0; i < B; i++) {
        real *p = matrix_row(Z, i), pg[CLASSES], sum = 0;
        for (size_t k = 0; k < K; k++) {
            const bool yes = (int)k == label[i];
            pg[k] = yes ? -1 : p[k] / (1 - p[k]);       /* p_k g_k K B */
            loss -= log(yes ? (double)p[k] : 1 - (double)p[k]);
            sum += pg[k];
        }
        for (size_t k = 0; k < K; k++)
            p[k] = (pg[k] - p[k] * sum) / (real)(K * B);
    }
    return loss / (double)(K * B);
}

/* This loss in the place of softmax_batch_loss. */
static double binary_batch_loss(struct model *m, const struct batch *b,
                                bool training)
{
    (void)training;
    softmax_batch_loss(m, b, false);            /* for the logits */
    return binary_gradient(((struct softmax *)m)->Z, b->label);
}

static void show_binary(void)
{
    const struct halves d = digits_split(&memory, option.seed);
    static const size_t steps[] = { 0, 10, 100, 300, 1000 };
    double x[5][5];
    struct table t = table_new(NULL, "step %5.0f|one of ten %14.4f|"
        "right %6.1f %|ten yes-or-no %20.4f|right %6.1f %");
    option.batch = d.train.n, option.lr = 0.01;     /* an epoch: a step */
    for (int k = 0; k < 2; k++) {
        begin(&d.train);
        if (k == 1)
            model.model.loss = binary_batch_loss;
        for (int i = 0; i < 5; i++) {
            train_until(steps[i]);
            x[i][0] = (double)steps[i];
            x[i][1 + 2 * k] = score_of(&d.train).loss;
            x[i][2 + 2 * k] = 100 * score_of(&d.test).accuracy;
            if (k == 1)
                table_row(&t, NULL, 5, x[i]);
        }
    }
}

static void show_batches(void)
{
    const struct images s = digits_load(&memory);
    const struct data d = images_data(&s);
    struct batch b = batch_new(&memory, &d, 100);
    double seen = 0;
    for (size_t k = 0; batch_fill(&b, &d, NULL, k); k++)
        seen += (double)b.n;
    struct table t = table_new(NULL, "who, in what blocks %-27s|"
                               "images %7.0f|kept %6.0f|lost %5.0f");
    ROW(&t, "we, 100", (double)s.n, seen, (double)s.n - seen);
    ROW(&t, "a source, 1000", 1797, 1797 / 1001 * 1001, 1797 % 1001);
    ROW(&t, "the same", 70000, 70000 / 1001 * 1001, 70000 % 1001);
    ROW(&t, "another, without the first", 60000, 59999, 1);
}

static void show_map(void)
{
    const struct images s = digits_load(&memory);
    struct tsne m = tsne_new(&memory, s.X, tsne_usual);
    double right = 0;
    struct table t = table_new(NULL, "step %5.0f|loss %6.1f nats|"
        "nearest neighbour has the same label %38.0f %");
    for (;; tsne_step(&m)) {                    /* first: the PCA */
        if (m.step != 50 && m.step % 125 != 0)
            continue;
        right = 100 * map_agreement(m.Y, s.label);
        ROW(&t, NULL, (double)m.step, tsne_loss(m.P, m.Y), right);
        if (m.step >= m.plan.steps)
            break;
    }
    value_write("map.agreement", "%.0f", right);
    const tensor Y = tensor_empty(&memory, SHAPE(2, s.n));
    double variance[2];
    pca(&memory, s.X, Y, variance);
    t = table_hidden("map", "x %g|y %g|label %g|pca_x %g|pca_y %g");
    for (size_t i = 0; i < s.n; i++)
        ROW(&t, NULL, AT(m.Y, 0, i), AT(m.Y, 1, i), s.label[i], AT(Y, 0, i),
            AT(Y, 1, i));
    table_end(&t);
}

#define RECIPE "seed epochs batch lr"
static const struct part parts[] = {
    { "entropy", show_entropy, "information, entropy, divergence", NULL },
    { "overflow", show_overflow, "softmax as written, shifted", NULL },
    { "layer", show_layer, "the layer that a source prints", NULL },
    { "three-ways", show_three_ways, "p - y, derived three times", NULL },
    { "train", show_train, "digits from ln 10 to 96 %", RECIPE },
    { "normalise", show_normalise, "raw pixels and scaled ones", "seed" },
    { "weights", show_weights, "what each class looks for", RECIPE },
    { "mistakes", show_mistakes, "the worst answers", RECIPE },
    { "axis", show_axis, "a softmax along the wrong axis", RECIPE },
    { "binary", show_binary, "ten coins instead of one die", "seed" },
    { "batches", show_batches, "the last batch, and lost images", NULL },
    { "map", show_map, "t-SNE of all digits", NULL },
    { 0 }
}, extras[] = {
    { "mnist", show_mnist, "MNIST, or --data", RECIPE " data label-first" },
    { 0 }
};

int main(int argc, char **argv)
{
    return program_run(argc, argv, "05-softmax-regression",
        "Softmax regression: ten digits, one layer.", parts, extras);
}
