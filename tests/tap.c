/*
 * tap.c -- tests of tap.h and exercise.h, with planted faults.
 *
 * Each planted test program is a function.  It runs in a process of its
 * own; what it prints and its exit status are then compared.
 */
#include "exercise.h"

/* What a planted program printed, and its exit status. */
static struct {
    char text[1 << 16];
    size_t length;
    int status;
} seen;

/* Run a program with fresh counts; its main is `program`. */
static void run(int (*program)(void))
{
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0)
        tap_bail_out("cannot make a pipe");
    const pid_t pid = fork();
    if (pid < 0)
        tap_bail_out("cannot start a process");
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]), close(ends[1]);
        tap_count.run = tap_count.failed = 0, tap_count.child = false;
        exit(program());
    }
    close(ends[1]);
    seen.length = 0;
    for (;;) {
        const ssize_t n = read(ends[0], seen.text + seen.length,
                               sizeof seen.text - 1 - seen.length);
        if (n <= 0)
            break;
        seen.length += (size_t)n;
    }
    seen.text[seen.length] = '\0';
    close(ends[0]);
    waitpid(pid, &seen.status, 0);
    seen.status = WIFEXITED(seen.status) ? WEXITSTATUS(seen.status) : -1;
}

/* Test that the program printed this; show all of it if not. */
static bool printed(const char *part, const char *title)
{
    const bool pass = ok(strstr(seen.text, part) != NULL, "%s", title);
    if (!pass)
        diag("expected: %s\nin:\n%s", part, seen.text);
    return pass;
}

/* ---------------------------------------------------------- tap.h */

static void closeness(void)
{
    ok(close_to(1.0, 1.0, 0.0, 0.0), "equal numbers are close");
    ok(close_to(1000.0, 1001.0, 0.5, 1e-3), "both tolerances add up");
    ok(!close_to(1000.0, 1001.0, 0.0, 0.99e-3), "a hair too far is far");
    ok(close_to(0.0, -0.0, 0.0, 0.0), "the zeros are equal");
    ok(!close_to(NAN, NAN, 1.0, 1.0), "NaN is not close to NaN");
    ok(!close_to(NAN, 0.0, INFINITY, 0.0), "NaN is close to no number");
    ok(!close_to(0.0, NAN, INFINITY, 0.0), "no number is close to NaN");
    ok(!close_to(1.0, 1.0 + 1e-9, NAN, 0.0), "NaN allows no error");
    ok(close_to(INFINITY, INFINITY, 0.0, 0.0), "inf is close to inf");
    ok(!close_to(INFINITY, -INFINITY, 1.0, 1.0), "inf is not -inf");
    ok(!close_to(INFINITY, 1e308, 1.0, 1.0), "inf is no large number");
    ok(!close_to(1e308, INFINITY, 0.0, 2.0), "nor the other way round");
    ok(!close_to(1.0, 1.1, -1.0, 0.0), "a negative tolerance allows none");
}

static const double numbers[3] = { 1.5, -2.25, 4.0 };

static int all_pass(void)
{
    const double same[3] = { 1.5, -2.25, 4.0 };
    ok(true, "[eq:sum] a title with %d numbers", 2);
    ok_close(1.0, 1.0 + 1e-13, 0.0, 1e-12, "close");
    ok_all_close(3, same, numbers, 0.0, 0.0, "all close");
    ok_equal(3, 3, "sizes");
    ok_text("a", "a", "texts");
    ok_text(NULL, NULL, "no texts");
    skip("no data", "the large set");
    return tap_done();
}

static int arrays_fail(void)
{
    const double hair[3] = { 1.5, -2.25 * (1.0 + 2e-9), 4.0 };
    const double nan[3] = { 1.5, -2.25, NAN };
    const double sign[3] = { -1.5, 2.25, -4.0 };
    const double zero[3] = { 0.0, 0.0, 0.0 };
    const double inf[3] = { INFINITY, -2.25, 4.0 };
    ok_all_close(3, hair, numbers, 0.0, 1e-9, "hair");
    ok_all_close(3, nan, numbers, 1e9, 1e9, "nan");
    ok_all_close(3, sign, numbers, 1e-9, 1e-9, "sign");
    ok_all_close(3, zero, numbers, 1e-9, 1e-9, "zero");
    ok_all_close(3, inf, numbers, 1e9, 1e9, "inf");
    ok_all_close(0, numbers, numbers, 1.0, 1.0, "nothing");
    return tap_done();
}

