#include "exercise.h"
#define REAL double
#include "tensor.h"

/*
 * RMSProp that remembers m + n numbers for m n parameters.  eq:rmsprop
 *   W (m,n) is changed; G (m,n) the gradient; r[m], c[n] are changed
 */
void margin_step(tensor W, tensor G, double r[], double c[], double rate,
                 double beta2, double epsilon)
{
    EX_TODO();
}
