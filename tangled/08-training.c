/*
 * Training in practice.  Downhill, chapter 8.
 *
 * cc -O3 -march=native tangled/08-training.c -lgsl -lopenblas -lz -lm \
 *    -o training       (-DREAL=float: faster, and other digits)
 */
#include "run.h"
#include "sets.h"

#define NET "seed validation net activation init dropout after method " \
            "momentum lr decay clip schedule factor every warmup batch " \
            "freeze"
#define PLAN NET " patience min-delta watch"
#define FULL PLAN " data epochs"
#define SAVED FULL " save resume"

static struct parts_of_data data;
static struct pixel_scale scale;        /* (1,1): of the training part */

/* Begin anew: fill data, scale, and the options that depend on them. */
static void data_load(void)
{
    const double v = option.validation;
    struct images all;
    struct error e;
    arena_reset(&memory), gsl_rng_set(rng, option.seed);
    if (option.data == NULL) {
        all = digits_load(&memory);
        data = images_three(&all, &memory, rng, 0.8 * v, 0.2);
    } else if (mnist_load(&all, &data.test, &memory, option.data, &e)) {
        images_split(&all, &memory, rng, 1 - v, &data.train,
                     &data.validation);
    } else {
        give_up(&e);
    }
    scale = parts_scale(&data, &memory);
    if (option.net == NULL)
        option.net = option.data == NULL ? "64-256-128-10"
                                         : "784-520-320-240-120-10";
    if (option.lr == 0)
        option.lr = option.data == NULL ? 0.05 : 0.01;
}

/* The network of the options for such data (0: any), its weights 0. */
static struct network network_now(size_t numbers, size_t classes)
{
    struct widths w;
    struct error e;
    if (!widths_fit(&w, option.net, "--net", numbers, classes, &e))
        give_up(&e);
    const size_t after = option.after > 0 ? option.after : w.n > 2;
    if (after > w.n - 2)
        give_up_on("--after", "hidden layer %zu of a network with %zu",
                   after, w.n - 2);
    if (option.freeze > w.n - 1)
        give_up_on("--freeze", "layer %zu of a network with %zu",
                   option.freeze, w.n - 1);
    struct network n = network_with_dropout(&memory, &w,
        activation_find(option.activation), option.batch, option.dropout,
        option.dropout > 0 ? after : 0, rng);
    network_freeze_lowest(&n, option.freeze);
    return n;
}

/* A run of the options from its beginning; the data are loaded. */
static void run_new(struct run *r)
{
    const struct images *in = &data.train;
    gsl_rng_set(rng, option.seed);
    r->net = network_now(in->rows * in->cols, (size_t)in->classes);
    const struct init s = { .rule = init_find(option.init) };
    if (s.rule == INIT_UNIFORM || s.rule == INIT_NORMAL)
        give_up_on("--init", "%s has no scale here; fan, lecun, xavier and he "
                   "find theirs", option.init);
    network_init(&r->net, s, rng);
    run_begin(r, images_data(in), images_data(&data.validation), PLAN);
    plan_add(&r->plan, "images %zux%zu %zu", in->rows, in->cols, in->n);
    plan_add(&r->plan, "mean %.17g", (double)scale.mean.data[0]);
    plan_add(&r->plan, "deviation %.17g", (double)scale.deviation.data[0]);
}

/* The run that --save and --resume speak of. */
static void run_open(struct run *r)
{
    data_load(), run_new(r);
    r->path = option.save != NULL ? option.save : option.resume;
    if (option.resume != NULL)
        run_read(r, option.resume);
}

/* Train to the end, or take the weights of the part that did so before. */
static void run_trained(struct run *r)
{
    static struct arena shelf;
    static real *kept;
    const tensor theta = r->net.model.theta;
    const size_t bytes = theta.shape[0] * sizeof(real);
    if (kept == NULL) {
        run_finish(r);
        kept = memcpy(arena_take(&shelf, bytes, 1), theta.data, bytes);
    }
    memcpy(theta.data, kept, bytes);
}

static struct score run_score(struct run *r)
{
    return network_score(&r->net, data.test.X, data.test.label);
}

static void show_summary(void)
{
    option.net = option.net ? option.net : "784-520-320-240-120-10";
    const struct network n = network_now(0, 0);
    network_summary(stdout, &n);
}

/* How many images, of each class, and how sure 98 per cent of them are. */
static void part_row(struct table *t, const char *name,
                     const struct images *s)
{
    double x[12] = { (double)s->n };
    for (size_t i = 0; i < s->n; i++)
        x[1 + s->label[i]]++;
    x[11] = 100 * accuracy_deviation(0.98, s->n);
    table_row(t, name, 12, x);
}

