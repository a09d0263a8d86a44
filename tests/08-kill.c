/*
 * Chapter 8 under kill -9: a training that saves after every epoch is
 * killed fifty times, each time at a random moment, and taken up again.
 * In the end its checkpoint has the bytes of a run that was left in peace.
 */
#include "../tangled/tap.h"

#define main training_main
#include "../tangled/08-training.c"
#undef main

#include <dirent.h>

enum { KILLS = 50, TRAINED = 9000 };

static char dir[40], peace[80], war[80];

/* In a child: train to that epoch, from the file if it is there. */
static pid_t start_training(const char *path, size_t upto)
{
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO), dup2(null, STDERR_FILENO);
    char epochs[20];
    snprintf(epochs, sizeof epochs, "%zu", upto);
    char *args[] = { "08-training", "train", "--net", "64-16-10", "--batch",
                     "128", "--patience", "0", "--epochs", epochs, "--save",
                     (char *)path, "--resume", (char *)path, NULL };
    const int n = access(path, R_OK) == 0 ? 14 : 12;
    args[n] = NULL;
    exit(training_main(n, args));
}

static bool finished(pid_t pid)
{
    int status;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status)
           && WEXITSTATUS(status) == 0;
}

static void sleep_for(double s)
{
    struct timespec t = { (time_t)s, (long)((s - floor(s)) * 1e9) };
    nanosleep(&t, NULL);
}

/* How far the training in that file is; SIZE_MAX when it is not sound. */
static size_t epochs_in(const char *path)
{
    struct arena a = { 0 };
    struct checkpoint c;
    struct section s;
    struct error e;
    size_t n = SIZE_MAX;
    if (checkpoint_read(&c, &a, path, &e)
        && section_expect(&c, "WHER", WHERE_ITEMS, 8, &s, &e))
        n = number_8(s.item);
    else
        diag("%s", e.text);
    arena_free(&a);
    return n;
}

/*
 * Train to the first checkpoint; the seconds that this took, or a tenth,
 * for on a busy machine it may take any time.
 */
static double first_epoch(void)
{
    const double start = tap_now();
    if (!finished(start_training(war, 1)))
        diag("a training of one epoch failed");
    return fmin(tap_now() - start, 0.1);
}

/* Fifty kills; counts the files that were not sound. */
static void kill_often(gsl_rng *r, double first)
{
    size_t broken = 0, killed = 0, inside = 0, last = 0, back = 0;
    char part[90];
    snprintf(part, sizeof part, "%s.part", war);
    while (killed < KILLS) {
        const pid_t pid = start_training(war, TRAINED);
        sleep_for(first * (0.3 + 2 * random_uniform(r)));
        kill(pid, SIGKILL);
        int status;
        waitpid(pid, &status, 0);
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        if (WIFEXITED(status)) {
            diag("the training ended before it was killed");
            break;
        }
        inside += access(part, F_OK) == 0;
        const size_t now = epochs_in(war);
        broken += now == SIZE_MAX;
        back += now < last;
        last = now;
    }
    ok_equal(killed, KILLS, "killed %d times, %zu times while a file was "
             "being written", KILLS, inside);
    ok_equal(broken, 0, "the checkpoint was sound every time");
    ok_equal(back, 0, "and never older than before");
    diag("%zu epochs were done in the meantime", last);
}

static bool same_files(const char *a, const char *b)
{
    struct arena m = { 0 };
    struct checkpoint x, y;
    struct error e;
    const bool same = file_read(&x, &m, a, &e) && file_read(&y, &m, b, &e)
                      && x.size == y.size
                      && memcmp(x.byte, y.byte, x.size) == 0;
    arena_free(&m);
    return same;
}

static void survive(void)
{
    gsl_rng *r = random_new((unsigned long)getpid());
    snprintf(dir, sizeof dir, "/tmp/downhill-kill-XXXXXX");
    if (mkdtemp(dir) == NULL)
        abort();
    snprintf(peace, sizeof peace, "%s/peace", dir);
    snprintf(war, sizeof war, "%s/war", dir);
    kill_often(r, first_epoch());
    const size_t upto = epochs_in(war) + 3;
    ok(finished(start_training(war, upto)), "then it trains on to the end");
    ok(finished(start_training(peace, upto)), "another was left in peace");
    ok(same_files(war, peace), "both files have the same bytes after %zu "
       "epochs", upto);
    struct dirent *d;
    size_t others = 0;
    DIR *list = opendir(dir);
    while ((d = readdir(list)) != NULL)
        others += strcmp(d->d_name, ".") != 0
                  && strcmp(d->d_name, "..") != 0
                  && strcmp(d->d_name, "war") != 0
                  && strcmp(d->d_name, "peace") != 0;
    closedir(list);
    ok_equal(others, 0, "no other file is left");
    unlink(war), unlink(peace), rmdir(dir);
    gsl_rng_free(r);
}

int main(void)
{
    setenv("TAP_TIMEOUT", "60", 0);
    /* the children must not start anew to choose another kernel */
    setenv("OPENBLAS_CORETYPE", openblas_get_corename(), 0);
    TAP_RUN(survive);
    return tap_done();
}
