#include "exercise.h"

/* Step number t of n parameters; memory[4 n], zeros before step 1. */
typedef void step_rule(size_t n, double theta[], const double g[],
                       double memory[], size_t t);

/* Does the walk stay the same for gradients times c > 0?  eq:adam-scale */
bool forgets_unit(step_rule *rule)
{
    EX_TODO();
}
