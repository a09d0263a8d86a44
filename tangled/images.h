/*
 * images.h -- labelled images: IDX and CSV files, parts, scales.
 * Downhill, appendix D.  Link with -lz too.
 */
#ifndef IMAGES_H
#define IMAGES_H

#include <errno.h>
#include <zlib.h>

#include "loop.h"

/* n images of rows x cols pixels, each with the number of its class. */
struct images {
    size_t n, rows, cols;
    int classes;                /* labels are 0..classes-1 */
    tensor X;                   /* (n, rows cols), pixels in [0,1] */
    int *label;                 /* [n] */
};

/* Room for n images; nothing is set. */
static inline struct images images_new(struct arena *a, size_t n,
                                       size_t rows, size_t cols,
                                       int classes)
{
    return (struct images){ n, rows, cols, classes,
        tensor_empty(a, SHAPE(n, rows * cols)),
        arena_take(a, n, sizeof(int)) };
}

/* A file, plain or gzip, read from its start to its end. */
struct byte_file {
    const char *path;
    gzFile in;
    size_t at;                  /* bytes of content read so far */
    struct error *e;
};

static inline bool bytes_open(struct byte_file *f, const char *path,
                              struct error *e)
{
    *f = (struct byte_file){ .path = path, .e = e };
    errno = 0;
    f->in = gzopen(path, "rb");
    if (f->in == NULL)
        return fail(e, path, 0, 0, "cannot open: %s",
                    errno != 0 ? strerror(errno) : "out of memory");
    return true;
}

static inline void bytes_close(struct byte_file *f)
{
    gzclose_r(f->in);
}

/* Why the file gave no more bytes: false, and the reason in *f->e. */
static inline bool bytes_fault(struct byte_file *f, size_t missing)
{
    int code;
    const char *text = gzerror(f->in, &code);
    if (code == Z_ERRNO && errno == EISDIR)
        return fail(f->e, f->path, 0, 0, "is a folder, expected a file");
    if (code == Z_ERRNO)
        return fail(f->e, f->path, 0, 0, "cannot read: %s",
                    strerror(errno));
    if (code == Z_BUF_ERROR)
        return fail(f->e, f->path, 0, 0,
                    "byte %zu: the compressed data break off", f->at);
    if (code != Z_OK && code != Z_STREAM_END)
        return fail(f->e, f->path, 0, 0,
                    "byte %zu: the compressed data are broken%s", f->at,
                    text + strcspn(text, ":"));     /* without the path */
    if (f->at == 0)
        return fail(f->e, f->path, 0, 0, "byte 0: the file is empty");
    return fail(f->e, f->path, 0, 0,
                "byte %zu: the file ends, %zu more bytes were expected",
                f->at, missing);
}

/* The next n bytes, all of them; else false and *e. */
static inline bool bytes_read(struct byte_file *f, size_t n,
                              unsigned char *to)
{
    while (n > 0) {
        const unsigned piece = n < 1u << 24 ? (unsigned)n : 1u << 24;
        const int got = gzread(f->in, to, piece);
        if (got > 0)
            f->at += (size_t)got, to += got, n -= (size_t)got;
        if (got < (int)piece)
            return bytes_fault(f, n);
    }
    return true;
}

/* True when the last 4 bytes of a gzip file are the size of its content. */
static inline bool gzip_ends_well(const char *path, size_t size)
{
    unsigned char b[4] = { 0 };
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return false;
    const bool read = fseek(in, -4, SEEK_END) == 0
                      && fread(b, 1, 4, in) == 4;
    fclose(in);
    const uint32_t stored = (uint32_t)b[0] | (uint32_t)b[1] << 8
                            | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    return read && stored == (uint32_t)(size & 0xFFFFFFFF);
}

/* True when nothing follows and the checksum is right; else false, *e. */
static inline bool bytes_end(struct byte_file *f)
{
    unsigned char extra;
    const int got = gzread(f->in, &extra, 1);
    int code;
    gzerror(f->in, &code);
    if (got > 0)
        return fail(f->e, f->path, 0, 0,
                    "byte %zu: more bytes than the header announces",
                    f->at);
    if (got < 0 || code == Z_BUF_ERROR)
        return bytes_fault(f, 0);
    if (!gzdirect(f->in) && !gzip_ends_well(f->path, f->at))
        return fail(f->e, f->path, 0, 0,
                    "byte %zu: something follows the compressed data",
                    f->at);
    return true;
}

