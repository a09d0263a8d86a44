/*
 * Tests of images.h and sets.h, with good files and broken ones, and of the
 * program itself.  The files are made here, in a folder that is removed.
 */
#include "../tangled/tap.h"

#define main softmax_main
#include "../tangled/05-softmax-regression.c"
#undef main

static char folder[] = "/tmp/downhill-05-XXXXXX";

/* FOLDER/name */
static const char *in_folder(const char *name)
{
    static char path[8][200];
    static size_t next;
    next = (next + 1) % 8;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

/* Write n bytes, compressed when the name ends in .gz. */
static void write_file(const char *name, size_t n, const void *bytes)
{
    const size_t length = strlen(name);
    if (length > 3 && strcmp(name + length - 3, ".gz") == 0) {
        gzFile out = gzopen(in_folder(name), "wb");
        if (n > 0)
            gzwrite(out, bytes, (unsigned)n);
        gzclose(out);
    } else {
        FILE *out = fopen(in_folder(name), "wb");
        fwrite(bytes, 1, n, out);
        fclose(out);
    }
}

static void write_text(const char *name, const char *text)
{
    write_file(name, strlen(text), text);
}

static void drop_files(void)
{
    static const char *const name[] = { "x", "y", "x.gz", "y.gz", "a.csv",
        "a.csv.gz", "large.csv", "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte", "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte" };
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        remove(in_folder(name[i]));
}

/* Three images of 2 x 5 pixels, and their labels. */
static const unsigned char good_x[] = {
    0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 5,
    0, 51, 102, 153, 204, 255, 1, 2, 3, 4,
    5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 253 };
static const unsigned char good_y[] = { 0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9 };

static bool read_pair(struct images *s, const char *x, const char *y,
                      struct error *e)
{
    return images_read_idx(s, &memory, in_folder(x), in_folder(y), 10, e);
}

static void idx_good(void)
{
    static const char *const x[] = { "x", "x.gz" };
    static const char *const y[] = { "y", "y.gz" };
    for (size_t t = 0; t < 2; t++) {
        struct images s = { 0 };
        struct error e;
        double got[30], want[30];
        write_file(x[t], sizeof good_x, good_x);
        write_file(y[t], sizeof good_y, good_y);
        ok(read_pair(&s, x[t], y[t], &e), "%s and %s are read", x[t], y[t]);
        ok_text(TENSOR_SHAPE(s.X), "(3, 10)", "an image is a row");
        ok(s.n == 3 && s.rows == 2 && s.cols == 5 && s.classes == 10,
           "3 images of 2 x 5");
        for (size_t i = 0; i < 30; i++)
            got[i] = (double)s.X.data[i], want[i] = good_x[16 + i] / 255.0;
        ok_all_close(30, got, want, 0, 0, "pixels from 0 to 1");
        ok(s.label[0] == 7 && s.label[1] == 0 && s.label[2] == 9,
           "their labels");
    }
    drop_files();
}

/* begin bad-idx */
/* A way to spoil x or y, and what must be said about it. */
struct spoiled {
    const char *title;
    bool label;                 /* spoil y, not x */
    size_t n;                   /* bytes to keep; 0: all */
    size_t at;                  /* then change this byte */
    int to;                     /* to this; -1: change nothing */
    const char *says;
};

static const struct spoiled spoiled[] = {
    { "truncated pixels", false, 40, 0, -1,
      "byte 40: the file ends, 6 more bytes were expected" },
    { "truncated header", false, 10, 0, -1,
      "byte 10: the file ends, 2 more bytes were expected" },
    { "truncated labels", true, 10, 0, -1,
      "byte 10: the file ends, 1 more bytes were expected" },
    { "labels instead of images", false, 0, 3, 1,
      "byte 0: magic number 0x00000801, expected 0x00000803" },
    { "floats instead of bytes", false, 0, 2, 13,
      "byte 0: magic number 0x00000D03, expected 0x00000803" },
    { "an image too many", false, 0, 7, 4,
      "byte 46: the file ends, 10 more bytes were expected" },
    { "an image too few", false, 0, 7, 2,
      "byte 36: more bytes than the header announces" },
    { "a label too few", true, 10, 7, 2,
      "byte 4: 2 labels for 3 images" },
    { "no images", false, 0, 7, 0,
      "byte 4: a size of 0 is outside 1 to 10000000" },
    { "two thousand million images", false, 0, 4, 127,
      "byte 4: a size of 2130706435 is outside 1 to 10000000" },
    { "a wide image", false, 0, 13, 128,
      "byte 12: a size of 8388613 is outside 1 to 4096" },
    { "label out of range", true, 0, 9, 10,
      "byte 9: label 10 is outside 0 to 9" },
};
/* end bad-idx */

/* Write both files with one of them spoiled; the names end in `end`. */
static void write_spoiled(const struct spoiled *s, const char *end)
{
    unsigned char x[sizeof good_x], y[sizeof good_y];
    char name[2][20];
    snprintf(name[0], sizeof name[0], "x%s", end);
    snprintf(name[1], sizeof name[1], "y%s", end);
    memcpy(x, good_x, sizeof x), memcpy(y, good_y, sizeof y);
    if (s->to >= 0)
        (s->label ? y : x)[s->at] = (unsigned char)s->to;
    write_file(name[0], !s->label && s->n > 0 ? s->n : sizeof x, x);
    write_file(name[1], s->label && s->n > 0 ? s->n : sizeof y, y);
}

static void idx_bad(void)
{
    for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++)
        for (size_t gz = 0; gz < 2; gz++) {
            struct images s = { .n = 4711 };
            struct error e = { 0 };
            const char *end = gz ? ".gz" : "";
            write_spoiled(&spoiled[i], end);
            const bool read = read_pair(&s, gz ? "x.gz" : "x",
                                        gz ? "y.gz" : "y", &e);
            ok(!read && s.n == 4711, "%s%s is refused, nothing is touched",
               spoiled[i].title, end);
            ok_text(e.text, spoiled[i].says, "%s%s", spoiled[i].title, end);
        }
    drop_files();
}

