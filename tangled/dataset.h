/*
 * dataset.h -- tables with named columns, read from CSV.
 * Downhill, appendix C.
 */
#ifndef DATASET_H
#define DATASET_H

#include <errno.h>

#include "tensor.h"

struct column {
    const char *name;
    bool is_number;
    tensor number;              /* (rows), when is_number */
    int *level;                 /* else [rows], each in 0..levels-1 */
    size_t levels;
    const char **level_name;    /* [levels], by first appearance */
};

struct frame {
    size_t rows, columns;
    struct column *column;
};

/* The column of that name, or NULL. */
static inline const struct column *frame_column(const struct frame *f,
                                                const char *name)
{
    for (size_t j = 0; j < f->columns; j++)
        if (f->column[j].name != NULL
            && strcmp(f->column[j].name, name) == 0)
            return &f->column[j];
    return NULL;
}

enum {
    CSV_LINE_MAX = 1 << 20,     /* bytes */
    CSV_COLUMNS_MAX = 1 << 14,
    CSV_LEVELS_MAX = 1 << 12
};

struct cell {
    const char *text;
    size_t at;                  /* the column of the line, from 1 */
};

struct csv {
    FILE *in;                   /* the lines come from a file, */
    const char *const *lines;   /* or from an array of strings, */
    size_t n;                   /* so many of them */
    const char *name;           /* of the file, for messages */
    struct error *e;
    struct arena scratch;       /* dropped when reading ends */
    char *text;                 /* the line: CSV_LINE_MAX bytes and a 0 */
    size_t length, line;        /* its length and its number */
    struct cell *cell;
    size_t cells, room;         /* cells in the line; room for them */
    struct frame frame;         /* what was read so far */
    size_t rows_room;
};

/* n things of `size` bytes moved to a place with room for twice as many. */
static inline void *csv_grow(struct csv *s, const void *old, size_t n,
                             size_t size)
{
    void *p = arena_take(&s->scratch, n > 0 ? 2 * n : 16, size);
    if (n > 0)
        memcpy(p, old, n * size);
    return p;
}

static inline const char *csv_text(struct arena *a, const char *text)
{
    const size_t n = strlen(text) + 1;
    return memcpy(arena_take(a, n, 1), text, n);
}

/* At most 40 bytes of a cell, fit for a terminal. */
static inline struct text cell_text(const char *cell)
{
    struct text out = { "" };
    size_t n = 0;
    for (; n < 40 && cell[n] != '\0'; n++)
        out.s[n] = (unsigned char)cell[n] < ' ' || cell[n] == 127
                   ? '?' : cell[n];
    while (n > 0 && ((unsigned char)cell[n] & 0xC0) == 0x80)
        n--;                    /* do not cut a character of UTF-8 */
    strcpy(out.s + n, cell[n] != '\0' ? "..." : "");
    return out;
}

/* A fault in the line just read, at column `at`. */
#define CSV_FAIL(s, at, ...) \
    fail((s)->e, (s)->name, (s)->line, (at), __VA_ARGS__)

/* The first n characters of a cell, filled up with blanks; n <= 20. */
static inline struct text text_fit(const char *cell, size_t n)
{
    struct text out = { "" };
    const struct text all = cell_text(cell);
    size_t i = 0, k = 0;
    for (; all.s[i] != '\0'; i++) {
        k += ((unsigned char)all.s[i] & 0xC0) != 0x80;
        if (k > n)
            break;
        out.s[i] = all.s[i];
    }
    for (; k < n; k++)
        out.s[i++] = ' ';
    return out;
}

enum line { LINE_READ, LINE_NONE, LINE_BAD };

static inline enum line csv_line_of_file(struct csv *s)
{
    int c;
    s->line++;
    errno = 0;
    while ((c = getc(s->in)) != EOF && c != '\n') {
        if (c == '\0' || s->length == CSV_LINE_MAX) {
            if (c == '\0')
                CSV_FAIL(s, s->length + 1, "a zero byte: this is not text");
            else
                CSV_FAIL(s, 0, "the line is longer than %d bytes",
                         CSV_LINE_MAX);
            return LINE_BAD;
        }
        s->text[s->length++] = (char)c;
    }
    if (ferror(s->in)) {
        if (errno == EISDIR)
            fail(s->e, s->name, 0, 0, "is a folder, expected a file");
        else
            fail(s->e, s->name, 0, 0, "cannot read: %s", strerror(errno));
        return LINE_BAD;
    }
    return c == EOF && s->length == 0 ? LINE_NONE : LINE_READ;
}

static inline enum line csv_line_of_array(struct csv *s)
{
    if (s->line++ == s->n)
        return LINE_NONE;
    const char *text = s->lines[s->line - 1];
    s->length = strlen(text);
    if (s->length > CSV_LINE_MAX) {
        CSV_FAIL(s, 0, "the line is longer than %d bytes", CSV_LINE_MAX);
        return LINE_BAD;
    }
    memcpy(s->text, text, s->length);
    return LINE_READ;
}

