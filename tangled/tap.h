/*
 * tap.h -- tests that report in TAP, the Test Anything Protocol.
 * Downhill, appendix F.
 *
 * Include it before every other header: it asks the system for POSIX.
 *
 *     #include "tap.h"
 *     static void adds(void) { ok_equal(1 + 1, 2, "one and one"); }
 *     int main(void) { TAP_RUN(adds); return tap_done(); }
 */
#ifndef TAP_H
#define TAP_H

/* POSIX 2008, unless the program has asked for something already. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SA_NOCLDSTOP
#error "include tap.h first, or compile with -D_POSIX_C_SOURCE=200809L"
#endif

/* The tests so far; a child puts TAP_MARK before each of its lines. */
#define TAP_MARK '\001'

static struct {
    size_t run, failed;
    bool child;
} tap_count;

/* Lets the compiler compare a format with its arguments. */
#ifndef PRINTF_LIKE
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#endif

/* Print text, each of its lines after a number sign. */
static inline void tap_comment(const char *text)
{
    do {
        const size_t n = strcspn(text, "\n");
        if (tap_count.child)
            printf("%c# %.*s\n", TAP_MARK, (int)n, text);
        else
            printf("# %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    } while (*text != '\0');
    fflush(stdout);
}

/* A remark for who reads the report, at most 2000 characters. */
PRINTF_LIKE(1, 2) static inline void diag(const char *format, ...)
{
    char text[2000];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    tap_comment(text);
}

/* Print the line of one test; a title is one line. */
static inline bool tap_report(bool pass, char *title, const char *end)
{
    for (char *s = title; *s != '\0'; s++)
        if (*s == '\n' || *s == TAP_MARK)
            *s = ' ';
    tap_count.run++;
    tap_count.failed += !pass;
    if (tap_count.child)
        printf("%c%sok - %s%s\n", TAP_MARK, pass ? "" : "not ", title, end);
    else
        printf("%sok %zu - %s%s\n", pass ? "" : "not ", tap_count.run,
               title, end);
    fflush(stdout);
    return pass;
}

/* Write format and what follows it to the array title. */
#define TAP_TITLE(title, format) do { \
        va_list ap_; \
        va_start(ap_, format); \
        vsnprintf(title, sizeof title, format, ap_); \
        va_end(ap_); \
    } while (0)

/* One test: its outcome and its title, which may begin with [eq:name]. */
PRINTF_LIKE(2, 3) static inline bool ok(bool pass, const char *format, ...)
{
    char title[500];
    TAP_TITLE(title, format);
    return tap_report(pass, title, "");
}

/* A test that cannot be made here, and the reason from outside. */
PRINTF_LIKE(2, 3) static inline void
skip(const char *reason, const char *format, ...)
{
    char title[500], end[300];
    TAP_TITLE(title, format);
    snprintf(end, sizeof end, " # SKIP %.*s",
             (int)strcspn(reason, "\n"), reason);
    tap_report(true, title, end);
}

/* The error that is allowed between a and b. */
static inline double
tap_allowed(double a, double b, double tol_abs, double tol_rel)
{
    return tol_abs + tol_rel * fmax(fabs(a), fabs(b));
}

/*
 * Is |a - b| <= tol_abs + tol_rel max(|a|, |b|)?  NaN is close to
 * nothing, an infinity only to itself.
 */
static inline bool
close_to(double a, double b, double tol_abs, double tol_rel)
{
    if (!isfinite(a) || !isfinite(b))
        return isinf(a) && isinf(b) && signbit(a) == signbit(b);
    return fabs(a - b) <= tap_allowed(a, b, tol_abs, tol_rel);
}

/* Print got, expected and the allowed error. */
static inline void tap_got(double got, double want, double allowed)
{
    diag("       got  % .17g", got);
    diag("  expected  % .17g  (allowed error %.2g)", want, allowed);
}

/* Test that got is close_to want. */
PRINTF_LIKE(5, 6) static inline bool
ok_close(double got, double want, double tol_abs, double tol_rel,
         const char *format, ...)
{
    char title[500];
    TAP_TITLE(title, format);
    const bool pass = close_to(got, want, tol_abs, tol_rel);
    tap_report(pass, title, "");
    if (!pass)
        tap_got(got, want, tap_allowed(got, want, tol_abs, tol_rel));
    return pass;
}

/* How many entries are not close, and which is farthest off. */
struct tap_worst {
    size_t wrong, at;
    double allowed;
};

/* Compare n numbers; a NaN or a wrong infinity is worse than any other. */
static inline struct tap_worst
tap_compare(size_t n, const double got[], const double want[],
            double tol_abs, double tol_rel)
{
    struct tap_worst w = { .wrong = 0 };
    double largest = -1.0;
    for (size_t i = 0; i < n; i++) {
        if (close_to(got[i], want[i], tol_abs, tol_rel))
            continue;
        double error = fabs(got[i] - want[i]);
        if (isnan(error))
            error = INFINITY;
        w.wrong++;
        if (error > largest)
            largest = error, w.at = i;
    }
    if (w.wrong > 0)
        w.allowed = tap_allowed(got[w.at], want[w.at], tol_abs, tol_rel);
    return w;
}

/*
 * Test that each of the n numbers got[i] is close_to want[i].  A test of
 * no numbers at all fails.
 */
PRINTF_LIKE(6, 7) static inline bool
ok_all_close(size_t n, const double got[], const double want[],
             double tol_abs, double tol_rel, const char *format, ...)
{
    char title[500];
    TAP_TITLE(title, format);
    const struct tap_worst w = tap_compare(n, got, want, tol_abs, tol_rel);
    const bool pass = n > 0 && w.wrong == 0;
    tap_report(pass, title, "");
    if (n == 0)
        diag("there was nothing to compare");
    else if (!pass) {
        diag("%zu of %zu entries are wrong; the worst is entry %zu",
             w.wrong, n, w.at);
        tap_got(got[w.at], want[w.at], w.allowed);
    }
    return pass;
}

/* Test that two sizes are equal. */
PRINTF_LIKE(3, 4) static inline bool
ok_equal(size_t got, size_t want, const char *format, ...)
{
    char title[500];
    TAP_TITLE(title, format);
    tap_report(got == want, title, "");
    if (got != want)
        diag("       got  %zu\n  expected  %zu", got, want);
    return got == want;
}

/* Test that two texts are equal; NULL equals NULL only. */
PRINTF_LIKE(3, 4) static inline bool
ok_text(const char *got, const char *want, const char *format, ...)
{
    char title[500];
    TAP_TITLE(title, format);
    const bool pass = got != NULL && want != NULL ? strcmp(got, want) == 0
                                                  : got == want;
    tap_report(pass, title, "");
    if (!pass) {
        diag("       got  %s", got == NULL ? "(NULL)" : got);
        diag("  expected  %s", want == NULL ? "(NULL)" : want);
    }
    return pass;
}

/* How much a child may print beside its tests, and with them; bytes. */
enum { TAP_OTHER = 8192, TAP_TEXT = 1 << 20 };

/*
 * A child: what it printed and how it ended.  A line of text begins with
 * TAP_MARK if it is the child's own, otherwise with "# | ".
 */
struct tap_child {
    char *text;                 /* ends with '\0'; free it */
    size_t length, room;        /* bytes in use and reserved */
    size_t other;               /* bytes that are no line of TAP */
    bool middle, own;           /* of a line; of a line of TAP */
    bool cut;                   /* it printed more than is kept */
    bool late, stuck;           /* it was stopped; for doing nothing */
    bool finished;              /* it came to its end */
    double seconds, patience;   /* of CPU time; by the clock on the wall */
    int status;                 /* from waitpid */
};

/* No memory, no process: no test can be trusted.  Ends the program. */
_Noreturn static inline void tap_bail_out(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(255);
}

/* Append one byte to what is kept. */
static inline void tap_keep(struct tap_child *c, char byte)
{
    if (c->length >= TAP_TEXT) {
        c->cut = true;
        return;
    }
    if (c->length + 2 > c->room) {
        c->room = 2 * c->room + 1024;
        c->text = realloc(c->text, c->room);
        if (c->text == NULL)
            tap_bail_out("cannot keep the output of a check");
    }
    c->text[c->length++] = byte;
    c->text[c->length] = '\0';
}

/* Take in one byte: TAP_MARK ends any other line, with or without \n. */
static inline void tap_take(struct tap_child *c, char byte)
{
    if (byte == TAP_MARK) {
        if (c->middle)
            tap_keep(c, '\n');
        c->middle = c->own = true;
    } else if (!c->middle) {
        c->middle = c->other < TAP_OTHER;
        for (const char *s = "# | "; c->middle && *s != '\0'; s++)
            tap_keep(c, *s);
    }
    if (!c->own && c->other++ >= TAP_OTHER) {
        if (c->middle)
            tap_keep(c, '\n');
        c->middle = false, c->cut = true;
        return;
    }
    const bool control = byte >= 0 && byte < ' ' && byte != '\n';
    tap_keep(c, control && byte != '\t' && byte != TAP_MARK ? '?' : byte);
    if (byte == '\n') {
        c->other += c->own ? 0 : TAP_OTHER / 40;        /* 40 lines */
        c->middle = c->own = false;
    }
}

/* A number above 0 from the environment, or else the usual one. */
static inline double tap_setting(const char *name, double usual)
{
    const char *s = getenv(name);
    const double x = s == NULL ? 0.0 : strtod(s, NULL);
    return x > 0.0 && x <= 1e4 ? x : usual;
}

/* From here on the system stops this process after so much CPU time. */
static inline void tap_limit_work(double seconds)
{
    struct rlimit cpu;
    signal(SIGXCPU, SIG_DFL);
    if (getrlimit(RLIMIT_CPU, &cpu) == 0) {
        cpu.rlim_cur = (rlim_t)seconds;
        setrlimit(RLIMIT_CPU, &cpu);
    }
}

/* Seconds of a clock that nobody sets. */
static inline double tap_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* In the child: connect the pipe, set the limits, run f, and leave. */
_Noreturn static inline void
tap_child_main(const struct tap_child *c, void (*f)(void), int out,
               bool with_stderr)
{
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    if (with_stderr)
        dup2(out, STDERR_FILENO);
    close(out);
    setvbuf(stdout, NULL, _IONBF, 0);

    const struct rlimit none = { .rlim_cur = 0 };
    setrlimit(RLIMIT_CORE, &none);      /* a crash leaves no core file */
    tap_limit_work(c->seconds);
    signal(SIGALRM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    alarm((unsigned)c->patience + 2);   /* should the parent be gone */

    tap_count.child = true;
    tap_count.run = tap_count.failed = 0;
    f();
    printf("%cend\n", TAP_MARK);
    fflush(stdout);
    _exit(0);
}

/* Read what the child prints until it ends; kill it if it is stuck. */
static inline void tap_watch(struct tap_child *c, pid_t pid, int in)
{
    const double end = tap_now() + c->patience;
    char bytes[4096];
    for (;;) {
        struct pollfd p = { .fd = in, .events = POLLIN };
        const double left = end - tap_now();
        if (left <= 0.0) {
            c->late = c->stuck = true;
            kill(pid, SIGKILL);
            break;
        }
        poll(&p, 1, (int)(1e3 * fmin(left, 60.0)) + 1);
        if (p.revents == 0)
            continue;           /* nothing yet, or poll was interrupted */
        const ssize_t n = read(in, bytes, sizeof bytes);
        if (n == 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            tap_take(c, bytes[i]);
    }
    if (c->middle)
        tap_keep(c, '\n');
}

/* Wait for the child, and see from its last line if it came to its end. */
static inline void tap_finish(struct tap_child *c, pid_t pid)
{
    static const char end[] = { TAP_MARK, 'e', 'n', 'd', '\n', '\0' };
    const size_t n = sizeof end - 1;
    while (waitpid(pid, &c->status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFSIGNALED(c->status) && WTERMSIG(c->status) == SIGXCPU)
        c->late = true;
    if (c->text == NULL)
        tap_keep(c, '\n'), c->length = 0, c->text[0] = '\0';
    else if (c->length >= n && strcmp(c->text + c->length - n, end) == 0)
        c->finished = true, c->text[c->length -= n] = '\0';
}

/* Run f in a child; take in its stdout and, if asked, its stderr. */
static inline struct tap_child
tap_child_run(void (*f)(void), bool with_stderr)
{
    struct tap_child c = { .finished = false };
    int ends[2];
    c.seconds = ceil(tap_setting("TAP_TIMEOUT", 10));
    c.patience = c.seconds * tap_setting("TAP_PATIENCE", 20);
    fflush(NULL);
    if (pipe(ends) != 0)
        tap_bail_out("cannot make a pipe");
    const pid_t pid = fork();
    if (pid < 0)
        tap_bail_out("cannot start a process");
    if (pid == 0) {
        close(ends[0]);
        tap_child_main(&c, f, ends[1], with_stderr);
    }
    close(ends[1]);
    tap_watch(&c, pid, ends[0]);
    close(ends[0]);
    tap_finish(&c, pid);
    return c;
}

/* The name of a signal and what it usually means. */
static inline const char *tap_signal(int number)
{
    switch (number) {
    case SIGSEGV: return "SIGSEGV (segmentation fault)";
    case SIGBUS: return "SIGBUS (bus error)";
    case SIGABRT: return "SIGABRT (the program gave up)";
    case SIGFPE: return "SIGFPE (division of an integer by zero)";
    case SIGILL: return "SIGILL (illegal instruction)";
    case SIGALRM: return "SIGALRM (alarm clock)";
    case SIGKILL: return "SIGKILL (killed from outside)";
    case SIGTERM: return "SIGTERM (ended from outside)";
    case SIGPIPE: return "SIGPIPE (nobody reads)";
    default: return "another signal";
    }
}

/* Write to text, n bytes, how the child ended; false if as it should. */
static inline bool
tap_ending(const struct tap_child *c, size_t n, char text[])
{
    if (c->stuck)
        snprintf(text, n, "stuck: did nothing for %g s", c->patience);
    else if (c->late)
        snprintf(text, n, "too slow: used more than %g s of CPU time",
                 c->seconds);
    else if (WIFSIGNALED(c->status))
        snprintf(text, n, "crashed: signal %d, %s", WTERMSIG(c->status),
                 tap_signal(WTERMSIG(c->status)));
    else if (!c->finished)
        snprintf(text, n, "left early: exit status %d",
                 WEXITSTATUS(c->status));
    else
        return false;
    return true;
}

/* Print one line of the child; its tests get their numbers here. */
static inline void tap_pass_on(char *line)
{
    if (line[0] != TAP_MARK)
        tap_comment(line + 2);
    else if (strncmp(line + 1, "ok - ", 5) == 0)
        tap_report(true, line + 6, "");
    else if (strncmp(line + 1, "not ok - ", 9) == 0)
        tap_report(false, line + 10, "");
    else if (strncmp(line + 1, "# ", 2) == 0)
        tap_comment(line + 3);
}

/* Print all lines of the child in their order; this changes its text. */
static inline void tap_pass_all_on(struct tap_child *c)
{
    char *line = c->text;
    for (size_t n; *line != '\0'; line += n + 1) {
        n = strcspn(line, "\n");
        line[n] = '\0';
        tap_pass_on(line);
    }
    if (c->cut)
        diag("| ... more was printed; this is where the report stops");
}

/*
 * Run the tests of f in a child.  A crash, too much work, an exit, or not
 * a single test is a failed test that bears the name of f.
 */
static inline void tap_run(const char *name, void (*f)(void))
{
    char ending[200];
    const size_t before = tap_count.run;
    struct tap_child c = tap_child_run(f, false);
    tap_pass_all_on(&c);
    if (tap_ending(&c, sizeof ending, ending))
        ok(false, "%s: %s", name, ending);
    else if (tap_count.run == before)
        ok(false, "%s: tested nothing", name);
    else if (c.cut && c.length >= TAP_TEXT)
        ok(false, "%s: printed more lines than can be kept", name);
    free(c.text);
}

#define TAP_RUN(f) tap_run(#f, f)

/*
 * Test that f, in a child, calls abort() after it has printed message, a
 * part of one line, to stderr (or stdout).
 */
PRINTF_LIKE(3, 4) static inline bool
ok_dies(void (*f)(void), const char *message, const char *format, ...)
{
    char title[500], ending[200];
    TAP_TITLE(title, format);
    struct tap_child c = tap_child_run(f, true);
    const bool died = !c.late && WIFSIGNALED(c.status)
                      && WTERMSIG(c.status) == SIGABRT;
    const bool said = strstr(c.text, message) != NULL;
    tap_report(died && said, title, "");
    if (!died)
        diag("it should abort, but it %s",
             tap_ending(&c, sizeof ending, ending) ? ending : "went on");
    if (!said)
        diag("it should say: %s", message);
    if (!died || !said)
        tap_pass_all_on(&c);
    free(c.text);
    return died && said;
}

/* Print the plan; return main's status: 1 if a test failed or none ran. */
static inline int tap_done(void)
{
    printf("1..%zu\n", tap_count.run);
    if (tap_count.run == 0)
        diag("no test has run");
    else if (tap_count.failed > 0)
        diag("%zu of %zu tests failed", tap_count.failed, tap_count.run);
    fflush(stdout);
    return tap_count.run == 0 || tap_count.failed > 0;
}

#endif