static void idx_sizes(void)
{
    unsigned char x[sizeof good_x];
    struct images s;
    struct error e = { 0 };
    memcpy(x, good_x, sizeof x);
    x[5] = 98, x[10] = 16, x[11] = 0, x[14] = 16, x[15] = 0;
    write_file("x", sizeof x, x);           /* 6 million of 4096 x 4096 */
    write_file("y", sizeof good_y, good_y);
    ok(!read_pair(&s, "x", "y", &e), "a hundred million million pixels");
    ok_text(e.text, "byte 8: a size of 4096 is outside 1 to 167",
            "sizes are checked before they are multiplied");
    drop_files();
}

static void refused(const char *x, const char *says, const char *title)
{
    struct images s;
    struct error e = { 0 };
    const bool read = read_pair(&s, x, "y", &e);
    ok(!read, "%s is refused", title);
    ok_text(e.text, says, "%s", title);
}

static void idx_empty(void)
{
    write_file("x", 0, "");
    write_file("x.gz", 0, "");
    write_file("y", sizeof good_y, good_y);
    refused("x", "byte 0: the file is empty", "an empty file");
    refused("x.gz", "byte 0: the file is empty", "an empty gzip file");
    refused("none", "cannot open: No such file or directory", "no file");
    refused(".", "is a folder, expected a file", "a folder");
    drop_files();
}

/* The compressed bytes of the good images; returns how many. */
static size_t compressed(unsigned char bytes[300])
{
    write_file("x.gz", sizeof good_x, good_x);
    FILE *in = fopen(in_folder("x.gz"), "rb");
    const size_t n = fread(bytes, 1, 300, in);
    fclose(in);
    return n;
}

/* Put bytes[0..n) there as they are. */
static void replace(size_t n, const unsigned char bytes[])
{
    FILE *out = fopen(in_folder("x.gz"), "wb");
    fwrite(bytes, 1, n, out);
    fclose(out);
}

static void gzip_bad(void)
{
    unsigned char b[300] = { 0 };
    const size_t n = compressed(b);
    write_file("y", sizeof good_y, good_y);
    replace(n - 12, b);
    struct images s;
    struct error e = { 0 };
    ok(!read_pair(&s, "x.gz", "y", &e), "a cut gzip file is refused");
    ok(strstr(e.text, "the compressed data break off") != NULL,
       "it says so: %s", e.text);
    replace(n - 3, b);
    refused("x.gz", "byte 46: the compressed data break off",
            "a gzip file without its end");
    b[n - 6] ^= 1;
    replace(n, b);
    refused("x.gz", "byte 0: the compressed data are broken: "
            "incorrect data check", "a wrong checksum");
    b[n - 6] ^= 1;
    memcpy(b + n, "rubbish", 7);
    replace(n + 7, b);
    refused("x.gz", "byte 46: something follows the compressed data",
            "rubbish behind a gzip file");
    b[14] ^= 0x55, b[15] ^= 0x55, b[16] ^= 0x55, b[20] ^= 0x55;
    replace(n, b);
    ok(!read_pair(&s, "x.gz", "y", &e), "broken inside: %s", e.text);
    b[2] = 7;
    replace(n, b);
    refused("x.gz", "byte 0: the compressed data are broken: "
            "unknown compression method", "not the deflate of gzip");
    drop_files();
}