static int others_fail(void)
{
    ok(false, "one\nline");
    ok_close(2.0, 3.0, 0.25, 0.0, "number");
    ok_equal(2, 3, "size");
    ok_text("a", "b", "text");
    ok_text(NULL, "b", "no text");
    return tap_done();
}

static int nothing_runs(void) { return tap_done(); }

static void reports(void)
{
    run(all_pass);
    ok_equal((size_t)seen.status, 0, "status 0 when all pass");
    printed("ok 1 - [eq:sum] a title with 2 numbers\n", "title as it is");
    printed("ok 7 - the large set # SKIP no data\n", "a skipped test");
    printed("\n1..7\n", "the plan stands at the end");

    run(arrays_fail);
    ok_equal((size_t)seen.status, 1, "status 1 when a test fails");
    printed("not ok 1 - hair\n# 1 of 3 entries are wrong; the worst is "
            "entry 1\n", "off by a hair: the entry");
    printed("#   expected  -2.25", "off by a hair: what was expected");
    printed("(allowed error 2.3e-09)", "off by a hair: what was allowed");
    printed("not ok 2 - nan\n# 1 of 3 entries are wrong; the worst is "
            "entry 2\n", "NaN fails");
    printed("not ok 3 - sign\n# 3 of 3 entries are wrong; the worst is "
            "entry 2\n", "a wrong sign fails");
    printed("not ok 4 - zero\n", "zeros fail");
    printed("not ok 5 - inf\n# 1 of 3 entries are wrong; the worst is "
            "entry 0\n", "an infinity fails");
    printed("not ok 6 - nothing\n# there was nothing to compare\n",
            "n = 0 fails");

    run(others_fail);
    printed("not ok 1 - one line\n", "a title is one line");
    printed("not ok 2 - number\n#        got   2\n#   expected   3  "
            "(allowed error 0.25)\n", "a number");
    printed("not ok 3 - size\n#        got  2\n#   expected  3\n",
            "a size");
    printed("not ok 4 - text\n#        got  a\n#   expected  b\n",
            "a text");
    printed("#        got  (NULL)\n", "a missing text");
    printed("# 5 of 5 tests failed\n", "the count of failures");

    run(nothing_runs);
    ok(seen.status == 1, "status 1 when nothing ran");
    printed("1..0\n# no test has run\n", "and the reason");
}

/* ------------------------------------------------ checks in children */

static volatile int zero_value = 0;

static void crash(void)
{
    ok(true, "before");
    signal(SIGSEGV, SIG_DFL);       /* a sanitizer may have taken it */
    raise(SIGSEGV);
}
static void loop(void) { while (zero_value == 0) continue; }
static void sleeps(void) { for (;;) pause(); }
static void waits_its_turn(void)
{
    const struct timespec long_nap = { 1, 300000000 };
    nanosleep(&long_nap, NULL);
    ok(true, "awake");
}
static void leave(void) { ok(true, "first"); exit(0); }
static void leave_1(void) { exit(3); }
static void nothing(void) { printf("ok 1 - not a test\n"); }
static void no_newline(void) { printf("no newline"); ok(true, "then"); }
static void last(void) { ok(true, "then"); printf("no newline"); }
static void fails(void) { ok(false, "really"); diag("two\nlines"); }
static void inner(void) { TAP_RUN(crash); ok(true, "after it"); }
static void flood(void)
{
    for (int i = 0; i < 100000; i++)
        printf("water %d\n", i);
    ok(true, "above water");
}
static void flood_forever(void) { for (;;) printf("water"); }
static void flood_of_tests(void)
{
    for (int i = 0; i < 100000; i++)
        ok(true, "a test with a title that is not short at all");
}
static void complains(void) { fprintf(stderr, "shape (2,3)\n"); abort(); }
static void only_says(void) { fprintf(stderr, "shape (2,3)\n"); }
static void only_dies(void) { abort(); }

