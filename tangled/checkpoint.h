/*
 * checkpoint.h -- training put aside and taken up again, bit for bit.
 * Downhill, appendix E.  Link with -lz too.
 *
 * Needs _POSIX_C_SOURCE, as program.h defines it.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "train.h"

enum {
    CHECKPOINT_VERSION = 1,
    CHECKPOINT_ORDER = 0x01020304,
    HEADER_SIZE = 24,           /* magic 8, order 4, version 4, size 8 */
    HEAD_SIZE = 16,             /* tag 4, bytes an item 4, items 8 */
    CRC_SIZE = 4,
    FILE_MOST = 1 << 30         /* bytes */
};

static const char checkpoint_magic[8] = "DOWNHILL";

/* The content of a file, in memory. */
struct checkpoint {
    const char *path;
    unsigned char *byte;
    size_t size, room;
};

/* Append n bytes, or zeros when from is NULL. */
static inline void checkpoint_put(struct checkpoint *c, struct arena *a,
                                  const void *from, size_t n)
{
    if (c->size + n > c->room) {
        const size_t room = 2 * (c->size + n) + 1024;
        unsigned char *byte = arena_take(a, room, 1);
        if (c->size > 0)
            memcpy(byte, c->byte, c->size);
        c->byte = byte, c->room = room;
    }
    if (n > 0 && from != NULL)
        memcpy(c->byte + c->size, from, n);
    else
        memset(c->byte + c->size, 0, n);
    c->size += n;
}

/* Append a section: a tag of four letters and n items. */
static inline void checkpoint_section(struct checkpoint *c, struct arena *a,
                                      const char *tag, const void *item,
                                      size_t n, size_t item_size)
{
    const uint32_t each = (uint32_t)item_size;
    const uint64_t count = n;
    if (c->size == 0)
        checkpoint_put(c, a, NULL, HEADER_SIZE);
    checkpoint_put(c, a, tag, 4);
    checkpoint_put(c, a, &each, 4);
    checkpoint_put(c, a, &count, 8);
    checkpoint_put(c, a, item, n * item_size);
    checkpoint_put(c, a, NULL, (8 - c->size % 8) % 8);
}

/* Write the header, now that the size is known, and the checksum. */
static inline void checkpoint_seal(struct checkpoint *c, struct arena *a)
{
    const uint32_t order = CHECKPOINT_ORDER, version = CHECKPOINT_VERSION;
    const uint64_t size = c->size + CRC_SIZE;
    memcpy(c->byte, checkpoint_magic, 8);
    memcpy(c->byte + 8, &order, 4);
    memcpy(c->byte + 12, &version, 4);
    memcpy(c->byte + 16, &size, 8);
    const uint32_t crc = (uint32_t)crc32_z(0, c->byte, c->size);
    checkpoint_put(c, a, &crc, CRC_SIZE);
}

/* All n bytes to the open file, or false with errno set. */
static inline bool write_all(int to, const unsigned char *byte, size_t n)
{
    while (n > 0) {
        const ssize_t done = write(to, byte, n < 1u << 30 ? n : 1u << 30);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0)
            byte += done, n -= (size_t)done;
    }
    return true;
}

/* Have the names in the folder of path written to the disk. */
static inline bool folder_sync(const char *path, struct error *e)
{
    char folder[500] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL)
        snprintf(folder, sizeof folder, "%.*s",
                 slash == path ? 1 : (int)(slash - path), path);
    const int f = open(folder, O_RDONLY);
    const bool good = f >= 0 && (fsync(f) == 0 || errno == EINVAL);
    const int why = errno;
    if (f >= 0)
        close(f);
    return good || fail(e, folder, 0, 0, "cannot sync: %s", strerror(why));
}

/*
 * Make path hold these bytes.  False and *e for a fault; path is then
 * what it was before.
 */
static inline bool file_replace(const char *path, const unsigned char *byte,
                                size_t n, struct error *e)
{
    char part[500];
    struct stat s;
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return fail(e, path, 0, 0, "the name is too long");
    if (stat(path, &s) == 0 && !S_ISREG(s.st_mode))
        return fail(e, path, 0, 0, S_ISDIR(s.st_mode)
                    ? "is a folder, expected a file"
                    : "not a regular file");
    const int to = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (to < 0)
        return fail(e, part, 0, 0, "cannot write: %s", strerror(errno));
    bool good = write_all(to, byte, n) && fsync(to) == 0;
    int why = errno;
    if (close(to) != 0 && good)
        good = false, why = errno;
    if (good && rename(part, path) != 0)
        good = false, why = errno;
    if (!good)
        unlink(part);
    return good ? folder_sync(path, e)
                : fail(e, path, 0, 0, "cannot write: %s", strerror(why));
}

