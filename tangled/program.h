/*
 * program.h -- the frame of every program: options, parts, tables.
 * Downhill, appendix B.  Include it before any other header.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* setenv, clock_gettime */
#define _DEFAULT_SOURCE         /* madvise */
#endif

#include <errno.h>
#include <getopt.h>

#include "tensor.h"
#include "blas.h"
#include "progress.h"

#define EDITION "2.0"

/* A fault of the world ends the program: one line, exit status 1. */
_Noreturn static inline void give_up(const struct error *e)
{
    error_print(e);
    exit(1);
}

/* The same for a fault found here: `name` is a file or an option. */
PRINTF_LIKE(2, 3) _Noreturn static inline void
give_up_on(const char *name, const char *format, ...)
{
    struct error e;
    char text[sizeof e.text];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    fail(&e, name, 0, 0, "%s", text);
    give_up(&e);
}

/* A named piece of the story and the options that it reads. */
struct part {
    const char *name;
    void (*run)(void);
    const char *help;
    const char *options;        /* "seed lr"; NULL: none */
};

struct program {
    const char *name, *purpose;
    const struct part *parts;   /* end with a name of NULL; run in turn */
    const struct part *extras;  /* run only by name; may be NULL */
};

/* What may stand behind an option: size_t double char* char* char* bool */
enum kind { COUNT = 1, NUMBER, TEXT, WORD, WIDTHS, FLAG };

struct setting {
    const char *name;
    enum kind kind;
    void *value;
    double low, high;           /* of a COUNT or a NUMBER */
    const char *help;           /* of a WORD: the words */
};

/* What the command line says; 0, NULL: nothing, as the part likes it. */
struct options {
    size_t seed, runs;
    const char *data, *target, *family;
    bool label_first, verbose;
    double point, kappa;
    const char *recipe, *net, *activation, *init;
    size_t epochs, batch;
    double lr;
    const char *method, *schedule, *watch;
    double momentum, decay, clip, factor, dropout, validation, min_delta;
    size_t every, warmup, after, freeze, patience, index;
    const char *save, *resume, *load, *image;
    bool invert, products;
};

static struct options option = { .seed = 1 };

static const struct setting settings[] = {
    { "seed", COUNT, &option.seed, 1, 4294967290, "of what is random" },
    { "runs", COUNT, &option.runs, 1, 100, "how many seeds" },
    { "data", TEXT, &option.data, 0, 0, "a file, or MNIST's folder" },
    { "target", TEXT, &option.target, 0, 0, "the column to explain" },
    { "family", WORD, &option.family, 0, 0, "gaussian bernoulli poisson" },
    { "label-first", FLAG, &option.label_first, 0, 0,
      "the label is in the first column" },
    { "point", NUMBER, &option.point, 0.5, 2, "where to differentiate" },
    { "kappa", NUMBER, &option.kappa, 1, 1e6, "condition of the valley" },
    { "recipe", WORD, &option.recipe, 0, 0,
      "iris h28 h100 h1024 c512 digits" },
    { "net", WIDTHS, &option.net, 0, 0, "widths, as 64-32-10" },
    { "activation", WORD, &option.activation, 0, 0,
      "sigmoid tanh relu leaky elu selu" },
    { "init", WORD, &option.init, 0, 0,
      "zero uniform normal fan lecun xavier he" },
    { "epochs", COUNT, &option.epochs, 1, 10000, "passes over the data" },
    { "batch", COUNT, &option.batch, 1, 10000, "samples in a step" },
    { "lr", NUMBER, &option.lr, 1e-9, 1e6, "learning rate" },
    { "method", WORD, &option.method, 0, 0,
      "sgd momentum nesterov adagrad rmsprop adam adamw" },
    { "momentum", NUMBER, &option.momentum, 0, 0.9999, "beta" },
    { "decay", NUMBER, &option.decay, 0, 10, "L2, or AdamW's decay" },
    { "clip", NUMBER, &option.clip, 0, 1e9, "longest gradient; 0: any" },
    { "schedule", WORD, &option.schedule, 0, 0,
      "constant exponential step cosine" },
    { "factor", NUMBER, &option.factor, 1e-6, 1, "of the schedule" },
    { "every", COUNT, &option.every, 1, 10000, "epochs of a step" },
    { "warmup", COUNT, &option.warmup, 0, 10000, "epochs of the rise" },
    { "dropout", NUMBER, &option.dropout, 0, 0.99, "share switched off" },
    { "after", COUNT, &option.after, 0, 30, "dropout after this layer" },
    { "freeze", COUNT, &option.freeze, 0, 30, "lowest layers that stay" },
    { "validation", NUMBER, &option.validation, 0.001, 0.9, "its share" },
    { "patience", COUNT, &option.patience, 0, 10000, "epochs; 0: no end" },
    { "min-delta", NUMBER, &option.min_delta, 0, 10, "least improvement" },
    { "watch", WORD, &option.watch, 0, 0, "loss accuracy" },
    { "save", TEXT, &option.save, 0, 0, "write checkpoints there" },
    { "resume", TEXT, &option.resume, 0, 0, "go on from a checkpoint" },
    { "load", TEXT, &option.load, 0, 0, "a checkpoint to use" },
    { "image", TEXT, &option.image, 0, 0, "a PGM or IDX file" },
    { "index", COUNT, &option.index, 0, 1e7, "which image of the file" },
    { "invert", FLAG, &option.invert, 0, 0, "dark on light" },
    { "products", FLAG, &option.products, 0, 0,
      "time the matrix products alone" },
    { 0 }
};

