#define REAL float
/*
 * Softmax regression: digits told apart by one linear layer.
 * Downhill, chapter 5.
 *
 * cc -O3 -march=native tangled/05-softmax-regression.c -lgsl -lopenblas \
 *     -lz -lm -o softmax
 */
#include <time.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "program.h"
#include "softmax.h"
#include "images.h"
#include "tsne.h"
#include "tape.h"
#include "data/digits.h"

static struct arena memory, scratch;
static gsl_rng *rng;
static size_t seed = 1;
static size_t epochs, batch_size;       /* 0: as the part likes it */
static double rate;                     /* 0: likewise */
static const char *data;                /* a folder, or a CSV file */
static bool label_first;

enum { CLASSES = 10, SIDE = 8, PIXELS = SIDE * SIDE };

static void print_entropy(const char *name, size_t n, const double p[])
{
    const double H = entropy(n, p);
    printf("%-28s %.4f nats = %.4f bits, at most %.4f nats\n", name, H,
           H / log(2), log((double)n));
}

static void show_entropy(void)
{
    const double p[] = { 0.7, 0.2, 0.1 }, q[] = { 0.4, 0.4, 0.2 };
    const double die[] = { 1 / 6., 1 / 6., 1 / 6., 1 / 6., 1 / 6., 1 / 6. };
    print_entropy("a coin", 2, (const double[]){ 0.5, 0.5 });
    print_entropy("a coin bent to 0.9", 2, (const double[]){ 0.9, 0.1 });
    print_entropy("a coin with two heads", 2, (const double[]){ 1, 0 });
    print_entropy("a die", 6, die);
    print_entropy("p = (0.7, 0.2, 0.1)", 3, p);
    print_entropy("q = (0.4, 0.4, 0.2)", 3, q);
    printf("\nH(p, q) = %.4f   H(p) + D(p || q) = %.4f + %.4f\n",
           cross_entropy(3, p, q), entropy(3, p), kl_divergence(3, p, q));
    printf("H(q, p) = %.4f   H(q) + D(q || p) = %.4f + %.4f\n",
           cross_entropy(3, q, p), entropy(3, q), kl_divergence(3, q, p));
    printf("D(p || p) = %.4f\n", kl_divergence(3, p, p));
}

/* The formula as it is written: exp(z_k) / sum_j exp(z_j). */
static void softmax_plain(size_t K, const real z[], real p[])
{
    real sum = 0;
    for (size_t k = 0; k < K; k++)
        sum += p[k] = real_exp(z[k]);
    for (size_t k = 0; k < K; k++)
        p[k] /= sum;
}

static void show_overflow(void)
{
    const real z[][3] = { { 2, 1, 0 }, { 88, 87, 86 }, { 89, 88, 87 },
                          { -104, -105, -106 }, { 0, -60, -120 } };
    printf("%-18s %-26s %s\n", "logits", "as written: p, -log p_3",
           "shifted: p, lse(z) - z_3");
    for (size_t i = 0; i < 5; i++) {
        real a[3], b[3];
        softmax_plain(3, z[i], a);
        const real lse = softmax_row(3, z[i], b);
        printf("%4.0f %4.0f %4.0f    ", z[i][0], z[i][1], z[i][2]);
        const real loss = -real_log(a[2]);
        if (isnan(a[0]))
            printf("%6s %6s %6s %5s  ", "NaN", "NaN", "NaN", "NaN");
        else
            printf("%6.4f %6.4f %6.4f %5.3g  ", a[0], a[1], a[2], loss);
        printf("%6.4f %6.4f %6.4f %5.4g\n", b[0], b[1], b[2], lse - z[i][2]);
    }
}

/* A source's W, (5,3), drawn as NumPy draws it, seen as (3,5). */
static tensor source_weights(void)
{
    gsl_rng *r = random_new(100);
    const double limit = 1 / sqrt(3);
    const tensor W = tensor_uniform(&memory, r, -limit, limit, SHAPE(5, 3));
    gsl_rng_free(r);
    return tensor_transpose(W);
}

static void print_matrix(const char *name, tensor t)
{
    for (size_t i = 0; i < t.shape[0]; i++) {
        printf("%-3s", i == 0 ? name : "");
        for (size_t j = 0; j < t.shape[1]; j++)
            printf(" %9.5f", AT(t, i, j));
        printf("\n");
    }
}