/* The bytes of a regular file into *c. */
static inline bool file_read(struct checkpoint *c, struct arena *a,
                             const char *path, struct error *e)
{
    struct stat s;
    *c = (struct checkpoint){ .path = path };
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return fail(e, path, 0, 0, "cannot open: %s", strerror(errno));
    const bool known = fstat(fileno(in), &s) == 0;
    if (!known || !S_ISREG(s.st_mode) || s.st_size > FILE_MOST) {
        fclose(in);
        return known && S_ISDIR(s.st_mode)
               ? fail(e, path, 0, 0, "is a folder, expected a file")
               : fail(e, path, 0, 0, "not a file of at most %d bytes",
                      FILE_MOST);
    }
    c->size = c->room = (size_t)s.st_size;
    c->byte = arena_take(a, c->size + 1, 1);
    const size_t got = fread(c->byte, 1, c->size, in);
    fclose(in);
    if (got != c->size)
        return fail(e, path, 0, 0, "cannot read its %zu bytes", c->size);
    return true;
}

/* Four or eight bytes of the file as a number. */
static inline uint32_t number_4(const unsigned char *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

static inline uint64_t number_8(const unsigned char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

/* Read a checkpoint into *a; false and *e for any fault. */
static inline bool checkpoint_read(struct checkpoint *c, struct arena *a,
                                   const char *path, struct error *e)
{
    if (!file_read(c, a, path, e))
        return false;
    if (c->size < 8 || memcmp(c->byte, checkpoint_magic, 8) != 0)
        return fail(e, path, 0, 0, "not a checkpoint: it does not begin "
                    "with DOWNHILL");
    if (c->size < HEADER_SIZE + CRC_SIZE)
        return fail(e, path, 0, 0, "truncated: %zu bytes, not even a header",
                    c->size);
    const uint32_t order = number_4(c->byte + 8);
    const uint32_t version = number_4(c->byte + 12);
    if (order != CHECKPOINT_ORDER)
        return fail(e, path, 0, 0, order == 0x04030201
                    ? "byte 8: written by a machine of the other byte order"
                    : "byte 8: damaged byte-order mark");
    if (version != CHECKPOINT_VERSION)
        return fail(e, path, 0, 0, "byte 12: version %lu, this program reads "
                    "version %d", (unsigned long)version, CHECKPOINT_VERSION);
    const uint64_t size = number_8(c->byte + 16);
    if (c->size != size)
        return fail(e, path, 0, 0, "%s: %zu bytes, its header says %llu",
                    c->size < size ? "truncated" : "too long", c->size,
                    (unsigned long long)size);
    const uint32_t crc = number_4(c->byte + c->size - CRC_SIZE);
    const uint32_t real_crc =
        (uint32_t)crc32_z(0, c->byte, c->size - CRC_SIZE);
    if (crc != real_crc)
        return fail(e, path, 0, 0, "damaged: checksum %08lx, the content has "
                    "%08lx", (unsigned long)crc, (unsigned long)real_crc);
    return true;
}

/* A section: its items lie in the checkpoint's memory. */
struct section { const unsigned char *item; size_t n, each; };

/* The section with that tag; false and *e when there is none. */
static inline bool section_find(const struct checkpoint *c,
                                const char *tag, struct section *s,
                                struct error *e)
{
    size_t at = HEADER_SIZE;
    const size_t end = c->size - CRC_SIZE;
    *s = (struct section){ 0 };
    while (end - at >= HEAD_SIZE) {
        const uint64_t each = number_4(c->byte + at + 4);
        const uint64_t n = number_8(c->byte + at + 8);
        const size_t room = end - at - HEAD_SIZE;
        if (each == 0 || n > room / each)
            return fail(e, c->path, 0, 0,
                        "byte %zu: a section leaves the file", at);
        *s = (struct section){ c->byte + at + HEAD_SIZE, n, each };
        if (memcmp(c->byte + at, tag, 4) == 0)
            return true;
        at += HEAD_SIZE + (n * each + 7) / 8 * 8;
        if (at > end)
            break;
    }
    return fail(e, c->path, 0, 0, "no section %s", tag);
}

/* The section with n items of this size, no others; else false and *e. */
static inline bool section_expect(const struct checkpoint *c,
                                  const char *tag, size_t n, size_t each,
                                  struct section *s, struct error *e)
{
    if (!section_find(c, tag, s, e))
        return false;
    if (s->n != n || s->each != each)
        return fail(e, c->path, 0, 0,
                    "section %s: %zu items of %zu bytes, expected %zu "
                    "of %zu", tag, s->n, s->each, n, each);
    return true;
}

/* The header in hexadecimal, then a line for each section. */
static inline void checkpoint_print(FILE *out, const struct checkpoint *c)
{
    for (size_t i = 0; i < HEADER_SIZE; i++)
        fprintf(out, "%02x%s", c->byte[i], i == HEADER_SIZE - 1 ? "\n"
                : i % 8 == 7 ? "   " : " ");
    fprintf(out, "%.8s   order, version          size of the file\n\n",
            (const char *)c->byte);
    fprintf(out, "%8s %-6s %8s %6s %9s\n", "byte", "tag", "items", "each",
            "bytes");
    for (size_t at = HEADER_SIZE; at + CRC_SIZE < c->size; ) {
        const size_t each = number_4(c->byte + at + 4);
        const size_t n = (size_t)number_8(c->byte + at + 8);
        fprintf(out, "%8zu %-6.4s %8zu %6zu %9zu\n", at,
                (const char *)c->byte + at, n, each, n * each);
        at += HEAD_SIZE + (n * each + 7) / 8 * 8;
    }
    fprintf(out, "%8zu %-6s %8d %6d %9d\n", c->size - CRC_SIZE, "CRC32", 1,
            CRC_SIZE, CRC_SIZE);
}

enum { PLAN_MAX = 2000 };

/* How a training is set up: lines of a name, a space and a value. */
struct plan { char text[PLAN_MAX]; };

/* Add a line to the plan. */
PRINTF_LIKE(2, 3) static inline void plan_add(struct plan *p,
                                              const char *format, ...)
{
    const size_t n = strlen(p->text);
    va_list ap;
    va_start(ap, format);
    const int m = vsnprintf(p->text + n, PLAN_MAX - n, format, ap);
    va_end(ap);
    REQUIRE(m >= 0 && n + (size_t)m + 1 < PLAN_MAX, "a long plan");
    strcat(p->text, "\n");
}

/* The value of that name into value[size]; false when there is none. */
static inline bool plan_find(const struct plan *p, const char *name,
                             char *value, size_t size)
{
    const size_t n = strlen(name);
    for (const char *s = p->text; *s != '\0'; s += strcspn(s, "\n") + 1)
        if (strncmp(s, name, n) == 0 && s[n] == ' ') {
            snprintf(value, size, "%.*s",
                     (int)strcspn(s + n + 1, "\n"), s + n + 1);
            return true;
        }
    return false;
}

/* The plan in a checkpoint. */
static inline bool plan_read(struct plan *p, const struct checkpoint *c,
                             struct error *e)
{
    struct section s;
    if (!section_find(c, "PLAN", &s, e))
        return false;
    if (s.each != 1 || s.n == 0 || s.n >= PLAN_MAX
        || memchr(s.item, '\0', s.n) != NULL || s.item[s.n - 1] != '\n')
        return fail(e, c->path, 0, 0, "section PLAN is not lines of text");
    memcpy(p->text, s.item, s.n);
    p->text[s.n] = '\0';
    return true;
}

/* False and *e, which names the first line that differs. */
static inline bool plan_same(const struct plan *file,
                             const struct plan *here, const char *path,
                             struct error *e)
{
    const char *a = file->text, *b = here->text;
    while (*a != '\0' || *b != '\0') {
        const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        if (n != m || memcmp(a, b, n) != 0)
            return fail(e, path, 0, 0,
                        "made with '%.*s', this run has '%.*s'",
                        (int)n, a, (int)m, b);
        a += n + (a[n] == '\n'), b += m + (b[m] == '\n');
    }
    return true;
}

enum { WHERE_ITEMS = 8, SUMS_ITEMS = 2 };

/* A training as sections. */
static inline void training_pack(struct checkpoint *c, struct arena *a,
                                 const struct training *t,
                                 const struct plan *p)
{
    const struct learner *l = &t->learner;
    const struct optimizer *o = &t->pace->optimizer;
    const size_t n = o->n;
    const uint64_t where[WHERE_ITEMS] = {
        l->epoch, l->t, o->t, l->right, l->seen,
        t->stopper.best_epoch, t->stopper.waited, l->data.n
    };
    const double sums[SUMS_ITEMS] = { l->loss_sum, t->stopper.best };
    uint32_t *order = arena_take(a, l->data.n, sizeof *order);
    for (size_t i = 0; i < l->data.n; i++)
        order[i] = (uint32_t)l->order[i];
    const real *theta = l->model->theta.data;
    checkpoint_section(c, a, "PLAN", p->text, strlen(p->text), 1);
    checkpoint_section(c, a, "WHER", where, WHERE_ITEMS, 8);
    checkpoint_section(c, a, "SUMS", sums, SUMS_ITEMS, 8);
    checkpoint_section(c, a, "THET", theta, n, sizeof(real));
    checkpoint_section(c, a, "BEST", t->best, n, sizeof(real));
    checkpoint_section(c, a, "MOMM", o->m, o->m ? n : 0, sizeof(real));
    checkpoint_section(c, a, "MOMV", o->v, o->v ? n : 0, sizeof(real));
    checkpoint_section(c, a, "RAND", gsl_rng_state(l->random),
                       gsl_rng_size(l->random), 1);
    checkpoint_section(c, a, "ORDR", order, l->data.n, 4);
    checkpoint_section(c, a, "NOTE", t->note, l->epoch,
                       sizeof(struct epoch_note));
    checkpoint_seal(c, a);
}

/*
 * Save the training and its plan under path, which holds afterwards this
 * checkpoint or, if false is returned and *e filled, what it held before.
 */
static inline bool training_save(const struct training *t,
                                 const struct plan *p, const char *path,
                                 struct error *e)
{
    struct arena a = { 0 };
    struct checkpoint c = { .path = path };
    training_pack(&c, &a, t, p);
    const bool good = file_replace(path, c.byte, c.size, e);
    arena_free(&a);
    return good;
}

/* The sections of a training, in the order of their tags. */
enum { WHER, SUMS, THET, BEST, MOMM, MOMV, RAND, ORDR, TAGS };

static inline bool training_sections(const struct checkpoint *c,
                                     const struct training *t,
                                     struct section s[TAGS],
                                     struct error *e)
{
    const struct optimizer *o = &t->pace->optimizer;
    const struct learner *l = &t->learner;
    const struct { const char *tag; size_t n, each; } want[TAGS] = {
        { "WHER", WHERE_ITEMS, 8 }, { "SUMS", SUMS_ITEMS, 8 },
        { "THET", o->n, sizeof(real) }, { "BEST", o->n, sizeof(real) },
        { "MOMM", o->m ? o->n : 0, sizeof(real) },
        { "MOMV", o->v ? o->n : 0, sizeof(real) },
        { "RAND", gsl_rng_size(l->random), 1 }, { "ORDR", l->data.n, 4 }
    };
    for (int k = 0; k < TAGS; k++)
        if (!section_expect(c, want[k].tag, want[k].n, want[k].each, &s[k],
                            e))
            return false;
    return true;
}

/* The numbers 0 .. n-1 in some order?  Else false and *e. */
static inline bool order_check(const struct checkpoint *c,
                               const struct section *s, struct error *e)
{
    struct arena a = { 0 };
    bool *seen = arena_alloc(&a, s->n, sizeof *seen), good = true;
    for (size_t i = 0; i < s->n && good; i++) {
        const uint32_t k = number_4(s->item + 4 * i);
        good = k < s->n && !seen[k];
        if (good)
            seen[k] = true;
    }
    arena_free(&a);
    return good || fail(e, c->path, 0, 0, "section ORDR is no order");
}

/* False and *e when the place in the training is impossible. */
static inline bool where_check(const struct checkpoint *c,
                               const struct training *t,
                               const unsigned char *where, struct error *e)
{
    const uint64_t epoch = number_8(where), batch = number_8(where + 8);
    const uint64_t seen = number_8(where + 32);
    const struct learner *l = &t->learner;
    const uint64_t best = number_8(where + 40), n = l->data.n;
    const uint64_t B = l->batch.size;
    if (epoch > EPOCHS_MOST - (batch > 0) || batch > learner_batches(l)
        || best > epoch
        || number_8(where + 56) != n
        || (batch > 0 && seen != (batch * B < n ? batch * B : n)))
        return fail(e, c->path, 0, 0, "section WHER: epoch %llu, batch "
                    "%llu cannot be", (unsigned long long)epoch,
                    (unsigned long long)batch);
    return true;
}

static inline void training_unpack(struct training *t,
                                   const struct section s[TAGS],
                                   const struct section *notes)
{
    struct learner *l = &t->learner;
    struct optimizer *o = &t->pace->optimizer;
    const unsigned char *w = s[WHER].item;
    l->epoch = number_8(w), l->t = number_8(w + 8);
    o->t = l->steps = number_8(w + 16);
    l->right = number_8(w + 24), l->seen = number_8(w + 32);
    t->stopper.best_epoch = number_8(w + 40);
    t->stopper.waited = number_8(w + 48);
    memcpy(&l->loss_sum, s[SUMS].item, 8);
    memcpy(&t->stopper.best, s[SUMS].item + 8, 8);
    memcpy(l->model->theta.data, s[THET].item, o->n * sizeof(real));
    memcpy(t->best, s[BEST].item, o->n * sizeof(real));
    if (o->m != NULL)
        memcpy(o->m, s[MOMM].item, o->n * sizeof(real));
    if (o->v != NULL)
        memcpy(o->v, s[MOMV].item, o->n * sizeof(real));
    memcpy(gsl_rng_state(l->random), s[RAND].item, s[RAND].n);
    for (size_t i = 0; i < l->data.n; i++)
        l->order[i] = number_4(s[ORDR].item + 4 * i);
    memcpy(t->note, notes->item, notes->n * notes->each);
}

/*
 * Take up the training in path where it was put aside.  It must have been
 * made with the same plan.  False and *e for any fault; then nothing has
 * changed.
 */
static inline bool training_load(struct training *t, const struct plan *p,
                                 const char *path, struct error *e)
{
    struct arena a = { 0 };
    struct checkpoint c;
    struct plan theirs;
    struct section s[TAGS], notes;
    const bool good = checkpoint_read(&c, &a, path, e)
        && plan_read(&theirs, &c, e) && plan_same(&theirs, p, path, e)
        && training_sections(&c, t, s, e)
        && where_check(&c, t, s[WHER].item, e)
        && order_check(&c, &s[ORDR], e)
        && section_expect(&c, "NOTE", number_8(s[WHER].item),
                          sizeof(struct epoch_note), &notes, e);
    if (good)
        training_unpack(t, s, &notes);
    arena_free(&a);
    return good;
}

/* What a network needs to be used, from a checkpoint. */
struct stored {
    struct network net;
    size_t rows, cols;
    double mean, deviation;
};

/* A whole number or a decimal one from the plan. */
static inline bool plan_number(const struct plan *p, const char *name,
                               double *value)
{
    char text[60], *end;
    if (!plan_find(p, name, text, sizeof text))
        return false;
    *value = strtod(text, &end);
    return end != text && isfinite(*value);
}

static inline bool stored_plan(struct stored *m, const struct plan *p,
                               struct widths *w,
                               const struct activation **f,
                               struct error *e, const char *path)
{
    char net[400], name[60], size[60];
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
static inline bool stored_load(struct stored *m, struct arena *a,
                               const char *path, struct error *e)
{
    struct checkpoint c;
    struct plan p;
    struct widths w;
    struct section s, where;
    size_t n = 0;
    const struct activation *f = NULL;
    if (!checkpoint_read(&c, a, path, e) || !plan_read(&p, &c, e)
        || !stored_plan(m, &p, &w, &f, e, path))
        return false;
    for (size_t k = 1; k < w.n; k++)
        n += (w.width[k - 1] + 1) * w.width[k]; /* eq:parameter-count */
    if (!section_expect(&c, "WHER", WHERE_ITEMS, 8, &where, e)
        || !section_expect(&c, number_8(where.item + 40) > 0 ? "BEST"
                           : "THET", n, sizeof(real), &s, e))
        return false;
    if (m->rows * m->cols != w.width[0])
        return fail(e, path, 0, 0, "its images do not fit its network");
    m->net = network_mlp(a, w.n, w.width, f, 1);
    memcpy(m->net.model.theta.data, s.item, n * sizeof(real));
    return true;
}

/* The probabilities of the classes for one picture of pixels 0..1. */
static inline tensor stored_answer(struct stored *m, struct arena *a,
                                   tensor pixels)
{
    const tensor X = tensor_empty(a, SHAPE(1, m->net.inputs));
    for (size_t i = 0; i < m->net.inputs; i++)
        X.data[i] = (real)(((double)pixels.data[i] - m->mean)
                           / m->deviation);
    const tensor P = network_forward(&m->net, X, false);
    softmax_rows(P, P);
    return P;
}

#endif