enum { SETTINGS = sizeof settings / sizeof *settings - 1 };

/* Does the list "one two three" have this word? */
static inline bool words_have(const char *list, const char *word)
{
    const size_t n = strlen(word);
    for (const char *s = list; s != NULL && *s != '\0'; ) {
        const size_t m = strcspn(s, " ");
        if (m == n && memcmp(s, word, n) == 0)
            return true;
        s += m + strspn(s + m, " ");
    }
    return false;
}

/* Does one of these parts read the option? */
static inline bool parts_read(const struct part *q, const char *name)
{
    for (; q != NULL && q->name != NULL; q++)
        if (words_have(q->options, name))
            return true;
    return false;
}

static inline void print_usage(FILE *out, const struct program *p)
{
    fprintf(out, "usage: %s [OPTION]... [PART]...\n%s\n", p->name,
            p->purpose);
    fprintf(out, "\nparts (all of them when none is named):\n");
    for (const struct part *q = p->parts; q->name != NULL; q++)
        fprintf(out, "  %-18s %s\n", q->name, q->help);
    for (const struct part *q = p->extras; q && q->name != NULL; q++)
        fprintf(out, "  %-18s %s (only by name)\n", q->name, q->help);
    fprintf(out, "\noptions:\n");
    for (const struct setting *s = settings; s->name != NULL; s++)
        if (parts_read(p->parts, s->name) || parts_read(p->extras, s->name))
            fprintf(out, "  --%s%-*s %s%s\n", s->name,
                    16 - (int)strlen(s->name), s->kind == FLAG ? "" : " V",
                    s->kind == WORD ? "one of " : "", s->help);
    fprintf(out, "  --%-16s %s\n", "tsv FOLDER", "write all tables there");
    fprintf(out, "  --%-16s %s\n", "verbose", "say which BLAS kernel runs");
    fprintf(out, "  --%-16s %s\n", "version", "print the edition");
    fprintf(out, "  --%-16s %s\n", "help", "print this page");
}

/* A bad command: the usage, then one line that says why; status 2. */
PRINTF_LIKE(2, 3) _Noreturn static inline void
refuse(const struct program *p, const char *format, ...)
{
    va_list ap;
    print_usage(stderr, p);
    fprintf(stderr, "\n%s: ", p->name);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(2);
}

/* A whole number or a decimal one between the bounds, or refuse it. */
static inline double number_read(const struct program *p,
                                 const struct setting *s, const char *text)
{
    char *end;
    const double x = strtod(text, &end);
    const bool whole = s->kind == NUMBER || x == floor(x);
    if (end == text || *end != '\0' || !whole
        || !(x >= s->low && x <= s->high))
        refuse(p, "--%s: expected a %s from %.10g to %.10g, found '%s'",
               s->name, s->kind == COUNT ? "whole number" : "number",
               s->low, s->high, text);
    return x;
}

