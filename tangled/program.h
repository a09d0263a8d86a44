/*
 * program.h -- the frame of every program: options, parts, tables.
 * Downhill, chapter 1.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <errno.h>
#include <getopt.h>

#include "tensor.h"

/* An option --name VALUE: where its value goes and what it may be. */
enum kind { COUNT = 1, NUMBER, TEXT, FLAG }; /* size_t double char* bool */

struct setting {
    const char *name;
    enum kind kind;
    void *value;
    double low, high;           /* bounds of a COUNT or a NUMBER */
    const char *help;
};

/* A named piece of the story, run when its name is given. */
struct part {
    const char *name;
    void (*run)(void);
    const char *help;
};

struct program {
    const char *name, *purpose;
    const struct setting *settings;     /* ends with a name of NULL */
    const struct part *parts;           /* likewise */
    void (*tables)(void);               /* writes what --tsv asks for */
    const struct part *extras;          /* run only by name; may be NULL */
    void (*prepare)(void);              /* before each part; may be NULL */
};

/* A fault of the world ends the program: one line, exit status 1. */
_Noreturn static inline void give_up(const struct error *e)
{
    error_print(e);
    exit(1);
}

static const char *table_folder;        /* from --tsv */
static char table_chapter[8];           /* "01" */

/* A file that appears under its name only when it is complete. */
struct table {
    FILE *file;
    char path[500], part[510];
};

/* Open FOLDER/NN-name.tsv, or FOLDER/NN-name when the name has a dot. */
static inline struct table table_open(const char *name, const char *heads)
{
    struct table t;
    snprintf(t.path, sizeof t.path, "%s/%s-%s%s", table_folder,
             table_chapter, name, strchr(name, '.') ? "" : ".tsv");
    snprintf(t.part, sizeof t.part, "%s.part", t.path);
    t.file = fopen(t.part, "w");
    if (t.file == NULL) {
        struct error e;
        fail(&e, t.part, 0, 0, "cannot write: %s", strerror(errno));
        give_up(&e);
    }
    if (heads != NULL)
        fprintf(t.file, "%s\n", heads);
    return t;
}

static inline void table_close(struct table *t)
{
    const bool bad = ferror(t->file) != 0;
    if (fclose(t->file) != 0 || bad || rename(t->part, t->path) != 0) {
        struct error e;
        fail(&e, t->path, 0, 0, "cannot write: %s", strerror(errno));
        give_up(&e);
    }
}

/* Values by name, for the text: the table NN-values.tsv. */
static struct table value_table;

PRINTF_LIKE(2, 3) static inline void
value_write(const char *name, const char *format, ...)
{
    va_list ap;
    fprintf(value_table.file, "%s.%s\t", table_chapter, name);
    va_start(ap, format);
    vfprintf(value_table.file, format, ap);
    va_end(ap);
    fputc('\n', value_table.file);
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
    for (const struct setting *s = p->settings; s->name != NULL; s++)
        fprintf(out, "  --%s%-*s %s\n", s->name,
                16 - (int)strlen(s->name), s->kind == FLAG ? "" : " V",
                s->help);
    fprintf(out, "  --%-16s %s\n", "tsv FOLDER",
            "write the tables of the book there");
    fprintf(out, "  --%-16s %s\n", "help", "print this page");
}
/* A bad option: the usage, then one line that says why; status 2. */
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

/* Store the text of an option in its setting, or refuse it. */
static inline void setting_read(const struct program *p,
                                const struct setting *s, char *text)
{
    if (s->kind == FLAG) {
        *(bool *)s->value = true;
        return;
    }
    if (s->kind == TEXT) {
        *(const char **)s->value = text;
        return;
    }
    char *end;
    const double x = strtod(text, &end);
    const bool whole = s->kind == NUMBER || x == floor(x);
    if (end == text || *end != '\0' || !whole
        || !(x >= s->low && x <= s->high))
        refuse(p, "--%s: expected a %s from %.10g to %.10g, found '%s'",
               s->name, s->kind == COUNT ? "whole number" : "number",
               s->low, s->high, text);
    if (s->kind == COUNT)
        *(size_t *)s->value = (size_t)x;
    else
        *(double *)s->value = x;
}

enum { OPTION_HELP = 1000, OPTION_TSV, OPTIONS_MAX = 40 };

/* Read all options; what is left in argv from the result on are parts. */
static inline int options_read(int argc, char **argv,
                               const struct program *p)
{
    struct option list[OPTIONS_MAX] = { 0 };
    int n = 0, c;
    for (const struct setting *s = p->settings; s->name != NULL; s++, n++) {
        REQUIRE(n + 3 < OPTIONS_MAX, "too many settings");
        list[n] = (struct option){ s->name, s->kind != FLAG, NULL, n };
    }
    list[n++] = (struct option){ "help", 0, NULL, OPTION_HELP };
    list[n++] = (struct option){ "tsv", 1, NULL, OPTION_TSV };
    opterr = 0;
    while ((c = getopt_long(argc, argv, ":", list, NULL)) != -1) {
        if (c == OPTION_HELP) {
            print_usage(stdout, p);
            exit(0);
        } else if (c == OPTION_TSV) {
            table_folder = optarg;
        } else if (c == ':') {
            refuse(p, "%s needs a value", argv[optind - 1]);
        } else if (c == '?') {
            refuse(p, "unknown option %s", argv[optind - 1]);
        } else {
            setting_read(p, &p->settings[c], optarg);
        }
    }
    return optind;
}

static inline const struct part *part_find(const struct program *p,
                                           const char *name)
{
    for (const struct part *q = p->parts; q->name != NULL; q++)
        if (strcmp(q->name, name) == 0)
            return q;
    for (const struct part *q = p->extras; q && q->name != NULL; q++)
        if (strcmp(q->name, name) == 0)
            return q;
    refuse(p, "there is no part '%s'", name);
}

/* One part, from a fresh start: it prints the same in any company. */
static inline void part_run(const struct program *p, const struct part *q)
{
    if (p->prepare != NULL)
        p->prepare();
    q->run();
}

/* The tables of the book, with the values in one more table. */
static inline void tables_write(const struct program *p)
{
    if (p->tables == NULL)
        return;
    snprintf(table_chapter, sizeof table_chapter, "%.2s", p->name);
    if (p->prepare != NULL)
        p->prepare();
    value_table = table_open("values", NULL);
    p->tables();
    table_close(&value_table);
}

/* What main() of every program does.  Returns the exit status. */
static inline int program_run(int argc, char **argv,
                              const struct program *p)
{
    const int first = options_read(argc, argv, p);
    for (int i = first; i < argc; i++)
        (void)part_find(p, argv[i]);            /* refuse before running */
    if (table_folder != NULL) {
        tables_write(p);
    } else if (first < argc) {
        for (int i = first; i < argc; i++)
            part_run(p, part_find(p, argv[i]));
    } else {
        for (const struct part *q = p->parts; q->name != NULL; q++) {
            printf("%s== %s ==\n", q == p->parts ? "" : "\n", q->name);
            part_run(p, q);
        }
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: cannot write the output\n", p->name);
        return 1;
    }
    return 0;
}

#endif
