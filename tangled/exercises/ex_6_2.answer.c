#include "exercise.h"

/*
 * The half width r of uniform weights that keep the variance from layer to
 * layer when the activation is z > 0 ? z : epsilon z.            eq:he
 */
double leaky_half_width(double epsilon, size_t inputs)
{
    return sqrt(6 / ((1 + epsilon * epsilon) * (double)inputs));
}