static const struct layout small = { 1, 3, 16, 4, false };

static bool read_text(struct images *s, const char *text, bool first,
                      struct error *e)
{
    struct layout form = small;
    form.label_first = first;
    write_text("a.csv", text);
    return images_read_csv(s, &memory, in_folder("a.csv"), &form, e);
}

static void same_pixels(const struct images *s, const char *title)
{
    static const double want[] = { 0, 8 / 16.0, 1, 4 / 16.0, 0, 2 / 16.0 };
    double got[6] = { NAN };
    for (size_t i = 0; i < 6 && s->n == 2; i++)
        got[i] = (double)s->X.data[i];
    ok_all_close(6, got, want, 0, 0, "%s: the pixels", title);
    ok(s->n == 2 && s->label[0] == 3 && s->label[1] == 0, "%s: the labels",
       title);
}

static void csv_good(void)
{
    static const struct { const char *title, *text; bool first; } set[] = {
        { "label last", "0,8,16,3\n4,0,2,0\n", false },
        { "label first", "3,0,8,16\n0,4,0,2\n", true },
        { "a line of names", "p1,p2,p3,class\n0,8,16,3\n4,0,2,0\n", false },
        { "no newline at the end", "0,8,16,3\n4,0,2,0", false },
        { "lines as on Windows", "0,8,16,3\r\n4,0,2,0\r\n\r\n", false },
    };
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        struct images s = { 0 };
        struct error e = { 0 };
        ok(read_text(&s, set[i].text, set[i].first, &e), "%s %s",
           set[i].title, e.text);
        same_pixels(&s, set[i].title);
    }
    struct images s = { 0 };
    struct error e;
    ok(!images_read_csv(&s, &memory, folder, &small, &e)
       && strcmp(e.text, "is a folder, expected a file") == 0
       && strcmp(e.file, folder) == 0, "a folder is no text");
    write_text("a.csv.gz", set[0].text);
    images_read_csv(&s, &memory, in_folder("a.csv.gz"), &small, &e);
    same_pixels(&s, "compressed");
    drop_files();
}

static void csv_bad(void)
{
    static const struct {
        const char *text, *says;
        size_t line, column;
    } set[] = {
        { "0,8,16,3\n4,x,2,0\n",
          "expected a whole number from 0 to 16, found 'x'", 2, 3 },
        { "0,8,17,3\n", "expected a whole number from 0 to 16, found '17'",
          1, 5 },
        { "0,8,99999999999999999999,3\n", "expected a whole number from 0 "
          "to 16, found '99999999999999999999'", 1, 5 },
        { "0,8,-1,3\n", "expected a whole number from 0 to 16, found '-1'",
          1, 5 },
        { "0,8,,3\n", "expected a whole number from 0 to 16, found ''",
          1, 5 },
        { "0,8,nan,3\n",
          "expected a whole number from 0 to 16, found 'nan'", 1, 5 },
        { "0,8,1.5,3\n",
          "expected a whole number from 0 to 16, found '1.5'", 1, 5 },
        { "0,8,16,4\n", "expected a whole number from 0 to 3, found '4'",
          1, 8 },
        { "0,8,16\n", "only 3 columns, expected 4", 1, 7 },
        { "0,8,16,3,1\n", "more than 4 columns, expected 4", 1, 9 },
        { "a,b,c,d\n0,8\n", "only 2 columns, expected 4", 2, 4 },
        { "a,b,c,d\n", "there are no images in it", 0, 0 },
        { "", "there are no images in it", 0, 0 },
        { "0,8,1\x1b[31m,3\n",
          "expected a whole number from 0 to 16, found '1?[31m'", 1, 5 },
    };
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        struct images s = { .n = 4711 };
        struct error e = { 0 };
        ok(!read_text(&s, set[i].text, false, &e) && s.n == 4711,
           "refused: %s", set[i].says);
        ok_text(e.text, set[i].says, "and says so");
        ok(e.line == set[i].line && e.column == set[i].column,
           "in line %zu, column %zu", set[i].line, set[i].column);
    }
    drop_files();
}