static void show_layer(void)
{
    struct arena *a = &memory;
    const int label[] = { 0, 1, 2, 3 };
    const tensor W = source_weights(), b = tensor_zeros(a, SHAPE(1, 5));
    const tensor X = tensor_from(a, VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
                                           11, 12), SHAPE(4, 3));
    const tensor Z = tensor_empty(a, SHAPE(4, 5));
    const tensor P = tensor_empty(a, SHAPE(4, 5));
    const tensor dW = tensor_empty(a, SHAPE(3, 5));
    const tensor db = tensor_empty(a, SHAPE(1, 5));
    const tensor dX = tensor_empty(a, SHAPE(4, 3));
    const tensor B = tensor_scalar(a, 4);
    affine_forward(X, W, b, Z);
    softmax_rows(Z, P);
    const double loss = softmax_nll_gradient(Z, label, Z);
    affine_gradient(X, Z, dW, db);
    affine_input_gradient(W, Z, dX);
    print_matrix("P", P);
    printf("loss %.5f, summed over the batch %.5f\n", loss, 4 * loss);
    print_matrix("dW", tensor_mul(a, dW, B));
    print_matrix("db", tensor_mul(a, db, B));
    print_matrix("dX", tensor_mul(a, dX, B));
}

enum { WAYS = 5 };

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

/* J^T (-y/p).                                   eq:p-minus-y-matrix */
static void by_matrices(const real p[], const real y[], tensor J, real dz[])
{
    const tensor dp = tensor_empty(&memory, SHAPE(WAYS, 1));
    for (size_t k = 0; k < WAYS; k++)
        dp.data[k] = -y[k] / p[k];
    softmax_jacobian(WAYS, p, J);
    tensor_gemm(1, tensor_transpose(J), dp, 0,
                tensor_wrap(dz, SHAPE(WAYS, 1)));
}

/* log sum exp z - z_y along the tape.             eq:p-minus-y-tape */
static void by_tape(real z[], real y[], real dz[])
{
    struct tape t = { 0 };
    memset(dz, 0, WAYS * sizeof *dz);
    var x = tape_parameter(&t, tensor_wrap(z, SHAPE(WAYS)),
                           tensor_wrap(dz, SHAPE(WAYS)));
    var c = tape_constant(&t, tensor_wrap(y, SHAPE(WAYS)));
    var lse = tape_log(&t, tape_sum(&t, tape_exp(&t, x), ALL));
    var z_y = tape_sum(&t, tape_mul(&t, c, x), ALL);
    tape_backward(&t, tape_sub(&t, lse, z_y));
    tape_free(&t);
}

static void show_three_ways(void)
{
    real z[WAYS] = { 1.5f, -0.3f, 0.2f, 2.1f, -1 };
    real y[WAYS] = { 0, 0, 1, 0, 0 }, p[WAYS], dz[3][WAYS];
    const tensor J = tensor_empty(&memory, SHAPE(WAYS, WAYS));
    softmax_row(WAYS, z, p);
    by_components(p, y, dz[0]);
    by_matrices(p, y, J, dz[1]);
    by_tape(z, y, dz[2]);
    printf("%6s %8s %3s %8s %13s %11s %11s\n", "z", "p", "y", "p - y",
           "by components", "by matrices", "by the tape");
    for (size_t k = 0; k < WAYS; k++)
        printf("%6.1f %8.5f %3.0f %8.5f %13.5f %11.5f %11.5f\n", z[k], p[k],
               y[k], p[k] - y[k], dz[0][k], dz[1][k], dz[2][k]);
    printf("\n%46s%10s\n", "Jacobian: p_i (delta_ij - p_j)", "row sum");
    for (size_t i = 0; i <= WAYS; i++) {
        double sum = 0;
        printf(i < WAYS ? "      " : "wrong ");
        for (size_t j = 0; j < WAYS; j++) {
            const real wrong = p[WAYS - 1] * (1 - p[j == 0 ? 1 : j]);
            const real x = i < WAYS ? AT(J, i, j) : wrong;
            printf(" %7.4f", x);
            sum += (double)x;
        }
        printf("  %8.4f\n", fabs(sum) < 1e-6 ? 0.0 : sum);
    }
}

/* A set of digits for training, and one that training never sees. */
struct parts { struct images train, test; };

