#include "exercise.h"

/*
 * The first epoch e = 1, 2, ... whose rate is below share times the first.
 *   eq:rate-exponential, or eq:rate-compound if compounded
 *   0 < gamma < 1, 0 < share < 1
 */
size_t epochs_until(double gamma, double share, bool compounded)
{
    const double x = log(share) / log(gamma);
    const double e = compounded ? (sqrt(1 + 8 * x) - 1) / 2 : x;
    return (size_t)floor(e) + 1;
}
