#!/usr/bin/env python3
"""Values and gradients of every operation of the tape, by PyTorch.

    /usr/bin/python3 tests/oracle/02-autodiff.py > tests/oracle/02-autodiff.h

Each case: operands x and y, a random seed s of the shape of z = op(x, y),
and what PyTorch finds for z, for s^T dz/dx and for s^T dz/dy.
"""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
rng = torch.Generator().manual_seed(2)
arrays, cases = [], []


def uniform(low, high, *shape):
    return low + (high - low) * torch.rand(shape, generator=rng)


def array(name, t):
    if t is None:
        return "NULL"
    numbers = [repr(v) for v in t.detach().reshape(-1).tolist()] or ["0"]
    lines = [", ".join(numbers[i:i + 3]) for i in range(0, len(numbers), 3)]
    arrays.append("static const double %s[] = {\n    %s\n};"
                  % (name, ",\n    ".join(lines)))
    return name


def shape(t):
    if t is None:
        return "0, { 0 }"
    return "%d, { %s }" % (t.dim(), ", ".join(map(str, t.shape)) or "0")


def case(op, f, x, y=None, c=0.0, axis=-1, arg=(0,)):
    x = x.clone().requires_grad_(True)
    operands = [x]
    if y is not None:
        y = y.clone().requires_grad_(True)
        operands.append(y)
    z = f(*operands)
    s = uniform(-2, 2, *z.shape)
    z.backward(s)
    n = "c%d_" % len(cases)
    cases.append('{ "%s", %r, %d, { %s },\n'
                 '      %s, %s, %s,\n      %s, %s, %s, %s, %s, %s }'
                 % (op, c, axis, ", ".join(map(str, arg)), shape(x),
                    shape(y), shape(z),
                    array(n + "x", x), array(n + "y", y), array(n + "s", s),
                    array(n + "z", z), array(n + "dx", x.grad),
                    array(n + "dy", None if y is None else y.grad)))


pairs = {"add": torch.add, "sub": torch.sub, "mul": torch.mul,
         "div": torch.div}
for op, f in pairs.items():
    case(op, f, uniform(-2, 2, 2, 3, 5), uniform(0.4, 2, 2, 3, 5))
    case(op, f, uniform(-2, 2, 2, 3, 5), uniform(0.4, 2, 5))
    case(op, f, uniform(-2, 2, 3, 1), uniform(0.4, 2, 2, 1, 5))
    case(op, f, uniform(-2, 2), uniform(0.4, 2, 3, 2))

x = uniform(-2.4, 2.4, 3, 5)
positive = uniform(0.3, 2.4, 3, 5)
case("neg", torch.neg, x)
case("scale", lambda x: -1.37 * x, x, c=-1.37)
case("shift", lambda x: x + 0.83, x, c=0.83)
case("square", torch.square, x)
case("power", lambda x: x ** 2.5, positive, c=2.5)
case("power", lambda x: x ** -1.5, positive, c=-1.5)
case("power", lambda x: x ** 3, x, c=3.0)
case("exp", torch.exp, x)
case("log", torch.log, positive)
case("abs", torch.abs, x)
case("sigmoid", torch.sigmoid, x)
case("sigmoid", torch.sigmoid, torch.tensor([-800.0, -40, -3, 5, 36]))
case("tanh", torch.tanh, x)
case("softplus", lambda x: F.softplus(x, threshold=1e9), x)
case("softplus", lambda x: F.softplus(x, threshold=30),
     torch.tensor([-800.0, -40, -3, 5, 900]))
case("relu", F.relu, x)
case("leaky_relu", lambda x: F.leaky_relu(x, 0.13), x, c=0.13)
case("elu", lambda x: F.elu(x, 0.77), x, c=0.77)
case("selu", F.selu, x)
case("relu", F.relu, torch.tensor([-1.5, 0.0, 2.5]))

cube = uniform(-2, 2, 2, 3, 5)
for axis in (-1, 0, 1, 2):
    if axis < 0:
        case("sum", lambda x: x.sum(), cube)
        case("mean", lambda x: x.mean(), cube)
    else:
        case("sum", lambda x: x.sum(axis), cube, axis=axis)
        case("mean", lambda x: x.mean(axis), cube, axis=axis)

