/*
 * Tests of chapter 8: the program, as a user runs it.  Each run is a child
 * whose output is kept; files lie in a folder of their own.
 */
#include "../tangled/tap.h"

#define main training_main
#include "../tangled/08-training.c"
#undef main

#include <gsl/gsl_sort.h>
#include <sys/time.h>

static char place[40], ckpt[2][60], other_file[60];
static char said[20000], complained[20000];

static void place_make(void)
{
    snprintf(place, sizeof place, "/tmp/downhill-run-XXXXXX");
    if (mkdtemp(place) == NULL)
        abort();
    for (int k = 0; k < 2; k++)
        snprintf(ckpt[k], sizeof ckpt[k], "%s/%d.ckpt", place, k);
    snprintf(other_file, sizeof other_file, "%s/file", place);
}

static void place_remove(void)
{
    unlink(ckpt[0]), unlink(ckpt[1]), unlink(other_file);
    if (rmdir(place) != 0)
        diag("%s is not empty", place);
}

/* What was written to f, as text. */
static void keep_text(FILE *f, char *text, size_t size)
{
    rewind(f);
    text[fread(text, 1, size - 1, f)] = '\0';
    fclose(f);
}

static void press_ctrl_c(int number)
{
    (void)number;
    raise(SIGINT);
}

/* In the child: SIGINT after so many seconds of its own work. */
static void interrupt_after(double seconds)
{
    struct sigaction act = { .sa_handler = press_ctrl_c,
                             .sa_flags = SA_RESTART };
    const struct itimerval t = { .it_value.tv_usec = (int)(seconds * 1e6) };
    sigaction(SIGPROF, &act, NULL);
    setitimer(ITIMER_PROF, &t, NULL);
}

/* The program in a child; `after` > 0: SIGINT after so much CPU time. */
static int run_with(char **args, double after)
{
    FILE *out = tmpfile(), *err = tmpfile();
    int n = 0, status;
    while (args[n] != NULL)
        n++;
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(fileno(out), STDOUT_FILENO), dup2(fileno(err), STDERR_FILENO);
        if (after > 0)
            interrupt_after(after);
        exit(training_main(n, args));
    }
    waitpid(pid, &status, 0);
    keep_text(out, said, sizeof said);
    keep_text(err, complained, sizeof complained);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#define RUN(...) run_with((char *[]){ "08-training", __VA_ARGS__, NULL }, 0)

/* One line on stderr that contains the text, nothing on stdout but that. */
static void is_refused(int status, const char *text)
{
    const size_t n = strlen(complained);
    const bool one = n > 0 && strchr(complained, '\n') == complained + n - 1;
    if (!ok(status == 1 && one && strstr(complained, text) != NULL,
            "refused: %.*s", (int)(n > 0 ? n - 1 : 0), complained))
        diag("status %d, expected to see: %s", status, text);
}

static bool same_file(const char *a, const char *b)
{
    struct arena m = { 0 };
    struct checkpoint x, y;
    struct error e;
    const bool same = file_read(&x, &m, a, &e) && file_read(&y, &m, b, &e)
                      && x.size == y.size
                      && memcmp(x.byte, y.byte, x.size) == 0;
    arena_free(&m);
    return same;
}

static void resume(void)
{
    place_make();
    char *one = ckpt[0], *two = ckpt[1];
    ok_equal((size_t)RUN("train", "--epochs", "10", "--save", one), 0,
             "ten epochs");
    ok_equal((size_t)RUN("train", "--epochs", "5", "--save", two), 0,
             "five epochs");
    ok_equal((size_t)RUN("train", "--epochs", "10", "--resume", two), 0,
             "and five more");
    ok(strstr(said, "resumed after epoch 5 and 0 batches\n") != NULL,
       "it says from where");
    ok(same_file(one, two), "5 + 5 = 10, byte for byte");
    is_refused(RUN("train", "--resume", two, "--net", "64-32-10"),
               "made with 'net 64-256-128-10', this run has 'net 64-32-10'");
    is_refused(RUN("train", "--resume", two, "--seed", "2"), "seed 1");
    is_refused(RUN("train", "--resume", "/no/such/file"), "cannot open");
    is_refused(RUN("train", "--resume", place),
               "is a folder, expected a file");
    ok(same_file(one, two), "the refused file is what it was");
    is_refused(RUN("train", "--epochs", "1", "--save", "/dev/null"),
               "not a regular file");
    is_refused(RUN("train", "--epochs", "1", "--save", place),
               "is a folder, expected a file");
    is_refused(RUN("train", "--epochs", "1", "--save", "/no/such/file"),
               "cannot write");
    RUN("train", "--epochs", "4", "--schedule", "cosine", "--save", one);
    is_refused(RUN("train", "--epochs", "6", "--schedule", "cosine",
                   "--resume", one),
               "made with 'epochs 4', this run has 'epochs 6'");
    place_remove();
}

