#include "exercise.h"
#define REAL double
#include "dual.h"

/* c[0] + c[1] x + ... + c[n-1] x^(n-1), by Horner's rule.       eq:dual */
dual horner_dual(size_t n, const double c[], dual x)
{
    dual p = dual_constant(0);
    for (size_t k = n; k-- > 0; )
        p = dual_add(dual_mul(p, x), dual_constant(c[k]));
    return p;
}