enum {
    IDX_COUNT_MAX = 10000000,   /* images or labels in a file */
    IDX_SIDE_MAX = 4096,        /* pixels along a side */
    IDX_BYTES_MAX = 1 << 30     /* elements in a file */
};

/* What an IDX file of unsigned bytes holds. */
struct idx {
    size_t size[3];             /* of its axes: images 3, labels 1 */
    size_t start;               /* offset of the first element */
    unsigned char *byte;        /* the elements in row order */
};

/* 32 bits, most significant byte first. */
static inline size_t big_endian(const unsigned char b[4])
{
    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8
           | (size_t)b[3];
}

/* The header: magic number and sizes, all of them checked. */
static inline bool idx_header(struct byte_file *f, int rank,
                              struct idx *out, size_t *elements)
{
    unsigned char b[4];
    if (!bytes_read(f, 4, b))
        return false;
    const size_t magic = 0x800 + (size_t)rank;
    if (big_endian(b) != magic)
        return fail(f->e, f->path, 0, 0,
                    "byte 0: magic number 0x%08zX, expected 0x%08zX",
                    big_endian(b), magic);
    *elements = 1;
    for (int d = 0; d < rank; d++) {
        const size_t most = d == 0 ? IDX_COUNT_MAX : IDX_SIDE_MAX;
        if (!bytes_read(f, 4, b))
            return false;
        const size_t n = out->size[d] = big_endian(b);
        if (n < 1 || n > most || *elements > IDX_BYTES_MAX / n)
            return fail(f->e, f->path, 0, 0,
                        "byte %zu: a size of %zu is outside 1 to %zu",
                        f->at - 4, n, n > most || n < 1 ? most
                                          : IDX_BYTES_MAX / *elements);
        *elements *= n;
    }
    out->start = f->at;
    return true;
}

/* Read a whole IDX file of unsigned bytes with `rank` axes. */
static inline bool idx_read(struct idx *out, struct arena *a,
                            const char *path, int rank, struct error *e)
{
    struct byte_file f;
    size_t n = 0;
    if (!bytes_open(&f, path, e))
        return false;
    bool good = idx_header(&f, rank, out, &n);
    if (good) {
        out->byte = arena_take(a, n, 1);
        good = bytes_read(&f, n, out->byte) && bytes_end(&f);
    }
    bytes_close(&f);
    return good;
}

/* The files describe the same number of images, labels are in range. */
static inline bool idx_agree(const struct idx *x, const struct idx *y,
                             const char *path, int classes,
                             struct error *e)
{
    if (y->size[0] != x->size[0])
        return fail(e, path, 0, 0, "byte 4: %zu labels for %zu images",
                    y->size[0], x->size[0]);
    for (size_t i = 0; i < y->size[0]; i++)
        if (y->byte[i] >= classes)
            return fail(e, path, 0, 0,
                        "byte %zu: label %d is outside 0 to %d",
                        y->start + i, y->byte[i], classes - 1);
    return true;
}

static inline struct images images_of_idx(struct arena *a,
                                          const struct idx *x,
                                          const struct idx *y, int classes)
{
    struct images s = images_new(a, x->size[0], x->size[1], x->size[2],
                                 classes);
    real grey[256];
    for (int v = 0; v < 256; v++)
        grey[v] = (real)(v / 255.0);
    const size_t pixels = tensor_len(s.X);
    for (size_t i = 0; i < pixels; i++)
        s.X.data[i] = grey[x->byte[i]];
    for (size_t i = 0; i < s.n; i++)
        s.label[i] = y->byte[i];
    return s;
}

/*
 * Read images and labels from two IDX files, plain or gzip.
 * The set is allocated in *a; labels must be 0..classes-1.
 * False and *e (the text names the byte) for a fault; *s is then unchanged.
 */
static inline bool images_read_idx(struct images *s, struct arena *a,
                                   const char *images_path,
                                   const char *labels_path, int classes,
                                   struct error *e)
{
    struct arena scratch = { 0 };
    struct idx x = { 0 }, y = { 0 };
    const bool good = idx_read(&x, &scratch, images_path, 3, e)
                      && idx_read(&y, &scratch, labels_path, 1, e)
                      && idx_agree(&x, &y, labels_path, classes, e);
    if (good)
        *s = images_of_idx(a, &x, &y, classes);
    arena_free(&scratch);
    return good;
}