static void show_split(void)
{
    data_load();
    struct table t = table_new(NULL, "part %-11s|images %6.0f|0 %4.0f|"
        "1 %4.0f|2 %4.0f|3 %4.0f|4 %4.0f|5 %4.0f|6 %4.0f|7 %4.0f|8 %4.0f|"
        "9 %4.0f|deviation %9.2f%");
    part_row(&t, "training", &data.train);
    part_row(&t, "validation", &data.validation);
    part_row(&t, "test", &data.test);
    printf("\nmean %.4f and deviation %.4f of the training pixels\n",
           (double)scale.mean.data[0], (double)scale.deviation.data[0]);
}

static void show_leak(void)
{
    struct run r;
    option.epochs = 100, option.patience = 0;
    data_load(), run_new(&r);
    struct table t = table_new(NULL, "epoch %5.0f|"
        "'validation' on the training images %35.2f%|"
        "validation part %15.2f%|test part %9.2f%");
    while (run_epoch(&r)) {
        const size_t e = r.training.learner.epoch;
        const struct score s = network_score(&r.net, data.train.X,
                                             data.train.label);
        if (100 % e == 0)
            ROW(&t, NULL, (double)e, 100 * s.accuracy,
                100 * r.training.note[e - 1].accuracy,
                100 * run_score(&r).accuracy);
    }
}

/* The losses after 30 epochs for five shares, the mean of ten seeds. */
static void dropout_losses(void)
{
    enum { SEEDS = 10 };
    double none[SEEDS] = { 0 };         /* the losses of share 0 */
    struct table t = table_hidden("dropout", "p %g|training %g|"
                                  "validation %g|error %g");
    option.net = "64-128-10", option.validation = 0.7;
    option.epochs = 30, option.patience = 0;
    for (int k = 0; k < 5; k++) {
        double train = 0, loss = 0, more = 0, square = 0;
        option.dropout = 0.2 * k;
        for (size_t s = 0; s < SEEDS; s++) {
            struct run r;
            option.seed = s + 1;
            data_load(), run_new(&r), run_finish(&r);
            const struct epoch_note *n = &r.training.note[29];
            none[s] = k == 0 ? n->loss : none[s];
            train += n->train_loss / SEEDS, loss += n->loss / SEEDS;
            more += (n->loss - none[s]) / SEEDS;
            square += pow(n->loss - none[s], 2) / SEEDS;
        }
        ROW(&t, NULL, option.dropout, train, loss,
            sqrt((square - more * more) / (SEEDS - 1)));
    }
    table_end(&t);
}

/* Three units behind dropout, and a sum of them: mean and variance. */
static void show_dropout(void)
{
    enum { PASSES = 100000 };
    static const real a[3] = { (real)0.5, (real)1.5, -2 };
    const tensor X = tensor_from(&memory, 3, a, SHAPE(1, 3));
    struct table t = table_new(NULL, " %-14s|a = 0.5 %9.4f|a = 1.5 %9.4f|"
                                     "a w = 0.75 %10.4f");
    for (int k = 0; k < 2; k++) {
        const double p = k ? 0.5 : 0.2, c = p / (1 - p);
        double m[3] = { 0 }, v[3] = { 0 };
        struct network n = network_new(&memory, 1, SHAPE(3));
        network_dropout(&n, p, rng);
        network_finish(&n);
        for (int pass = 0; pass < PASSES; pass++) {
            const real *x = network_forward(&n, X, true).data;
            const double z[3] = { (double)x[0], (double)x[1], (double)x[0]
                                  + 0.5 * (double)x[1] + 0.25 * (double)x[2] };
            for (int i = 0; i < 3; i++)
                m[i] += z[i] / PASSES, v[i] += z[i] * z[i] / PASSES;
        }
        ROW(&t, k ? "0.5  mean" : "0.2  mean", m[0], m[1], m[2]);
        ROW(&t, "     theory", 0.5, 1.5, 0.75);
        ROW(&t, "     variance", v[0] - m[0] * m[0], v[1] - m[1] * m[1],
            v[2] - m[2] * m[2]);
        ROW(&t, "     theory", c * 0.25, c * 2.25, c * 1.0625);
    }
    if (table_wanted())
        dropout_losses();
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
    struct table t = table_new("schedules", "epoch %5g|constant %9.4f|"
        "exponential %12.4f|step %9.4f|cosine %9.4f|compounded %12.6f");
    for (size_t s = 0; s < 1000; s += 5) {
        const size_t e = s / 50;
        t.hidden = s % 50 > 0 || (e > 2 && e % 5 > 0 && e < 19);
        ROW(&t, NULL, (double)s / 50, schedule_rate(falls[0], e, s),
            schedule_rate(falls[1], e, s), schedule_rate(falls[2], e, s),
            schedule_rate(falls[3], e, s), compound_rate(e));
    }
    table_end(&t);
}

