#include "exercise.h"

/*
 * The rate of epoch n, from the values v[0 .. n-1] of those before it.
 *   patience P >= 1 epochs, least improvement    eq:early-stopping
 */
double plateau_rate(double rate, double factor, size_t patience,
                    double least, size_t n, const double v[])
{
    double best = INFINITY;
    size_t waited = 0;
    for (size_t e = 0; e < n; e++)
        if (v[e] < best - least)
            best = v[e], waited = 0;
        else if (++waited == patience)
            rate *= factor, waited = 0;
    return rate;
}