static void interrupt(void)
{
    place_make();
    char *one = ckpt[0], *two = ckpt[1];
    char *args[] = { "08-training", "train", "--epochs", "3000",
                     "--patience", "0", "--save", one, NULL };
    ok_equal((size_t)run_with(args, 0.3), 130, "Ctrl-C ends with 130");
    ok(strstr(complained, "saved in ") != NULL, "%.*s",
       (int)strcspn(complained, "\n"), complained);
    struct checkpoint c;
    struct section s = { 0 };
    struct error e;
    if (!ok(checkpoint_read(&c, &memory, one, &e)
            && section_find(&c, "WHER", &s, &e), "the file is sound")) {
        diag("%s", e.text);
        return;
    }
    char epochs[20];
    snprintf(epochs, sizeof epochs, "%d", (int)number_8(s.item) + 1);
    RUN("train", "--epochs", epochs, "--patience", "0", "--resume", one);
    RUN("train", "--epochs", epochs, "--patience", "0", "--save", two);
    ok(same_file(one, two), "interrupted and resumed: the same bytes after "
       "%s epochs", epochs);
    char *none[] = { "08-training", "train", "--epochs", "3000",
                     "--patience", "0", NULL };
    ok_equal((size_t)run_with(none, 0.3), 130, "without --save too");
    ok(strstr(complained, "not saved") != NULL, "which it says");
    place_remove();
}

static void write_file(const char *text, size_t n)
{
    FILE *out = fopen(other_file, "wb");
    if (out == NULL || fwrite(text, 1, n, out) != n || fclose(out) != 0)
        abort();
}

/* The class that predict names; -1 when it failed. */
static int predicted(char *index, bool inverted)
{
    char *args[] = { "08-training", "predict", "--load", ckpt[0], "--image",
                     other_file, "--index", index,
                     inverted ? "--invert" : NULL, NULL };
    const int status = run_with(args, 0);
    const char *at = strstr(said, "this is a ");
    return status == 0 && at != NULL ? at[10] - '0' : -1;
}

/* The digits of the test part of the default run, before normalising. */
static void predictions(void)
{
    enum { SHOWN = 8 };
    char text[4000];
    place_make();
    RUN("train", "--save", ckpt[0]);
    rng = random_new(1);
    option.validation = 0.15;
    data_load();
    pixels_unscale(scale, data.test.X);
    size_t right[3] = { 0 }, n = 16;
    const unsigned char head[16] = { 0, 0, 8, 3, 0, 0, 0, SHOWN,
                                     0, 0, 0, 8, 0, 0, 0, 8 };
    unsigned char idx[16 + 64 * SHOWN];
    memcpy(idx, head, sizeof head);
    for (size_t i = 0; i < SHOWN; i++) {
        const real *x = data.test.X.data + 64 * i;
        size_t p = (size_t)sprintf(text, "P2\n# a digit\n8 8\n16\n");
        char bytes[80] = "P5 8 8 255\n";
        for (size_t j = 0; j < 64; j++) {
            const long v = lround((double)x[j] * 255);
            p += (size_t)sprintf(text + p, "%ld ",
                                 lround((double)x[j] * 16));
            idx[n++] = (unsigned char)v;
            bytes[11 + j] = (char)(unsigned char)(255 - v);
        }
        write_file(text, p);
        right[0] += predicted("0", false) == data.test.label[i];
        write_file(bytes, 75);
        right[1] += predicted("0", true) == data.test.label[i];
    }
    write_file((const char *)idx, sizeof idx);
    for (size_t i = 0; i < SHOWN; i++) {
        char index[4];
        snprintf(index, sizeof index, "%zu", i);
        right[2] += predicted(index, false) == data.test.label[i];
    }
    gsl_rng_free(rng);
    ok(right[0] >= 7, "%zu of 8 digits from PGM text", right[0]);
    ok_equal(right[1], right[0], "the same from PGM bytes, inverted");
    ok_equal(right[2], right[0], "the same from an IDX file");
    double sum = 0, p;
    int k, lines = 0;
    for (const char *s = said; *s != '\0'; s += strcspn(s, "\n") + 1)
        if (sscanf(s, "%d %lf", &k, &p) == 2 && s[0] == ' ')
            sum += p, lines++;
    ok(lines == 10 && fabs(sum - 1) < 1e-3, "ten probabilities, sum %.4f",
       sum);
    place_remove();
}