static void csv_long(void)
{
    char *text = malloc(TEXT_LINE_MAX + 10);
    struct images s;
    struct error e = { 0 };
    memset(text, '1', TEXT_LINE_MAX + 9);
    text[TEXT_LINE_MAX + 9] = '\0';
    ok(!read_text(&s, text, false, &e), "a line of a million ones");
    ok_text(e.text, "a line of more than 1048574 bytes", "is too long");
    free(text);
    drop_files();
}

static void embedded(void)
{
    static const size_t count[] = { 178, 182, 177, 183, 181, 182, 181, 179,
                                    174, 180 };   /* UCI's own table */
    size_t found[10] = { 0 }, wrong = 0;
    const struct images s = digits_load(&memory);
    for (size_t i = 0; i < s.n; i++)
        found[s.label[i]]++;
    for (size_t k = 0; k < 10; k++)
        wrong += found[k] != count[k];
    ok(s.n == 1797 && wrong == 0, "1797 digits, as many of each as at UCI");
    ok_close((double)AT(s.X, 0, 2), 5 / 16.0, 0, 0, "the third pixel");
    ok(s.label[0] == 0 && s.label[1796] == 8, "the first and last label");
}

static void shuffling(void)
{
    size_t index[5] = { 11, 12, 13, 14, 15 }, place[5][5] = { { 0 } };
    double worst = 0;
    for (int t = 0; t < 20000; t++) {
        size_t sum = 0;
        for (size_t i = 0; i < 5; i++)
            index[i] = 11 + i;
        index_shuffle(rng, 5, index);
        for (size_t i = 0; i < 5; i++)
            place[i][index[i] - 11]++, sum += index[i];
        if (sum != 65)
            worst = INFINITY;
    }
    /* 4000 each, deviation 57; measured 112 */
    for (size_t i = 0; i < 25; i++)
        worst = fmax(worst, fabs((double)place[i / 5][i % 5] - 4000));
    ok(worst < 285, "every number is everywhere as often, off by %.0f",
       worst);
    index_shuffle(rng, 0, index);
    index_shuffle(rng, 1, index);
}

static void splitting(void)
{
    struct images all = digits_load(&memory), a, b, c, d;
    size_t seen[1797] = { 0 }, twice = 0, moved = 0;
    for (size_t i = 0; i < all.n; i++)
        AT(all.X, i, 0) = (real)i;              /* a number for each */
    gsl_rng_set(rng, 5);
    images_split(&all, &memory, rng, 0.8, &a, &b);
    gsl_rng_set(rng, 5);
    images_split(&all, &memory, rng, 0.8, &c, &d);
    ok(a.n == 1438 && b.n == 359, "1438 and 359 of 1797");
    for (size_t i = 0; i < 1797; i++) {
        const struct images *s = i < 1438 ? &a : &b;
        const size_t r = i < 1438 ? i : i - 1438;
        const size_t from = (size_t)AT(s->X, r, 0);
        twice += seen[from]++;
        moved += s->label[r] != all.label[from]
                 || AT(s->X, r, 20) != AT(all.X, from, 20);
    }
    ok(twice == 0 && moved == 0, "every image once, with its label");
    ok(memcmp(a.label, c.label, 1438 * sizeof(int)) == 0,
       "the same seed gives the same parts");
    AT(a.X, 0, 20) = 77;
    ok(AT(all.X, (size_t)AT(a.X, 0, 0), 20) != 77, "parts are copies");
    images_split(&all, &memory, rng, 1, &a, &b);
    ok(a.n == 1797 && b.n == 0, "all for training, none for testing");
    const struct halves h = digits_split(&memory, 5);
    ok(h.train.n == 1438 && h.test.n == 359
       && memcmp(h.train.label, c.label, 1438 * sizeof(int)) == 0,
       "the digits are shared out likewise, by a seed");
}

