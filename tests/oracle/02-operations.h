/*
 * Runs a case of 02-autodiff.h on the tape, in the precision of real.
 * Include after tap.h, tape.h and 02-autodiff.h.
 */
enum { ORACLES = sizeof oracle / sizeof oracle[0], VALUES_MAX = 60 };

/* What an operation of one or two operands is called, and its equation. */
static const struct operation {
    const char *op, *equation;
    var (*unary)(struct tape *t, var x);
    var (*with)(struct tape *t, var x, double c);
    var (*binary)(struct tape *t, var x, var y);
    var (*fold)(struct tape *t, var x, int axis);
} operation[] = {
    { .op = "add", "eq:rule-arithmetic", .binary = tape_add },
    { .op = "sub", "eq:rule-arithmetic", .binary = tape_sub },
    { .op = "mul", "eq:rule-arithmetic", .binary = tape_mul },
    { .op = "div", "eq:rule-arithmetic", .binary = tape_div },
    { .op = "matmul", "eq:rule-matmul", .binary = tape_matmul },
    { .op = "neg", "eq:rule-powers", .unary = tape_neg },
    { .op = "scale", "eq:rule-powers", .with = tape_scale },
    { .op = "shift", "eq:rule-powers", .with = tape_shift },
    { .op = "square", "eq:rule-powers", .unary = tape_square },
    { .op = "power", "eq:rule-powers", .with = tape_power },
    { .op = "exp", "eq:rule-powers", .unary = tape_exp },
    { .op = "log", "eq:rule-powers", .unary = tape_log },
    { .op = "abs", "eq:rule-powers", .unary = tape_abs },
    { .op = "sigmoid", "eq:rule-sigmoid", .unary = tape_sigmoid },
    { .op = "tanh", "eq:rule-tanh", .unary = tape_tanh },
    { .op = "softplus", "eq:rule-tanh", .unary = tape_softplus },
    { .op = "relu", "eq:rule-relu", .unary = tape_relu },
    { .op = "leaky_relu", "eq:rule-relu", .with = tape_leaky_relu },
    { .op = "elu", "eq:rule-relu", .with = tape_elu },
    { .op = "selu", "eq:rule-relu", .unary = tape_selu },
    { .op = "sum", "eq:rule-sum", .fold = tape_sum },
    { .op = "mean", "eq:rule-sum", .fold = tape_mean },
    { .op = "transpose", "eq:rule-transpose", .unary = tape_transpose },
    { .op = "logsumexp", "eq:rule-logsumexp", .unary = tape_logsumexp },
    { .op = "cross_entropy", "eq:rule-cross-entropy" },
};
enum { OPERATIONS = sizeof operation / sizeof operation[0] };

static const struct operation *operation_of(const struct oracle *c)
{
    for (size_t i = 0; i < OPERATIONS; i++)
        if (strcmp(operation[i].op, c->op) == 0)
            return &operation[i];
    PANIC("no operation %s", c->op);
}

/* z = op(x, y) */
static var operation_apply(struct tape *t, const struct oracle *c, var x,
                           var y)
{
    const struct operation *o = operation_of(c);
    return o->unary != NULL ? o->unary(t, x)
           : o->with != NULL ? o->with(t, x, c->c)
           : o->binary != NULL ? o->binary(t, x, y)
           : o->fold != NULL ? o->fold(t, x, c->axis)
           : tape_cross_entropy(t, x, oracle_label);
}

/* An operand in the precision of real. */
static tensor operand_from(struct arena *a, const double *x, int rank,
                           const size_t shape[])
{
    tensor t = tensor_empty(a, rank, shape);
    for (size_t i = 0; i < tensor_len(t); i++)
        t.data[i] = (real)x[i];
    return t;
}