struct path { char s[500]; };

/* FOLDER/NAME or FOLDER/NAME.gz, whichever can be read; else s is "". */
static inline struct path mnist_file(const char *folder, const char *name)
{
    struct path p;
    for (int gz = 0; gz < 2; gz++) {
        const int n = snprintf(p.s, sizeof p.s, "%s/%s%s", folder, name,
                               gz ? ".gz" : "");
        const bool fits = n > 0 && (size_t)n < sizeof p.s;
        FILE *in = fits ? fopen(p.s, "rb") : NULL;
        if (in != NULL) {
            fclose(in);
            return p;
        }
    }
    p.s[0] = '\0';
    return p;
}

/*
 * The folder of MNIST: `named` unless NULL, else $MNIST_DIR, else the
 * cache of `make mnist` if it is filled; s is "" when there is none.
 */
static inline struct path images_find_mnist(const char *named)
{
    struct path p = { "" };
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (named == NULL)
        named = getenv("MNIST_DIR");
    if (named != NULL && named[0] != '\0') {
        snprintf(p.s, sizeof p.s, "%s", named);
        return p;
    }
    if (cache != NULL && cache[0] != '\0')
        snprintf(p.s, sizeof p.s, "%s/downhill/mnist", cache);
    else if (home != NULL)
        snprintf(p.s, sizeof p.s, "%s/.cache/downhill/mnist", home);
    if (mnist_file(p.s, "train-images-idx3-ubyte").s[0] == '\0')
        p.s[0] = '\0';
    return p;
}

/* Read one part of MNIST, "train" or "t10k", from a folder. */
static inline bool images_read_mnist(struct images *s, struct arena *a,
                                     const char *folder, const char *part,
                                     struct error *e)
{
    struct path path[2];
    const char *const kind[] = { "images-idx3", "labels-idx1" };
    for (int f = 0; f < 2; f++) {
        char name[40];
        snprintf(name, sizeof name, "%s-%s-ubyte", part, kind[f]);
        path[f] = mnist_file(folder, name);
        if (path[f].s[0] == '\0')
            return fail(e, folder, 0, 0, "no file %s or %s.gz", name, name);
    }
    return images_read_idx(s, a, path[0].s, path[1].s, 10, e);
}

/* What the columns of a line mean. */
struct layout {
    size_t rows, cols;          /* of an image: rows x cols pixels */
    int white;                  /* pixels are 0..white */
    int classes;
    bool label_first;           /* else the label is in the last column */
};

/* A line of text and where it stands, for messages. */
struct text_line {
    const char *name, *text;
    size_t line;
    struct error *e;
};

/* The field that begins at p, at most 24 bytes, fit for a terminal. */
static inline struct text field_text(const char *p)
{
    struct text out = { "" };
    for (size_t n = 0; n < 24 && p[n] != '\0' && p[n] != ','; n++)
        out.s[n] = p[n] < ' ' || p[n] > '~' ? '?' : p[n];
    return out;
}

/* The whole number 0..most at p; returns what follows, NULL for a fault. */
static inline const char *field_read(const struct text_line *s,
                                     const char *p, int most, int *value)
{
    const char *q = p;
    int v = 0;
    while (*q >= '0' && *q <= '9' && v <= most)
        v = 10 * v + (*q++ - '0');
    if (q == p || v > most || (*q != ',' && *q != '\0')) {
        fail(s->e, s->name, s->line, (size_t)(p - s->text) + 1,
             "expected a whole number from 0 to %d, found '%s'", most,
             field_text(p).s);
        return NULL;
    }
    *value = v;
    return q;
}

/* One line: the pixels, scaled to [0,1], into x; the label into *label. */
static inline bool line_read(const struct text_line *s,
                             const struct layout *form, real x[],
                             int *label)
{
    const size_t columns = form->rows * form->cols + 1;
    const char *p = s->text;
    for (size_t c = 0; c < columns; c++) {
        const bool is_label = c == (form->label_first ? 0 : columns - 1);
        int v;
        p = field_read(s, p, is_label ? form->classes - 1 : form->white,
                       &v);
        if (p == NULL)
            return false;
        if ((*p == ',') != (c + 1 < columns))
            return fail(s->e, s->name, s->line, (size_t)(p - s->text) + 1,
                        "%s %zu columns, expected %zu", *p == ','
                        ? "more than" : "only", c + 1, columns);
        p += *p == ',';
        if (is_label)
            *label = v;
        else
            *x++ = (real)(v / (double)form->white);
    }
    return true;
}

