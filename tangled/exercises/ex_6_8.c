#include "exercise.h"
#define REAL double
#include "softmax.h"

/* W1 (I,H), b1 (1,H), W2 (H,I), and their gradients. */
struct bypass {
    tensor W1, b1, W2;
    tensor dW1, db1, dW2;
};

/*
 * The way down through Y = X + A W2, A = relu(X W1 + 1 b1).
 *   X, dY, dX (B,I), A (B,H)  eq:dense-gradient, eq:activation-gradient
 * dX and the gradients in *p are overwritten.
 */
void bypass_backward(struct arena *a, struct bypass *p, tensor X, tensor A,
                     tensor dY, tensor dX)
{
    EX_TODO();
}
