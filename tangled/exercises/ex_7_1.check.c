#include "exercise.h"
#define REAL double
#include "optim.h"

double push_distance(double rate, double beta, size_t t, bool ahead);

/* Let the rules themselves go that far. */
static double walked(double rate, double beta, size_t t, bool ahead)
{
    double theta = 0, m = 0;
    for (size_t i = 1; i <= t; i++) {
        const double g = i == 1;
        if (ahead)
            nesterov_step(1, &theta, &g, &m, rate, beta);
        else
            momentum_step(1, &theta, &g, &m, rate, beta);
    }
    return -theta;
}

static void compare(bool ahead)
{
    static const double beta[] = { 0.5, 0.9, 0.37, 0, 0.99 };
    static const size_t t[] = { 1, 2, 3, 7, 50 };
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            ex_case("rate = 0.23, beta = %g, t = %zu", beta[i], t[k]);
            ex_close_to("the distance",
                        push_distance(0.23, beta[i], t[k], ahead),
                        walked(0.23, beta[i], t[k], ahead), 0.0, 1e-12);
        }
}

static void ball(void)
{
    compare(false);
}

static void nesterov(void)
{
    compare(true);
}

/* In the end both rules have gone equally far. */
static void end(void)
{
    ex_case("beta = 0.83, t = 1000");
    ex_close_to("how far the ball goes",
                push_distance(0.017, 0.83, 1000, false), 0.1, 0.0, 1e-12);
    ex_close_to("how far Nesterov goes",
                push_distance(0.017, 0.83, 1000, true), 0.1, 0.0, 1e-12);
}

EX_MAIN("7.1",
    { "the heavy ball", "eq:momentum-sum", ball },
    { "Nesterov's rule", "eq:nesterov", nesterov },
    { "after a thousand steps", "eq:momentum-sum", end })
