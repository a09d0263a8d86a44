#include "exercise.h"

/*
 * p = softmax(z / temperature), or its limit, for K logits.  eq:softmax
 *   temperature >= 0, INFINITY included;  p[K] may be z
 */
void tempered_softmax(size_t K, const double z[], double temperature,
                      double p[])
{
    EX_TODO();
}
