#define REAL float
#define _POSIX_C_SOURCE 200809L
/*
 * Training in practice.  Downhill, chapter 8.
 *
 * cc -O3 -march=native tangled/08-training.c -lgsl -lopenblas -lz -lm \
 *    -o training
 */
#include <signal.h>

#include "program.h"
#include "checkpoint.h"
#include "data/digits.h"

static struct arena memory;

/* What the options say. */
struct options {
    size_t seed, epochs, batch, patience, after, frozen, every, warmup;
    size_t runs, index;
    double rate, momentum, dropout, decay, clip, least, factor, validation;
    const char *net, *activation, *method, *fall, *init, *watch, *data;
    const char *save, *resume, *load, *image;
    bool invert;
};
static struct options set = {
    .seed = 1, .epochs = 200, .batch = 32, .patience = 20, .after = 1,
    .every = 10, .warmup = 2, .runs = 3, .momentum = 0.5, .dropout = 0.2,
    .factor = 0.95, .validation = 0.15, .activation = "relu",
    .method = "momentum", .fall = "constant", .init = "he",
    .watch = "loss", .data = "digits"
};

static void prepare(void)
{
    static struct options given;
    static bool known;
    if (!known)
        given = set, known = true;
    set = given;
    arena_reset(&memory);
}

static struct parts_of_data data;
static struct pixel_scale scale;        /* (1,1): of the training part */

/* A fault in what the user asked for: one line, status 1. */
PRINTF_LIKE(2, 3) _Noreturn static void
refuse_setting(const char *name, const char *format, ...)
{
    struct error e;
    char text[200];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    fail(&e, name, 0, 0, "%s", text);
    give_up(&e);
}

/* Is it the small set inside the program? */
static bool is_digits(void)
{
    return strcmp(set.data, "digits") == 0;
}

/* The digits of chapter 5, a fifth of them for the test. */
static void digits_load(gsl_rng *r)
{
    static const struct layout form = { 8, 8, 16, 10, false };
    struct images all;
    struct error e;
    if (!images_of_lines(&all, &memory, digits_csv, digits_csv_lines,
                         "digits", &form, &e))
        give_up(&e);
    data = images_three(&all, &memory, r, set.validation * 0.8, 0.2);
}

/* MNIST: its test part is its own. */
static void mnist_load(const char *folder, gsl_rng *r)
{
    struct images all;
    struct error e;
    if (!images_read_mnist(&all, &memory, folder, "train", &e)
        || !images_read_mnist(&data.test, &memory, folder, "t10k", &e))
        give_up(&e);
    images_split(&all, &memory, r, 1 - set.validation, &data.train,
                 &data.validation);
}

/* Fill data and scale. */
static void data_load(void)
{
    gsl_rng *r = random_new(set.seed);
    if (is_digits()) {
        digits_load(r);
    } else {
        const bool any = strcmp(set.data, "mnist") == 0;
        const struct path p = images_find_mnist(any ? NULL : set.data);
        if (p.s[0] == '\0')
            refuse_setting("--data", "MNIST is not here: set MNIST_DIR");
        mnist_load(p.s, r);
    }
    gsl_rng_free(r);
    if (data.train.n == 0 || data.validation.n == 0)
        refuse_setting("--validation", "leaves no images in a part");
    scale = pixels_fit_all(&memory, data.train.X);
    pixels_scale(scale, data.train.X);
    pixels_scale(scale, data.validation.X);
    pixels_scale(scale, data.test.X);
}

static const char *net_widths(void)
{
    return set.net != NULL ? set.net
         : is_digits() ? "64-256-128-10" : "784-520-320-240-120-10";
}

static double rate_used(void)
{
    return set.rate > 0 ? set.rate : is_digits() ? 0.05 : 0.01;
}

static struct plan plan_now(void)
{
    struct plan p = { "" };
    plan_add(&p, "net %s", net_widths());
    plan_add(&p, "activation %s", set.activation);
    plan_add(&p, "init %s", set.init);
    plan_add(&p, "dropout %.17g after %zu", set.dropout, set.after);
    plan_add(&p, "method %s momentum %.17g", set.method, set.momentum);
    plan_add(&p, "lr %.17g decay %.17g clip %.17g", rate_used(),
             set.decay, set.clip);
    plan_add(&p, "schedule %s", set.fall);
    if (fall_find(set.fall) == COSINE)
        plan_add(&p, "warmup %zu of %zu", set.warmup, set.epochs);
    else
        plan_add(&p, "factor %.17g every %zu", set.factor, set.every);
    plan_add(&p, "batch %zu", set.batch);
    plan_add(&p, "patience %zu min-delta %.17g watch %s", set.patience,
             set.least, set.watch);
    plan_add(&p, "freeze %zu", set.frozen);
    plan_add(&p, "seed %zu", set.seed);
    plan_add(&p, "images %zux%zu %zu", data.train.rows, data.train.cols,
             data.train.n);
    plan_add(&p, "mean %.9g", (double)scale.mean.data[0]);
    plan_add(&p, "deviation %.9g", (double)scale.deviation.data[0]);
    return p;
}

/* A training with all that it needs; the generator is the caller's. */
struct run {
    struct network net;
    struct training training;
    struct plan plan;
    gsl_rng *random;
};

static enum rule rule_find(const char *name)
{
    int k = 0;
    while (k < INIT_RULES && strcmp(rule_name[k], name) != 0)
        k++;
    return (enum rule)k;
}

static struct widths widths_of(const char *text, const char *name)
{
    struct widths w;
    struct error e;
    if (!widths_read(&w, text, name, &e))
        give_up(&e);
    return w;
}