static void irises(void)
{
    const struct images s = iris_load(&memory);
    size_t count[3] = { 0 };
    for (size_t i = 0; i < s.n; i++)
        count[s.label[i]]++;
    ok(s.n == 150 && s.classes == 3 && s.rows * s.cols == 4
       && count[0] == 50 && count[1] == 50 && count[2] == 50,
       "150 irises, fifty of each species");
    ok_close((double)AT(s.X, 0, 0), 5.1, 1e-15, 0, "the first sepal");
    ok_close((double)AT(s.X, 149, 3), 1.8, 1e-15, 0, "the last petal");
}

static void batches(void)
{
    struct images s = images_new(&memory, 5, 1, 2, 10);
    const size_t order[] = { 4, 0, 3, 2, 1 };
    struct data d;
    double got[5], want[5];
    size_t n = 0, sizes = 0, wrong = 0;
    for (size_t i = 0; i < 5; i++) {
        AT(s.X, i, 0) = (real)i, AT(s.X, i, 1) = (real)i + (real)0.25;
        s.label[i] = (int)i;
        want[i] = (double)order[i] + 0.25;
    }
    d = images_data(&s);
    struct batch b = batch_new(&memory, &d, 2);
    for (size_t t = 0; batch_fill(&b, &d, order, t); t++) {
        sizes = 10 * sizes + b.n;
        for (size_t i = 0; i < b.n; i++) {
            wrong += (size_t)b.label[i] != order[n];
            got[n++] = (double)AT(b.X, i, 1);
        }
    }
    ok_equal(sizes, 221, "two, two and one: the last batch is smaller");
    ok_all_close(5, got, want, 0, 0, "the images in their order");
    ok_equal(wrong, 0, "with their labels");
}

static void wrong_losses(void)
{
    const struct halves d = digits_split(&memory, 1);
    const tensor Z = tensor_zeros(&memory, SHAPE(d.train.n, 10));
    usual(30, 32, 0.5);
    begin(&d.train);
    ok_close(wrong_score(&d.train).loss, log(1438), 1e-5, 0,
             "a softmax over samples begins with ln n");
    ok_close(score_of(&d.train).loss, log(10), 1e-14, 0,
             "[eq:loss-at-start] over classes it begins with ln 10");
    const double p[] = { 0.1, 0.9 };
    ok_close(binary_gradient(Z, d.train.label), entropy(2, p), 1e-11, 0,
             "ten binary cross-entropies begin with a bent coin's entropy");
}

/* The mean of the binary cross-entropies, in double. */
static double binary_loss(const real z[], int label)
{
    double sum = 0, loss = 0;
    for (size_t k = 0; k < 4; k++)
        sum += exp((double)z[k]);
    for (size_t k = 0; k < 4; k++) {
        const double p = exp((double)z[k]) / sum;
        loss -= log((int)k == label ? p : 1 - p) / 4;
    }
    return loss;
}

static void binary_slope(void)
{
    real z[] = { 0.5, -1.25, 1.75, 0.125 };
    const int label[] = { 1 };
    const tensor Z = tensor_from(&memory, 4, z, SHAPE(1, 4));
    double got[4], want[4];
    binary_gradient(Z, label);
    for (size_t k = 0; k < 4; k++) {
        const real h = 1.0 / 4096, x = z[k];
        z[k] = x + h, want[k] = binary_loss(z, 1);
        z[k] = x - h, want[k] -= binary_loss(z, 1);
        z[k] = x, want[k] /= 2 * (double)h;
        got[k] = (double)Z.data[k];
    }
    /* the difference quotient is off by h^2: measured 4e-9 */
    ok_all_close(4, got, want, 3e-8, 0, "the slope of that loss is right");
}

static void learning(void)
{
    double right[5], loss = log(10);
    size_t rises = 0;
    usual(30, 32, 0.5);
    for (size_t k = 0; k < 5; k++) {
        const struct halves d = digits_split(&memory, 1 + k);
        begin(&d.train);
        train_until(30);
        right[k] = score_of(&d.test).accuracy;
    }
    gsl_sort(right, 1, 5);
    ok(right[2] >= 0.95, "digits: the median of five seeds is %.2f %%",
       100 * right[2]);
    const struct halves d = digits_split(&memory, 1);
    begin(&d.train);
    for (size_t e = 1; e <= 8; e++) {
        train_until(e);
        const double now = score_of(&d.train).loss;
        rises += now > loss, loss = now;
    }
    ok_equal(rises, 0, "[eq:softmax-step] eight epochs, each with less loss");
}

