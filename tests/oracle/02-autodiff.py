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
    numbers = [repr(v) for v in t.detach().reshape(-1).tolist()]
    lines = [", ".join(numbers[i:i + 3]) for i in range(0, len(numbers), 3)]
    arrays.append("static const double %s[] = {\n    %s\n};"
                  % (name, ",\n    ".join(lines)))
    return name


def shape(t):
    if t is None:
        return "0, { 0 }"
    return "%d, { %s }" % (t.dim(), ", ".join(map(str, t.shape)) or "0")


def case(op, f, x, y=None, c=0.0, axis=-1):
    x = x.clone().requires_grad_(True)
    operands = [x]
    if y is not None:
        y = y.clone().requires_grad_(True)
        operands.append(y)
    z = f(*operands)
    s = uniform(-2, 2, *z.shape)
    z.backward(s)
    n = "c%d_" % len(cases)
    cases.append('{ "%s", %r, %d, %s, %s, %s,\n      %s, %s, %s, %s, %s, %s }'
                 % (op, c, axis, shape(x), shape(y), shape(z),
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

print("/* Made by tests/oracle/02-autodiff.py with PyTorch %s; do not edit. */"
      % torch.__version__)
print("\n".join(arrays))
print("static const int oracle_label[] = { %s };"
      % ", ".join(map(str, labels)))
print("""static const struct oracle {
    const char *op;
    double c;
    int axis;
    int x_rank; size_t x_shape[4];
    int y_rank; size_t y_shape[4];
    int z_rank; size_t z_shape[4];
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
