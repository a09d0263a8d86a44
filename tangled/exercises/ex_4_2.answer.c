#include "exercise.h"

/* The z with log(1 + e^z) = s, for every s > 0.           eq:softplus */
double softplus_inverse(double s)
{
    return s + log(-expm1(-s));
}