#define PREDICT(...) RUN("predict", "--load", ckpt[0], "--image", \
                         other_file, __VA_ARGS__)

static void bad_images(void)
{
    place_make();
    RUN("train", "--epochs", "1", "--net", "64-10", "--save", ckpt[0]);
    static const struct { const char *text, *complaint; } bad[] = {
        { "", "neither a PGM nor an IDX file" },
        { "P6 8 8 255\n", "neither a PGM nor an IDX file" },
        { "P5 8 8", "not a PGM image" },
        { "P5 8 8 65535\n", "not a PGM image" },
        { "P5 x 8 255\n", "not a PGM image" },
        { "P2 28 28 255\n", "28x28 pixels, the network takes 8x8" },
        { "P2 8 8 16 1 2 3", "pixel 3 is missing" },
        { "P2 8 8 16 1 17 3", "pixel 1 is missing or too large" },
        { "P5 8 8 255\nabc", "pixel 3 is missing" },
        { "P2 99999999999999999999 8 16 1", "not a PGM image" }
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_file(bad[i].text, strlen(bad[i].text));
        is_refused(PREDICT("--index", "0"), bad[i].complaint);
    }
    const char idx[24] = { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4 };
    write_file(idx, 24);
    is_refused(PREDICT("--index", "0"), "4x2 pixels, the network takes 8x8");
    write_file(idx, 20);
    is_refused(PREDICT("--index", "0"), "file");
    char eight[80] = { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 8 };
    write_file(eight, 80);
    is_refused(PREDICT("--index", "1"), "no image 1: it holds 1");
    is_refused(RUN("predict", "--load", other_file, "--image", other_file),
               "not a checkpoint");
    is_refused(RUN("predict", "--load", ckpt[0]), "give --load");
    is_refused(RUN("predict", "--load", place, "--image", other_file),
               "is a folder, expected a file");
    is_refused(RUN("predict", "--load", ckpt[0], "--image", place),
               "is a folder, expected a file");
    is_refused(RUN("predict", "--load", ckpt[0], "--image", "/no/such"),
               "cannot open");
    place_remove();
}

/* What the frame refuses before anything runs: usage, status 2. */
static void is_no_command(int status, const char *text)
{
    const size_t n = strlen(complained);
    const char *last = complained + n;
    while (last > complained && (last == complained + n || last[-1] != '\n'))
        last--;
    if (!ok(status == 2 && strstr(last, text) != NULL && said[0] == '\0',
            "no command: %.*s", (int)strcspn(last, "\n"), last))
        diag("status %d, expected to see: %s", status, text);
}

static void bad_options(void)
{
    is_no_command(RUN("train", "--net", "64-x-10"), "--net: expected widths");
    is_no_command(RUN("train", "--activation", "rely"), "found 'rely'");
    is_no_command(RUN("train", "--method", "madam"), "found 'madam'");
    is_no_command(RUN("train", "--schedule", "late"), "found 'late'");
    is_no_command(RUN("train", "--init", "she"), "found 'she'");
    is_no_command(RUN("train", "--watch", "me"), "found 'me'");
    is_no_command(RUN("train", "--dropout", "1"), "--dropout: expected a n");
    is_no_command(RUN("--lr"), "--lr needs a value");
    is_no_command(RUN("trian"), "there is no part 'trian'");
    is_no_command(RUN("leak", "--epochs", "5"),
                  "--epochs is not used by the part leak");
    is_no_command(RUN("faults", "schedules", "--net", "64-10"),
                  "--net is not used by these parts");
    ok_equal((size_t)RUN("--help"), 0, "help");
}