/* All digits take longer, and say no more.  Where nothing is optimised even
   these take too long; the title of the test must not depend on it. */
#if !defined __OPTIMIZE__ || defined __SANITIZE_ADDRESS__
#define MAP_DIGITS 400
#else
#define MAP_DIGITS 900
#endif

static void mapping(void)
{
    const struct images s = digits_load(&memory);
    struct tsne m =
        tsne_new(&memory, tensor_rows(s.X, 0, MAP_DIGITS), tsne_usual);
    while (m.step < m.plan.steps)
        tsne_step(&m);
    const double share = map_agreement(m.Y, s.label);
    ok(share >= 0.95, "[eq:agreement] of 19 digits in 20 on the map, the "
       "nearest neighbour has the same label");
    printf("%d digits: %.1f %%\n", MAP_DIGITS, 100 * share);
}

static const char *arguments[8];

static void call_main(void)
{
    int n = 0;
    char *argv[9] = { NULL }, text[8][300];
    for (; arguments[n] != NULL; n++) {
        snprintf(text[n], sizeof text[n], "%s", arguments[n]);
        argv[n] = text[n];
    }
    option = (struct options){ .seed = 1 };
    exit(softmax_main(n, argv));
}

/* Run the program; its exit status, and what it printed, prefixed lines. */
static int run(char *text, size_t room, const char *a, const char *b,
               const char *c)
{
    arguments[0] = "05-softmax-regression";
    arguments[1] = a, arguments[2] = b, arguments[3] = c;
    arguments[4] = NULL;
    struct tap_child child = tap_child_run(call_main, true);
    snprintf(text, room, "%s", child.text);
    free(child.text);
    return WIFEXITED(child.status) ? WEXITSTATUS(child.status) : -1;
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static void program_data(void)
{
    char text[4000];
    write_file("t10k-images-idx3-ubyte", sizeof good_x, good_x);
    write_file("t10k-labels-idx1-ubyte", sizeof good_y, good_y);
    write_file("train-labels-idx1-ubyte", sizeof good_y, good_y);
    write_file("train-images-idx3-ubyte.gz", 30, good_x);
    ok_equal((size_t)run(text, sizeof text, "--data", folder, "mnist"), 1,
             "a truncated file: exit status 1");
    ok_equal(count_lines(text), 1, "and one line");
    ok(strstr(text, "/train-images-idx3-ubyte.gz: byte 30: the file ends, "
              "16 more bytes were expected") != NULL, "that says where");
    write_file("train-images-idx3-ubyte.gz", sizeof good_x, good_x);
    ok_equal((size_t)run(text, sizeof text, "--data", folder, "mnist"), 0,
             "a good folder: exit status 0");
    ok(strstr(text, "3 images to learn from, 3 to test") != NULL,
       "plain and compressed files together");
    remove(in_folder("t10k-labels-idx1-ubyte"));
    ok_equal((size_t)run(text, sizeof text, "--data", folder, "mnist"), 1,
             "a missing file: exit status 1");
    ok(strstr(text, "no file t10k-labels-idx1-ubyte or "
              "t10k-labels-idx1-ubyte.gz") != NULL, "that is named");
    drop_files();
}

static void program_csv(void)
{
    char text[4000];
    FILE *out = fopen(in_folder("large.csv"), "w");
    for (size_t j = 0; j < 784; j++)
        fprintf(out, "pixel%zu,", j + 1);
    fprintf(out, "class\n");
    for (size_t i = 0; i < 70; i++) {
        for (size_t j = 0; j < 784; j++)
            fprintf(out, "%zu,", j % 10 == i % 10 ? 255 - j % 7 : 0);
        fprintf(out, "%zu\n", i % 10);
    }
    fclose(out);
    ok_equal((size_t)run(text, sizeof text, "--data",
                         in_folder("large.csv"), "mnist"), 0,
             "a CSV file of 784 columns and a label");
    ok(strstr(text, "60 images to learn from, 10 to test") != NULL
       && strstr(text, "100.0 %") != NULL, "is read and learnt");
    out = fopen(in_folder("large.csv"), "a");
    fprintf(out, "0,0,256\n");
    fclose(out);
    ok_equal((size_t)run(text, sizeof text, "--data",
                         in_folder("large.csv"), "mnist"), 1,
             "with a bad last line: exit status 1");
    ok(strstr(text, "large.csv:72:5: expected a whole number") != NULL
       && count_lines(text) == 1, "and one line that says where");
    drop_files();
}

/* Train at a rate that no option can give. */
static void diverge(void)
{
    option.lr = 1e308;
    show_weights();
}

static void program_options(void)
{
    char text[8000];
    ok_equal((size_t)run(text, sizeof text, "--epochs", "0", "train"), 2,
             "no epochs: exit status 2");
    ok_equal((size_t)run(text, sizeof text, "--lr", "nan", "train"), 2,
             "a rate that is no number: exit status 2");
    ok_equal((size_t)run(text, sizeof text, "--lr", "0.1", "map"), 2,
             "a rate for a part that has none: exit status 2");
    struct tap_child child = tap_child_run(diverge, true);
    ok(WIFEXITED(child.status) && WEXITSTATUS(child.status) == 1,
       "a loss that is not finite: exit status 1");
    ok(strstr(child.text, "training: the loss is not a number in step 2")
       != NULL && count_lines(child.text) == 1, "and one line that says when");
    free(child.text);
    ok_equal((size_t)run(text, sizeof text, "nothing", NULL, NULL), 2,
             "no such part: exit status 2");
    ok_equal((size_t)run(text, sizeof text, "--epochs", "2", "weights"), 0,
             "two epochs: exit status 0");
    unsetenv("MNIST_DIR");
    setenv("XDG_CACHE_HOME", folder, 1);
    ok_equal((size_t)run(text, sizeof text, "mnist", NULL, NULL), 1,
             "no MNIST: exit status 1");
    ok(strstr(text, "MNIST: not found; `make mnist` fetches it, --data or "
              "MNIST_DIR name it") != NULL
       && count_lines(text) == 1, "and one line that says how to get it");
    ok_equal((size_t)run(text, sizeof text, "--data", "/no/such", "mnist"),
             1, "a folder that does not exist: exit status 1");
    ok(strstr(text, "/no/such: no file train-images-idx3-ubyte or "
              "train-images-idx3-ubyte.gz") != NULL
       && count_lines(text) == 1, "and one line that says what is missing");
}

static void mnist(void)
{
    const char *named = getenv("MNIST_DIR");
    struct halves d;
    struct error e = { 0 };
    if (named == NULL || named[0] == '\0') {
        skip("MNIST_DIR names no folder", "MNIST");
        return;
    }
    ok(large_load(&d, &memory, NULL, false, rng, &e),
       "MNIST is read from $MNIST_DIR %s", e.text);
    ok(d.train.n == 60000 && d.test.n == 10000 && d.train.rows == 28
       && d.train.cols == 28, "60000 and 10000 images of 28 x 28");
    ok(d.train.label[0] == 5 && d.train.label[1] == 0
       && d.test.label[0] == 7 && d.test.label[1] == 2, "their labels");
    const struct pixel_scale s = pixels_fit_all(&memory, d.train.X);
    ok_close((double)s.mean.data[0], 0.1307, 5e-5, 0,
             "[eq:normalise] the mean that everyone uses");
    ok_close((double)s.deviation.data[0], 0.3081, 5e-5, 0,
             "[eq:normalise] and the deviation");
    option.batch = 64, option.lr = 0.1;
    begin(&d.train);
    train_until(2);
    const double share = score_of(&d.test).accuracy;
    ok(share > 0.91, "two epochs: %.2f %% of the test images", 100 * share);
}

int main(void)
{
    if (mkdtemp(folder) == NULL) {
        printf("Bail out! cannot make a folder: %s\n", strerror(errno));
        return 1;
    }
    rng = random_new(1);
    TAP_RUN(idx_good);
    TAP_RUN(idx_bad);
    TAP_RUN(idx_sizes);
    TAP_RUN(idx_empty);
    TAP_RUN(gzip_bad);
    TAP_RUN(csv_good);
    TAP_RUN(csv_bad);
    TAP_RUN(csv_long);
    TAP_RUN(embedded);
    TAP_RUN(shuffling);
    TAP_RUN(splitting);
    TAP_RUN(batches);
    TAP_RUN(irises);
    TAP_RUN(wrong_losses);
    TAP_RUN(binary_slope);
    TAP_RUN(learning);
    TAP_RUN(mapping);
    TAP_RUN(program_data);
    TAP_RUN(program_csv);
    TAP_RUN(program_options);
    TAP_RUN(mnist);
    drop_files();
    rmdir(folder);
    return tap_done();
}