/* The network of these words, its weights 0. */
static struct network network_of(const struct widths *w, gsl_rng *random)
{
    const struct activation *f = activation_find(set.activation);
    if (f == NULL)
        refuse_setting("--activation", "no activation '%s'",
                       set.activation);
    return network_with_dropout(&memory, w, f, set.batch, set.dropout,
                                set.dropout > 0 ? set.after : 0, random);
}

static struct schedule schedule_of(void)
{
    const size_t n = data.train.n;
    const size_t batches = (n + set.batch - 1) / set.batch;
    const enum fall fall = fall_find(set.fall);
    if (fall == FALLS)
        refuse_setting("--schedule", "no schedule '%s'", set.fall);
    if (fall == COSINE && set.warmup >= set.epochs)
        refuse_setting("--warmup", "%zu of %zu epochs", set.warmup,
                       set.epochs);
    return (struct schedule){ fall, rate_used(), set.factor, set.every,
                              set.warmup * batches,
                              set.epochs * batches };
}

/* Weights by the rule of --init, drawn from the run's generator. */
static void weights_draw(struct network *net, gsl_rng *random)
{
    const enum rule k = rule_find(set.init);
    if (k == INIT_RULES || k == INIT_UNIFORM || k == INIT_NORMAL)
        refuse_setting("--init", "no rule '%s'", set.init);
    network_init(net, (struct init){ .rule = k }, random);
}

/* A run from its beginning. */
static void run_new(struct run *r)
{
    const struct widths w = widths_of(net_widths(), "--net");
    const enum method m = method_find(set.method);
    if (m == METHODS)
        refuse_setting("--method", "no method '%s'", set.method);
    if (w.width[0] != data.train.X.shape[1] || w.width[w.n - 1] != 10)
        refuse_setting("--net", "images of %zux%zu need %zu-...-10",
                       data.train.rows, data.train.cols,
                       data.train.X.shape[1]);
    r->random = random_new(set.seed);
    r->net = network_of(&w, r->random);
    weights_draw(&r->net, r->random);
    network_freeze(&r->net, set.frozen);
    r->training = training_new(&memory, &r->net, m, schedule_of(),
                               &data.train, &data.validation, r->random);
    struct training *t = &r->training;
    if (m == MOMENTUM || m == NESTEROV)
        t->optimizer.beta1 = set.momentum;
    t->optimizer.decay = set.decay;
    t->clip = set.clip;
    t->stopper = stopper_new(set.patience, set.least);
    t->watch_loss = strcmp(set.watch, "loss") == 0;
    if (!t->watch_loss && strcmp(set.watch, "accuracy") != 0)
        refuse_setting("--watch", "loss or accuracy, not '%s'", set.watch);
    r->plan = plan_now();
}

static void run_free(struct run *r)
{
    gsl_rng_free(r->random);
}

/* Take up what --resume names, if anything. */
static void run_resume(struct run *r)
{
    struct error e;
    if (set.resume == NULL)
        return;
    if (!training_load(&r->training, &r->plan, set.resume, &e))
        give_up(&e);
    const struct training *t = &r->training;
    printf("resumed %s after epoch %zu", set.resume, t->epoch);
    if (t->batch > 0)
        printf(" and %zu batches", t->batch);
    printf("\n");
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* From now on Ctrl-C sets the flag; the second one kills. */
static void interrupt_listen(void)
{
    struct sigaction s = { .sa_handler = on_interrupt };
    s.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&s.sa_mask);
    sigaction(SIGINT, &s, NULL);
}

static void run_save(const struct run *r)
{
    struct error e;
    const char *path = set.save != NULL ? set.save : set.resume;
    if (path != NULL && !training_save(&r->training, &r->plan, path, &e))
        give_up(&e);
}

/* The batch is finished: save and end as a shell expects it. */
_Noreturn static void run_interrupt(const struct run *r, struct bar *bar)
{
    const struct training *t = &r->training;
    const char *path = set.save != NULL ? set.save : set.resume;
    bar_clear(bar);
    fflush(stdout);
    run_save(r);
    fprintf(stderr, "interrupted in epoch %zu after batch %zu: %s%s\n",
            t->epoch + 1, t->batch, path != NULL ? "saved in "
            : "not saved, there is no --save", path != NULL ? path : "");
    exit(130);
}

static void note_print(const struct training *t)
{
    const struct epoch_note *n = &t->note[t->epoch - 1];
    printf("%5zu %10.4f %8.2f%% %12.4f %8.2f%% %9.2g%s\n", t->epoch,
           n->train_loss, 100 * n->train_accuracy, n->loss,
           100 * n->accuracy, n->rate,
           t->stopper.best_epoch == t->epoch ? " *" : "");
    fflush(stdout);
}

static void note_heads(void)
{
    printf("%5s %10s %9s %12s %9s %9s\n", "epoch", "training", "",
           "validation", "", "rate");
}

/* Train on; print the epochs whose number `each` divides. */
static void run_train(struct run *r, size_t each)
{
    struct training *t = &r->training;
    const size_t batches = training_batches(t);
    struct bar bar = bar_new(stderr, t->epoch * batches + t->batch);
    while (!training_is_over(t, set.epochs)) {
        if (!training_step(t))
            refuse_setting("training", "the loss is not a number in epoch "
                           "%zu, batch %zu", t->epoch + 1, t->batch + 1);
        bar_show(&bar, t, set.epochs);
        if (t->batch == batches) {
            training_close(t);
            run_save(r);
            if (each > 0 && t->epoch % each == 0)
                bar_clear(&bar), note_print(t);
        }
        if (interrupted)
            run_interrupt(r, &bar);
    }
    bar_clear(&bar);
    training_restore(t);
}