/* Does the text look like 64-32-10? */
static inline bool are_widths(const char *text)
{
    int numbers = 0;
    do {
        const size_t n = strspn(text, "0123456789");
        if (n == 0 || n > 7 || *text == '0')
            return false;
        text += n, numbers++;
    } while (*text++ == '-');
    return numbers >= 2 && text[-1] == '\0';
}

/* Store the text of an option in its setting, or refuse it. */
static inline void setting_read(const struct program *p,
                                const struct setting *s, const char *text)
{
    if (s->kind == WORD && !words_have(s->help, text))
        refuse(p, "--%s: expected one of %s; found '%s'", s->name, s->help,
               text);
    if (s->kind == WIDTHS && !are_widths(text))
        refuse(p, "--%s: expected widths, as 64-32-10; found '%s'", s->name,
               text);
    if (s->kind == FLAG)
        *(bool *)s->value = true;
    else if (s->kind == COUNT)
        *(size_t *)s->value = (size_t)number_read(p, s, text);
    else if (s->kind == NUMBER)
        *(double *)s->value = number_read(p, s, text);
    else
        *(const char **)s->value = text;
}

enum { OPTION_HELP = SETTINGS, OPTION_TSV, OPTION_VERBOSE, OPTION_VERSION };

static const char *table_folder;        /* from --tsv */

/* Read all options, noting which; argv from the result on are parts. */
static inline int options_read(int argc, char **argv,
                               const struct program *p, bool given[])
{
    struct option list[SETTINGS + 5] = { 0 };
    int c;
    for (int i = 0; i < SETTINGS; i++)
        list[i] = (struct option){ settings[i].name,
                                   settings[i].kind != FLAG, NULL, i };
    list[SETTINGS] = (struct option){ "help", 0, NULL, OPTION_HELP };
    list[SETTINGS + 1] = (struct option){ "tsv", 1, NULL, OPTION_TSV };
    list[SETTINGS + 2] = (struct option){ "verbose", 0, NULL,
                                          OPTION_VERBOSE };
    list[SETTINGS + 3] = (struct option){ "version", 0, NULL,
                                          OPTION_VERSION };
    opterr = 0, optind = 1;
    while ((c = getopt_long(argc, argv, ":", list, NULL)) != -1) {
        if (c == OPTION_HELP) {
            print_usage(stdout, p);
            exit(0);
        } else if (c == OPTION_VERSION) {
            printf("%s (Downhill) %s\n", p->name, EDITION);
            exit(0);
        } else if (c == OPTION_TSV) {
            table_folder = optarg;
        } else if (c == OPTION_VERBOSE) {
            option.verbose = true;
        } else if (c == ':') {
            refuse(p, "%s needs a value", argv[optind - 1]);
        } else if (c == '?') {
            refuse(p, "unknown option %s", argv[optind - 1]);
        } else {
            setting_read(p, &settings[c], optarg);
            given[c] = true;
        }
    }
    return optind;
}

static inline const struct part *part_find(const struct program *p,
                                           const char *name)
{
    const struct part *const list[] = { p->parts, p->extras };
    for (int k = 0; k < 2; k++)
        for (const struct part *q = list[k]; q && q->name != NULL; q++)
            if (strcmp(q->name, name) == 0)
                return q;
    refuse(p, "there is no part '%s'", name);
}

/* Refuse an option that none of the named parts (all, if none) reads. */
static inline void options_check(const struct program *p, int parts,
                                 char *const name[], const bool given[])
{
    for (int i = 0; i < SETTINGS; i++) {
        const char *s = settings[i].name;
        bool read = parts == 0 && parts_read(p->parts, s);
        for (int k = 0; k < parts; k++)
            read = read || words_have(part_find(p, name[k])->options, s);
        if (given[i] && !read)
            refuse(p, "--%s is not used by %s%s", s, parts == 0 ? "any part"
                   : parts == 1 ? "the part " : "these parts",
                   parts == 1 ? name[0] : "");
    }
}

static char table_chapter[8];           /* "01" */

enum { COLUMNS_MAX = 24 };

/* A column, "rate %8.4f"; head and tail are parts of the description. */
struct column_form {
    const char *head, *tail;    /* above the column; behind each cell */
    int head_length, tail_length;
    int width, digits;          /* width < 0: flush left, as in %-10s */
    char kind;                  /* of printf: s f g e */
};

