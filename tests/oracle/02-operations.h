/*
 * Runs a case of 02-autodiff.h on the tape, in the precision of real.
 * Include after tap.h, tape.h and 02-autodiff.h.
 */
enum { ORACLES = sizeof oracle / sizeof oracle[0], VALUES_MAX = 130 };

/* Operations with arguments of their own. */
static var moved_reshape(struct tape *t, var x, var y,
                         const struct oracle *c)
{
    (void)y;
    return tape_reshape(t, x, c->z_rank, c->z_shape);
}

static var moved_slice(struct tape *t, var x, var y,
                       const struct oracle *c)
{
    (void)y;
    return tape_slice(t, x, c->axis, c->arg[0], c->arg[1],
                      (size_t)c->arg[2]);
}

static var moved_permute(struct tape *t, var x, var y,
                         const struct oracle *c)
{
    (void)y;
    return tape_permute(t, x, c->arg);
}

static var moved_gather(struct tape *t, var x, var y,
                        const struct oracle *c)
{
    (void)y;
    return tape_gather(t, x, c->z_shape[0], c->arg);
}

static var moved_cat(struct tape *t, var x, var y, const struct oracle *c)
{
    return tape_cat(t, VARS(x, y), c->axis);
}

/* What an operation of one or two operands is called, and its equation. */
static const struct operation {
    const char *op, *equation;
    var (*unary)(struct tape *t, var x);
    var (*with)(struct tape *t, var x, double c);
    var (*binary)(struct tape *t, var x, var y);
    var (*fold)(struct tape *t, var x, int axis);
    var (*moved)(struct tape *t, var x, var y, const struct oracle *c);
} operation[] = {
    { .op = "add", "eq:rule-arithmetic", .binary = tape_add },
    { .op = "sub", "eq:rule-arithmetic", .binary = tape_sub },
    { .op = "mul", "eq:rule-arithmetic", .binary = tape_mul },
    { .op = "div", "eq:rule-arithmetic", .binary = tape_div },
    { .op = "matmul", "eq:rule-matmul", .binary = tape_matmul },
    { .op = "bmm", "eq:rule-batch", .binary = tape_matmul },
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
    { .op = "max", "eq:rule-max", .fold = tape_max },
    { .op = "reshape", "eq:rule-move", .moved = moved_reshape },
    { .op = "slice", "eq:rule-move", .moved = moved_slice },
    { .op = "permute", "eq:rule-move", .moved = moved_permute },
    { .op = "gather", "eq:rule-gather", .moved = moved_gather },
    { .op = "cat", "eq:rule-move", .moved = moved_cat },
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
           : o->moved != NULL ? o->moved(t, x, y, c)
           : tape_cross_entropy(t, x, oracle_label);
}

/* An operand in the precision of real. */
static tensor operand_from(struct arena *a, const double *x, int rank,
                           const size_t shape[])
{
    tensor t = tensor_empty(a, rank, shape);
    const size_t n = tensor_len(t);
    for (size_t i = 0; i < n; i++)
        t.data[i] = (real)x[i];
    return t;
}

/* How an operand is stored: as it is read, its axes reversed, or both
   reversed and two elements apart. */
enum { PLAIN, REVERSED, APART };
static const char *const stored[] = { "", ", reversed", ", apart" };

static tensor operand_stored(struct arena *a, tensor x, int how)
{
    size_t shape[RANK_MAX] = { 0 };
    if (how == PLAIN || x.rank == 0)
        return x;
    for (int d = 0; d < x.rank; d++)
        shape[d] = x.shape[x.rank - 1 - d];
    shape[x.rank - 1] *= how == APART ? 2 : 1;
    tensor t = tensor_empty(a, x.rank, shape);
    t = tensor_slice(t, x.rank - 1, 0, END, how == APART ? 2 : 1);
    for (int d = 0; d < x.rank / 2; d++)
        t = tensor_swap(t, d, x.rank - 1 - d);
    tensor_copy(t, x);
    return t;
}

static size_t tensor_numbers(tensor t, double out[])
{
    const size_t lanes = tensor_lanes(t), len = lane_len(t);
    size_t n = 0;
    for (size_t i = 0; i < lanes; i++)
        for (size_t e = 0; e < len; e++)
            out[n++] = (double)tensor_lane(t, i)[e * lane_step(t)];
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
    if (n == 0) {
        ok(true, "%s: nothing, of the right shape", title);
        return;
    }
    for (size_t i = 0; i < n; i++)
        numbers[i] -= base;
    ok_all_close(n, numbers, want, tolerance, tolerance, "%s", title);
}

/* Value, dx and dy of one case; `how` operands and their gradients lie. */
static void operation_test(struct arena *a, struct tape *t,
                           const struct oracle *c, int how,
                           double tolerance)
{
    const struct operation *o = operation_of(c);
    char title[500], end[300];
    tensor x = operand_from(a, c->x, c->x_rank, c->x_shape), y = x;
    tensor dx = tensor_full(a, (real)before, x.rank, x.shape), dy = dx;
    if (c->y != NULL) {
        y = operand_from(a, c->y, c->y_rank, c->y_shape);
        dy = tensor_full(a, (real)before, y.rank, y.shape);
    }
    x = operand_stored(a, x, how), y = operand_stored(a, y, how);
    dx = operand_stored(a, dx, how), dy = operand_stored(a, dy, how);
    const tensor seed_z = operand_from(a, c->seed, c->z_rank, c->z_shape);
    const struct text xs = shape_text(x.rank, x.shape);
    const struct text ys = shape_text(c->y_rank, c->y_shape);
    snprintf(end, sizeof end, "%s %s%s%s", c->op, xs.s,
             c->y != NULL ? ys.s : "", stored[how]);
    tape_reset(t);
    const var p = tape_parameter(t, x, dx);
    const var q = c->y != NULL ? tape_parameter(t, y, dy) : p;
    const var z = operation_apply(t, c, p, q);
    snprintf(title, sizeof title, "[%s] %s", o->equation, end);
    tensor_ok(tape_value(t, z), 0, c->z, c->z_rank, c->z_shape, tolerance,
              title);
    tape_backward_from(t, z, seed_z);
    snprintf(title, sizeof title, "[%s] [eq:vjp] %s: dx", o->equation, end);
    tensor_ok(dx, before, c->dx, c->x_rank, c->x_shape, tolerance, title);
    if (c->y == NULL)
        return;
    const bool fewer = tensor_len(y) < tensor_len(seed_z);
    snprintf(title, sizeof title, "[%s] %s: dy",
             strcmp(o->equation, "eq:rule-arithmetic") != 0 ? o->equation
             : fewer ? "eq:rule-broadcast" : "eq:rule-elementwise", end);
    tensor_ok(dy, before, c->dy, c->y_rank, c->y_shape, tolerance, title);
}
