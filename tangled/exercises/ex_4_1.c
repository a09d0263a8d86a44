#include "exercise.h"
#define REAL double
#include "glm.h"

/*
 * The probability of a sample that had p, when a feature with the
 * parameter theta has risen by change.                   eq:logistic
 */
double probability_after(double p, double theta, double change)
{
    EX_TODO();
}