static int children(void)
{
    setenv("TAP_TIMEOUT", "0.3", 1);        /* rounded up to a second */
    setenv("TAP_PATIENCE", "100", 1);
    TAP_RUN(crash);
    TAP_RUN(loop);
    TAP_RUN(leave);
    TAP_RUN(leave_1);
    TAP_RUN(nothing);
    TAP_RUN(no_newline);
    TAP_RUN(last);
    TAP_RUN(fails);
    TAP_RUN(inner);
    TAP_RUN(flood_forever);
    setenv("TAP_TIMEOUT", "20", 1);
    TAP_RUN(flood);
    setenv("TAP_TIMEOUT", "1", 1);
    TAP_RUN(waits_its_turn);
    setenv("TAP_PATIENCE", "0.3", 1);
    TAP_RUN(sleeps);
    return tap_done();
}

static int deaths(void)
{
    ok_dies(complains, "shape (2,3)", "it says so and aborts");
    ok_dies(complains, "shape (3,2)", "it says something else");
    ok_dies(only_says, "shape", "it goes on");
    ok_dies(only_dies, "shape", "it says nothing");
    ok_dies(crash, "", "it crashes otherwise");
    return tap_done();
}

/* The flood is too long to be captured; count it here. */
static int many_tests(void)
{
    const int keep = dup(STDOUT_FILENO), hole = open("/dev/null", O_WRONLY);
    dup2(hole, STDOUT_FILENO);
    TAP_RUN(flood_of_tests);
    fflush(stdout);
    dup2(keep, STDOUT_FILENO);
    return tap_count.failed == 1 && tap_count.run < 100000;
}

static void isolation(void)
{
    run(children);
    ok(seen.status == 1, "status 1 after crashes");
    printed("ok 1 - before\nnot ok 2 - crash: crashed: signal 11, SIGSEGV "
            "(segmentation fault)\n", "a crash, after a test that passed");
    printed("not ok 3 - loop: too slow: used more than 1 s of CPU time\n",
            "an endless loop");
    printed("ok 4 - first\nnot ok 5 - leave: left early: exit status 0\n",
            "exit(0) within a check");
    printed("not ok 6 - leave_1: left early: exit status 3\n", "exit(3)");
    printed("# | ok 1 - not a test\nnot ok 7 - nothing: tested nothing\n",
            "a line that only looks like a test");
    printed("# | no newline\nok 8 - then\n", "no newline before a test");
    printed("ok 9 - then\n# | no newline\n", "no newline at the end");
    printed("not ok 10 - really\n# two\n# lines\n", "a failure inside");
    printed("ok 11 - before\nnot ok 12 - crash: ", "a check in a check");
    printed("ok 13 - after it\n", "and what comes after it");
    printed("not ok 14 - flood_forever: too slow", "an endless flood");
    printed("ok 15 - above water\n", "a test after a flood");
    printed("this is where the report stops\n", "the flood is cut");
    printed("ok 16 - awake\n", "a second on the wall is no second of work");
    printed("not ok 17 - sleeps: stuck: did nothing for 0.3 s\n1..17\n",
            "an endless sleep");
    ok(seen.length < 30000, "no more than two kept floods: %zu bytes",
       seen.length);
    run(many_tests);
    ok(seen.status == 1, "a flood of tests is cut and fails");
}

static void dying(void)
{
    run(deaths);
    printed("ok 1 - it says so and aborts\n", "a death as expected");
    printed("not ok 2 - it says something else\n# it should say: shape "
            "(3,2)\n# | shape (2,3)\n", "another message");
    printed("not ok 3 - it goes on\n# it should abort, but it went on\n",
            "no death");
    printed("not ok 4 - it says nothing\n", "no message");
    printed("not ok 5 - it crashes otherwise\n# it should abort, but it ",
            "another signal");
}

/* ------------------------------------------------------ exercise.h */

static const double W[6] = { 1.5, -2.25, 4.0, 0.5, 7.0, 3.25 };