enum { TEXT_LINE_MAX = 1 << 20 };

/* Where lines come from: a file, or n strings. */
struct lines {
    struct byte_file file;      /* .in == NULL for strings */
    const char *const *string;
    size_t n;
    char *buffer;               /* TEXT_LINE_MAX bytes, for a file */
    struct text_line now;
    bool bad;                   /* the end is a fault, not the end */
};

/* The next line into s->now; false at the end, or for a fault. */
static inline bool lines_next(struct lines *s)
{
    s->now.line++;
    if (s->file.in == NULL) {
        if (s->now.line > s->n)
            return false;
        s->now.text = s->string[s->now.line - 1];
        return true;
    }
    int code;
    char *text = gzgets(s->file.in, s->buffer, TEXT_LINE_MAX);
    gzerror(s->file.in, &code);
    if (text == NULL || code == Z_BUF_ERROR) {
        s->bad = code != Z_OK && code != Z_STREAM_END;
        return s->bad ? bytes_fault(&s->file, 0) : false;
    }
    size_t n = strlen(text);
    s->file.at += n;
    if (n == TEXT_LINE_MAX - 1) {
        s->bad = true;
        return fail(s->now.e, s->now.name, s->now.line, 0,
                    "a line of more than %d bytes", TEXT_LINE_MAX - 2);
    }
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        text[--n] = '\0';
    s->now.text = text;
    return true;
}

/* A line of names above the data. */
static inline bool is_header(const struct text_line *s)
{
    return s->line == 1 && (s->text[0] < '0' || s->text[0] > '9');
}

/* Go through all lines and count the images; fill *s unless it is NULL. */
static inline bool lines_scan(struct lines *in, const struct layout *form,
                              struct images *s, size_t *n)
{
    const size_t pixels = form->rows * form->cols;
    for (*n = 0; lines_next(in); ) {
        if (in->now.text[0] == '\0' || is_header(&in->now))
            continue;
        if (s != NULL && *n == s->n) {
            ++*n;                       /* one more than there were */
            break;
        }
        if (s != NULL && !line_read(&in->now, form,
                                    s->X.data + *n * pixels,
                                    &s->label[*n]))
            return false;
        ++*n;
    }
    return !in->bad;
}

static inline void lines_rewind(struct lines *in)
{
    in->now.line = 0, in->file.at = 0;
    if (in->file.in != NULL)
        gzrewind(in->file.in);
}

/* Count, take the memory, go back, read. */
static inline bool lines_images(struct images *s, struct arena *a,
                                struct lines *in,
                                const struct layout *form)
{
    size_t n, again;
    struct error *e = in->now.e;
    if (!lines_scan(in, form, NULL, &n))
        return false;
    if (n == 0)
        return fail(e, in->now.name, 0, 0, "there are no images in it");
    struct images t = images_new(a, n, form->rows, form->cols,
                                 form->classes);
    lines_rewind(in);
    if (!lines_scan(in, form, &t, &again))
        return false;
    if (again != n)
        return fail(e, in->now.name, 0, 0, "it changed while it was read");
    *s = t;
    return true;
}

/*
 * Read images from CSV, plain or gzip: a line an image, with or without a
 * line of names above.  False and *e (line, column) for a fault; *s is
 * then unchanged.
 */
static inline bool images_read_csv(struct images *s, struct arena *a,
                                   const char *path,
                                   const struct layout *form,
                                   struct error *e)
{
    struct lines in = { .now = { .name = path, .e = e } };
    if (!bytes_open(&in.file, path, e))
        return false;
    in.buffer = malloc(TEXT_LINE_MAX);
    REQUIRE(in.buffer != NULL, "out of memory");
    const bool good = lines_images(s, a, &in, form);
    free(in.buffer);
    bytes_close(&in.file);
    return good;
}