/* The next line into s->text, without its end and without a BOM. */
static inline enum line csv_line(struct csv *s)
{
    s->length = 0;
    const enum line got = s->in != NULL ? csv_line_of_file(s)
                                        : csv_line_of_array(s);
    if (got != LINE_READ)
        return got;
    if (s->length > 0 && s->text[s->length - 1] == '\r')
        s->length--;
    s->text[s->length] = '\0';
    const char *cr = strchr(s->text, '\r');
    if (cr != NULL) {
        CSV_FAIL(s, (size_t)(cr - s->text) + 1,
                 "a carriage return inside a line");
        return LINE_BAD;
    }
    if (s->line == 1 && strncmp(s->text, "\xEF\xBB\xBF", 3) == 0)
        memmove(s->text, s->text + 3, (s->length -= 3) + 1);
    return LINE_READ;
}

/*
 * Take the quotes off the cell that begins at p, in place.
 * Returns what follows it: a comma or the 0; NULL when it is malformed.
 */
static inline char *csv_unquote(char *p)
{
    char *to = p;
    for (const char *from = p + 1; *from != '\0'; from++) {
        if (*from == '"' && *++from != '"') {
            char *next = p + (from - p);
            next += strspn(next, " \t");
            *to = '\0';
            return *next == ',' || *next == '\0' ? next : NULL;
        }
        *to++ = *from;
    }
    return NULL;
}

/* The cell that begins at p ends here; blanks before the end are cut. */
static inline char *csv_plain(char *p)
{
    char *next = p + strcspn(p, ",\"");
    if (*next == '"')
        return NULL;
    for (char *q = next; q > p && (q[-1] == ' ' || q[-1] == '\t'); )
        *--q = '\0';
    return next;
}

/* End the cell before `next`; true when another cell follows. */
static inline bool csv_cut(char *next)
{
    const bool more = *next == ',';
    *next = '\0';
    return more;
}

static inline void csv_keep(struct csv *s, const char *cell)
{
    if (s->cells == s->room) {
        s->cell = csv_grow(s, s->cell, s->cells, sizeof *s->cell);
        s->room = s->cells > 0 ? 2 * s->cells : 16;
    }
    s->cell[s->cells++] = (struct cell){ cell,
                                         (size_t)(cell - s->text) + 1 };
}

/* Cut the line into cells; false for a fault. */
static inline bool csv_split(struct csv *s)
{
    char *p = s->text, *next;
    s->cells = 0;
    do {
        p += strspn(p, " \t");
        next = *p == '"' ? csv_unquote(p) : csv_plain(p);
        if (next == NULL)
            return CSV_FAIL(s, (size_t)(p - s->text) + 1,
                            "a quote that does not enclose its cell");
        if (s->cells == CSV_COLUMNS_MAX)
            return CSV_FAIL(s, (size_t)(p - s->text) + 1,
                            "more than %d columns", CSV_COLUMNS_MAX);
        csv_keep(s, p);
        p = next + 1;
    } while (csv_cut(next));
    return true;
}

/* The next line that is not empty, cut into cells. */
static inline enum line csv_row(struct csv *s)
{
    size_t empty = 0;
    enum line got;
    while ((got = csv_line(s)) == LINE_READ
           && s->text[strspn(s->text, " \t")] == '\0')
        empty = empty > 0 ? empty : s->line;
    if (got == LINE_READ && empty > 0) {
        s->line = empty;
        CSV_FAIL(s, 0, "the line is empty");
        return LINE_BAD;
    }
    return got == LINE_READ && !csv_split(s) ? LINE_BAD : got;
}

/* The first line: a name for every column. */
static inline bool csv_header(struct csv *s)
{
    const enum line got = csv_row(s);
    if (got != LINE_READ)
        return got == LINE_NONE
               ? fail(s->e, s->name, 0, 0, "the file is empty") : false;
    s->frame.columns = s->cells;
    s->frame.column = arena_alloc(&s->scratch, s->cells,
                                  sizeof *s->frame.column);
    for (size_t j = 0; j < s->cells; j++) {
        const struct cell c = s->cell[j];
        if (c.text[0] == '\0')
            return CSV_FAIL(s, c.at, "column %zu has no name", j + 1);
        if (frame_column(&s->frame, c.text) != NULL)
            return CSV_FAIL(s, c.at, "a second column '%s'",
                            cell_text(c.text).s);
        s->frame.column[j].name = csv_text(&s->scratch, c.text);
    }
    return true;
}

