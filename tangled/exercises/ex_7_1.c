#include "exercise.h"

/*
 * theta_0 - theta_t after the gradients 1, 0, 0, ..., 0 (t >= 1 of them).
 *   ahead: by eq:nesterov, else by eq:momentum;  0 <= beta < 1
 */
double push_distance(double rate, double beta, size_t t, bool ahead)
{
    EX_TODO();
}