static void show_summary(void)
{
    gsl_rng *r = random_new(set.seed);
    const struct widths w = widths_of(set.net != NULL ? set.net
                                      : "784-520-320-240-120-10", "--net");
    struct network n = network_of(&w, r);
    network_freeze(&n, set.frozen);
    network_summary(stdout, &n);
    gsl_rng_free(r);
}

/* The deviation of an accuracy a over n images.  eq:accuracy-deviation */
static double accuracy_deviation(double a, size_t n)
{
    return sqrt(a * (1 - a) / (double)n);
}

static void part_print(const char *name, const struct images *s)
{
    size_t count[10] = { 0 };
    for (size_t i = 0; i < s->n; i++)
        count[s->label[i]]++;
    printf("%-11s %6zu  ", name, s->n);
    for (size_t k = 0; k < 10; k++)
        printf("%5zu", count[k]);
    printf(" %8.2f%%\n", 100 * accuracy_deviation(0.98, s->n));
}

static void show_split(void)
{
    data_load();
    printf("%-11s %6s  ", "part", "images");
    for (int k = 0; k < 10; k++)
        printf("%5d", k);
    printf(" %9s\n", "deviation");
    part_print("training", &data.train);
    part_print("validation", &data.validation);
    part_print("test", &data.test);
    printf("\nmean %.4f and deviation %.4f of the training pixels\n",
           (double)scale.mean.data[0], (double)scale.deviation.data[0]);
}

static void show_train(void)
{
    struct run r;
    data_load();
    run_new(&r);
    run_resume(&r);
    interrupt_listen();
    printf("%s, %zu images, batches of %zu\n", net_widths(), data.train.n,
           set.batch);
    note_heads();
    run_train(&r, set.epochs > 20 ? set.epochs / 10 : 1);
    const struct training *t = &r.training;
    const struct score s = network_score(&r.net, data.test.X,
                                         data.test.label);
    printf("%s after epoch %zu; best: epoch %zu\n",
           stopper_says_stop(&t->stopper) ? "stopped early" : "ended",
           t->epoch, t->stopper.best_epoch);
    printf("test: loss %.4f, accuracy %.2f%% +- %.2f%% (%zu images)\n",
           s.loss, 100 * s.accuracy,
           100 * accuracy_deviation(s.accuracy, data.test.n), data.test.n);
    run_free(&r);
}

static void show_leak(void)
{
    static const size_t at[] = { 1, 5, 10, 20, 50, 100 };
    struct run r;
    data_load();
    set.patience = 0;
    run_new(&r);
    printf("%5s  %20s  %20s  %10s\n", "epoch", "'validation' on the",
           "validation part", "test part");
    printf("%5s  %20s\n", "", "training images");
    for (size_t e = 1, k = 0; e <= 100; e++) {
        training_epoch(&r.training);
        if (e != at[k])
            continue;
        const struct score a = network_score(&r.net, data.train.X,
                                             data.train.label);
        const struct score b = network_score(&r.net, data.test.X,
                                             data.test.label);
        printf("%5zu  %19.2f%%  %19.2f%%  %9.2f%%\n", e, 100 * a.accuracy,
               100 * r.training.note[e - 1].accuracy, 100 * b.accuracy);
        k++;
    }
    run_free(&r);
}

/* Mean and variance of what leaves a dropout layer of three units. */
static void show_dropout(void)
{
    enum { PASSES = 100000 };
    static const real a[3] = { (real)0.5, (real)1.5, (real)-2 };
    static const double w[3] = { 1, 0.5, 0.25 };
    printf("%4s  %-8s %9s %9s %9s\n", "p", "", "a = 0.5", "a = 1.5",
           "a w = 0.75");
    for (int k = 0; k < 2; k++) {
        const double p = k ? 0.5 : 0.2, c = p / (1 - p);
        double sum[4] = { 0 }, square[4] = { 0 };
        gsl_rng *r = random_new(set.seed);
        struct network n = network_new(&memory, 3, 1);
        network_dropout(&n, p, r);
        network_finish(&n);
        const tensor X = tensor_from(&memory, 3, a, SHAPE(1, 3));
        for (int pass = 0; pass < PASSES; pass++) {
            const tensor A = network_forward(&n, X, true);
            double x[4] = { 0 };
            for (int i = 0; i < 3; i++) {
                x[i] = (double)A.data[i];
                x[3] += w[i] * x[i];
            }
            for (int i = 0; i < 4; i++)
                sum[i] += x[i], square[i] += x[i] * x[i];
        }
        gsl_rng_free(r);
        printf("%4.1f  mean     %9.4f %9.4f %9.4f\n", p, sum[0] / PASSES,
               sum[1] / PASSES, sum[3] / PASSES);
        printf("      theory   %9.4f %9.4f %9.4f\n", 0.5, 1.5, 0.75);
        for (int i = 0; i < 4; i++)
            square[i] = square[i] / PASSES - pow(sum[i] / PASSES, 2);
        printf("      variance %9.4f %9.4f %9.4f\n", square[0], square[1],
               square[3]);
        printf("      theory   %9.4f %9.4f %9.4f\n", c * 0.25, c * 2.25,
               c * 1.0625);
    }
}

static const struct schedule falls[] = {
    { CONSTANT, 0.1, 0, 0, 0, 0 },
    { EXPONENTIAL, 0.1, 0.95, 0, 0, 0 },
    { STEPS, 0.1, 0.5, 5, 0, 0 },
    { COSINE, 0.1, 0, 0, 100, 1000 },
};

/* The rate of a source: lr = 0.95^epoch * lr, again and again. */
static double compound_rate(size_t epoch)
{
    double lr = 0.1;
    for (size_t e = 1; e <= epoch; e++)
        lr = pow(0.95, (double)e) * lr;             /* eq:rate-compound */
    return lr;
}