static struct images load_digits(void)
{
    static const struct layout form = { SIDE, SIDE, 16, CLASSES, false };
    struct images s = { 0 };
    struct error e;
    if (!images_of_lines(&s, &memory, digits_csv, digits_csv_lines,
                         "digits.csv", &form, &e))
        give_up(&e);
    return s;
}

/* Four fifths for training, chosen by the seed given. */
static struct parts split_digits(size_t number)
{
    const struct images all = load_digits();
    struct parts d;
    gsl_rng *r = random_new(number);
    images_split(&all, &memory, r, 0.8, &d.train, &d.test);
    gsl_rng_free(r);
    return d;
}

/* A model, the images it learns from, and the recipe. */
struct learner {
    struct softmax model;
    const struct images *train;
    double rate;
    struct batch batch;
    size_t *order;              /* [train->n] */
    tensor Z;                   /* (batch size, classes), scratch */
    gsl_rng *r;                 /* shuffles */
};

static struct learner learner_new(const struct images *train, size_t size,
                                  double step, gsl_rng *r)
{
    const size_t I = train->X.shape[1], K = (size_t)train->classes;
    struct learner s = { softmax_new(&memory, I, K), train, step,
        batch_new(&memory, size, I),
        arena_take(&memory, train->n, sizeof(size_t)),
        tensor_empty(&memory, SHAPE(size, K)), r };
    for (size_t i = 0; i < train->n; i++)
        s.order[i] = i;
    return s;
}

/* Go once through the training images, in a new order. */
static void learner_epoch(struct learner *s)
{
    const size_t n = s->train->n;
    index_shuffle(s->r, n, s->order);
    struct batch *b = &s->batch;
    for (size_t t = 0; batch_fill(b, s->train, n, s->order, t); t++) {
        const double loss = softmax_loss(&s->model, b->X, b->label,
                                         tensor_rows(s->Z, 0, b->n));
        if (!isfinite(loss)) {
            fprintf(stderr, "the loss is not finite in step %zu: "
                    "try a smaller --rate\n", t + 1);
            exit(1);
        }
        softmax_step(&s->model, s->rate);
    }
}

/* The loss and the accuracy of a model on a set of images. */
struct score { double loss, accuracy; };

static struct score score_of(const struct softmax *m,
                             const struct images *s)
{
    arena_reset(&scratch);
    const tensor Z = tensor_empty(&scratch, SHAPE(s->n, m->W.shape[1]));
    affine_forward(s->X, m->W, m->b, Z);
    return (struct score){ softmax_nll(Z, s->label),
                           accuracy(Z, s->label) };
}

/* What the user asks for, or what suits. */
static size_t count_or(size_t wanted, size_t usual)
{
    return wanted > 0 ? wanted : usual;
}

static double number_or(double wanted, double usual)
{
    return wanted > 0 ? wanted : usual;
}

static size_t digit_epochs(void)
{
    return count_or(epochs, 30);
}

static struct learner digit_learner(const struct images *train)
{
    return learner_new(train, count_or(batch_size, 32),
                       number_or(rate, 0.5), rng);
}

/* A model trained on the training part; the recipe of the options. */
static struct softmax train_digits(const struct images *train)
{
    struct learner s = digit_learner(train);
    for (size_t t = 0; t < digit_epochs(); t++)
        learner_epoch(&s);
    return s.model;
}

static void print_score(size_t epoch, struct score a, struct score b)
{
    printf("%5zu %12.3f %8.1f %% %11.3f %8.1f %%\n", epoch, a.loss,
           100 * a.accuracy, b.loss, 100 * b.accuracy);
}

/* Test accuracies for five seeds from `seed` on, in rising order. */
static void five_seeds(double result[5])
{
    for (size_t k = 0; k < 5; k++) {
        const struct parts d = split_digits(seed + k);
        gsl_rng_set(rng, seed + k);
        const struct softmax m = train_digits(&d.train);
        result[k] = score_of(&m, &d.test).accuracy;
    }
    gsl_sort(result, 1, 5);
}

static void show_train(void)
{
    const struct parts d = split_digits(seed);
    struct learner s = digit_learner(&d.train);
    double result[5];
    printf("%zu images to learn from, %zu to test; ln 10 = %.4f\n",
           d.train.n, d.test.n, log(10));
    printf("%5s %12s %10s %11s %10s\n", "epoch", "train: loss", "right",
           "test: loss", "right");
    for (size_t t = 0; t <= digit_epochs(); t++) {
        if (t > 0)
            learner_epoch(&s);
        if (t < 4 || t % 10 == 0 || t == digit_epochs())
            print_score(t, score_of(&s.model, &d.train),
                        score_of(&s.model, &d.test));
    }
    five_seeds(result);
    printf("test accuracy of five seeds: %.1f to %.1f %%, median %.1f %%\n",
           100 * result[0], 100 * result[4],
           100 * gsl_stats_median_from_sorted_data(result, 1, 5));
}