/* Numbers, if the first cell is one; words otherwise. */
static inline void csv_decide(struct csv *s)
{
    for (size_t j = 0; j < s->cells; j++) {
        struct column *c = &s->frame.column[j];
        char *end;
        strtod(s->cell[j].text, &end);
        c->is_number = *end == '\0';
        if (!c->is_number)
            c->level_name = arena_take(&s->scratch, CSV_LEVELS_MAX,
                                       sizeof *c->level_name);
    }
}

/* A finite decimal number that fits a real. */
static inline bool csv_number(struct csv *s, const struct column *c,
                              struct cell cell, real *x)
{
    const double most = sizeof(real) == sizeof(float) ? (double)FLT_MAX
                                                      : DBL_MAX;
    char *end;
    const double v = strtod(cell.text, &end);
    if (*end != '\0' || cell.text[strspn(cell.text, "+-.0123456789eE")])
        return CSV_FAIL(s, cell.at,
                        "column '%s' needs a decimal number, not '%s'",
                        cell_text(c->name).s, cell_text(cell.text).s);
    if (fabs(v) > most)
        return CSV_FAIL(s, cell.at, "column '%s': %s is too large",
                        cell_text(c->name).s, cell_text(cell.text).s);
    *x = (real)v;
    return true;
}

/* The number of a word among the levels of its column; new ones join. */
static inline bool csv_level(struct csv *s, struct column *c,
                             struct cell cell, int *level)
{
    size_t k = 0;
    while (k < c->levels && strcmp(c->level_name[k], cell.text) != 0)
        k++;
    if (k == CSV_LEVELS_MAX)
        return CSV_FAIL(s, cell.at, "column '%s' has more than %d levels",
                        cell_text(c->name).s, CSV_LEVELS_MAX);
    if (k == c->levels)
        c->level_name[c->levels++] = csv_text(&s->scratch, cell.text);
    *level = (int)k;
    return true;
}

/* Room for more rows in every column. */
static inline void csv_room(struct csv *s)
{
    const size_t n = s->frame.rows;
    for (size_t j = 0; j < s->frame.columns; j++) {
        struct column *c = &s->frame.column[j];
        if (c->is_number)
            c->number.data = csv_grow(s, c->number.data, n, sizeof(real));
        else
            c->level = csv_grow(s, c->level, n, sizeof *c->level);
    }
    s->rows_room = n > 0 ? 2 * n : 16;
}

/* The cells of the line become the next row of the frame. */
static inline bool csv_store(struct csv *s)
{
    const size_t n = s->frame.columns, i = s->frame.rows;
    if (s->cells != n)
        return CSV_FAIL(s, s->cells > n ? s->cell[n].at : s->length + 1,
                        "%zu cell%s for %zu column%s", s->cells,
                        s->cells == 1 ? "" : "s", n, n == 1 ? "" : "s");
    if (i == 0)
        csv_decide(s);
    if (i == s->rows_room)
        csv_room(s);
    for (size_t j = 0; j < n; j++) {
        struct column *c = &s->frame.column[j];
        const struct cell cell = s->cell[j];
        if (cell.text[0] == '\0')
            return CSV_FAIL(s, cell.at, "no value in column '%s'",
                            cell_text(c->name).s);
        if (!(c->is_number ? csv_number(s, c, cell, &c->number.data[i])
                           : csv_level(s, c, cell, &c->level[i])))
            return false;
    }
    s->frame.rows++;
    return true;
}

/* A copy of one column in the caller's arena. */
static inline struct column column_copy(struct arena *a, struct column c,
                                        size_t rows)
{
    c.name = csv_text(a, c.name);
    if (c.is_number) {
        c.number = tensor_from(a, rows, c.number.data, SHAPE(rows));
        return c;
    }
    c.level = memcpy(arena_take(a, rows, sizeof *c.level), c.level,
                     rows * sizeof *c.level);
    const char **old = c.level_name;
    c.level_name = arena_take(a, c.levels, sizeof *old);
    for (size_t k = 0; k < c.levels; k++)
        c.level_name[k] = csv_text(a, old[k]);
    return c;
}

static inline struct frame frame_copy(struct arena *a,
                                      const struct frame *f)
{
    struct frame g = *f;
    g.column = arena_take(a, f->columns, sizeof *g.column);
    for (size_t j = 0; j < f->columns; j++)
        g.column[j] = column_copy(a, f->column[j], f->rows);
    return g;
}

/* Header and rows; then, and only then, a frame for the caller. */
static inline bool csv_run(struct csv *s, struct frame *f, struct arena *a)
{
    enum line got = LINE_BAD;
    s->text = arena_take(&s->scratch, CSV_LINE_MAX + 1, 1);
    if (csv_header(s))
        while ((got = csv_row(s)) == LINE_READ)
            if (!csv_store(s)) {
                got = LINE_BAD;
                break;
            }
    bool ok = got == LINE_NONE;
    if (ok && s->frame.rows == 0)
        ok = fail(s->e, s->name, 0, 0, "no rows below the header");
    if (ok)
        *f = frame_copy(a, &s->frame);
    arena_free(&s->scratch);
    return ok;
}