static void show_schedules(void)
{
    static const size_t at[] = { 0, 1, 2, 5, 10, 15, 19 };
    printf("%5s %9s %12s %9s %9s   %12s\n", "epoch", "constant",
           "exponential", "step", "cosine", "compounded");
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        const size_t e = at[i], s = 50 * e;
        printf("%5zu %9.4f %12.4f %9.4f %9.4f   %12.6f\n", e,
               schedule_rate(falls[0], e, s), schedule_rate(falls[1], e, s),
               schedule_rate(falls[2], e, s), schedule_rate(falls[3], e, s),
               compound_rate(e));
    }
}

static void show_clip(void)
{
    static const double most[] = { 0, 1, 0.1 };
    data_load();
    set.rate = 1, set.epochs = 5, set.patience = 0;
    printf("rate 1 in place of 0.05; clip 0: none\n\n");
    printf("%-10s %10s %10s %10s   (validation loss)\n", "clip", "epoch 1",
           "2", "5");
    for (int k = 0; k < 3; k++) {
        struct run r;
        bool good = true;
        set.clip = most[k];
        run_new(&r);
        while (good && r.training.epoch < 5)
            good = training_epoch(&r.training);
        const struct epoch_note *n = r.training.note;
        printf("%-10g", set.clip);
        if (good)
            printf(" %10.2f %10.2f %10.2f\n", n[0].loss, n[1].loss,
                   n[4].loss);
        else
            printf("   not a number in epoch %zu\n", r.training.epoch + 1);
        run_free(&r);
    }
}

/* Thirty epochs on 100 images; prints how well the network does then. */
static void few_images(struct run *r, const char *name)
{
    struct images few = data.train;
    few.n = 100, few.X = tensor_rows(few.X, 0, 100);
    r->training.train = &few;
    for (int e = 0; e < 30; e++)
        training_epoch(&r->training);
    const struct score s = network_score(&r->net, data.test.X,
                                         data.test.label);
    printf("%-34s %8zu %10.1f%%\n", name, network_trainable(&r->net),
           100 * s.accuracy);
}

static void show_freeze(void)
{
    struct run old, r;
    data_load();
    set.epochs = 30, set.patience = 0;
    run_new(&old);
    run_train(&old, 0);
    printf("then 100 images, 30 epochs     %12s %11s\n", "learned",
           "test");
    run_new(&r);
    few_images(&r, "from nothing");
    run_free(&r);
    for (set.frozen = 1; set.frozen <= 2; set.frozen++) {
        run_new(&r);
        const size_t kept = network_parameters(&r.net)
                            - network_trainable(&r.net);
        memcpy(r.net.theta.data, old.net.theta.data, kept * sizeof(real));
        few_images(&r, set.frozen == 1 ? "first layer kept and frozen"
                                   : "first two layers kept and frozen");
        run_free(&r);
    }
    run_free(&old);
}

/* The run of `train`, in silence; adds the seconds to *elapsed. */
static void run_quietly(struct run *r, double *elapsed)
{
    data_load();
    run_new(r);
    const double start = clock_seconds();
    run_train(r, 0);
    *elapsed += clock_seconds() - start;
}

static void show_confusion(void)
{
    struct run r;
    run_quietly(&r, &(double){ 0 });
    const tensor C = confusion_count(&memory, &r.net, &data.test);
    printf("%5s", "true");
    for (int k = 0; k < 10; k++)
        printf("%5d", k);
    printf("%10s%10s\n", "precision", "recall");
    for (size_t j = 0; j < 10; j++) {
        printf("%5zu", j);
        for (size_t k = 0; k < 10; k++)
            if (AT(C, j, k) == 0)
                printf("%5s", ".");
            else
                printf("%5.0f", (double)AT(C, j, k));
        printf("%9.1f%%%9.1f%%\n", 100 * confusion_precision(C, j),
               100 * confusion_recall(C, j));
    }
    run_free(&r);
}

/* What the network says of one image. */
struct answer {
    size_t image;
    int label, guess;
    double p_label, p_guess;
};

static int by_p_label(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;
    return (x->p_label > y->p_label) - (x->p_label < y->p_label);
}

/* The answers to all images of s, the worst first. */
static struct answer *answers_sorted(struct network *n,
                                     const struct images *s)
{
    struct answer *list = arena_alloc(&memory, s->n, sizeof *list);
    real p[10];
    for (size_t i = 0; i < s->n; i++) {
        const tensor Z = network_forward(n, tensor_rows(s->X, i, 1), false);
        softmax_row(10, matrix_row(Z, 0), p);
        const int g = (int)fold_argmax(p, 10, 1), y = s->label[i];
        list[i] = (struct answer){ i, y, g, (double)p[y], (double)p[g] };
    }
    qsort(list, s->n, sizeof *list, by_p_label);
    return list;
}

/* Pixels as they were before they were normalised, 0..1. */
static void pixels_unscale(struct images *s)
{
    const real m = scale.mean.data[0], d = scale.deviation.data[0];
    for (size_t i = 0; i < tensor_len(s->X); i++)
        s->X.data[i] = s->X.data[i] * d + m;
}

/* Four images side by side with what was said of them. */
static void answers_print(const struct images *s,
                          const struct answer list[4])
{
    for (size_t r = 0; r < s->rows; r++) {
        for (int k = 0; k < 4; k++) {
            image_row_print(stdout, s, list[k].image, r);
            printf("%s", k < 3 ? "   " : "\n");
        }
    }
    for (int k = 0; k < 4; k++) {
        char text[40];
        snprintf(text, sizeof text, "%d, not %d: %.0f%%", list[k].guess,
                 list[k].label, 100 * list[k].p_guess);
        if (list[k].guess == list[k].label)
            snprintf(text, sizeof text, "%d: %.0f%%", list[k].label,
                     100 * list[k].p_label);
        printf("%-*s%s", 2 * (int)s->cols, text, k < 3 ? "   " : "\n");
    }
}

