/*
 * Tests of appendix B: the frame of the programs.  What it prints is read
 * back from files; what it refuses ends a child.
 */
#include "../tangled/tap.h"

#include "../tangled/program.h"
#include "../tangled/layers.h"
#include "../tangled/train.h"

/* Run f with stdout in a file; what it wrote, as text. */
static const char *printed(void f(void))
{
    static char text[4000];
    FILE *to = tmpfile();
    fflush(stdout);
    const int old = dup(STDOUT_FILENO);
    dup2(fileno(to), STDOUT_FILENO);
    f();
    fflush(stdout);
    dup2(old, STDOUT_FILENO);
    close(old);
    rewind(to);
    text[fread(text, 1, sizeof text - 1, to)] = '\0';
    fclose(to);
    return text;
}

/* ---- options ---- */

static const char *words_of(const char *option_name)
{
    for (const struct setting *s = settings; s->name != NULL; s++)
        if (strcmp(s->name, option_name) == 0)
            return s->help;
    return "";
}

/* The words of an option are the names in a module's table. */
static void same_words(const char *option_name, size_t n,
                       const char *const name[])
{
    char want[300] = "";
    for (size_t i = 0; i < n; i++) {
        strcat(want, i > 0 ? " " : "");
        strcat(want, name[i]);
    }
    ok_text(words_of(option_name), want, "--%s has the module's names",
            option_name);
}

static void words(void)
{
    const char *name[20];
    size_t n = 0;
    for (const struct activation *f = activations; f->name != NULL; f++)
        name[n++] = f->name;
    same_words("activation", n, name);
    same_words("init", INIT_RULES, rule_name);
    same_words("method", METHODS, method_name);
    same_words("schedule", FALLS, fall_name);
    ok(words_have("one two three", "two") && words_have("one", "one")
       && !words_have("one two", "tw") && !words_have("one two", "twos")
       && !words_have(NULL, "one") && !words_have("", "one"),
       "a word is in a list or it is not");
}

static void widths(void)
{
    static const char *const good[] = { "64-10", "784-512-10", "1-1" };
    static const char *const bad[] = { "64", "", "-", "64-", "-10", "0-10",
        "64--10", "64-x-10", "64-10 ", "12345678-10", "64-010" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ok(are_widths(good[i]), "%s are widths", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!are_widths(bad[i]), "'%s' are none", bad[i]);
}

static void options_once(void)
{
    for (int i = 0; i < SETTINGS; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(settings[i].name, settings[j].name) == 0
                || settings[i].value == settings[j].value)
                ok(false, "--%s and --%s are two options",
                   settings[i].name, settings[j].name);
    ok(SETTINGS > 30, "%d options, each with a name and a place of its own",
       SETTINGS);
}

/* ---- tables ---- */

static char folder[60];

static void table_of_three(void)
{
    struct table t = table_new("three", "name %-6s|x %7.2f|share %6.1f %|"
                               "small %9.1e|n %4.0f");
    ROW(&t, "one", 1.005, 50, 1e-7, 7);
    t.hidden = true;
    ROW(&t, "unseen", 2, 3, 4, 5);
    t.hidden = false, t.remark = " best";
    ROW(&t, "two", NAN, INFINITY, 0, 12345);
    table_end(&t);
}

static const char *file_text(const char *name)
{
    static char text[2000];
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "r");
    if (in == NULL)
        return "(no file)";
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    unlink(path);
    return text;
}

static void tables(void)
{
    static const char want[] =
        "name         x    share     small    n\n"
        "one       1.00   50.0 %   1.0e-07    7\n"
        "two        nan    inf %   0.0e+00 12345 best\n";
    ok_text(printed(table_of_three), want, "a table for the reader");
    snprintf(folder, sizeof folder, "/tmp/downhill-table-XXXXXX");
    if (mkdtemp(folder) == NULL)
        abort();
    table_folder = folder;
    strcpy(table_chapter, "01");
    ok_text(printed(table_of_three), want, "the same when it is written");
    ok_text(file_text("01-three.tsv"),
            "name\tx\tshare\tsmall\tn\n"
            "one\t1.005\t50\t1e-07\t7\n"
            "unseen\t2\t3\t4\t5\n"
            "two\tnan\tinf\t0\t12345\n", "the file has all rows and digits");
    struct table t = table_hidden("h", "a %g|b %g");
    t.rounded = true, t.column[1].kind = 'f', t.column[1].digits = 1;
    ROW(&t, NULL, 0.123456789, 0.55555);
    ok_text(file_text("01-h.tsv"), "(no file)", "no file before the end");
    table_end(&t);
    ok_text(file_text("01-h.tsv"), "a\tb\n0.123457\t0.6\n",
            "a file with the digits of the columns");
    rmdir(folder);
    table_folder = NULL;
}

