#include "exercise.h"
#define REAL double
#include "tape.h"

/* dx_j += sum of dz_i over all i that x_j takes part in.        eq:vjp */
void running_sum_rule(struct tape *t, const struct node *z)
{
    const struct node *x = tape_node(t, z->x);
    real sum = 0;
    for (size_t j = z->value.shape[0]; j-- > 0; ) {
        sum += AT(z->gradient, j);
        AT(x->gradient, j) += sum;
    }
}

/* z_i = x_0 + ... + x_i, for a vector x (n). */
var running_sum(struct tape *t, var x)
{
    const tensor z = tensor_clone(&t->arena, tape_value(t, x));
    for (size_t i = 1; i < z.shape[0]; i++)
        AT(z, i) += AT(z, i - 1);
    return tape_push(t, node_new("running sum", running_sum_rule, x, NO_VAR,
                                 z));
}
