/*
 * sets.h -- the data sets of this book: digits, irises, MNIST.
 * Downhill, appendix D.  Link with -lz too.
 */
#ifndef SETS_H
#define SETS_H

#include <sys/stat.h>

#include "dataset.h"
#include "images.h"
#include "data/digits.h"
#include "data/iris.h"

/* 1797 handwritten digits of 8x8 pixels. */
static inline struct images digits_load(struct arena *a)
{
    static const struct layout form = { 8, 8, 16, 10, false };
    struct images s;
    struct error e;
    if (!images_of_lines(&s, a, digits_csv, digits_csv_lines, "digits.csv",
                         &form, &e))
        PANIC("%s:%zu: %s", e.file, e.line, e.text);
    return s;
}

/* 150 irises, four lengths in cm, three species. */
static inline struct images iris_load(struct arena *a)
{
    static const char *const name[] = { "sepal_length", "sepal_width",
                                        "petal_length", "petal_width" };
    struct frame f;
    struct error e;
    if (!csv_lines(&f, a, iris_csv, iris_csv_lines, "iris.csv", &e)
        || !frame_needs(&f, 4, name, "iris.csv", &e))
        PANIC("%s:%zu: %s", e.file, e.line, e.text);
    const struct column *species = frame_column(&f, "species");
    REQUIRE(species != NULL && species->levels == 3, "iris.csv changed");
    return (struct images){ f.rows, 1, 4, 3, frame_matrix(a, &f, 4, name),
                            species->level };
}

/* Images for training, and others that training never sees. */
struct halves { struct images train, test; };

/* Four fifths of the digits for training, chosen by the seed. */
static inline struct halves digits_split(struct arena *a,
                                         unsigned long seed)
{
    const struct images all = digits_load(a);
    struct halves d;
    gsl_rng *r = random_new(seed);
    images_split(&all, a, r, 0.8, &d.train, &d.test);
    gsl_rng_free(r);
    return d;
}

/*
 * Both parts of MNIST from the folder `named`, or where it is expected
 * when that is NULL.  False and *e for a fault.
 */
static inline bool mnist_load(struct images *train, struct images *test,
                              struct arena *a, const char *named,
                              struct error *e)
{
    const struct path p = images_find_mnist(named);
    if (p.s[0] == '\0')
        return fail(e, "MNIST", 0, 0, "not found; `make mnist` fetches it, "
                    "--data or MNIST_DIR name it");
    return images_read_mnist(train, a, p.s, "train", e)
           && images_read_mnist(test, a, p.s, "t10k", e);
}

/*
 * The same, unless `named` is a file: then a text with an image in each
 * line, of which r chooses six sevenths for training.
 */
static inline bool large_load(struct halves *d, struct arena *a,
                              const char *named, bool label_first,
                              gsl_rng *r, struct error *e)
{
    const struct layout form = { 28, 28, 255, 10, label_first };
    struct images all;
    struct stat s;
    if (named == NULL || stat(named, &s) != 0 || S_ISDIR(s.st_mode))
        return mnist_load(&d->train, &d->test, a, named, e);
    if (!images_read_csv(&all, a, named, &form, e))
        return false;
    images_split(&all, a, r, 6.0 / 7, &d->train, &d->test);
    return true;
}

#endif