static void show_clip(void)
{
    const double c = option.clip > 0 ? option.clip : 0.5;
    const double most[] = { 0, c, c / 5 };
    struct run r;
    data_load();
    struct table t = table_new(NULL, "limit %-6g|loss after 1 epoch %18.2f|"
                                     "2 %6.2f|5 %6.2f");
    option.lr *= 20, option.epochs = 5, option.patience = 0;
    for (int k = 0; k < 3; k++) {
        option.clip = most[k];
        run_new(&r), run_finish(&r);
        const struct epoch_note *n = r.training.note;
        ROW(&t, NULL, most[k], n[0].loss, n[1].loss, n[4].loss);
    }
}

static void show_train(void)
{
    struct run r;
    run_open(&r);
    const size_t each = option.epochs > 20 ? option.epochs / 20 : 1;
    printf("%s, %zu images, batches of %zu\n", option.net, data.train.n,
           option.batch);
    if (option.resume != NULL)
        printf("resumed after epoch %zu and %zu batches\n",
               r.training.learner.epoch, r.training.learner.t);
    struct table t = table_new("curves", "epoch %5.0f|training %10.4f|"
        "right %8.2f%|validation %12.4f|right %8.2f%|rate %9.2g");
    while (run_epoch(&r)) {
        const size_t e = r.training.learner.epoch;
        const struct epoch_note *n = &r.training.note[e - 1];
        t.hidden = e % each > 0;
        if (!t.hidden)
            bar_clear(&r.bar);
        t.remark = r.training.stopper.best_epoch == e ? " *" : "";
        ROW(&t, NULL, (double)e, n->train_loss, 100 * n->train_accuracy,
            n->loss, 100 * n->accuracy, n->rate);
    }
    table_end(&t);
    run_trained(&r);
    const struct training *o = &r.training;
    const struct score s = run_score(&r);
    const size_t n = data.test.n;
    printf("%s after epoch %zu; best: epoch %zu\n"
           "test: loss %.4f, accuracy %.2f%% +- %.2f%% (%zu images)\n",
           stopper_says_stop(&o->stopper) ? "stopped early" : "ended",
           o->learner.epoch, o->stopper.best_epoch, s.loss, 100 * s.accuracy,
           100 * accuracy_deviation(s.accuracy, n), n);
    value_write("best.loss", "%.4f", o->stopper.best);
    value_write("test.loss", "%.4f", s.loss);
}

/* Thirty epochs on 100 images, from nothing or with layers of before. */
static void show_freeze(void)
{
    const size_t most = option.freeze > 0 ? option.freeze : 2;
    struct run old, r;
    option.epochs = 30, option.patience = 0, option.freeze = 0;
    data_load(), run_new(&old), run_finish(&old);
    data.train.n = 100, data.train.X = tensor_rows(data.train.X, 0, 100);
    struct table t = table_new(NULL, "layers kept and frozen %22.0f|"
                                     "numbers learned %15.0f|test %8.1f%");
    for (; option.freeze <= most; option.freeze++) {
        run_new(&r);
        const size_t learned = network_trainable(&r.net);
        memcpy(r.net.model.theta.data, old.net.model.theta.data,
               (network_parameters(&r.net) - learned) * sizeof(real));
        run_finish(&r);
        ROW(&t, NULL, (double)option.freeze, (double)learned,
            100 * run_score(&r).accuracy);
    }
}

static void show_confusion(void)
{
    struct run r;
    run_open(&r), run_trained(&r);
    const struct data test = images_data(&data.test);
    const tensor C = confusion_count(&memory, &r.net, &test);
    confusion_print(stdout, C);
    struct table t = table_hidden("confusion", "is %g|called %g|n %g");
    for (size_t i = 0; i < 100; i++)
        ROW(&t, NULL, (double)(i / 10), (double)(i % 10),
            (double)AT(C, i / 10, i % 10));
    table_end(&t);
}

