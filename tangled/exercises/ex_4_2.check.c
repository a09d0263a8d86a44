#include "exercise.h"
#define REAL double
#include "glm.h"

double softplus_inverse(double s);

static void compare(double s, double z)
{
    ex_case("s = %g", s);
    ex_close_to("z", softplus_inverse(s), z, 1e-15, 1e-12);
}

/* log(1 + k) belongs to e^z = k. */
static void logarithms(void)
{
    compare(log(3), log(2));
    compare(log(1.25), log(0.25));
    compare(log(18.5), log(17.5));
    compare(log(2), 0);
}

/* Computed with 60 digits. */
static void small(void)
{
    compare(0.0375, -3.264605752942402);
    compare(1e-20, -46.051701859880914);
    compare(1e-300, -690.7755278982137);
}

static void large(void)
{
    compare(2.385, 2.2883910996859527);
    compare(41.5, 41.5);
    compare(800, 800);
    compare(1e9, 1e9);
}

static void there_and_back(void)
{
    for (double z = -690.5; z < 1500; z += 7.25) {
        ex_case("z = %g, s = %g", z, softplus(z));
        ex_close_to("z", softplus_inverse(softplus(z)), z, 0.0, 1e-12);
    }
}

EX_MAIN("4.2",
    { "logarithms of simple numbers", "eq:softplus", logarithms },
    { "small s", "eq:softplus", small },
    { "large s", "eq:softplus", large },
    { "there and back", "eq:softplus", there_and_back })