/* Compare a 2x3 matrix f(i, j) with W. */
static void matrix(double (*f)(size_t i, size_t j))
{
    double g[6];
    for (size_t k = 0; k < 6; k++)
        g[k] = f(k / 3, k % 3);
    ex_close("g", 2, 3, g, W, 0.0, 1e-9);
}

static double w_at(size_t i, size_t j) { return W[3 * i + j]; }
static double minus(size_t i, size_t j) { return -w_at(i, j); }
static double triple(size_t i, size_t j) { return 3.0 * w_at(i, j); }
static double quarter(size_t i, size_t j) { return w_at(i, j) / 4.0; }
static double shifted(size_t i, size_t j) { return w_at(i, j) + 2.5; }
static double hair(size_t i, size_t j) { return w_at(i, j) * (1 + 1e-7); }
static double zeros(size_t i, size_t j) { return 0.0 * w_at(i, j); }
static double a_nan(size_t i, size_t j)
{
    return i == 1 && j == 2 ? NAN : w_at(i, j);
}
static double an_inf(size_t i, size_t j)
{
    return i == 0 && j == 1 ? -INFINITY : w_at(i, j);
}
static double unset(size_t i, size_t j)
{
    return i == 1 ? ex_unset() : w_at(i, j);
}
static double added(size_t i, size_t j) { return ex_unset() + w_at(i, j); }
static double turned(size_t i, size_t j)
{
    const size_t k = 3 * i + j;
    return W[3 * (k % 2) + k / 2];
}
static double late(size_t i, size_t j)
{
    return i == 0 ? 9.0 : w_at(i - 1, j);
}
static double early(size_t i, size_t j)
{
    return i == 1 ? 9.0 : w_at(i + 1, j);
}
static double strange(size_t i, size_t j)
{
    return i == 1 && j == 0 ? 0.75 : w_at(i, j);
}

static void c_right(void) { matrix(w_at); }
static void c_sign(void) { matrix(minus); }
static void c_triple(void) { matrix(triple); }
static void c_quarter(void) { matrix(quarter); }
static void c_shifted(void) { matrix(shifted); }
static void c_hair(void) { matrix(hair); }
static void c_zeros(void) { matrix(zeros); }
static void c_nan(void) { matrix(a_nan); }
static void c_inf(void) { matrix(an_inf); }
static void c_unset(void) { matrix(unset); }
static void c_added(void) { matrix(added); }
static void c_turned(void) { matrix(turned); }
static void c_late(void) { matrix(late); }
static void c_early(void) { matrix(early); }
static void c_strange(void) { matrix(strange); }
static void c_square(void)
{
    const double want[4] = { 1.5, 2.5, 3.5, 5.0 };
    const double got[4] = { 1.5, 3.5, 2.5, 5.0 };
    ex_close("A", 2, 2, got, want, 0.0, 1e-9);
}
static void c_last(void)
{
    const double want[4] = { 1.5, 2.0, 3.5, 5.0 };
    const double got[4] = { 1.5, 2.0, 3.5, 0.0 };
    ex_close("v", 1, 4, got, want, 0.0, 1e-9);
}
static void c_one_late(void)
{
    const double want[4] = { 1.5, 2.0, 3.5, 5.0 };
    const double got[4] = { 8.0, 1.5, 2.0, 3.5 };
    ex_close("v", 1, 4, got, want, 0.0, 1e-9);
}
static void c_none(void) { ex_close("v", 0, 3, W, W, 1.0, 1.0); }
static void c_scalar(void) { ex_close_to("y", 2.25, 0.75, 0.0, 1e-9); }
static void c_chance(void) { ex_close_to("y", 6.0, 3.0, 0.0, 1e-9); }
static void c_close(void)
{
    ex_close_to("y", 1.0 + 1e-12, 1.0, 0.0, 1e-15);
}
static void c_true(void) { ex_true(1 > 2, "%d > %d", 1, 2); }
static void c_case(void)
{
    ex_case("n = %d, seed %d", 4, 7);
    ex_true(false, "x");
}
static void c_equal(void) { ex_equal("n", 3, 4); }
static void c_int(void) { ex_equal_int("label", -1, 4); }
static void c_text(void) { ex_text("name", "relu", "selu"); }
static void c_sizes(void)
{
    const size_t got[3] = { 2, 3, 5 }, want[3] = { 5, 3, 2 };
    ex_sizes("shape", 3, got, want);
}
static void c_unchanged(void)
{
    double now[6];
    memcpy(now, W, sizeof now);
    now[4] = 8.0;
    ex_unchanged("X", 6, now, W);
}
static void c_twice(void)
{
    double second[6];
    for (size_t i = 0; i < 6; i++)
        second[i] = 2.0 * W[i];
    ex_same_again("g", 6, W, second);
}
static void c_many(void)
{
    for (int i = 0; i < 1000; i++)
        ex_true(false, "number %d", i);
}
static void c_dies(void) { ex_dies(only_says, "shape", "a bad shape"); }
static void c_says(void) { ex_dies(complains, "rank", "a bad shape"); }
static void c_crash(void) { crash(); }
static void c_loop(void) { loop(); }
static void c_sleeps(void) { sleeps(); }
static void c_leave(void) { exit(0); }
static void c_nothing(void) { }
static void c_todo(void) { EX_TODO(); }
static void c_todo_inside(void) { ex_dies(c_todo, "x", "x"); }
static void c_wrong_first(void) { ex_true(false, "first"); EX_TODO(); }
static void c_prints(void) { printf("x = %d", 3); c_sign(); }
static void c_stderr(void) { fprintf(stderr, "oh\n"); abort(); }
static void c_flood(void) { flood(); c_sign(); }