/* The same from n strings, one a line. */
static inline bool images_of_lines(struct images *s, struct arena *a,
                                   const char *const string[], size_t n,
                                   const char *name,
                                   const struct layout *form,
                                   struct error *e)
{
    struct lines in = { .string = string, .n = n,
                        .now = { .name = name, .e = e } };
    return lines_images(s, a, &in, form);
}

/* Copies of the images index[0..n), as a set of its own. */
static inline struct images images_pick(struct arena *a,
                                        const struct images *from, size_t n,
                                        const size_t index[])
{
    struct images s = images_new(a, n, from->rows, from->cols,
                                 from->classes);
    for (size_t i = 0; i < n; i++) {
        REQUIRE(index[i] < from->n, "images_pick: %zu of %zu", index[i],
                from->n);
        tensor_copy(tensor_rows(s.X, i, 1),
                    tensor_rows(from->X, index[i], 1));
        s.label[i] = from->label[index[i]];
    }
    return s;
}

/*
 * Share out the images at random: `fraction` of them, rounded, to *train,
 * the others to *test.  Both are copies in *a.
 */
static inline void images_split(const struct images *from, struct arena *a,
                                gsl_rng *r, double fraction,
                                struct images *train, struct images *test)
{
    const size_t n = from->n, k = (size_t)lround(fraction * (double)n);
    REQUIRE(fraction >= 0 && fraction <= 1, "images_split: %g", fraction);
    size_t *index = arena_take(a, n, sizeof *index);
    for (size_t i = 0; i < n; i++)
        index[i] = i;
    index_shuffle(r, n, index);
    *train = images_pick(a, from, k, index);
    *test = images_pick(a, from, n - k, index + k);
}

/* The images as samples for the training loop. */
static inline struct data images_data(const struct images *s)
{
    return data_labelled(s->X, s->label);
}

/* What is subtracted from each pixel, and what it is divided by. */
struct pixel_scale { tensor mean, deviation; };     /* (1, pixels) each */

/* Mean and deviation of m numbers, 1 when all are equal.  eq:normalise */
static inline void lane_moments(const real *x, size_t m, size_t step,
                                real *mean, real *deviation)
{
    const double mu = lane_sum(x, m, step) / (double)m;
    double sum = 0;
    bool changes = false;
    for (size_t i = 0; i < m; i++) {
        const double r = (double)x[i * step] - mu;
        sum += r * r;
        changes = changes || x[i * step] != x[0];
    }
    *mean = (real)mu;
    *deviation = changes ? (real)sqrt(sum / (double)m) : 1;
}

/* Mean and deviation of every column of X (m, pixels).   eq:normalise */
static inline struct pixel_scale pixels_fit(struct arena *a, tensor X)
{
    const size_t m = X.shape[0], I = X.shape[1];
    REQUIRE(X.rank == 2 && m > 0, "pixels_fit: %s", TENSOR_SHAPE(X));
    struct pixel_scale s = { tensor_empty(a, SHAPE(1, I)),
                             tensor_empty(a, SHAPE(1, I)) };
    for (size_t j = 0; j < I; j++)
        lane_moments(X.data + X.offset + j * X.stride[1], m, X.stride[0],
                     &s.mean.data[j], &s.deviation.data[j]);
    return s;
}

/* One mean and one deviation for all pixels together: (1, 1) each. */
static inline struct pixel_scale pixels_fit_all(struct arena *a, tensor X)
{
    return pixels_fit(a, tensor_reshape(X, SHAPE(INFER, 1)));
}

/* X <- (X - mean) / deviation, row by row, in place.     eq:normalise */
static inline void pixels_scale(struct pixel_scale s, tensor X)
{
    const tensor mean = tensor_broadcast(s.mean, X.rank, X.shape);
    const tensor deviation = tensor_broadcast(s.deviation, X.rank, X.shape);
    for (size_t i = 0; i < X.shape[0]; i++) {
        real *x = X.data + X.offset + i * X.stride[0];
        const real *mu = mean.data + mean.offset;
        const real *sd = deviation.data + deviation.offset;
        for (size_t j = 0; j < X.shape[1]; j++)
            x[j * X.stride[1]] = (x[j * X.stride[1]]
                                  - mu[j * mean.stride[1]])
                                 / sd[j * deviation.stride[1]];
    }
}

struct parts_of_data { struct images train, validation, test; };