/* Rows for the reader, and a file that appears when it is complete. */
struct table {
    struct column_form column[COLUMNS_MAX];
    size_t columns;
    bool hidden;                /* rows are written and not printed */
    bool rounded;               /* the file has no more digits than that */
    const char *remark;         /* printed behind the next row */
    const char *nan;            /* what NaN is called; NULL: nan */
    FILE *file;                 /* NULL: not written */
    char path[500], part[510];
};

/* Does anyone ask for files?  If not, what only figures need may rest. */
static inline bool table_wanted(void)
{
    return table_folder != NULL;
}

/* One column from its description, which ends at `end`. */
static inline struct column_form column_read(const char *s, const char *end)
{
    struct column_form c = { .head = s };
    const char *p = s;
    char *q;
    while (p < end
           && (*p != '%' || strchr("-.0123456789sfge", p[1]) == NULL))
        p++;
    REQUIRE(p < end, "a column without a format: %s", s);
    c.head_length = (int)(p - s) - (p > s && p[-1] == ' ');
    c.width = (int)strtol(p + 1, &q, 10);
    c.digits = *q == '.' ? (int)strtol(q + 1, &q, 10) : 0;
    REQUIRE(strchr("sfge", *q) != NULL, "a column's format: %s", p);
    c.kind = *q;
    c.tail = q + 1, c.tail_length = (int)(end - q) - 1;
    return c;
}


/* A number in the form of its column, without the tail. */
static inline struct text column_text(const struct column_form *c,
                                      double x, const char *nan)
{
    struct text t;              /* NaN's sign depends on the compiler */
    snprintf(t.s, sizeof t.s, "%s", nan != NULL ? nan : "nan");
    if (c->kind == 'f' && !isnan(x))
        snprintf(t.s, sizeof t.s, "%.*f", c->digits, x);
    else if (c->kind == 'e' && !isnan(x))
        snprintf(t.s, sizeof t.s, "%.*e", c->digits, x);
    else if (!isnan(x))
        snprintf(t.s, sizeof t.s, "%.*g", c->digits > 0 ? c->digits : 6, x);
    return t;
}

/* Open FOLDER/NN-name.tsv, or FOLDER/NN-name when the name has a dot. */
static inline void table_create(struct table *t, const char *name)
{
    snprintf(t->path, sizeof t->path, "%s/%s-%s%s", table_folder,
             table_chapter, name, strchr(name, '.') ? "" : ".tsv");
    snprintf(t->part, sizeof t->part, "%s.part", t->path);
    t->file = fopen(t->part, "w");
    if (t->file == NULL)
        give_up_on(t->part, "cannot write: %s", strerror(errno));
}

/* No more rows; the file gets its name. */
static inline void table_end(struct table *t)
{
    if (t->file == NULL)
        return;
    const bool bad = ferror(t->file) != 0;
    if (fclose(t->file) != 0 || bad || rename(t->part, t->path) != 0)
        give_up_on(t->path, "cannot write: %s", strerror(errno));
    t->file = NULL;
}

/* Take the description "a %5.1f|b %7.2f" apart. */
static inline void table_columns(struct table *t, const char *columns)
{
    for (const char *s = columns, *end; ; s = end + 1) {
        end = s + strcspn(s, "|");
        REQUIRE(t->columns < COLUMNS_MAX, "columns: %s", columns);
        t->column[t->columns++] = column_read(s, end);
        if (*end == '\0')
            break;
    }
}


/* Rows for a file alone; `columns` as "x %.4f|y %.2f", NULL: no rows. */
static inline struct table table_hidden(const char *name,
                                        const char *columns)
{
    struct table t = { .hidden = true };
    if (columns != NULL)
        table_columns(&t, columns);
    if (!table_wanted())
        return t;
    table_create(&t, name);
    for (size_t j = 0; j < t.columns; j++)
        fprintf(t.file, "%.*s%c", t.column[j].head_length, t.column[j].head,
                j + 1 < t.columns ? '\t' : '\n');
    return t;
}


