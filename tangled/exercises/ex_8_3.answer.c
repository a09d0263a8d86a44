#include "exercise.h"
#define REAL double
#include "tensor.h"

/* The mean F1 of the classes; C (K,K) holds counts.      eq:confusion */
double macro_f1(tensor C)
{
    double sum = 0;
    size_t classes = 0;
    for (size_t k = 0; k < C.shape[0]; k++) {
        double both = 0;
        for (size_t j = 0; j < C.shape[0]; j++)
            both += AT(C, k, j) + AT(C, j, k);
        if (both > 0)
            sum += 2 * AT(C, k, k) / both, classes++;
    }
    return sum / (double)classes;
}