/* The parts of a set: shares of validation and test, the rest to train. */
static inline struct parts_of_data
images_three(const struct images *all, struct arena *a, gsl_rng *r,
             double validation, double test)
{
    struct parts_of_data p;
    struct images rest;
    REQUIRE(validation >= 0 && test >= 0 && validation + test < 1,
            "shares %g and %g", validation, test);
    images_split(all, a, r, 1 - test, &rest, &p.test);
    images_split(&rest, a, r, 1 - validation / (1 - test), &p.train,
                 &p.validation);
    return p;
}

/* X <- X deviation + mean: what pixels_scale has done, undone. */
static inline void pixels_unscale(struct pixel_scale s, tensor X)
{
    const tensor mean = tensor_broadcast(s.mean, X.rank, X.shape);
    const tensor deviation = tensor_broadcast(s.deviation, X.rank, X.shape);
    for (size_t i = 0; i < X.shape[0]; i++)
        for (size_t j = 0; j < X.shape[1]; j++)
            AT(X, i, j) = AT(X, i, j) * AT(deviation, i, j)
                          + AT(mean, i, j);
}

/* Normalise all parts by the training part; returns what was measured. */
static inline struct pixel_scale parts_scale(struct parts_of_data *p,
                                             struct arena *a)
{
    const struct pixel_scale s = pixels_fit_all(a, p->train.X);
    pixels_scale(s, p->train.X);
    pixels_scale(s, p->validation.X);
    pixels_scale(s, p->test.X);
    return s;
}

/* The next whole number of a PGM header; comments run to the line's end. */
static inline bool pgm_number(FILE *in, size_t *value)
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
static inline bool pgm_pixels(FILE *in, bool plain, size_t rows,
                              size_t cols, real x[], const char *path,
                              struct error *e)
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
static inline bool pgm_read(const char *path, size_t rows, size_t cols,
                            real x[], struct error *e)
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

/* Image number k of an IDX file. */
static inline bool idx_one(const char *path, size_t k, size_t rows,
                           size_t cols, real x[], struct error *e)
{
    struct arena scratch = { 0 };
    struct idx f;
    bool good = idx_read(&f, &scratch, path, 3, e);
    if (good && (f.size[1] != rows || f.size[2] != cols))
        good = fail(e, path, 0, 0, "%zux%zu pixels, the network takes "
                    "%zux%zu", f.size[2], f.size[1], cols, rows);
    if (good && k >= f.size[0])
        good = fail(e, path, 0, 0, "no image %zu: it holds %zu", k,
                    f.size[0]);
    for (size_t i = 0; good && i < rows * cols; i++)
        x[i] = (real)(f.byte[k * rows * cols + i] / 255.0);
    arena_free(&scratch);
    return good;
}

/* Either, told apart by the first byte: 'P', or 0, or that of gzip. */
static inline bool image_read(const char *path, size_t k, size_t rows,
                              size_t cols, real x[], struct error *e)
{
    FILE *in = fopen(path, "rb");
    errno = 0;
    const int first = in != NULL ? getc(in) : 'P';
    const bool folder = first == EOF && errno == EISDIR;
    if (in != NULL)
        fclose(in);
    if (folder)
        return fail(e, path, 0, 0, "is a folder, expected a file");
    return first == 0 || first == 0x1f
           ? idx_one(path, k, rows, cols, x, e)
           : pgm_read(path, rows, cols, x, e);
}

/* Row r of image i, 2 cols characters: the darker the more ink. */
static inline void image_row_print(FILE *out, const struct images *s,
                                   size_t i, size_t r)
{
    static const char ink[] = " .:-=+*#%@";
    for (size_t c = 0; c < s->cols; c++) {
        const double v = (double)AT(s->X, i, r * s->cols + c);
        const double level = v < 0 ? 0 : v > 1 ? 1 : v;
        const char x = ink[(size_t)lround(level * 9)];
        fputc(x, out), fputc(x, out);
    }
}

/* n images from number `first` on, side by side. */
static inline void images_print(FILE *out, const struct images *s,
                                size_t first, size_t n)
{
    for (size_t r = 0; r < s->rows; r++)
        for (size_t k = 0; k < n; k++) {
            image_row_print(out, s, first + k, r);
            fputs(k + 1 < n ? "   " : "\n", out);
        }
}

#endif