/* The same, printed too; `name` NULL: only printed. */
static inline struct table table_new(const char *name, const char *columns)
{
    struct table t = { 0 };
    if (name != NULL && table_wanted())
        t = table_hidden(name, columns);
    else
        table_columns(&t, columns);
    t.hidden = false;
    for (size_t j = 0; j < t.columns; j++) {
        const struct column_form *c = &t.column[j];
        const int width = c->width < 0 ? -c->width - c->tail_length
                                       : c->width + c->tail_length;
        printf("%s%*.*s", j > 0 ? " " : "", c->width < 0 ? -abs(width)
               : width, c->head_length, c->head);
    }
    putchar('\n');
    return t;
}

/* One row: `label` for a first column of text, else NULL; n numbers. */
static inline void table_row(struct table *t, const char *label, size_t n,
                             const double x[])
{
    const size_t first = t->column[0].kind == 's';
    REQUIRE(n + first == t->columns && (label != NULL) == (first > 0),
            "a row of %zu numbers for %zu columns", n, t->columns);
    for (size_t j = 0; j < t->columns; j++) {
        const struct column_form *c = &t->column[j];
        const char *end = j + 1 < t->columns ? "\t" : "\n";
        struct text cell = { "" };
        if (j >= first)
            cell = column_text(c, x[j - first], t->nan);
        if (!t->hidden)
            printf("%s%*s%.*s", j > 0 ? " " : "", c->width,
                   j < first ? label : cell.s, c->tail_length, c->tail);
        if (t->file != NULL && (j < first || t->rounded))
            fprintf(t->file, "%s%s", j < first ? label : cell.s, end);
        else if (t->file != NULL && isnan(x[j - first]))
            fprintf(t->file, "nan%s", end);
        else if (t->file != NULL)
            fprintf(t->file, "%.7g%s", x[j - first], end);
    }
    if (!t->hidden)
        printf("%s\n", t->remark != NULL ? t->remark : "");
    t->remark = NULL;
}


/* ROW(&t, "name", 1, 2.5); without a column of text ROW(&t, NULL, 1) */
#define ROW(t, label, ...) \
    table_row((t), (label), \
              sizeof (double[]){ __VA_ARGS__ } / sizeof (double), \
              (const double[]){ __VA_ARGS__ })

static struct table value_table;        /* NN-values.tsv: name, value */

/* A number that the text of the book names. */
PRINTF_LIKE(2, 3) static inline void
value_write(const char *name, const char *format, ...)
{
    va_list ap;
    if (value_table.file == NULL)
        return;
    fprintf(value_table.file, "%s.%s\t", table_chapter, name);
    va_start(ap, format);
    vfprintf(value_table.file, format, ap);
    va_end(ap);
    fputc('\n', value_table.file);
}

static struct arena memory;             /* of the part that runs */
static gsl_rng *rng;                    /* seeded for it */

/* One part, from a fresh start: it prints the same in any company. */
static inline void part_run(const struct part *q)
{
    const struct options said = option;
    arena_reset(&memory);
    if (rng == NULL)
        rng = random_new(option.seed);
    gsl_rng_set(rng, option.seed);
    q->run();
    option = said;
}

static inline void parts_run(const struct program *p, int n, char **name)
{
    for (int i = 0; i < n; i++)
        part_run(part_find(p, name[i]));
    for (const struct part *q = p->parts; n == 0 && q->name != NULL; q++) {
        printf("%s== %s ==\n", q == p->parts ? "" : "\n", q->name);
        part_run(q);
    }
}


/* What main() of every program does.  Returns the exit status. */
static inline int program_run(int argc, char **argv, const char *name,
                              const char *purpose,
                              const struct part *parts,
                              const struct part *extras)
{
    const struct program p = { name, purpose, parts, extras };
    bool given[SETTINGS] = { false };
    const int first = options_read(argc, argv, &p, given);
    for (int i = first; i < argc; i++)
        (void)part_find(&p, argv[i]);           /* refuse before running */
    options_check(&p, argc - first, argv + first, given);
    blas_choose_core(argv, option.verbose);
    blas_choose_threads();
    snprintf(table_chapter, sizeof table_chapter, "%.2s", name);
    if (table_wanted())
        value_table = table_hidden("values", NULL);
    parts_run(&p, argc - first, argv + first);
    table_end(&value_table);
    gsl_rng_free(rng);
    arena_free(&memory);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: cannot write the output\n", name);
        return 1;
    }
    return 0;
}

#endif