static void print_normalised(const char *name, const struct parts *d,
                             double step)
{
    struct learner s = learner_new(&d->train, 32, step, rng);
    for (size_t t = 0; t < 20; t++)
        learner_epoch(&s);
    const struct score a = score_of(&s.model, &d->train);
    const struct score b = score_of(&s.model, &d->test);
    printf("%-26s %5.2f %9.3f %8.1f %%\n", name, step, a.loss,
           100 * b.accuracy);
}

static void show_normalise(void)
{
    struct parts raw = split_digits(seed), one = split_digits(seed);
    struct parts each = split_digits(seed);
    const struct pixel_scale a = pixels_fit_all(&memory, one.train.X);
    const struct pixel_scale b = pixels_fit(&memory, each.train.X);
    size_t still = 0;
    for (size_t j = 0; j < PIXELS; j++)
        still += b.mean.data[j] == 0;
    printf("all pixels: mean %.4f, deviation %.4f\n", a.mean.data[0],
           a.deviation.data[0]);
    printf("pixel (3,4): mean %.4f, deviation %.4f\n",
           b.mean.data[3 * SIDE + 4], b.deviation.data[3 * SIDE + 4]);
    printf("pixels that are 0 in all %zu training images: %zu\n\n",
           raw.train.n, still);
    pixels_scale(a, one.train.X), pixels_scale(a, one.test.X);
    pixels_scale(b, each.train.X), pixels_scale(b, each.test.X);
    printf("%-26s %5s %9s %10s\n", "20 epochs", "rate", "loss", "test");
    print_normalised("raw, 0 to 1", &raw, 0.5);
    print_normalised("raw, 0 to 1", &raw, 0.05);
    print_normalised("one scale for all", &one, 0.05);
    print_normalised("a scale for each pixel", &each, 0.05);
}

/* A copy of W (I,K) whose rows sum to 0. */
static tensor centred_weights(tensor W)
{
    const tensor mean = tensor_mean(&memory, W, 1);
    return tensor_sub(&memory, W, tensor_unsqueeze(mean, 1));
}

/* '#' speaks strongly for the class, '=' against it; '+', '-' weakly. */
static char weight_mark(real w, real largest)
{
    const real share = w / largest;
    return share > 0.5f ? '#' : share > 0.15f ? '+'
         : share < -0.5f ? '=' : share < -0.15f ? '-' : '.';
}

static void show_weights(void)
{
    const struct parts d = split_digits(seed);
    const struct softmax m = train_digits(&d.train);
    const tensor W = centred_weights(m.W);
    const real high = tensor_item(tensor_max(&memory, W, ALL));
    printf("largest weight %.2f; # + for, - = against\n", high);
    for (size_t first = 0; first < CLASSES; first += 5)
        for (size_t row = 0; row <= SIDE; row++) {
            for (size_t k = first; k < first + 5; k++) {
                if (row == 0)
                    printf("%zu             ", k);
                for (size_t c = 0; row > 0 && c < SIDE; c++)
                    putchar(weight_mark(AT(W, (row - 1) * SIDE + c, k),
                                        high));
                printf("%s", row == 0 ? "" : "      ");
            }
            printf("\n");
        }
}

struct mistake { size_t image; int answer; real p; };

/* The surest first; equal ones by number, so that the order is fixed. */
static int mistake_order(const void *a, const void *b)
{
    const struct mistake *x = a, *y = b;
    if (x->p != y->p)
        return x->p < y->p ? 1 : -1;
    return x->image > y->image ? 1 : -1;
}

/* All mistakes on s, the worst first; returns their number. */
static size_t find_mistakes(const struct softmax *m, const struct images *s,
                            struct mistake *list)
{
    size_t n = 0;
    const tensor P = tensor_empty(&memory, SHAPE(s->n, CLASSES));
    affine_forward(s->X, m->W, m->b, P);
    softmax_rows(P, P);
    for (size_t i = 0; i < s->n; i++) {
        const real *p = matrix_row(P, i);
        const int answer = (int)fold_argmax(p, CLASSES, 1);
        if (answer != s->label[i])
            list[n++] = (struct mistake){ i, answer, p[answer] };
    }
    qsort(list, n, sizeof *list, mistake_order);
    return n;
}

