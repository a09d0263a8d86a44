#include "exercise.h"

size_t epochs_until(double gamma, double share, bool compounded);

/* Lower the rate as the programs do, and count. */
static size_t counted(double gamma, double share, bool compounded)
{
    double rate = 0.37, first = rate;
    size_t e = 0;
    while (rate >= share * first) {
        e++;
        rate *= compounded ? pow(gamma, (double)e) : gamma;
    }
    return e;
}

static void compare(bool compounded)
{
    static const double gamma[] = { 0.95, 0.7, 0.123, 0.9983 };
    static const double share[] = { 0.001, 0.36, 2e-5, 0.97 };
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            ex_case("gamma = %g, share = %g", gamma[i], share[k]);
            ex_equal("epochs",
                     epochs_until(gamma[i], share[k], compounded),
                     counted(gamma[i], share[k], compounded));
        }
}

static void right(void)
{
    compare(false);
}

static void fault(void)
{
    compare(true);
}

/* gamma = 1 - d: x is nearly ln(1 / share) / d. */
static void slow(void)
{
    const double d = ldexp(1, -43), share = 0.1, x = log(10) / d;
    ex_case("gamma = 1 - %g, share = %g", d, share);
    ex_close_to("epochs", (double)epochs_until(1 - d, share, false), x, 0.0,
                1e-9);
    ex_close_to("epochs, compounded",
                (double)epochs_until(1 - d, share, true), sqrt(2 * x), 0.0,
                1e-6);
}

EX_MAIN("8.1",
    { "a factor for each epoch", "eq:rate-exponential", right },
    { "factors that are compounded", "eq:rate-compound", fault },
    { "a factor near 1", "eq:rate-exponential", slow })