static void show_mistakes(void)
{
    struct run r;
    size_t wrong = 0, worst[8];
    run_open(&r), run_trained(&r);
    const struct data test = images_data(&data.test);
    const struct answer *list = answers_sorted(&memory, &r.net, &test);
    for (size_t i = 0; i < test.n; i++)
        wrong += list[i].guess != list[i].label;
    for (size_t i = 0; i < 8; i++)
        worst[i] = list[i].sample;
    const struct images ink = images_pick(&memory, &data.test, 8, worst);
    pixels_unscale(scale, ink.X);
    printf("%zu of %zu test images are taken for another; the worst "
           "answers:\n", wrong, test.n);
    for (size_t i = 0; i < 8; i++) {
        const struct answer *o = &list[i];
        char not[16] = "";
        if (i % 4 == 0)
            printf("\n"), images_print(stdout, &ink, i, 4);
        if (o->guess != o->label)
            snprintf(not, sizeof not, ", not %d", o->label);
        const int n = printf("%d%s: %.0f%%", o->guess, not, 100 * o->p_guess);
        if (i % 4 == 3)
            printf("\n");
        else
            printf("%*s", 2 * (int)ink.cols + 3 - n, "");
    }
    const size_t pixels = ink.rows * ink.cols;
    struct table t = table_hidden("mistakes", "image %g|label %g|guess %g|"
                                  "p %g|row %g|column %g|ink %g");
    for (size_t k = 0; k < 8 * pixels; k++) {
        const struct answer *o = &list[k / pixels];
        ROW(&t, NULL, (double)(k / pixels), o->label, o->guess,
            100 * o->p_guess, (double)(k % pixels / ink.cols),
            (double)(k % ink.cols), (double)lround(255 * ink.X.data[k]));
    }
    table_end(&t);
}

static void show_format(void)
{
    struct run r;
    struct checkpoint c = { 0 };
    if (option.net == NULL && option.data == NULL)
        option.net = "64-32-10";
    option.epochs = 3, option.patience = 0;
    data_load(), run_new(&r), run_finish(&r);
    training_pack(&c, &memory, &r.training, &r.plan);
    checkpoint_print(stdout, &c);
}

/* A new file for a checkpoint. */
static const char *file_make(void)
{
    static char path[40];
    const int f = mkstemp(strcpy(path, "/tmp/downhill-XXXXXX"));
    if (f < 0)
        give_up_on(path, "cannot make it: %s", strerror(errno));
    close(f);
    return path;
}

/* Train to epoch `upto`, from the file if one is named. */
static void leg(struct run *r, size_t upto, const char *from)
{
    run_new(r);
    if (from != NULL)
        run_read(r, from);
    while (r->training.learner.epoch < upto && run_epoch(r))
        continue;
}

static void show_resume(void)
{
    struct run whole, first, second;
    const char *path = file_make();
    data_load();
    option.epochs = 10, option.patience = 0;
    leg(&whole, 10, NULL), leg(&first, 5, NULL);
    run_write(&first, path);
    leg(&second, 10, path);
    unlink(path);
    const real *a = whole.net.model.theta.data, *b = first.net.model.theta.data;
    const real *c = second.net.model.theta.data;
    const size_t n = network_parameters(&whole.net);
    size_t same = 0, moved = 0;
    for (size_t i = 0; i < n; i++) {
        same += memcmp(&a[i], &c[i], sizeof *a) == 0;
        moved += b[i] != c[i];
    }
    printf("10 epochs          validation loss %.4f\n",
           whole.training.note[9].loss);
    printf("5, saved, 5 more   validation loss %.4f\n",
           second.training.note[9].loss);
    printf("%zu of %zu weights are equal, bit for bit\n", same, n);
    printf("%zu of them changed after the file was written\n", moved);
}

/* Write these bytes as the file, try to load it, say what happened. */
static void try_load(struct run *r, const char *what, const char *path,
                     const unsigned char *byte, size_t n)
{
    struct error e;
    if (!file_replace(path, byte, n, &e))
        give_up(&e);
    const bool good = training_load(&r->training, &r->plan, path, &e);
    printf("%-18s %s\n", what, good ? "loaded" : e.text);
}