static void show_mistakes(void)
{
    struct run r;
    run_quietly(&r, &(double){ 0 });
    const struct answer *list = answers_sorted(&r.net, &data.test);
    size_t wrong = 0;
    for (size_t i = 0; i < data.test.n; i++)
        wrong += list[i].guess != list[i].label;
    printf("%zu of %zu test images are taken for another; the worst "
           "answers:\n\n", wrong, data.test.n);
    pixels_unscale(&data.test);
    answers_print(&data.test, list);
    printf("\n");
    answers_print(&data.test, list + 4);
    run_free(&r);
}

/* The next whole number of a PGM header; comments run to the line's end. */
static bool pgm_number(FILE *in, size_t *value)
{
    int c = getc(in);
    while (c == '#' || c == ' ' || (c >= '\t' && c <= '\r')) {
        if (c == '#')
            while (c != '\n' && c != EOF)
                c = getc(in);
        c = getc(in);
    }
    size_t v = 0;
    const bool good = c >= '0' && c <= '9';
    for (; c >= '0' && c <= '9' && v < 1000000; c = getc(in))
        v = 10 * v + (size_t)(c - '0');
    *value = v;
    return good && (c == EOF || c == ' ' || (c >= '\t' && c <= '\r'));
}

/* The pixels of an open PGM, behind its magic number. */
static bool pgm_pixels(FILE *in, bool plain, size_t rows, size_t cols,
                       real x[], const char *path, struct error *e)
{
    size_t w, h, white, v;
    if (!pgm_number(in, &w) || !pgm_number(in, &h)
        || !pgm_number(in, &white) || white < 1 || white > 255)
        return fail(e, path, 0, 0, "not a PGM image of 8 bits a pixel");
    if (w != cols || h != rows)
        return fail(e, path, 0, 0, "%zux%zu pixels, the network takes "
                    "%zux%zu", w, h, cols, rows);
    for (size_t i = 0; i < rows * cols; i++) {
        const int c = plain ? 0 : getc(in);
        v = (size_t)c;
        if (c == EOF || (plain && !pgm_number(in, &v)) || v > white)
            return fail(e, path, 0, 0, "pixel %zu is missing or too "
                        "large", i);
        x[i] = (real)((double)v / (double)white);
    }
    return true;
}

/* Read a PGM of this size, P2 or P5, as numbers 0..1. */
static bool pgm_read(const char *path, size_t rows, size_t cols, real x[],
                     struct error *e)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return fail(e, path, 0, 0, "cannot open: %s", strerror(errno));
    const int p = getc(in), k = getc(in);
    const bool good = p == 'P' && (k == '2' || k == '5')
        ? pgm_pixels(in, k == '2', rows, cols, x, path, e)
        : fail(e, path, 0, 0, "neither a PGM nor an IDX file");
    fclose(in);
    return good;
}

/* Image number --index of an IDX file. */
static bool idx_one(const char *path, size_t rows, size_t cols, real x[],
                    struct error *e)
{
    struct idx f;
    if (!idx_read(&f, &memory, path, 3, e))
        return false;
    if (f.size[1] != rows || f.size[2] != cols)
        return fail(e, path, 0, 0, "%zux%zu pixels, the network takes "
                    "%zux%zu", f.size[2], f.size[1], cols, rows);
    if (set.index >= f.size[0])
        return fail(e, path, 0, 0, "no image %zu: it holds %zu",
                    set.index, f.size[0]);
    const unsigned char *b = f.byte + set.index * rows * cols;
    for (size_t i = 0; i < rows * cols; i++)
        x[i] = (real)(b[i] / 255.0);
    return true;
}

/* Either, told apart by the first byte: 'P', or 0, or that of gzip. */
static bool image_read(const char *path, size_t rows, size_t cols,
                       real x[], struct error *e)
{
    FILE *in = fopen(path, "rb");
    const int first = in != NULL ? getc(in) : 'P';
    if (in != NULL)
        fclose(in);
    return first == 0 || first == 0x1f ? idx_one(path, rows, cols, x, e)
                                       : pgm_read(path, rows, cols, x, e);
}

/* What a network needs to be used, from a checkpoint. */
struct model {
    struct network net;
    size_t rows, cols;
    double mean, deviation;
};

/* A whole number or a decimal one from the plan. */
static bool plan_number(const struct plan *p, const char *name,
                        double *value)
{
    char text[60], *end;
    if (!plan_find(p, name, text, sizeof text))
        return false;
    *value = strtod(text, &end);
    return end != text && isfinite(*value);
}

static bool model_plan(struct model *m, const struct plan *p,
                       struct widths *w, const struct activation **f,
                       struct error *e, const char *path)
{
    char net[200], name[60], size[60];
    if (!plan_find(p, "net", net, sizeof net)
        || !plan_find(p, "activation", name, sizeof name)
        || !plan_find(p, "images", size, sizeof size)
        || sscanf(size, "%zux%zu", &m->rows, &m->cols) != 2
        || !plan_number(p, "mean", &m->mean)
        || !plan_number(p, "deviation", &m->deviation))
        return fail(e, path, 0, 0, "its plan lacks something");
    *f = activation_find(name);
    if (*f == NULL)
        return fail(e, path, 0, 0, "unknown activation '%s'", name);
    return widths_read(w, net, path, e);
}

