/*
 * exercise.h -- exercises that check themselves.  Downhill, appendix F.
 * Include it before every other header.
 *
 * An answer needs one name of it: EX_TODO() stands where nothing is
 * written yet.  A check program compares what the answer computes:
 *
 *     #include "exercise.h"
 *     double half(double x);
 *     static void of_three(void)
 *     {
 *         ex_close_to("half(3)", half(3.0), 1.5, 0.0, 1e-12);
 *     }
 *     EX_MAIN("1.1", { "half of three", "eq:half", of_three })
 */
#ifndef EXERCISE_H
#define EXERCISE_H

#include "tap.h"
#include <stdint.h>

/* Not attempted: say where, and leave the child that runs the check. */
_Noreturn static inline void ex_todo(const char *file, int line)
{
    printf("%ctodo %s:%d\n", TAP_MARK, file, line);
    fflush(stdout);
    _exit(77);
}

/* Stands where the reader's answer will stand. */
#define EX_TODO() ex_todo(__FILE__, __LINE__)

/* In the child of one check: the comparisons so far. */
static struct {
    size_t made, failed;
    char about[300];            /* the case at hand, from ex_case */
} ex_count;

/* Count a comparison; true if it is the first one that fails. */
static inline bool ex_first_failure(bool pass)
{
    if (ex_count.made++ == 0)
        ok(true, "compared");
    if (pass || ex_count.failed++ > 0)
        return false;
    ok(false, "wrong");
    return true;
}

/* Print the first line of a report, and the case that it is about. */
PRINTF_LIKE(1, 2) static inline void ex_wrong(const char *format, ...)
{
    char text[1000];
    TAP_TITLE(text, format);
    diag("wrong: %s", text);
    if (ex_count.about[0] != '\0')
        diag("This is for %s.", ex_count.about);
}

/* Describe the input of what follows, for the report: "n = 4, seed 7". */
PRINTF_LIKE(1, 2) static inline void ex_case(const char *format, ...)
{
    TAP_TITLE(ex_count.about, format);
}

/* Test a property; the format says in words what should hold. */
PRINTF_LIKE(2, 3) static inline bool
ex_true(bool holds, const char *format, ...)
{
    char text[900];
    if (ex_first_failure(holds)) {
        TAP_TITLE(text, format);
        ex_wrong("this should hold: %s", text);
    }
    return holds;
}

/* Compare two sizes. */
static inline bool ex_equal(const char *what, size_t got, size_t want)
{
    if (ex_first_failure(got == want))
        ex_wrong("%s: got %zu, expected %zu", what, got, want);
    return got == want;
}

/* Compare two whole numbers that may be negative. */
static inline bool ex_equal_int(const char *what, long got, long want)
{
    if (ex_first_failure(got == want))
        ex_wrong("%s: got %ld, expected %ld", what, got, want);
    return got == want;
}

/* Compare n sizes: a shape, strides, indices. */
static inline bool ex_sizes(const char *what, size_t n, const size_t got[],
                            const size_t want[])
{
    size_t i = 0, turned = 0;
    while (i < n && got[i] == want[i])
        i++;
    for (size_t k = 0; k < n; k++)
        turned += got[k] == want[n - 1 - k];
    if (ex_first_failure(i == n && n > 0)) {
        if (n == 0)
            ex_wrong("%s: there was nothing to compare", what);
        else
            ex_wrong("%s[%zu]: got %zu, expected %zu", what, i, got[i],
                     want[i]);
        if (n > 0 && turned == n)
            diag("The numbers are right, but in reverse order.");
    }
    return i == n && n > 0;
}

/* Compare two texts. */
static inline bool
ex_text(const char *what, const char *got, const char *want)
{
    const bool same = got != NULL && strcmp(got, want) == 0;
    if (ex_first_failure(same))
        ex_wrong("%s: got \"%s\", expected \"%s\"", what,
                 got == NULL ? "(NULL)" : got, want);
    return same;
}