static void bad_values(void)
{
    is_refused(RUN("train", "--net", "10-5-10"),
               "--net: 10-5-10 takes 10 numbers, the data have 64");
    is_refused(RUN("train", "--net", "64-9"),
               "--net: 64-9 gives 9 answers, the data have 10 classes");
    is_refused(RUN("summary", "--net", "64-2000000-10"), "--net:1:4:");
    is_refused(RUN("train", "--freeze", "9"),
               "--freeze: layer 9 of a network with 3");
    is_refused(RUN("train", "--after", "3"),
               "--after: hidden layer 3 of a network with 2");
    is_refused(RUN("summary", "--net", "64-10", "--after", "1"),
               "--after: hidden layer 1 of a network with 0");
    is_refused(RUN("leak", "--init", "uniform"), "--init: uniform has no");
    is_refused(RUN("leak", "--init", "normal"), "--init: normal has no");
    is_refused(RUN("train", "--schedule", "cosine", "--epochs", "2"),
               "--warmup: 2 of 2 epochs");
    is_refused(RUN("train", "--data", "/no/such/folder"), "no file");
    is_refused(RUN("train", "--lr", "1000", "--method", "sgd", "--epochs",
                   "60", "--init", "lecun", "--activation", "leaky"),
               "not a number");
    unsetenv("MNIST_DIR"), unsetenv("XDG_CACHE_HOME");
    setenv("HOME", "/no/such/home", 1);
    is_refused(RUN("mnist"), "MNIST: not found; `make mnist` fetches it");
}

static void results(void)
{
    static double accuracy[5];
    for (int k = 0; k < 5; k++) {
        char s[16];
        snprintf(s, sizeof s, "%d", k + 1);
        RUN("train", "--seed", s);
        const char *at = strstr(said, "accuracy ");
        accuracy[k] = at != NULL ? strtod(at + 9, NULL) : 0;
    }
    diag("digits, five seeds: %.2f %.2f %.2f %.2f %.2f %%", accuracy[0],
         accuracy[1], accuracy[2], accuracy[3], accuracy[4]);
    size_t good = 0;
    for (int k = 0; k < 5; k++)
        good += accuracy[k] >= 97.5;
    ok(good >= 3, "digits: at least 97.5 %% in %zu of five seeds", good);
}

/* The measured tables of MNIST that the book prints. */
static void measured(void)
{
    double test[20], p[5];
    char line[300];
    int seed, epochs, n = 0;
    FILE *in = fopen("book/results/08-mnist.tsv", "r");
    if (in == NULL) {
        skip("no book/results/08-mnist.tsv here", "MNIST, last recipe");
        return;
    }
    while (fgets(line, sizeof line, in) != NULL && n < 20)
        if (sscanf(line, "%d %d %lf %lf %lf %lf", &seed, &epochs, &p[0],
                   &p[1], &p[2], &p[3]) == 6)
            test[n++] = p[3];
    fclose(in);
    gsl_sort(test, 1, (size_t)n);
    ok(n >= 3 && test[n / 2] >= 98.06, "MNIST, the sources' last recipe: "
       "median of %d seeds %.2f%%, there 98.06%%", n, test[n / 2]);
}

/* What was said, from the last of these words on; two such texts are kept. */
static const char *from_last(const char *words)
{
    static char text[2][20000];
    static int k;
    const char *at = strstr(said, words), *next = at;
    while (next != NULL && (next = strstr(next + 1, words)) != NULL)
        at = next;
    k = !k;
    snprintf(text[k], sizeof text[k], "%s", at != NULL ? at : "missing");
    return text[k];
}

/* A small network shows as well whether it is trained once. */
#define SMALL "--net", "64-32-10", "--epochs", "4"