/* A planted check and what its report must say. */
static const struct {
    void (*check)(void);
    const char *report, *title;
} planted[] = {
    { c_sign, "# wrong: g: 6 of 6 entries are wrong; the worst is g[1][1]\n"
      "#        got  -7\n#   expected   7  (allowed error 7.0e-09)\n"
      "# wrong sign: every entry has the right size.\n", "a wrong sign" },
    { c_triple, "every entry is 3 times the expected one", "a factor" },
    { c_quarter, "every entry is 1/4 times the expected one", "1/n" },
    { c_shifted, "Every entry is too large by 2.5", "a constant" },
    { c_hair, "Nearly right", "off by a hair" },
    { c_zeros, "Every entry is zero.", "all zero" },
    { c_nan, "g[1][2] is NaN, the first", "NaN" },
    { c_inf, "g[0][1] is infinite, the first", "an infinity" },
    { c_unset, "not written: 3 of 6 entries were never set, first g[1][0].",
      "not written" },
    { c_added, "not written: 6 of 6", "added to what was never set" },
    { c_turned, "transposed", "transposed" },
    { c_square, "transposed", "transposed, square" },
    { c_late, "off by one row: every entry stands one row too late",
      "a row too late" },
    { c_early, "one row too early", "a row too early" },
    { c_one_late, "off by one entry: every entry stands one entry too late",
      "an entry too late" },
    { c_last, "Only the last entry is wrong", "the last entry" },
    { c_strange, "# wrong: g: 1 of 6 entries are wrong; the worst is "
      "g[1][0]\n#        got   0.75\n#   expected   0.5  (allowed error "
      "7.5e-10)\n# A hint", "a mistake without a name" },
    { c_none, "nothing to compare", "nothing to compare" },
    { c_scalar, "it is 3 times the expected one", "one number" },
    { c_chance, "expected   3  (allowed error 6.0e-09)\n# A hint",
      "a factor by chance is not named" },
    { c_close, "got   1.000000000001\n#   expected   1  ",
      "as many digits as needed" },
    { c_true, "# wrong: this should hold: 1 > 2\n", "a property" },
    { c_case, "# This is for n = 4, seed 7.\n", "the case at hand" },
    { c_equal, "# wrong: n: got 3, expected 4\n", "a size" },
    { c_int, "# wrong: label: got -1, expected 4\n", "a whole number" },
    { c_text, "got \"relu\", expected \"selu\"", "a text" },
    { c_sizes, "# wrong: shape[0]: got 2, expected 5\n# The numbers are "
      "right, but in reverse order.\n", "sizes in reverse" },
    { c_unchanged, "input overwritten: X[4] was 7 and is now 8",
      "an input overwritten" },
    { c_twice, "accumulated: each call adds", "accumulated" },
    { c_many, "number 0\n# A hint", "only the first failure is shown" },
    { c_dies, "a bad shape should stop the program", "no death" },
    { c_says, "a bad shape should say: rank", "another message" },
    { c_crash, "# crashed: signal 11, SIGSEGV (segmentation fault)\n# An "
      "index outside", "a crash" },
    { c_loop, "# too slow: used more than 1 s of CPU time\n# An endless "
      "loop?\n", "an endless loop" },
    { c_sleeps, "# stuck: did nothing for 1 s\n# Does it wait for "
      "something that never comes?\n", "an endless sleep" },
    { c_leave, "# crashed: left early: exit status 0\n", "exit(0)" },
    { c_nothing, "# wrong: the check compared nothing.", "no comparison" },
    { c_wrong_first, "this should hold: first", "wrong before not done" },
    { c_prints, "# wrong sign: every entry has the right size.\n# Your "
      "answer printed:\n# | x = 3\n", "what the answer printed" },
    { c_stderr, "# crashed: signal 6, SIGABRT (the program gave up)\n# "
      "Your answer printed:\n# | oh\n", "what it printed to stderr" },
    { c_flood, "\n# | ... and more, which is left out\n", "a flood" },
};