/* The same operand, stored transposed: a view that is not contiguous. */
static tensor operand_reversed(struct arena *a, tensor x)
{
    size_t shape[RANK_MAX] = { 0 };
    for (int d = 0; d < x.rank; d++)
        shape[d] = x.shape[x.rank - 1 - d];
    tensor t = tensor_empty(a, x.rank, shape);
    for (int d = 0; d < x.rank / 2; d++)
        t = tensor_swap(t, d, x.rank - 1 - d);
    tensor_copy(t, x);
    return t;
}

static size_t tensor_numbers(tensor t, double out[])
{
    size_t n = 0;
    t = tensor_widen(t);
    FOR_LANES(t, i, j, k)
        for (size_t e = 0; e < t.shape[3]; e++)
            out[n++] = (double)tensor_lane(t, i, j, k)[e * t.stride[3]];
    return n;
}

/* What stands in a gradient before the sweep, which must add to it. */
static const double before = 0.375;

/* Compare a tensor less `base` with numbers, its shape with a shape. */
static void tensor_ok(tensor got, double base, const double *want, int rank,
                      const size_t shape[], double tolerance,
                      const char *title)
{
    double numbers[VALUES_MAX];
    const struct text expected = shape_text(rank, shape);
    if (strcmp(TENSOR_SHAPE(got), expected.s) != 0) {
        ok_text(TENSOR_SHAPE(got), expected.s, "%s: shape", title);
        return;
    }
    const size_t n = tensor_numbers(got, numbers);
    for (size_t i = 0; i < n; i++)
        numbers[i] -= base;
    ok_all_close(n, numbers, want, tolerance, tolerance, "%s", title);
}

/* Value, dx and dy of one case; views: operands are not contiguous. */
static void operation_test(struct arena *a, struct tape *t,
                           const struct oracle *c, bool views,
                           double tolerance)
{
    const char *equation = operation_of(c)->equation;
    char title[500];
    tensor x = operand_from(a, c->x, c->x_rank, c->x_shape), y = x;
    tensor dx = tensor_full(a, (real)before, x.rank, x.shape), dy = dx;
    if (c->y != NULL) {
        y = operand_from(a, c->y, c->y_rank, c->y_shape);
        dy = tensor_full(a, (real)before, y.rank, y.shape);
    }
    if (views)
        x = operand_reversed(a, x), y = operand_reversed(a, y);
    const tensor seed_z = operand_from(a, c->seed, c->z_rank, c->z_shape);
    const struct text xs = shape_text(x.rank, x.shape);
    const struct text ys = shape_text(c->y_rank, c->y_shape);
    tape_reset(t);
    const var p = tape_parameter(t, x, dx);
    const var q = c->y != NULL ? tape_parameter(t, y, dy) : p;
    const var z = operation_apply(t, c, p, q);
    snprintf(title, sizeof title, "[%s] %s %s%s%s", equation, c->op, xs.s,
             c->y != NULL ? ys.s : "", views ? ", views" : "");
    tensor_ok(tape_value(t, z), 0, c->z, c->z_rank, c->z_shape, tolerance,
              title);
    tape_backward_from(t, z, seed_z);
    snprintf(title, sizeof title, "[%s] [eq:vjp] %s %s%s%s: dx", equation,
             c->op, xs.s, c->y != NULL ? ys.s : "", views ? ", views" : "");
    tensor_ok(dx, before, c->dx, c->x_rank, c->x_shape, tolerance, title);
    if (c->y == NULL)
        return;
    snprintf(title, sizeof title, "[%s] [eq:rule-%s] %s %s%s%s: dy",
             equation, tensor_len(y) < tensor_len(seed_z) ? "broadcast"
                                                        : "elementwise",
             c->op, xs.s, ys.s, views ? ", views" : "");
    if (strcmp(c->op, "matmul") == 0)
        snprintf(title, sizeof title, "[%s] matmul %s%s%s: dB", equation,
                 xs.s, ys.s, views ? ", views" : "");
    tensor_ok(dy, before, c->dy, c->y_rank, c->y_shape, tolerance, title);
}