static void parts_alone(void)
{
    ok_text((RUN("clip", "summary", "split"), from_last("part ")),
            (RUN("split"), from_last("part ")), "split after clip");
    ok_text((RUN("split", "freeze", "clip"), from_last("limit ")),
            (RUN("clip"), from_last("limit ")), "clip after freeze");
    ok_text((RUN("train", "mistakes", "confusion", SMALL),
             from_last(" true ")),
            (RUN("confusion", SMALL), from_last(" true ")),
            "confusion: the network is trained once for three parts");
    ok_text((RUN("confusion", "mistakes", "train", SMALL),
             from_last("64-32-10")),
            (RUN("train", SMALL), from_last("64-32-10")),
            "train after confusion");
}

/* The numbers of the lines of a table, but the first. */
static size_t numbers_of(const char *name, double x[], size_t most)
{
    char path[80];
    size_t n = 0;
    int c;
    snprintf(path, sizeof path, "%s/%s", place, name);
    FILE *in = fopen(path, "r");
    while (in != NULL && (c = getc(in)) != '\n' && c != EOF)
        continue;
    while (in != NULL && n < most && fscanf(in, "%lf", &x[n]) == 1)
        n++;
    if (in != NULL)
        fclose(in);
    unlink(path);
    return n;
}

static void tables(void)
{
    static double x[4000];
    double sum = 0, right = 0;
    size_t wrong = 0, rows;
    place_make();
    ok_equal((size_t)RUN("train", "confusion", "mistakes", "schedules",
                         "--tsv", place), 0, "tables are written");
    const char *over = strstr(said, "stopped early after epoch ");
    const char *share = strstr(said, "accuracy ");
    rows = numbers_of("08-curves.tsv", x, 4000) / 6;
    ok(over != NULL && rows == strtoul(over + 26, NULL, 10),
       "the curves have a row for each of %zu epochs", rows);
    for (size_t e = 0; e < rows; e++)
        wrong += x[6 * e] != (double)(e + 1) || !(x[6 * e + 1] > 0)
                 || !(x[6 * e + 3] > 0) || x[6 * e + 5] != 0.05;
    ok_equal(wrong, 0, "losses and the rate in each");
    ok_equal(numbers_of("08-confusion.tsv", x, 4000), 300, "100 cells");
    for (size_t i = 0; i < 100; i++) {
        sum += x[3 * i + 2];
        right += x[3 * i] == x[3 * i + 1] ? x[3 * i + 2] : 0;
    }
    ok(sum == 359 && share != NULL
       && fabs(strtod(share + 9, NULL) - 100 * right / sum) < 0.006,
       "359 images; the diagonal is the accuracy that train printed");
    ok_equal(numbers_of("08-mistakes.tsv", x, 4000), 8 * 64 * 7,
             "eight pictures of 64 pixels");
    ok_equal(numbers_of("08-schedules.tsv", x, 4000), 200 * 6,
             "200 points of six columns");
    unlink(strcat(strcpy(other_file, place), "/08-values.tsv"));
    place_remove();
}

static void sums(void)
{
    RUN("summary", "--net", "784-512-10");
    ok(strstr(said, "407050 parameters") != NULL,
       "784-512-10 has 407050 parameters");
    RUN("summary");
    ok(strstr(said, "682090 parameters") != NULL,
       "the sources' last network has 682090");
    RUN("faults");
    ok(strstr(said, "as it was          loaded\n") != NULL
       && strstr(strstr(said, "loaded") + 1, "loaded") == NULL,
       "no fault is loaded");
    RUN("freeze", "--freeze", "1");
    ok(strstr(said, " 1 ") != NULL && strstr(said, "34186") != NULL
       && strstr(said, "1290") == NULL, "freeze as many as asked for");
    RUN("resume");
    ok(strstr(said, "50826 of 50826 weights are equal") != NULL,
       "all weights are equal after 5 + 5 epochs");
}

int main(void)
{
    setenv("TAP_TIMEOUT", "60", 0);
    /* the children must not start anew to choose another kernel */
    setenv("OPENBLAS_CORETYPE", openblas_get_corename(), 0);
    TAP_RUN(sums);
    TAP_RUN(parts_alone);
    TAP_RUN(tables);
    TAP_RUN(resume);
    TAP_RUN(interrupt);
    TAP_RUN(predictions);
    TAP_RUN(bad_images);
    TAP_RUN(bad_options);
    TAP_RUN(bad_values);
    TAP_RUN(results);
    TAP_RUN(measured);
    return tap_done();
}