static size_t which;

static int one_planted(void)
{
    const struct ex_check check = { "planted", NULL, planted[which].check };
    setenv("TAP_TIMEOUT", planted[which].check == c_flood ? "20" : "1", 1);
    setenv("TAP_PATIENCE", planted[which].check == c_sleeps ? "1" : "100",
           1);
    return ex_main("9.9", 1, &check);
}

static void diagnoses(void)
{
    const size_t n = sizeof planted / sizeof planted[0];
    for (which = 0; which < n; which++) {
        run(one_planted);
        const bool wrong = seen.status == 1
            && strncmp(seen.text, "not ok 1 - ex 9.9: planted\n", 27) == 0;
        if (!ok(wrong, "%s fails", planted[which].title))
            diag("%s", seen.text);
        printed(planted[which].report, planted[which].title);
        if (planted[which].check == c_flood)
            ok(seen.length < 13000, "it is cut to %zu bytes", seen.length);
    }
}

static const struct ex_check mixed_checks[] = {
    { "good", NULL, c_right },
    { "open", "eq:none", c_todo },
    { "open in a grandchild", NULL, c_todo_inside },
};

static int mixed(void) { return ex_main("9.8", 3, mixed_checks); }
static int strict(void) { setenv("EX_STRICT", "1", 1); return mixed(); }
static int named(void)
{
    static const struct ex_check c = { "x", "eq:none", c_sign };
    setenv("EX_FILE", "answers/09/ex_9_8.c", 1);
    return ex_main("9.8", 1, &c);
}

static void outcomes(void)
{
    unsetenv("EX_STRICT");
    run(mixed);
    ok(seen.status == 0, "not attempted is no failure");
    printed("ok 1 - ex 9.8: good\n", "a right answer");
    printed("not ok 2 - ex 9.8: open # TODO not attempted: ",
            "not attempted");
    printed("not ok 3 - ex 9.8: open in a grandchild # TODO not att",
            "not attempted in a child of its own");
    run(strict);
    ok(seen.status == 1, "a failure with EX_STRICT=1");
    printed("not ok 2 - ex 9.8: open\n# not attempted: ",
            "and it says why");
    ok(strstr(seen.text, "# TODO") == NULL, "without a TODO");
    run(named);
    printed("# Read again: equation [eq:none]\n# Your answer: "
            "answers/09/ex_9_8.c\n# A hint: make hint EX=9.8\n",
            "where to go on");
}

int main(void)
{
    closeness();
    reports();
    isolation();
    dying();
    diagnoses();
    outcomes();
    return tap_done();
}