static void short_row(void)
{
    struct table t = table_new(NULL, "a %4.1f|b %4.1f");
    ROW(&t, NULL, 1);
}

static void no_format(void)
{
    table_new(NULL, "a %4.1f|b");
}

static void bugs(void)
{
    ok_dies(short_row, "a row of 1 numbers for 2 columns", "a short row");
    ok_dies(no_format, "a column without a format", "no format");
}

/* ---- the clock and the bar ---- */

static void clock_and_bar(void)
{
    const double a = seconds_now(), b = seconds_now();
    ok(b >= a && b - a < 1, "the clock runs forward");
    ok_close(time_left(23.5, 47, 188), 70.5, 0, 1e-15,
             "[eq:time-left] a quarter done in 23.5 s: 70.5 s are left");
    ok(isinf(time_left(3, 0, 10)), "nothing done: not known");
    ok_close(time_left(3, 10, 10), 0, 0, 0, "[eq:time-left] all done");
    ok_text(time_text(7.2).s, "0:07", "seconds");
    ok_text(time_text(59.7).s, "1:00", "rounded up to a minute");
    ok_text(time_text(3723).s, "1:02:03", "hours");
    ok_text(time_text(INFINITY).s, "--:--", "infinite");
    ok_text(time_text(NAN).s, "--:--", "not a number");
}

/* ---- the kernel of the BLAS ---- */

static void kernels(void)
{
    static const char *const old[] = { "Prescott", "Nehalem", "Sandybridge",
                                       "Core2", "Atom", "unknown" };
    static const char *const new[] = { "Haswell", "Zen", "SkylakeX",
                                       "Cooperlake" };
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        ok(!core_is_modern(old[i]), "%s is a kernel of old", old[i]);
    for (size_t i = 0; i < sizeof new / sizeof *new; i++)
        ok(core_is_modern(new[i]), "%s is not", new[i]);
    const char *best = core_for_processor();
    ok(best == NULL || core_is_modern(best), "for this processor: %s",
       best != NULL ? best : "any");
}

extern int openblas_get_num_threads(void) __attribute__((weak));
static int threads_seen;

static void see_threads(void)
{
    threads_seen = openblas_get_num_threads();
}

/* A program that finds two threads, and what the user wants of it. */
static void threads(const char *openblas, const char *omp, size_t want)
{
    static const struct part parts[] = {
        { "see", see_threads, "how many threads", NULL }, { 0 }
    };
    static const struct part none[] = { { 0 } };
    char name[] = "D-threads", *args[] = { name, NULL };
    if (openblas_get_num_threads == NULL) {
        skip("another BLAS is linked", "threads");
        return;
    }
    /* it must not start anew to choose another kernel */
    setenv("OPENBLAS_CORETYPE", openblas_get_corename(), 0);
    unsetenv("OPENBLAS_NUM_THREADS"), unsetenv("OMP_NUM_THREADS");
    if (openblas != NULL)
        setenv("OPENBLAS_NUM_THREADS", openblas, 1);
    if (omp != NULL)
        setenv("OMP_NUM_THREADS", omp, 1);
    openblas_set_num_threads(2);
    ok_equal((size_t)openblas_get_num_threads(), 2, "there are two threads");
    ok_equal((size_t)program_run(1, args, name, "Threads.", parts, none), 0,
             "a program runs");
    ok_equal((size_t)threads_seen, want, "OPENBLAS_NUM_THREADS %s, "
             "OMP_NUM_THREADS %s: %zu", openblas != NULL ? openblas : "not set",
             omp != NULL ? omp : "not set", want);
}

static void threads_of_blas(void)
{
    threads("2", NULL, 2);
}

static void threads_of_omp(void)
{
    threads(NULL, "2", 2);
}

static void threads_of_nobody(void)
{
    threads(NULL, NULL, 1);
}

int main(void)
{
    TAP_RUN(words);
    TAP_RUN(widths);
    TAP_RUN(options_once);
    TAP_RUN(tables);
    TAP_RUN(bugs);
    TAP_RUN(clock_and_bar);
    TAP_RUN(kernels);
    TAP_RUN(threads_of_blas);
    TAP_RUN(threads_of_omp);
    TAP_RUN(threads_of_nobody);
    return tap_done();
}