case("matmul", torch.matmul, uniform(-2, 2, 2, 3), uniform(-2, 2, 3, 5))
case("matmul", torch.matmul, uniform(-2, 2, 1, 3), uniform(-2, 2, 3, 1))
case("transpose", lambda x: x.t(), uniform(-2, 2, 3, 5))
case("logsumexp", lambda x: torch.logsumexp(x, 1), uniform(-3, 3, 3, 5))
case("logsumexp", lambda x: torch.logsumexp(x, 1),
     torch.tensor([[1000.0, 1001, 999], [-2000, -2000.5, -2003]]))
labels = [4, 0, 2, 2]
target = torch.tensor(labels)
case("cross_entropy", lambda x: F.cross_entropy(x, target),
     uniform(-3, 3, 4, 5))
case("cross_entropy", lambda x: F.cross_entropy(x, target),
     400 * uniform(-3, 3, 4, 5))

# Lanes longer than the sixteen sums, in one cell or each in its own.
case("mul", torch.mul, uniform(-2, 2, 3, 1), uniform(0.4, 2, 3, 37))
case("div", torch.div, uniform(-2, 2), uniform(0.4, 2, 41))
case("div", torch.div, uniform(-2, 2, 2, 33), uniform(0.4, 2, 1, 1))

# Six axes, stretched in turn; some of them can be joined, some cannot.
six = uniform(-2, 2, 2, 1, 2, 2, 1, 3)
case("mul", torch.mul, six, uniform(0.4, 2, 1, 2, 2, 1, 2, 3))
case("sub", torch.sub, six, uniform(-2, 2, 2, 1, 1, 1, 1, 1))
case("add", torch.add, six, uniform(-2, 2, 2, 1, 1, 3))
case("tanh", torch.tanh, six)
for axis in (0, 3, 5):
    case("sum", lambda x: x.sum(axis), six, axis=axis)
    case("mean", lambda x: x.mean(axis), six, axis=axis)
    case("max", lambda x: x.max(axis).values, six, axis=axis)
case("max", lambda x: x.max(), six)
case("max", lambda x: x.max(1).values, uniform(-2, 2, 3, 1), axis=1)
case("logsumexp", lambda x: torch.logsumexp(x, -1), six)
case("logsumexp", lambda x: torch.logsumexp(x, -1), uniform(-2, 2, 4))

# What only moves.
case("reshape", lambda x: x.reshape(4, 2, 3), six)
case("reshape", lambda x: x.reshape(24), six)
case("reshape", lambda x: x.reshape(()), uniform(-2, 2, 1, 1))
case("reshape", lambda x: x.reshape(3, 0), uniform(-2, 2, 0, 5, 1))


def cut(x, axis, start, stop, step):
    at = [slice(None)] * x.dim()
    at[axis] = slice(start, stop, step)
    case("slice", lambda x: x[tuple(at)], x, axis=axis,
         arg=(start, stop, step))


cut(uniform(-2, 2, 3, 7), 1, 1, 6, 2)
cut(uniform(-2, 2, 7), 0, -4, -1, 1)
cut(six, 5, 0, 3, 2)
cut(six, 2, 1, 2, 1)
cut(uniform(-2, 2, 2, 3), 0, 1, 1, 1)
case("permute", lambda x: x.permute(5, 3, 1, 0, 4, 2), six,
     arg=(5, 3, 1, 0, 4, 2))
case("permute", lambda x: x.permute(1, 2, 0), uniform(-2, 2, 2, 3, 4),
     arg=(1, 2, 0))
case("permute", lambda x: x.permute(0), uniform(-2, 2, 3), arg=(0,))
case("permute", lambda x: x.permute(()), uniform(-2, 2))
case("permute", lambda x: x.permute(1, 0), uniform(-2, 2, 0, 3), arg=(1, 0))
case("transpose", lambda x: x.transpose(-1, -2), six)
rows = torch.tensor([3, 0, 3, 1, 3])
case("gather", lambda x: x[rows], uniform(-2, 2, 4, 3), arg=rows.tolist())
case("gather", lambda x: x[rows], uniform(-2, 2, 4), arg=rows.tolist())
case("gather", lambda x: x[rows], uniform(-2, 2, 4, 2, 1, 1, 1, 2),
     arg=rows.tolist())