/* A NaN that no computation makes. */
static inline double ex_unset(void)
{
    const uint64_t bits = UINT64_C(0x7ff8d0d0cafe1234);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Fill an output before the call, so that a forgotten entry shows. */
static inline void ex_fill(size_t n, double out[])
{
    const double unset = ex_unset();
    for (size_t i = 0; i < n; i++)
        memcpy(&out[i], &unset, sizeof unset);
}

/* Was x never set, or only added to?  The sign does not matter. */
static inline bool ex_is_unset(double x)
{
    const uint64_t sign = UINT64_C(1) << 63;
    const double unset = ex_unset();
    uint64_t a, b;
    memcpy(&a, &x, sizeof a);
    memcpy(&b, &unset, sizeof b);
    return (a | sign) == (b | sign);
}

/* What an answer computed and what it should be; rows one after another. */
struct ex_pair {
    const char *what;
    size_t rows, cols, n;
    const double *got, *want;
    double tol_abs, tol_rel;
};

/* Is got[i] + shift equal to factor want[j], with this pair's tolerance? */
static inline bool ex_matches(const struct ex_pair *p, size_t i, size_t j,
                              double factor, double shift)
{
    return close_to(p->got[i] + shift, factor * p->want[j], p->tol_abs,
                    fmax(p->tol_rel, 1e-9));
}

/* The name of entry k: "g", "g[2]" or "g[0][2]". */
struct ex_name {
    char text[120];
};

static inline struct ex_name ex_entry(const struct ex_pair *p, size_t k)
{
    struct ex_name s;
    if (p->n == 1)
        snprintf(s.text, sizeof s.text, "%s", p->what);
    else if (p->rows == 1 || p->cols == 1)
        snprintf(s.text, sizeof s.text, "%s[%zu]", p->what, k);
    else
        snprintf(s.text, sizeof s.text, "%s[%zu][%zu]", p->what,
                 k / p->cols, k % p->cols);
    return s;
}

/* Entries that the answer did not set. */
static inline bool ex_sees_unset(const struct ex_pair *p)
{
    size_t count = 0, first = 0;
    for (size_t i = p->n; i-- > 0; )
        if (ex_is_unset(p->got[i]))
            count++, first = i;
    if (count == 0)
        return false;
    diag("not written: %zu of %zu entries were never set, first %s.", count,
         p->n, ex_entry(p, first).text);
    diag("If you add to them with +=, set them to 0 first.");
    return true;
}

/* A NaN or an infinity where a number is expected. */
static inline bool ex_sees_nan(const struct ex_pair *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (!isfinite(p->got[i]) && isfinite(p->want[i])) {
            diag("%s is %s, the first entry that is not a finite number.",
                 ex_entry(p, i).text,
                 isnan(p->got[i]) ? "NaN" : "infinite");
            return true;
        }
    return false;
}

/* Nothing but zeros. */
static inline bool ex_sees_zero(const struct ex_pair *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (fabs(p->got[i]) > 0.0)
            return false;
    diag(p->n == 1 ? "It is zero." : "Every entry is zero.");
    return true;
}

/* Is x a whole number, to nine digits? */
static inline bool ex_is_whole(double x)
{
    return fabs(x - round(x)) <= 1e-9 * fabs(x);
}

/* Is the factor c a mistake, and not the chance of a single number? */
static inline bool ex_is_telling(const struct ex_pair *p, double c)
{
    size_t numbers = 0, broken = 0;
    for (size_t i = 0; i < p->n; i++) {
        numbers += fabs(p->want[i]) > 0.0;
        broken += !ex_is_whole(p->want[i]);
    }
    return numbers > 1 || close_to(c, -1.0, 0.0, 1e-9)
           || (broken > 0 && (ex_is_whole(c) || ex_is_whole(1.0 / c)));
}

/* Every entry is the expected one times the same number. */
static inline bool ex_sees_factor(const struct ex_pair *p)
{
    double gw = 0.0, ww = 0.0;
    for (size_t i = 0; i < p->n; i++) {
        gw += p->got[i] * p->want[i];
        ww += p->want[i] * p->want[i];
    }
    const double c = gw / ww;
    if (!isfinite(c) || fabs(c) < 1e-300 || !ex_is_telling(p, c))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (!ex_matches(p, i, i, c, 0.0))
            return false;
    const char *each = p->n == 1 ? "it" : "every entry";
    if (close_to(c, -1.0, 0.0, 1e-9))
        diag("wrong sign: %s has the right size.", each);
    else if (fabs(c) < 1.0 && ex_is_whole(1.0 / c))
        diag("wrong factor: %s is 1/%g times the expected one.", each,
             round(1.0 / c));
    else
        diag("wrong factor: %s is %.6g times the expected one.", each, c);
    return true;
}

/* Rows and columns have changed places. */
static inline bool ex_sees_transposed(const struct ex_pair *p)
{
    if (p->rows < 2 || p->cols < 2)
        return false;
    for (size_t i = 0; i < p->rows; i++)
        for (size_t j = 0; j < p->cols; j++)
            if (!ex_matches(p, j * p->rows + i, i * p->cols + j, 1.0, 0.0))
                return false;
    diag("transposed: rows and columns have changed places.");
    return true;
}

/* Every entry stands `step` places too late, or too early. */
static inline bool
ex_sees_shifted(const struct ex_pair *p, size_t step, const char *unit)
{
    bool late = true, early = true, constant = true;
    if (p->n < step + 2)
        return false;
    for (size_t i = 0; i + step < p->n; i++) {
        late = late && ex_matches(p, i + step, i, 1.0, 0.0);
        early = early && ex_matches(p, i, i + step, 1.0, 0.0);
        constant = constant && close_to(p->want[i], p->want[i + step],
                                        p->tol_abs, fmax(p->tol_rel, 1e-9));
    }
    if (constant || (!late && !early))
        return false;
    diag("off by one %s: every entry stands one %s too %s.", unit, unit,
         late ? "late" : "early");
    return true;
}

/* Only the last row, or the last entry, is wrong. */
static inline bool ex_sees_last(const struct ex_pair *p)
{
    const size_t row = p->rows > 1 ? p->cols : 1;
    if (p->n < 3 * row)
        return false;
    for (size_t i = 0; i + row < p->n; i++)
        if (!close_to(p->got[i], p->want[i], p->tol_abs, p->tol_rel))
            return false;
    diag("Only the last %s is wrong: does the loop end too early?",
         row > 1 ? "row" : "entry");
    return true;
}

/* Every entry is too large, or too small, by the same number. */
static inline bool ex_sees_constant(const struct ex_pair *p)
{
    double sum = 0.0;
    if (p->n < 2)
        return false;
    for (size_t i = 0; i < p->n; i++)
        sum += p->got[i] - p->want[i];
    const double shift = sum / (double)p->n;
    for (size_t i = 0; i < p->n; i++)
        if (!ex_matches(p, i, i, 1.0, -shift))
            return false;
    diag("Every entry is too %s by %.6g.", shift > 0.0 ? "large" : "small",
         fabs(shift));
    return true;
}

/* Right but for the last digits. */
static inline bool ex_sees_rounding(const struct ex_pair *p)
{
    double scale = 0.0;
    for (size_t i = 0; i < p->n; i++)
        scale = fmax(scale, fabs(p->want[i]));
    for (size_t i = 0; i < p->n; i++)
        if (!(fabs(p->got[i] - p->want[i]) <= 1e-5 * scale))
            return false;
    diag("Nearly right: are digits lost, by float or by a difference?");
    return true;
}

/* Name the mistake, if it is one of those that are known. */
static inline void ex_diagnose(const struct ex_pair *p)
{
    const bool known =
        ex_sees_unset(p) || ex_sees_nan(p) || ex_sees_zero(p)
        || ex_sees_rounding(p) || ex_sees_factor(p)
        || ex_sees_transposed(p)
        || (p->rows > 1 && p->cols > 1
            && ex_sees_shifted(p, p->cols, "row"))
        || ex_sees_shifted(p, 1, p->cols == 1 ? "row" : "entry")
        || ex_sees_constant(p) || ex_sees_last(p);
    (void)known;                /* each has printed its own line */
}

/* Print two numbers with as many digits as it takes to tell them apart. */
static inline void ex_got(double got, double want, double allowed)
{
    char a[40] = "", b[40] = "";
    for (int digits = 10; digits <= 17 && strcmp(a, b) == 0; digits++) {
        snprintf(a, sizeof a, "%.*g", digits, got);
        snprintf(b, sizeof b, "%.*g", digits, want);
    }
    diag("       got  %s%s", a[0] == '-' ? "" : " ", a);
    diag("  expected  %s%s  (allowed error %.1e)", b[0] == '-' ? "" : " ",
         b, allowed);
}

/*
 * Compare rows x cols numbers, one row after another.  Allowed is an
 * error of tol_abs + tol_rel max(|got|, |want|) for each.
 */
static inline bool
ex_close(const char *what, size_t rows, size_t cols, const double got[],
         const double want[], double tol_abs, double tol_rel)
{
    const struct ex_pair p = { what, rows, cols, rows * cols, got, want,
                               tol_abs, tol_rel };
    const struct tap_worst w =
        tap_compare(p.n, got, want, tol_abs, tol_rel);
    const bool pass = p.n > 0 && w.wrong == 0;
    if (!ex_first_failure(pass))
        return pass;
    if (p.n == 0) {
        ex_wrong("%s: there was nothing to compare", what);
        return false;
    }
    if (p.n == 1)
        ex_wrong("%s is not as expected", what);
    else
        ex_wrong("%s: %zu of %zu entries are wrong; the worst is %s", what,
                 w.wrong, p.n, ex_entry(&p, w.at).text);
    ex_got(got[w.at], want[w.at], w.allowed);
    ex_diagnose(&p);
    return false;
}

/* Compare one number. */
static inline bool ex_close_to(const char *what, double got, double want,
                               double tol_abs, double tol_rel)
{
    return ex_close(what, 1, 1, &got, &want, tol_abs, tol_rel);
}

/* Test that the n inputs now[] are still what they were before the call. */
static inline bool ex_unchanged(const char *what, size_t n,
                                const double now[], const double before[])
{
    size_t i = 0;
    while (i < n && memcmp(&now[i], &before[i], sizeof now[i]) == 0)
        i++;
    if (ex_first_failure(i == n)) {
        ex_wrong("input overwritten: %s[%zu] was %.10g and is now %.10g",
                 what, i, before[i], now[i]);
        diag("The call must leave its inputs as they are.");
    }
    return i == n;
}

/*
 * Compare the n results of a first call with those of a second one, into
 * the same memory and with the same inputs.
 */
static inline bool ex_same_again(const char *what, size_t n,
                                 const double first[],
                                 const double second[])
{
    bool twice = true;
    const struct tap_worst w = tap_compare(n, second, first, 0.0, 1e-12);
    if (!ex_first_failure(w.wrong == 0))
        return w.wrong == 0;
    for (size_t i = 0; i < n; i++)
        twice = twice && close_to(second[i], 2.0 * first[i], 0.0, 1e-9);
    ex_wrong("a second call with the same inputs changes %s[%zu] from "
             "%.10g to %.10g", what, w.at, first[w.at], second[w.at]);
    if (twice)
        diag("accumulated: each call adds to what the last one left.");
    return false;
}

/* Test that f calls abort(), after printing message (if not NULL). */
static inline bool
ex_dies(void (*f)(void), const char *message, const char *what)
{
    struct tap_child c = tap_child_run(f, true);
    const char *todo = strstr(c.text, "\001todo ");
    if (todo != NULL) {
        printf("%s", todo);
        fflush(stdout);
        _exit(77);
    }
    const bool died = !c.late && WIFSIGNALED(c.status)
                      && WTERMSIG(c.status) == SIGABRT;
    const bool said = message == NULL || strstr(c.text, message) != NULL;
    if (ex_first_failure(died && said)) {
        if (!died)
            ex_wrong("%s should stop the program by abort()", what);
        else
            ex_wrong("%s should say: %s", what, message);
    }
    free(c.text);
    return died && said;
}

/* label_numbers[][2]: labels of equations and their numbers in the book. */
#ifdef __has_include
#if __has_include("data/labels.h")
#include "data/labels.h"
#define EX_HAS_LABELS
#endif
#endif
#ifndef EX_HAS_LABELS
static const char *const label_numbers[][2] = { { "", "" } };
#endif

/* "(3.7)" for "eq:gradient"; NULL if the book's numbers are not known. */
static inline const char *ex_number(const char *label)
{
    const size_t n = sizeof label_numbers / sizeof label_numbers[0];
    for (size_t i = 0; i < n; i++)
        if (strcmp(label_numbers[i][0], label) == 0)
            return label_numbers[i][1];
    return NULL;
}

/* What a child says about one check. */
struct ex_report {
    bool compared, wrong;
    char todo[300];             /* file:line, or empty */
};

/* Collect the marked lines of the child. */
static inline struct ex_report ex_read(const struct tap_child *c)
{
    struct ex_report r = { .compared = false };
    for (const char *s = c->text; *s != '\0'; s++) {
        if (*s != TAP_MARK)
            continue;
        if (strncmp(s + 1, "ok - ", 5) == 0)
            r.compared = true;
        else if (strncmp(s + 1, "not ok - ", 9) == 0)
            r.wrong = true;
        else if (strncmp(s + 1, "todo ", 5) == 0)
            snprintf(r.todo, sizeof r.todo, "%.*s",
                     (int)strcspn(s + 6, "\n"), s + 6);
    }
    return r;
}

/* Print the comments of the child (marked), or what else it printed. */
static inline void ex_print(const struct tap_child *c, bool marked)
{
    bool head = false;
    for (const char *s = c->text; *s != '\0'; ) {
        const size_t n = strcspn(s, "\n");
        const bool own = *s == TAP_MARK;
        if (marked && own && s[1] == '#')
            printf("%.*s\n", (int)n - 1, s + 1);
        if (!marked && !own) {
            if (!head)
                diag("Your answer printed:");
            head = true;
            printf("%.*s\n", (int)n, s);
        }
        s += n + (s[n] == '\n');
    }
    if (!marked && c->cut)
        diag("| ... and more, which is left out");
}

/* One check of an exercise; equation is a label ("eq:sum") or NULL. */
struct ex_check {
    const char *title, *equation;
    void (*run)(void);
};

/* Say how the child ended, if not as it should. */
static inline void ex_print_ending(const struct tap_child *c, bool wrong)
{
    char ending[200];
    const bool killed = !c->late && WIFSIGNALED(c->status);
    const bool bad = tap_ending(c, sizeof ending, ending);
    if (bad)
        diag("%s%s", c->late || killed ? "" : "crashed: ", ending);
    else if (!wrong)
        diag("wrong: the check compared nothing.");
    if (c->stuck)
        diag("Does it wait for something that never comes?");
    else if (c->late)
        diag("An endless loop?");
    else if (killed && WTERMSIG(c->status) == SIGSEGV)
        diag("An index outside an array, or a pointer to nothing?");
    else if (bad && !killed)
        diag("A check must come to its end; an answer returns to it.");
}

/* Say what happened, what the answer printed, and what to read again. */
static inline void ex_explain(const struct ex_check *t,
                              const struct tap_child *c, bool wrong)
{
    ex_print(c, true);
    ex_print_ending(c, wrong);
    ex_print(c, false);
    if (t->equation != NULL && ex_number(t->equation) != NULL)
        diag("Read again: equation %s, [%s]", ex_number(t->equation),
             t->equation);
    else if (t->equation != NULL)
        diag("Read again: equation [%s]", t->equation);
}

/* Run one check in a child and report it; not attempted is no failure. */
static inline void
ex_run(const char *number, const struct ex_check *t)
{
    char title[500], end[400] = "";
    const char *strict = getenv("EX_STRICT");
    struct tap_child c = tap_child_run(t->run, true);
    const struct ex_report r = ex_read(&c);
    const bool todo = r.todo[0] != '\0' && !r.wrong;
    const bool excused =
        todo && (strict == NULL || strcmp(strict, "1") != 0);
    const bool pass = c.finished && !c.late && r.compared && !r.wrong
                      && !todo;

    snprintf(title, sizeof title, "ex %s: %s", number, t->title);
    if (excused)
        snprintf(end, sizeof end, " # TODO not attempted: %s", r.todo);
    tap_report(pass, title, end);
    if (excused)
        tap_count.failed--;
    else if (todo)
        diag("not attempted: %s", r.todo);
    else if (pass)
        ex_print(&c, false);
    else
        ex_explain(t, &c, r.wrong);
    fflush(stdout);
    free(c.text);
}

/* Run n checks of the exercise with this number; the status of main. */
static inline int
ex_main(const char *number, size_t n, const struct ex_check checks[])
{
    const char *file = getenv("EX_FILE");
    for (size_t i = 0; i < n; i++)
        ex_run(number, &checks[i]);
    if (tap_count.failed > 0 && file != NULL)
        diag("Your answer: %s", file);
    if (tap_count.failed > 0)
        diag("A hint: make hint EX=%s", number);
    return tap_done();
}

/* The main function of a check program: its number and its checks. */
#define EX_MAIN(number, ...) \
    int main(void) \
    { \
        static const struct ex_check checks[] = { __VA_ARGS__ }; \
        return ex_main(number, sizeof checks / sizeof checks[0], checks); \
    }

#endif