static void show_faults(void)
{
    struct run r, other;
    struct checkpoint c = { 0 };
    const char *path = file_make();
    const uint32_t turned = 0x04030201, order = CHECKPOINT_ORDER;
    static const unsigned char pgm[] = "P5 8 8 16 ...";
    option.data = NULL, data_load();
    option.net = "64-48-10", run_new(&other);
    option.net = "64-32-10", run_new(&r);
    training_pack(&c, &memory, &r.training, &r.plan);
    try_load(&r, "foreign", path, pgm, sizeof pgm);
    try_load(&r, "empty", path, pgm, 0);
    try_load(&r, "cut off", path, c.byte, 1000);
    c.byte[12345] ^= 4;
    try_load(&r, "one bit flipped", path, c.byte, c.size);
    c.byte[12345] ^= 4, c.byte[12] ^= 3;
    try_load(&r, "later version", path, c.byte, c.size);
    c.byte[12] ^= 3, memcpy(c.byte + 8, &turned, 4);
    try_load(&r, "other byte order", path, c.byte, c.size);
    memcpy(c.byte + 8, &order, 4);
    try_load(&other, "other network", path, c.byte, c.size);
    try_load(&r, "as it was", path, c.byte, c.size);
    unlink(path);
}

static void show_predict(void)
{
    struct stored m;
    struct error e;
    if (option.load == NULL || option.image == NULL)
        give_up_on("predict", "give --load CHECKPOINT --image FILE");
    if (!stored_load(&m, &memory, option.load, &e))
        give_up(&e);
    static const char bar[] = "########################################";
    const struct images one = images_new(&memory, 1, m.rows, m.cols, 1);
    real *x = one.X.data;
    if (!image_read(option.image, option.index, m.rows, m.cols, x, &e))
        give_up(&e);
    for (size_t i = 0; i < m.net.inputs && option.invert; i++)
        x[i] = 1 - x[i];
    images_print(stdout, &one, 0, 1);
    const real *p = stored_answer(&m, &memory, one.X).data;
    for (size_t k = 0; k < m.net.outputs; k++)
        printf("%s%3zu %9.4f  %.*s\n", k == 0 ? "\n" : "", k, (double)p[k],
               (int)lround(40 * (double)p[k]), bar);
    printf("\nthis is a %.0f\n", (double)fold_argmax(p, m.net.outputs, 1));
}

static void show_mnist(void)
{
    const struct path found = images_find_mnist(option.data);
    option.data = found.s;
    struct table t = table_new("mnist", "seed %4.0f|epochs %6.0f|"
        "best %4.0f|train %7.2f|validation %10.2f|test %7.2f");
    t.rounded = true;
    for (option.seed = 1; option.seed <= option.runs; option.seed++) {
        struct run r;
        data_load(), run_new(&r), run_finish(&r);
        const struct training *o = &r.training;
        const size_t best = o->stopper.best_epoch;
        const struct epoch_note *n = &o->note[best - (best > 0)];
        ROW(&t, NULL, (double)option.seed, (double)o->learner.epoch,
            (double)best, 100 * n->train_accuracy, 100 * n->accuracy,
            100 * run_score(&r).accuracy);
    }
    table_end(&t);
}

static const struct part parts[] = {
    { "summary", show_summary, "the network as a table",
      "net activation dropout after freeze" },
    { "split", show_split, "three parts", "data seed validation" },
    { "leak", show_leak, "a validation that flatters", NET " data" },
    { "dropout", show_dropout, "mean and variance of a unit", "seed" },
    { "schedules", show_schedules, "rates that fall", NULL },
    { "clip", show_clip, "gradients that are too long", NET " data" },
    { "train", show_train, "train, stop early, test", SAVED },
    { "freeze", show_freeze, "keep what was learned", NET " data" },
    { "confusion", show_confusion, "who is taken for whom", SAVED },
    { "mistakes", show_mistakes, "the worst answers", SAVED },
    { "format", show_format, "what is in a checkpoint", NET " data" },
    { "resume", show_resume, "5 epochs and 5 are 10", NET " data" },
    { "faults", show_faults, "files that are refused", NULL },
    { 0 }
}, extras[] = {
    { "predict", show_predict, "name a picture, by a checkpoint",
      "load image index invert" },
    { "mnist", show_mnist, "the sources' last network", FULL " runs" },
    { 0 }
};

int main(int argc, char **argv)
{
    option = (struct options){
        .seed = 1, .epochs = 200, .batch = 32, .patience = 20, .every = 10,
        .warmup = 2, .momentum = 0.5, .dropout = 0.2, .factor = 0.95,
        .validation = 0.15, .activation = "relu", .method = "momentum",
        .schedule = "constant", .init = "he", .watch = "loss", .runs = 3
    };
    return program_run(argc, argv, "08-training", "Training in practice.",
                       parts, extras);
}