/* The network of a checkpoint with its best weights, for one row. */
static bool model_load(struct model *m, struct arena *a, const char *path,
                       struct error *e)
{
    struct checkpoint c;
    struct plan p;
    struct widths w;
    struct section s, where;
    const struct activation *f = NULL;
    if (!checkpoint_read(&c, a, path, e) || !plan_read(&p, &c, e)
        || !model_plan(m, &p, &w, &f, e, path))
        return false;
    m->net = network_mlp(a, w.n, w.width, f, 1);
    if (!section_expect(&c, "WHER", WHERE_ITEMS, 8, &where, e)
        || !section_expect(&c, number_8(where.item + 40) > 0 ? "BEST"
                           : "THET", m->net.theta.shape[0], sizeof(real),
                           &s, e))
        return false;
    if (m->rows * m->cols != m->net.inputs)
        return fail(e, path, 0, 0, "its images do not fit its network");
    memcpy(m->net.theta.data, s.item, s.n * s.each);
    return true;
}

/* The image and the probabilities, the likeliest class first. */
static void prediction_print(const struct model *m, const real x[],
                             const real p[])
{
    struct images one = { 1, m->rows, m->cols, (int)m->net.outputs,
                          tensor_from(&memory, m->net.inputs, x,
                                      SHAPE(1, m->net.inputs)), NULL };
    for (size_t r = 0; r < m->rows; r++) {
        image_row_print(stdout, &one, 0, r);
        printf("\n");
    }
    printf("\n");
    for (size_t k = 0; k < m->net.outputs; k++) {
        printf("%3zu %9.4f  ", k, (double)p[k]);
        for (long i = lround(40 * (double)p[k]); i > 0; i--)
            putchar('#');
        printf("\n");
    }
    printf("\nthis is a %zu\n", (size_t)fold_argmax(p, m->net.outputs, 1));
}

static void show_predict(void)
{
    struct model m;
    struct error e;
    if (set.load == NULL || set.image == NULL)
        refuse_setting("predict", "give --load CHECKPOINT --image FILE");
    if (!model_load(&m, &memory, set.load, &e))
        give_up(&e);
    const size_t n = m.net.inputs;
    real *x = arena_alloc(&memory, n, sizeof *x);
    if (!image_read(set.image, m.rows, m.cols, x, &e))
        give_up(&e);
    const tensor X = tensor_empty(&memory, SHAPE(1, n));
    for (size_t i = 0; i < n; i++) {
        x[i] = set.invert ? 1 - x[i] : x[i];
        X.data[i] = (real)(((double)x[i] - m.mean) / m.deviation);
    }
    real *p = arena_alloc(&memory, m.net.outputs, sizeof *p);
    softmax_row(m.net.outputs, matrix_row(network_forward(&m.net, X, false),
                0), p);
    prediction_print(&m, x, p);
}

static char folder[60], file_path[100];

static void folder_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/downhill-XXXXXX");
    if (mkdtemp(folder) == NULL)
        refuse_setting(folder, "cannot make it: %s", strerror(errno));
    snprintf(file_path, sizeof file_path, "%s/run.ckpt", folder);
}

static void folder_remove(void)
{
    unlink(file_path);
    rmdir(folder);
}

/* The sections of a checkpoint, one a line. */
static void sections_print(const struct checkpoint *c)
{
    printf("%8s %-6s %8s %6s %9s\n", "byte", "tag", "items", "each",
           "bytes");
    for (size_t at = HEADER_SIZE; at + CRC_SIZE < c->size; ) {
        const size_t each = number_4(c->byte + at + 4);
        const size_t n = (size_t)number_8(c->byte + at + 8);
        printf("%8zu %-6.4s %8zu %6zu %9zu\n", at,
               (const char *)c->byte + at, n, each, n * each);
        at += HEAD_SIZE + (n * each + 7) / 8 * 8;
    }
    printf("%8zu %-6s %8d %6d %9d\n", c->size - CRC_SIZE, "CRC32", 1,
           CRC_SIZE, CRC_SIZE);
}

static void show_format(void)
{
    struct run r;
    struct checkpoint c;
    struct error e;
    data_load();
    set.net = "64-32-10", set.epochs = 3;
    run_new(&r);
    run_train(&r, 0);
    folder_make();
    if (!training_save(&r.training, &r.plan, file_path, &e)
        || !checkpoint_read(&c, &memory, file_path, &e))
        give_up(&e);
    for (size_t i = 0; i < 24; i++)
        printf("%02x%s", c.byte[i], i == 23 ? "\n" : i % 8 == 7 ? "   "
                                                                : " ");
    printf("%.8s   order, version          size of the file\n\n",
           (const char *)c.byte);
    sections_print(&c);
    folder_remove();
    run_free(&r);
}

/* Train to `upto` epochs, from the file if it is there. */
static void leg(struct run *r, size_t upto, bool resume)
{
    struct error e;
    run_new(r);
    if (resume && !training_load(&r->training, &r->plan, file_path, &e))
        give_up(&e);
    while (r->training.epoch < upto)
        training_epoch(&r->training);
}

static void show_resume(void)
{
    struct run whole, first, second;
    struct error e;
    data_load();
    folder_make();
    leg(&whole, 10, false);
    leg(&first, 5, false);
    if (!training_save(&first.training, &first.plan, file_path, &e))
        give_up(&e);
    leg(&second, 10, true);
    const size_t n = whole.net.theta.shape[0];
    size_t same = 0, moved = 0;
    for (size_t i = 0; i < n; i++) {
        same += memcmp(&whole.net.theta.data[i], &second.net.theta.data[i],
                       sizeof(real)) == 0;
        moved += first.net.theta.data[i] != second.net.theta.data[i];
    }
    printf("10 epochs          validation loss %.4f\n",
           whole.training.note[9].loss);
    printf("5, saved, 5 more   validation loss %.4f\n",
           second.training.note[9].loss);
    printf("%zu of %zu weights are equal, bit for bit\n", same, n);
    printf("%zu of them changed after the file was written\n", moved);
    folder_remove();
    run_free(&whole), run_free(&first), run_free(&second);
}