/* One row of pixels of an image, two characters each. */
static void print_pixels(const struct images *s, size_t image, size_t row)
{
    static const char shade[] = " .:-=+*#%@";
    const real *x = matrix_row(s->X, image) + row * SIDE;
    for (size_t c = 0; c < SIDE; c++) {
        const char ink = shade[(size_t)(x[c] * 9 + 0.5f)];
        printf("%c%c", ink, ink);
    }
}

static void show_mistakes(void)
{
    const struct parts d = split_digits(seed);
    const struct softmax m = train_digits(&d.train);
    struct mistake *list = arena_take(&memory, d.test.n, sizeof *list);
    const size_t n = find_mistakes(&m, &d.test, list);
    printf("%zu of %zu test images are answered wrongly; the surest:\n", n,
           d.test.n);
    for (size_t first = 0; first < 8 && first + 4 <= n; first += 4)
        for (size_t row = 0; row <= SIDE; row++) {
            for (size_t k = first; k < first + 4; k++) {
                if (row == 0)
                    printf("%d taken for %d  ", d.test.label[list[k].image],
                           list[k].answer);
                else
                    print_pixels(&d.test, list[k].image, row - 1);
                printf(k + 1 < first + 4 ? "   " : "");
            }
            printf("\n");
        }
}

/* A source's softmax: largest of all, then sums over the samples. */
static void softmax_columns(tensor Z, tensor P)
{
    const real m = tensor_item(tensor_max(&scratch, Z, ALL));
    for (size_t k = 0; k < Z.shape[1]; k++) {
        double sum = 0;
        for (size_t i = 0; i < Z.shape[0]; i++)
            sum += (double)(AT(P, i, k) = real_exp(AT(Z, i, k) - m));
        for (size_t i = 0; i < Z.shape[0]; i++)
            AT(P, i, k) /= (real)sum;
    }
}

/* -sum_i log(p_i + 1e-9), as that source adds it up, and its accuracy. */
static struct score wrong_score(const struct softmax *m,
                                const struct images *s)
{
    double loss = 0;
    arena_reset(&scratch);
    const tensor P = tensor_empty(&scratch, SHAPE(s->n, CLASSES));
    affine_forward(s->X, m->W, m->b, P);
    softmax_columns(P, P);
    for (size_t i = 0; i < s->n; i++)
        loss -= log((double)AT(P, i, (size_t)s->label[i]) + 1e-9);
    return (struct score){ loss, accuracy(P, s->label) };
}

static void show_axis(void)
{
    const struct parts d = split_digits(seed);
    const double n = (double)d.train.n;
    struct learner s = digit_learner(&d.train);
    printf("n ln n = %.0f, n ln 10 = %.0f\n", n * log(n), n * log(10));
    printf("%5s %18s %10s %20s %10s\n", "epoch", "over classes: loss",
           "right", "over samples: loss", "right");
    for (size_t t = 0; t <= 10; t++) {
        if (t > 0)
            learner_epoch(&s);
        const struct score a = score_of(&s.model, &d.train);
        const struct score b = wrong_score(&s.model, &d.train);
        printf("%5zu %18.0f %8.1f %% %20.0f %8.1f %%\n", t, n * a.loss,
               100 * a.accuracy, b.loss, 100 * b.accuracy);
    }
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

/* One step of gradient descent on all images; returns the loss before. */
static double full_step(struct softmax *m, const struct images *s,
                        bool binary, tensor Z)
{
    affine_forward(s->X, m->W, m->b, Z);
    const double loss = binary ? binary_gradient(Z, s->label)
                               : softmax_nll_gradient(Z, s->label, Z);
    affine_gradient(s->X, Z, m->dW, m->db);
    softmax_step(m, 0.01);
    return loss;
}

static void show_binary(void)
{
    const struct parts d = split_digits(seed);
    struct softmax a = softmax_new(&memory, PIXELS, CLASSES);
    struct softmax b = softmax_new(&memory, PIXELS, CLASSES);
    const tensor Z = tensor_empty(&memory, SHAPE(d.train.n, CLASSES));
    printf("%5s %14s %8s %20s %8s\n", "step", "one of ten", "right",
           "ten yes-or-no", "right");
    for (size_t t = 0; t <= 1000; t++) {
        const double right = score_of(&a, &d.test).accuracy;
        const double wrong = score_of(&b, &d.test).accuracy;
        const double loss = full_step(&a, &d.train, false, Z);
        const double less = full_step(&b, &d.train, true, Z);
        if (t == 0 || t == 10 || t == 100 || t == 300 || t == 1000)
            printf("%5zu %14.4f %6.1f %% %20.4f %6.1f %%\n", t, loss,
                   100 * right, less, 100 * wrong);
    }
}

/* How many of n rows a source's loader keeps, in blocks of `amount`. */
static size_t blocks_kept(size_t n, size_t amount)
{
    size_t kept = 0, block = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        block++;                        /* the row joins the block */
        if (count % amount == 0 && count > 0) {
            kept += block;              /* the block joins the set */
            block = 0, count = 0;
        } else {
            count++;
        }
    }
    return kept;                        /* the last block never joins */
}

