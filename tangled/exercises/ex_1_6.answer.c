#include "exercise.h"

/* What was kept of n numbers; for n = 1 the deviation is NaN. */
struct sample {
    size_t n;
    double mean, deviation;
};

/* The standard deviation of two samples together; n >= 1.        eq:std */
double joined_deviation(struct sample x, struct sample y)
{
    const double m = (double)x.n, n = (double)y.n, gap = x.mean - y.mean;
    double squares = gap * gap * m * n / (m + n);
    if (x.n > 1)
        squares += (m - 1) * x.deviation * x.deviation;
    if (y.n > 1)
        squares += (n - 1) * y.deviation * y.deviation;
    return sqrt(squares / (m + n - 1));
#if 0
    const double m = (double)x.n - 1, n = (double)y.n - 1;
    return sqrt((m * x.deviation * x.deviation
                 + n * y.deviation * y.deviation) / (m + n));
#endif
}
