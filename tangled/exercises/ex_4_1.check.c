#include "exercise.h"
#define REAL double
#include "glm.h"

double probability_after(double p, double theta, double change);

static const double theta[4] = { -0.85, 1.3, -2.15, 0.4 };

static double model(const double x[4])
{
    double z = 0;
    for (int j = 0; j < 4; j++)
        z += x[j] * theta[j];
    return 1 / (1 + exp(-z));
}

static void whole_model(void)
{
    for (int j = 1; j < 4; j++)
        for (double change = -1.7; change < 2; change += 1.15) {
            double x[4] = { 1, 0.35, -0.6, 1.45 };
            const double p = model(x);
            x[j] += change;
            ex_case("p = %.4f, theta = %g, change = %g", p, theta[j],
                    change);
            ex_close_to("the new probability",
                        probability_after(p, theta[j], change), model(x),
                        0.0, 1e-12);
        }
}

static void odds(void)
{
    ex_case("p = 0.25 (odds of 1 to 3), theta = log 2, change = 3");
    ex_close_to("the new probability",
                probability_after(0.25, log(2), 3), 8.0 / 11, 0.0, 1e-13);
    ex_case("p = 0.9 (odds of 9 to 1), theta = log 3, change = -2");
    ex_close_to("the new probability",
                probability_after(0.9, log(3), -2), 0.5, 0.0, 1e-13);
}

static void far_out(void)
{
    ex_case("p = 0.3, theta = 20, change = 50");
    ex_close_to("the new probability", probability_after(0.3, 20, 50), 1,
                0.0, 1e-15);
    ex_case("p = 0.3, theta = 20, change = -50");
    ex_close_to("the new probability", probability_after(0.3, 20, -50), 0,
                1e-300, 0.0);
    ex_case("p = 1e-200, theta = 2.5, change = 4");
    ex_close_to("the new probability", probability_after(1e-200, 2.5, 4),
                1e-200 * exp(10), 0.0, 1e-11);
    ex_case("p = 1, theta = -5, change = 400");
    ex_close_to("the new probability", probability_after(1, -5, 400), 1,
                0.0, 0.0);
    ex_case("p = 0, theta = 5, change = 400");
    ex_close_to("the new probability", probability_after(0, 5, 400), 0,
                0.0, 0.0);
}

EX_MAIN("4.1",
    { "the same as the whole model", "eq:logistic", whole_model },
    { "odds with a pencil", "eq:logistic", odds },
    { "far out, and at 0 and 1", "eq:logistic", far_out })