/*
 * Read comma-separated values: a line of column names, then rows.
 * A column is one of numbers if its first cell is a number, else of words.
 * `name` is the file's name in messages.  The frame is allocated in *a.
 * False and *e (line, column) for a fault; *f and *a are then unchanged.
 */
static inline bool csv_read(struct frame *f, struct arena *a, FILE *in,
                            const char *name, struct error *e)
{
    struct csv s = { .in = in, .name = name, .e = e };
    return csv_run(&s, f, a);
}

/* The same from n strings, one a line. */
static inline bool csv_lines(struct frame *f, struct arena *a,
                             const char *const lines[], size_t n,
                             const char *name, struct error *e)
{
    struct csv s = { .lines = lines, .n = n, .name = name, .e = e };
    return csv_run(&s, f, a);
}

/* The same from the file `path`, opened and closed here. */
static inline bool csv_file(struct frame *f, struct arena *a,
                            const char *path, struct error *e)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return fail(e, path, 0, 0, "cannot open: %s", strerror(errno));
    const bool ok = csv_read(f, a, in, path, e);
    fclose(in);
    return ok;
}

/* True when f has these columns and all are numbers; else false and *e. */
static inline bool frame_needs(const struct frame *f, size_t n,
                               const char *const names[], const char *file,
                               struct error *e)
{
    for (size_t j = 0; j < n; j++) {
        const struct column *c = frame_column(f, names[j]);
        if (c == NULL)
            return fail(e, file, 1, 0, "there is no column '%s'",
                        cell_text(names[j]).s);
        if (!c->is_number)
            return fail(e, file, 2, 0,
                        "column '%s' needs numbers; it begins with '%s'",
                        cell_text(names[j]).s,
                        cell_text(c->level_name[0]).s);
    }
    return true;
}

/* The names of all columns of numbers but one; returns how many. */
static inline size_t frame_numbers(const struct frame *f, const char *but,
                                   const char *names[])
{
    size_t n = 0;
    for (size_t j = 0; j < f->columns; j++)
        if (f->column[j].is_number && strcmp(f->column[j].name, but) != 0)
            names[n++] = f->column[j].name;
    return n;
}

/* A new matrix (rows, n) of the columns named, which must be numbers. */
static inline tensor frame_matrix(struct arena *a, const struct frame *f,
                                  size_t n, const char *const names[])
{
    tensor X = tensor_empty(a, SHAPE(f->rows, n));
    for (size_t j = 0; j < n; j++) {
        const struct column *c = frame_column(f, names[j]);
        REQUIRE(c != NULL && c->is_number,
                "frame_matrix: there is no column of numbers '%s'",
                names[j]);
        tensor_copy(tensor_select(X, 1, (ptrdiff_t)j), c->number);
    }
    return X;
}

/*
 * A column as columns of a design matrix: (rows, 1) of a column of numbers;
 * (rows, levels-1) of words, where column k-1 is 1 at level k, else 0.
 */
static inline tensor column_design(struct arena *a, const struct column *c,
                                   size_t rows)
{
    if (c->is_number)
        return tensor_unsqueeze(c->number, 1);
    tensor D = tensor_zeros(a, SHAPE(rows, c->levels - 1));
    for (size_t i = 0; i < rows; i++)
        if (c->level[i] > 0)
            AT(D, i, (size_t)c->level[i] - 1) = 1;
    return D;
}

/* The design matrix of all columns of f but one, behind a column of 1. */
static inline tensor frame_design(struct arena *a, const struct frame *f,
                                  const char *but)
{
    tensor X = tensor_ones(a, SHAPE(f->rows, 1));
    for (size_t j = 0; j < f->columns; j++) {
        const struct column *c = &f->column[j];
        if (strcmp(c->name, but) != 0)
            X = tensor_cat(a, X, column_design(a, c, f->rows), 1);
    }
    return X;
}

/* What column j of frame_design(a, f, but) stands for, as "woolB". */
static inline struct text design_name(const struct frame *f,
                                      const char *but, size_t j)
{
    struct text out = { "(intercept)" };
    size_t next = 1;
    for (size_t k = 0; k < f->columns && next <= j; k++) {
        const struct column *c = &f->column[k];
        const size_t width = c->is_number ? 1 : c->levels - 1;
        if (strcmp(c->name, but) == 0)
            continue;
        if (j < next + width)
            snprintf(out.s, sizeof out.s, "%.48s%.48s",
                     cell_text(c->name).s, c->is_number ? ""
                     : cell_text(c->level_name[j - next + 1]).s);
        next += width;
    }
    return out;
}

#endif