static void show_batches(void)
{
    const struct images s = load_digits();
    struct batch b = batch_new(&memory, 100, PIXELS);
    size_t *order = arena_take(&memory, s.n, sizeof *order);
    size_t seen = 0, batches = 0;
    for (size_t i = 0; i < s.n; i++)
        order[i] = i;
    for (; batch_fill(&b, &s, s.n, order, batches); batches++)
        seen += b.n;
    printf("%zu images in batches of 100: %zu batches, the last of %zu, "
           "%zu seen\n", s.n, batches, b.n, seen);
    printf("\nblocks of 1000 in a source: %zu of 1797 images kept, "
           "%zu lost\n", blocks_kept(1797, 1000),
           1797 - blocks_kept(1797, 1000));
    printf("and of MNIST's 70000:       %zu kept, %zu lost\n",
           blocks_kept(70000, 1000), 70000 - blocks_kept(70000, 1000));
    printf("a first image taken for a line of names: 59999 of 60000, "
           "9999 of 10000\n");
}

static void print_map(const struct tsne *m, const int label[])
{
    printf("%5zu  %4.1f nats   %3.0f %%\n", m->step, tsne_loss(m->P, m->Y),
           100 * map_agreement(m->Y, label));
}

static void show_map(void)
{
    const struct images s = load_digits();
    struct tsne m = tsne_new(&memory, s.X, tsne_usual);
    printf("%zu digits, perplexity %.0f, rate %.0f\n", s.n,
           m.plan.perplexity, m.plan.rate);
    printf("%5s  %9s   nearest neighbour has the same label\n", "step",
           "loss");
    print_map(&m, s.label);                     /* of the PCA */
    while (m.step < m.plan.steps) {
        tsne_step(&m, &scratch);
        if (m.step == 50 || m.step % 125 == 0)
            print_map(&m, s.label);
    }
}

static bool is_folder(const char *path)
{
    FILE *in = fopen(path, "rb");
    const bool folder = in == NULL || (fgetc(in) == EOF && ferror(in));
    if (in != NULL)
        fclose(in);
    return folder;
}

/* Read --data: a folder of IDX files, or a CSV file of 28 x 28 pixels. */
static bool load_large(struct parts *d)
{
    const struct layout form = { 28, 28, 255, CLASSES, label_first };
    const struct path found = images_find_mnist(data);
    struct images all = { 0 };
    struct error e;
    if (found.s[0] == '\0')
        return false;
    if (is_folder(found.s)) {
        if (!images_read_mnist(&d->train, &memory, found.s, "train", &e)
            || !images_read_mnist(&d->test, &memory, found.s, "t10k", &e))
            give_up(&e);
    } else {
        if (!images_read_csv(&all, &memory, found.s, &form, &e))
            give_up(&e);
        images_split(&all, &memory, rng, 6.0 / 7, &d->train, &d->test);
    }
    return true;
}

static void show_mnist(void)
{
    struct parts d;
    if (!load_large(&d)) {
        printf("skipped: no MNIST here (make mnist, or --data FOLDER)\n");
        return;
    }
    struct learner s = learner_new(&d.train, count_or(batch_size, 64),
                                   number_or(rate, 0.1), rng);
    printf("%zu images to learn from, %zu to test\n", d.train.n, d.test.n);
    printf("%5s %12s %10s %11s %10s\n", "epoch", "train: loss", "right",
           "test: loss", "right");
    for (size_t t = 0; t <= count_or(epochs, 5); t++) {
        if (t > 0)
            learner_epoch(&s);
        print_score(t, score_of(&s.model, &d.train),
                    score_of(&s.model, &d.test));
        fflush(stdout);
    }
}

