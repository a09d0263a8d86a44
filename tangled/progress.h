/*
 * progress.h -- one clock, and the line that shows how far a run is.
 * Downhill, appendix B.  Needs _POSIX_C_SOURCE, as program.h defines it.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "tensor.h"

/* Seconds on a clock that never jumps. */
static inline double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds until `total` are done, after `done` took `elapsed` seconds. */
static inline double time_left(double elapsed, size_t done, size_t total)
{
    return done == 0 ? INFINITY                         /* eq:time-left */
                     : elapsed * (double)(total - done) / (double)done;
}

/* "0:07", "12:30", "1:02:03"; "--:--" when not known. */
static inline struct text time_text(double seconds)
{
    struct text t = { "--:--" };
    if (!(seconds >= 0 && seconds < 360000))
        return t;
    const unsigned long s = (unsigned long)lround(seconds);
    if (s < 3600)
        snprintf(t.s, sizeof t.s, "%lu:%02lu", s / 60, s % 60);
    else
        snprintf(t.s, sizeof t.s, "%lu:%02lu:%02lu", s / 3600,
                 s / 60 % 60, s % 60);
    return t;
}

struct bar {
    FILE *out;
    bool on, colour, shown;
    double start, last;         /* seconds_now */
    size_t first;               /* steps that were done when it started */
};

/* What a bar says. */
struct progress {
    size_t epoch, epochs;       /* this one, counted from 1, of all */
    size_t done, total;         /* steps of this epoch */
    double loss, accuracy;      /* of them; NAN: not known */
    double left;                /* seconds; filled in by bar_show */
};

static inline struct bar bar_new(FILE *out, size_t first)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    const bool on = isatty(fileno(out)) && term != NULL
                    && strcmp(term, "dumb") != 0;
    return (struct bar){ out, on, on && (no == NULL || no[0] == '\0'),
                         false, seconds_now(), 0, first };
}

enum { BAR_TEXT = 300 };

/* The words, as many of the four as `much` says; their length. */
static inline size_t bar_words(char *s, const struct progress *p, int much)
{
    int n = snprintf(s, BAR_TEXT, "epoch %zu/%zu %3.0f%%", p->epoch,
                     p->epochs,
                     floor(100 * (double)p->done / (double)p->total));
    if (much > 1 && !isnan(p->loss))
        n += snprintf(s + n, BAR_TEXT - (size_t)n, "  loss %.4f", p->loss);
    if (much > 2 && !isnan(p->accuracy))
        n += snprintf(s + n, BAR_TEXT - (size_t)n, "  acc %.2f%%",
                      100 * p->accuracy);
    if (much > 3)
        n += snprintf(s + n, BAR_TEXT - (size_t)n, "  %s left",
                      time_text(p->left).s);
    return (size_t)n;
}

/* The bar itself, `room` characters between brackets. */
static inline void bar_draw(char *s, const struct progress *p, size_t room,
                            bool colour)
{
    const size_t full = room * p->done / p->total;
    s += sprintf(s, "  [%s", colour ? "\033[32m" : "");
    for (size_t i = 0; i < room; i++)
        *s++ = i < full ? '=' : i == full ? '>' : ' ';
    sprintf(s, "%s]", colour ? "\033[0m" : "");
}

/*
 * Write the line for a window of `width` columns to s[BAR_TEXT]; it takes
 * fewer than `width` of them, so that the cursor stays on the line.
 */
static inline void bar_text(char *s, const struct progress *p,
                            size_t width, bool colour)
{
    int much = 4;
    while (much > 1 && bar_words(s, p, much) >= width)
        much--;
    const size_t n = bar_words(s, p, much);
    if (n >= width)
        s[width > 0 ? width - 1 : 0] = '\0';
    else if (n + 14 < width)
        bar_draw(s + n, p, width - n - 5 < 40 ? width - n - 5 : 40,
                 colour);
}

/* How many columns the window has; 80 when it does not say. */
static inline size_t window_width(FILE *out)
{
    struct winsize w;
    if (ioctl(fileno(out), TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return 80;
    return w.ws_col;
}

/* Wipe the line of the bar, before other words are printed. */
static inline void bar_clear(struct bar *b)
{
    if (b->shown)
        fputs("\r\033[K", b->out), fflush(b->out);
    b->shown = false;
}

/* Show where a run stands, now and then. */
static inline void bar_show(struct bar *b, struct progress p)
{
    const double now = seconds_now();
    if (!b->on || p.done == 0 || now - b->start < 1 || now - b->last < 0.1)
        return;
    p.left = time_left(now - b->start,
                       (p.epoch - 1) * p.total + p.done - b->first,
                       p.epochs * p.total - b->first);
    char s[BAR_TEXT];
    bar_text(s, &p, window_width(b->out), b->colour);
    fprintf(b->out, "\r\033[K%s", s);
    fflush(b->out);
    b->last = now, b->shown = true;
}

#endif
