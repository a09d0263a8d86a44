#include "exercise.h"
#define REAL double
#include "dual.h"

/* c[0] + c[1] x + ... + c[n-1] x^(n-1), by Horner's rule.       eq:dual */
dual horner_dual(size_t n, const double c[], dual x)
{
    EX_TODO();
}