static double seconds_now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The seconds that f takes, the median of five runs. */
static double median_seconds(void f(void))
{
    double s[5];
    for (size_t k = 0; k < 5; k++) {
        const double start = seconds_now();
        f();
        s[k] = seconds_now() - start;
    }
    return gsl_stats_median(s, 1, 5);
}

static struct parts bench_data;

static void bench_train(void)
{
    train_digits(&bench_data.train);
}

static void bench_map(void)
{
    const struct images s = load_digits();
    struct tsne m = tsne_new(&memory, s.X, tsne_usual);
    while (m.step < m.plan.steps)
        tsne_step(&m, &scratch);
}

static void bench_mnist(void)
{
    struct learner s = learner_new(&bench_data.train, 64, 0.1, rng);
    for (size_t t = 0; t < 5; t++)
        learner_epoch(&s);
}

static void bench(void)
{
    bench_data = split_digits(seed);
    printf("run\tseconds\n");
    printf("softmax regression, 1438 digits, 30 epochs\t%.3f\n",
           median_seconds(bench_train));
    printf("t-SNE, 1797 digits, 500 steps\t%.2f\n",
           median_seconds(bench_map));
    if (load_large(&bench_data))
        printf("softmax regression, 60000 of MNIST, 5 epochs\t%.2f\n",
               median_seconds(bench_mnist));
}

/* Draw 8x8 values at place (column, row) of a canvas of pictures. */
static void draw_picture(struct table *t, size_t column, size_t row,
                         const real *x, size_t step)
{
    for (size_t r = 0; r < SIDE; r++)
        for (size_t c = 0; c < SIDE; c++)
            fprintf(t->file, "%zu\t%zu\t%.4f\n", column * (SIDE + 1) + c,
                    row * (SIDE + 3) + r, x[(r * SIDE + c) * step]);
}

static void write_coin(void)
{
    struct table t = table_open("coin", "p\tnats\tbits");
    for (int i = 0; i <= 200; i++) {
        const double p[] = { i / 200.0, 1 - i / 200.0 };
        const double H = entropy(2, p);
        fprintf(t.file, "%.3f\t%.5f\t%.5f\n", p[0], H, H / log(2));
    }
    table_close(&t);
}

static void write_digits(void)
{
    const struct images s = load_digits();
    struct table t = table_open("digits", "x\ty\tink");
    for (size_t i = 0; i < 40; i++)
        draw_picture(&t, i % 10, i / 10, matrix_row(s.X, i), 1);
    table_close(&t);
}

static void write_loss(const struct parts *d)
{
    struct learner s = digit_learner(&d->train);
    struct table t = table_open("loss", "epoch\ttrain\ttest\ttrain_right\t"
                                "test_right\twrong\twrong_right");
    for (size_t e = 0; e <= digit_epochs(); e++) {
        if (e > 0)
            learner_epoch(&s);
        const struct score a = score_of(&s.model, &d->train);
        const struct score b = score_of(&s.model, &d->test);
        const struct score c = wrong_score(&s.model, &d->train);
        fprintf(t.file, "%zu\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\n", e,
                a.loss, b.loss, a.accuracy, b.accuracy,
                c.loss / (double)d->train.n, c.accuracy);
    }
    table_close(&t);
    const struct score b = score_of(&s.model, &d->test);
    value_write("digits.test_accuracy", "%.1f", 100 * b.accuracy);
    value_write("digits.test_loss", "%.3f", b.loss);
}

static void write_weights(const struct softmax *m)
{
    const tensor W = centred_weights(m->W);
    struct table t = table_open("weights", "x\ty\tweight");
    for (size_t k = 0; k < CLASSES; k++)
        draw_picture(&t, k % 5, k / 5, W.data + k, CLASSES);
    table_close(&t);
}

