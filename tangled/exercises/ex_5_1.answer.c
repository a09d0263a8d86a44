#include "exercise.h"

/*
 * The mean loss, in nats, of the model with W = 0 and b_k = log count[k]
 * on images of which count[k] have the label k.          eq:softmax-nll
 */
double frequency_loss(size_t K, const size_t count[])
{
    double n = 0, loss = 0;
    for (size_t k = 0; k < K; k++)
        n += (double)count[k];
    for (size_t k = 0; k < K; k++)
        if (count[k] > 0)
            loss -= (double)count[k] / n * log((double)count[k] / n);
    return loss;
}