static unsigned long weights_crc(const struct run *r)
{
    return crc32_z(0, (const unsigned char *)r->net.theta.data,
                   r->net.theta.shape[0] * sizeof(real));
}

/* Write these bytes as the file, try to load it, say what happened. */
static void try_load(struct run *r, const char *what,
                     const unsigned char *byte, size_t n)
{
    struct error e;
    const unsigned long before = weights_crc(r);
    if (!file_replace(file_path, byte, n, &e))
        give_up(&e);
    if (training_load(&r->training, &r->plan, file_path, &e))
        snprintf(e.text, sizeof e.text, "loaded");
    printf("%-18s %s%s\n", what, e.text,
           weights_crc(r) == before ? "" : " (the weights changed)");
}

/* Four bytes in the other order. */
static void bytes_turn(unsigned char b[4])
{
    for (int i = 0; i < 2; i++) {
        const unsigned char x = b[i];
        b[i] = b[3 - i], b[3 - i] = x;
    }
}

static void show_faults(void)
{
    struct run r, other;
    struct checkpoint c = { 0 };
    static const unsigned char pgm[] = "P5 8 8 16 ...";
    data_load();
    folder_make();
    set.net = "64-32-10";
    run_new(&r);
    training_pack(&c, &memory, &r.training, &r.plan);
    try_load(&r, "foreign", pgm, sizeof pgm);
    try_load(&r, "empty", pgm, 0);
    try_load(&r, "cut off", c.byte, 1000);
    c.byte[12345] ^= 4;
    try_load(&r, "one bit flipped", c.byte, c.size);
    c.byte[12345] ^= 4, c.byte[12] ^= 3;
    try_load(&r, "later version", c.byte, c.size);
    c.byte[12] ^= 3, bytes_turn(c.byte + 8);
    try_load(&r, "other byte order", c.byte, c.size);
    bytes_turn(c.byte + 8);
    set.net = "64-48-10";
    run_new(&other);
    try_load(&other, "other network", c.byte, c.size);
    try_load(&r, "as it was", c.byte, c.size);
    folder_remove();
    run_free(&r), run_free(&other);
}

/* One run, one line; the time of its epochs is added to *elapsed. */
static size_t mnist_run(double *elapsed)
{
    struct run r;
    arena_reset(&memory);
    run_quietly(&r, elapsed);
    const struct training *t = &r.training;
    const struct score s = network_score(&r.net, data.test.X,
                                         data.test.label);
    const struct epoch_note *n = &t->note[t->stopper.best_epoch - 1];
    printf("%zu\t%zu\t%zu\t%.2f\t%.2f\t%.2f\n", set.seed, t->epoch,
           t->stopper.best_epoch, 100 * n->train_accuracy,
           100 * n->accuracy, 100 * s.accuracy);
    fflush(stdout);
    run_free(&r);
    return t->epoch;
}

static void run_mnist(void)
{
    double elapsed = 0;
    size_t passes = 0;
    if (is_digits())
        set.data = "mnist";
    printf("seed\tepochs\tbest\ttrain\tvalidation\ttest\n");
    for (set.seed = 1; set.seed <= set.runs; set.seed++)
        passes += mnist_run(&elapsed);
    fprintf(stderr, "%.3f seconds an epoch\n", elapsed / (double)passes);
}

static void table_notes(const char *name, const struct training *t)
{
    struct table f = table_open(name, "epoch\ttrain_loss\tloss\t"
                                "train_accuracy\taccuracy");
    for (size_t e = 0; e < t->epoch; e++)
        fprintf(f.file, "%zu\t%.5f\t%.5f\t%.3f\t%.3f\n", e + 1,
                t->note[e].train_loss, t->note[e].loss,
                100 * t->note[e].train_accuracy, 100 * t->note[e].accuracy);
    table_close(&f);
}

static void table_schedules(void)
{
    struct table f = table_open("schedules", "epoch\tconstant\t"
                                "exponential\tstep\tcosine\tcompounded");
    for (size_t s = 0; s < 1000; s += 5) {
        fprintf(f.file, "%g", (double)s / 50);
        for (size_t k = 0; k < 4; k++)
            fprintf(f.file, "\t%.5f", schedule_rate(falls[k], s / 50, s));
        fprintf(f.file, "\t%.6f\n", compound_rate(s / 50));
    }
    table_close(&f);
}

static void table_confusion(struct run *r)
{
    const tensor C = confusion_count(&memory, &r->net, &data.test);
    struct table f = table_open("confusion", "true\tanswer\tcount");
    for (size_t j = 0; j < 10; j++)
        for (size_t k = 0; k < 10; k++)
            fprintf(f.file, "%zu\t%zu\t%.0f\n", j, k, (double)AT(C, j, k));
    table_close(&f);
}

/* The pixels of the eight surest mistakes, and what is said of each. */
static void table_mistakes(struct run *r)
{
    const struct answer *list = answers_sorted(&r->net, &data.test);
    pixels_unscale(&data.test);
    struct table f = table_open("mistakes", "image\trow\tcolumn\tink");
    struct table g = table_open("answers", "image\tlabel\tguess\tp");
    for (size_t i = 0; i < 8; i++) {
        for (size_t j = 0; j < 64; j++)
            fprintf(f.file, "%zu\t%zu\t%zu\t%.4f\n", i, j / 8, j % 8,
                    (double)AT(data.test.X, list[i].image, j));
        fprintf(g.file, "%zu\t%d\t%d\t%.0f\n", i, list[i].label,
                list[i].guess, 100 * list[i].p_guess);
    }
    table_close(&f), table_close(&g);
}