static void write_mistakes(const struct softmax *m, const struct images *s)
{
    struct mistake *list = arena_take(&memory, s->n, sizeof *list);
    const size_t n = find_mistakes(m, s, list);
    struct table t = table_open("mistakes", "x\ty\tink");
    for (size_t k = 0; k < 10 && k < n; k++)
        draw_picture(&t, k % 5, k / 5, matrix_row(s->X, list[k].image), 1);
    table_close(&t);
    t = table_open("mistake-names", "x\ty\tlabel\tanswer\tpercent");
    for (size_t k = 0; k < 10 && k < n; k++)
        fprintf(t.file, "%zu\t%zu\t%d\t%d\t%.0f\n", k % 5 * (SIDE + 1),
                k / 5 * (SIDE + 3), s->label[list[k].image], list[k].answer,
                100 * list[k].p);
    table_close(&t);
    value_write("digits.mistakes", "%zu", n);
    value_write("digits.tested", "%zu", s->n);
}

static void write_map(void)
{
    const struct images s = load_digits();
    struct tsne m = tsne_new(&memory, s.X, tsne_usual);
    const tensor Y = tensor_empty(&memory, SHAPE(2, s.n));
    double variance[2];
    while (m.step < m.plan.steps)
        tsne_step(&m, &scratch);
    pca(&memory, s.X, Y, variance);
    struct table t = table_open("map", "x\ty\tlabel\tpca_x\tpca_y");
    for (size_t i = 0; i < s.n; i++)
        fprintf(t.file, "%.3f\t%.3f\t%d\t%.4f\t%.4f\n", AT(m.Y, 0, i),
                AT(m.Y, 1, i), s.label[i], AT(Y, 0, i), AT(Y, 1, i));
    table_close(&t);
    value_write("map.agreement", "%.0f",
                100 * map_agreement(m.Y, s.label));
    value_write("pca.agreement", "%.0f", 100 * map_agreement(Y, s.label));
}

static void tables(void)
{
    double result[5];
    const struct parts d = split_digits(seed);
    write_coin();
    write_digits();
    write_loss(&d);
    gsl_rng_set(rng, seed);
    const struct softmax m = train_digits(&d.train);
    write_weights(&m);
    write_mistakes(&m, &d.test);
    write_map();
    five_seeds(result);
    value_write("digits.median_accuracy", "%.1f",
                100 * gsl_stats_median_from_sorted_data(result, 1, 5));
    value_write("digits.lowest_accuracy", "%.1f", 100 * result[0]);
    value_write("digits.highest_accuracy", "%.1f", 100 * result[4]);
}

static void prepare(void)
{
    arena_reset(&memory), arena_reset(&scratch);
    if (rng != NULL)
        gsl_rng_free(rng);
    rng = random_new(seed);
}

static const struct setting settings[] = {
    { "seed", COUNT, &seed, 1, 4294967290, "of parts and orders (1)" },
    { "epochs", COUNT, &epochs, 1, 100000, "of training (30; MNIST 5)" },
    { "batch", COUNT, &batch_size, 1, 100000, "images (32; MNIST 64)" },
    { "rate", NUMBER, &rate, 1e-9, 1e6, "of learning (0.5; MNIST 0.1)" },
    { "data", TEXT, &data, 0, 0, "folder of MNIST, or a CSV file" },
    { "label-first", FLAG, &label_first, 0, 0, "in the CSV file" },
    { 0 }
};

static const struct part parts[] = {
    { "entropy", show_entropy, "information, entropy, divergence" },
    { "overflow", show_overflow, "softmax as written, and shifted" },
    { "layer", show_layer, "the layer that a source prints" },
    { "three-ways", show_three_ways, "p - y, derived three times" },
    { "train", show_train, "digits from ln 10 to 96 %" },
    { "normalise", show_normalise, "raw pixels and scaled ones" },
    { "weights", show_weights, "what each class looks for" },
    { "mistakes", show_mistakes, "the worst answers" },
    { "axis", show_axis, "a softmax along the wrong axis" },
    { "binary", show_binary, "ten coins instead of one die" },
    { "batches", show_batches, "the last batch, and lost images" },
    { "map", show_map, "t-SNE of all digits" },
    { 0 }
};

static const struct part extras[] = {
    { "mnist", show_mnist, "train on MNIST, or on --data" },
    { "bench", bench, "time training and map" },
    { 0 }
};

int main(int argc, char **argv)
{
    static const struct program program = { "05-softmax-regression",
        "Softmax regression: digits told apart by one linear layer.",
        settings, parts, tables, extras, prepare };
    const int status = program_run(argc, argv, &program);
    gsl_rng_free(rng);
    arena_free(&memory), arena_free(&scratch);
    return status;
}
