#include "exercise.h"

/*
 * The family of counts from 1 on, with b(y) = 1/y!.
 * Returns A(eta); *mean = A'(eta), *variance = A''(eta).
 *                          eq:exponential-family, eq:family-moments
 */
double counts_from_one(double eta, double *mean, double *variance)
{
    const double mu = exp(eta), part = -expm1(-mu);     /* 1 - e^-mu */
    *mean = mu / part;
    *variance = *mean * (1 - *mean * exp(-mu));
    return mu + log(part);
}