/* The numbers of the default run that the text names. */
static void values_of(struct run *r)
{
    const struct score s = network_score(&r->net, data.test.X,
                                         data.test.label);
    const struct training *t = &r->training;
    value_write("test.accuracy", "%.2f", 100 * s.accuracy);
    value_write("test.deviation", "%.2f",
                100 * accuracy_deviation(s.accuracy, data.test.n));
    value_write("best.epoch", "%zu", t->stopper.best_epoch);
    value_write("epochs", "%zu", t->epoch);
    value_write("parameters", "%zu", network_parameters(&r->net));
}

/* Mean validation loss after 40 epochs for shares that are dropped. */
static void table_dropout(void)
{
    struct table f = table_open("dropout", "p\ttrain_loss\tloss\terror");
    for (set.dropout = 0; set.dropout < 0.85; set.dropout += 0.2) {
        double sum[3] = { 0 };
        for (set.seed = 1; set.seed <= 5; set.seed++) {
            struct run r;
            data_load();
            run_new(&r);
            while (training_epoch(&r.training) && r.training.epoch < 40)
                continue;
            const struct epoch_note *n = &r.training.note[39];
            sum[0] += n->train_loss / 5, sum[1] += n->loss / 5;
            sum[2] += n->loss * n->loss / 5;
            run_free(&r);
        }
        fprintf(f.file, "%.1f\t%.5f\t%.5f\t%.5f\n", set.dropout, sum[0],
                sum[1], sqrt((sum[2] - sum[1] * sum[1]) / 4));
    }
    table_close(&f);
}

static void tables(void)
{
    struct run r;
    run_quietly(&r, &(double){ 0 });
    table_notes("curves", &r.training);
    values_of(&r);
    table_confusion(&r);
    table_mistakes(&r);
    run_free(&r);
    table_schedules();
    table_dropout();
}

static const struct part parts[] = {
    { "summary", show_summary, "the network as a table" },
    { "split", show_split, "three parts of the digits" },
    { "leak", show_leak, "validation on the training images" },
    { "dropout", show_dropout, "mean and variance of dropout" },
    { "schedules", show_schedules, "rates that fall" },
    { "clip", show_clip, "gradients that are too long" },
    { "train", show_train, "train, stop early, test" },
    { "freeze", show_freeze, "keep what was learned below" },
    { "confusion", show_confusion, "who is taken for whom" },
    { "mistakes", show_mistakes, "the surest mistakes" },
    { "format", show_format, "the sections of a checkpoint" },
    { "resume", show_resume, "5 epochs and 5 are 10" },
    { "faults", show_faults, "files that are refused" },
    { 0 }
};

static const struct part extras[] = {
    { "predict", show_predict, "--load CHECKPOINT --image FILE" },
    { "mnist", run_mnist, "the sources' last network" },
    { 0 }
};

static const struct setting settings[] = {
    { "net", TEXT, &set.net, 0, 0, "widths, as 64-256-128-10" },
    { "activation", TEXT, &set.activation, 0, 0, "relu, leaky, tanh ..." },
    { "init", TEXT, &set.init, 0, 0, "he, xavier, lecun, fan" },
    { "dropout", NUMBER, &set.dropout, 0, 0.99, "share of units dropped" },
    { "after", COUNT, &set.after, 0, 30, "dropout after this layer" },
    { "method", TEXT, &set.method, 0, 0, "momentum, adam, sgd ..." },
    { "lr", NUMBER, &set.rate, 1e-9, 1000, "rate (0.05; MNIST 0.01)" },
    { "momentum", NUMBER, &set.momentum, 0, 0.9999, "beta" },
    { "decay", NUMBER, &set.decay, 0, 10, "L2 penalty or AdamW's decay" },
    { "clip", NUMBER, &set.clip, 0, 1e9, "largest norm of the gradient" },
    { "schedule", TEXT, &set.fall, 0, 0, "exponential, step, cosine" },
    { "factor", NUMBER, &set.factor, 1e-6, 1, "of exponential and step" },
    { "every", COUNT, &set.every, 1, 10000, "epochs of a step" },
    { "warmup", COUNT, &set.warmup, 0, 10000, "epochs of cosine's rise" },
    { "epochs", COUNT, &set.epochs, 1, EPOCHS_MOST, "at most" },
    { "batch", COUNT, &set.batch, 1, 10000, "images in a step" },
    { "patience", COUNT, &set.patience, 0, 10000, "epochs; 0: no stop" },
    { "min-delta", NUMBER, &set.least, 0, 10, "least improvement" },
    { "watch", TEXT, &set.watch, 0, 0, "accuracy or loss" },
    { "validation", NUMBER, &set.validation, 0.001, 0.9, "its share" },
    { "freeze", COUNT, &set.frozen, 0, 30, "lowest layers that stay" },
    { "seed", COUNT, &set.seed, 1, 4294967295, "of all that is random" },
    { "data", TEXT, &set.data, 0, 0, "digits, mnist or a folder" },
    { "save", TEXT, &set.save, 0, 0, "write checkpoints there" },
    { "resume", TEXT, &set.resume, 0, 0, "go on from a checkpoint" },
    { "load", TEXT, &set.load, 0, 0, "checkpoint of predict" },
    { "image", TEXT, &set.image, 0, 0, "PGM or IDX file of predict" },
    { "index", COUNT, &set.index, 0, 1e7, "which image of an IDX file" },
    { "invert", FLAG, &set.invert, 0, 0, "the image is dark on light" },
    { "runs", COUNT, &set.runs, 1, 100, "seeds of the part mnist" },
    { 0 }
};

int main(int argc, char **argv)
{
    static const struct program program = {
        "08-training", "Training in practice.", settings, parts, tables,
        extras, prepare
    };
    const int status = program_run(argc, argv, &program);
    arena_free(&memory);
    return status;
}