case("gather", lambda x: x[rows[:0]], uniform(-2, 2, 4, 3))
for axis in (0, 1, 2):
    sizes = [2, 3, 2]
    sizes[axis] = 4
    case("cat", lambda x, y: torch.cat((x, y), axis),
         uniform(-2, 2, 2, 3, 2), uniform(-2, 2, *sizes), axis=axis)
case("cat", lambda x, y: torch.cat((x, y), 5), six,
     uniform(-2, 2, 2, 1, 2, 2, 1, 1), axis=5)
case("cat", lambda x, y: torch.cat((x, y), 0), uniform(-2, 2, 0, 3),
     uniform(-2, 2, 2, 3), axis=0)

# Piles of matrices.
case("bmm", torch.matmul, uniform(-2, 2, 3, 2, 4), uniform(-2, 2, 3, 4, 2))
case("bmm", torch.matmul, uniform(-2, 2, 2, 1, 2, 1, 2, 3),
     uniform(-2, 2, 2, 1, 2, 1, 3, 2))
case("bmm", torch.matmul, uniform(-2, 2, 2, 3, 1), uniform(-2, 2, 2, 1, 1))
case("bmm", torch.matmul, uniform(-2, 2, 0, 3, 2), uniform(-2, 2, 0, 2, 3))
case("matmul", torch.matmul, uniform(-2, 2, 3, 0), uniform(-2, 2, 0, 2))
case("matmul", torch.matmul, uniform(-2, 2, 0, 3), uniform(-2, 2, 3, 2))

# Nothing at all.
case("add", torch.add, uniform(-2, 2, 0, 3), uniform(-2, 2, 3))
case("exp", torch.exp, uniform(-2, 2, 2, 0))
case("sum", lambda x: x.sum(0), uniform(-2, 2, 0, 3), axis=0)
case("sum", lambda x: x.sum(1), uniform(-2, 2, 0, 3), axis=1)

print("/* Made by tests/oracle/02-autodiff.py with PyTorch %s; do not edit. */"
      % torch.__version__)
print("\n".join(arrays))
print("static const int oracle_label[] = { %s };"
      % ", ".join(map(str, labels)))
print("""static const struct oracle {
    const char *op;
    double c;
    int axis, arg[6];
    int x_rank; size_t x_shape[6];
    int y_rank; size_t y_shape[6];
    int z_rank; size_t z_shape[6];
    const double *x, *y, *seed, *z, *dx, *dy;
} oracle[] = {
    %s
};""" % ",\n    ".join(cases))

# A Hessian times a vector, of a function of three numbers.
p = torch.tensor([0.73, -1.21, 1.87], requires_grad=True)
v = torch.tensor([1.3, -0.4, 2.2])


def mixed(p):
    return (torch.exp(p[0] * p[1]) / p[2] + torch.sin(p[1]) * torch.log(p[2])
            + torch.sigmoid(p[0] - p[2]) * p[2] ** 1.5)


value = mixed(p)
gradient, = torch.autograd.grad(value, p, create_graph=True)
hv, = torch.autograd.grad(gradient @ v, p)
print("/* exp(xy)/z + sin(y) log(z) + sigmoid(x-z) z^1.5 */")
for name, t in (("point", p), ("direction", v), ("gradient", gradient),
                ("product", hv)):
    arrays.clear()
    array("oracle_" + name, t)
    print(arrays[0])
print("static const double oracle_mixed = %r;" % value.item())

# The functions of dual numbers, at 1.37, with x.b = -0.6.
q = torch.tensor(1.37, requires_grad=True)
names = {"exp": torch.exp, "log": torch.log, "sin": torch.sin,
         "cos": torch.cos, "sqrt": torch.sqrt, "tanh": torch.tanh,
         "sigmoid": torch.sigmoid, "power": lambda x: x ** -1.7}
rows = []
for name, f in names.items():
    y = f(q)
    g, = torch.autograd.grad(y, q)
    rows.append('{ "%s", %r, %r }' % (name, y.item(), -0.6 * g.item()))
print("static const struct { const char *f; double a, b; } oracle_dual[] = {"
      "\n    %s\n};" % ",\n    ".join(rows))
