#include "exercise.h"
#include <gsl/gsl_complex_math.h>
#include <gsl/gsl_eigen.h>

double ball_rate(double rate, double beta, double low, double high);

/* The larger eigenvalue of the ball's matrix, by GSL. */
static double largest(double rate, double beta, double lambda)
{
    double A[4] = { 1 + beta - rate * lambda, -beta, 1, 0 };
    gsl_matrix_view view = gsl_matrix_view_array(A, 2, 2);
    gsl_vector_complex *r = gsl_vector_complex_alloc(2);
    gsl_eigen_nonsymm_workspace *w = gsl_eigen_nonsymm_alloc(2);
    gsl_eigen_nonsymm(&view.matrix, r, w);
    const double size = fmax(gsl_complex_abs(gsl_vector_complex_get(r, 0)),
                             gsl_complex_abs(gsl_vector_complex_get(r, 1)));
    gsl_eigen_nonsymm_free(w);
    gsl_vector_complex_free(r);
    return size;
}

/* The worst of 51 eigenvalues from low to high. */
static void compare(double rate, double beta, double low, double high)
{
    double worst = 0;
    for (int i = 0; i <= 50; i++)
        worst = fmax(worst, largest(rate, beta,
                                    low + (high - low) * i / 50));
    ex_case("rate = %g, beta = %g, eigenvalues %g to %g", rate, beta, low,
            high);
    ex_close_to("the factor", ball_rate(rate, beta, low, high), worst, 0.0,
                1e-7);
}

static void slow_floor(void)
{
    compare(0.02, 0.5, 0.3, 41);
    compare(0.001, 0.9, 1.7, 25);
    compare(0.03, 0, 0.9, 31);
}

static void inside(void)
{
    compare(0.04, 0.81, 1.1, 43);
    compare(0.3, 0.64, 0.2, 3.7);
}

static void jumping(void)
{
    compare(0.1475, 0.7, 0.5, 23);
    compare(0.29, 0.2, 1.3, 9.1);
    compare(0.06, 0, 0.9, 31);
}

/* The best constants, and the edge behind which the ball flies off. */
static void known(void)
{
    static const double kappa[] = { 25, 7.3, 1e4 };
    for (size_t i = 0; i < 3; i++) {
        const double k = sqrt(kappa[i]), best = (k - 1) / (k + 1);
        ex_case("the best constants for eigenvalues 2 to %g", 2 * kappa[i]);
        ex_close_to("the factor",
                    ball_rate(4 / (2 * (1 + k) * (1 + k)), best * best, 2,
                              2 * kappa[i]), best, 0.0, 1e-6);
        ex_case("beta = 0.35, at the edge for eigenvalues 2 to %g",
                2 * kappa[i]);
        ex_close_to("the factor",
                    ball_rate(2 * 1.35 / (2 * kappa[i]), 0.35, 2,
                              2 * kappa[i]), 1, 0.0, 1e-12);
    }
    ex_case("four times as fast as the edge");
    ex_close_to("the factor", ball_rate(8, 0, 0.2, 1), 7, 0.0, 1e-12);
}

EX_MAIN("7.2",
    { "a ball that crawls along the floor", "eq:momentum-matrix",
      slow_floor },
    { "all eigenvalues in the window", "eq:momentum-complex", inside },
    { "a ball that jumps", "eq:momentum-matrix", jumping },
    { "settings that you know", "eq:momentum-best", known })
