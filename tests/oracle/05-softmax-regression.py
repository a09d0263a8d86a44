#!/usr/bin/env python3
"""Values for tests/05-softmax-regression.c from PyTorch and NumPy, in double.

    python3 tests/oracle/05-softmax-regression.py > tests/oracle/05-softmax-regression.h

Gradients come from automatic differentiation, the Hessian from
torch.autograd.functional, the axes from NumPy's SVD, the widths of the
neighbourhoods from a secant method.  Debian: python3-torch, python3-numpy.
"""
import math
import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
print("/* Made by tests/oracle/05-softmax-regression.py; do not edit. */")


def put(name, values):
    if isinstance(values, list):
        values = [float(x) for x in values]
    v = np.asarray(values.detach() if torch.is_tensor(values) else values)
    text = ", ".join(repr(float(x)) for x in v.ravel())
    print(f"static const double oracle_{name}[] = {{   /* {v.shape} */")
    line = "   "
    for word in text.split(" "):
        if len(line) + len(word) > 74:
            print(line)
            line = "   "
        line += " " + word
    print(line + "\n};")


rng = np.random.RandomState(4711)

# information
p = torch.tensor(rng.dirichlet(np.ones(5)))
q = torch.tensor(rng.dirichlet(np.ones(5)))
put("p", p)
put("q", q)
P, Q = torch.distributions.Categorical(p), torch.distributions.Categorical(q)
put("information", [P.entropy(), Q.entropy(),
                    torch.distributions.kl_divergence(P, Q),
                    torch.distributions.kl_divergence(Q, P)])

# softmax regression: X (4,3), W (3,5), b (1,5)
X = torch.tensor(rng.uniform(-1.7, 2.385, (4, 3)), requires_grad=True)
W = torch.tensor(rng.normal(0, 1.3, (3, 5)), requires_grad=True)
b = torch.tensor(rng.normal(0, 0.7, (1, 5)), requires_grad=True)
y = torch.tensor([3, 0, 4, 3])
Z = X @ W + b
Z.retain_grad()
loss = F.cross_entropy(Z, y)
loss.backward()
put("X", X)
put("W", W)
put("b", b)
put("Z", Z)
put("P", F.softmax(Z, 1))
put("lse", torch.logsumexp(Z, 1))
put("loss", [loss])
put("dZ", Z.grad)
put("dW", W.grad)
put("db", b.grad)
put("dX", X.grad)


def loss_of(theta):
    return F.cross_entropy(X.detach() @ theta[:15].view(3, 5)
                           + theta[15:].view(1, 5), y)


theta = torch.cat([W.detach().ravel(), b.detach().ravel()])
put("H", torch.autograd.functional.hessian(loss_of, theta))

# the Jacobian of softmax at the first row of Z
put("J", torch.autograd.functional.jacobian(lambda z: F.softmax(z, 0),
                                            Z[0].detach()))

# a map: 11 points in 4 dimensions
n, perplexity = 11, 3.7
A = rng.normal(0, 1, (n, 4)) * [2.1, 1.4, 0.8, 0.3]
put("A", A)
C = A - A.mean(0)
U, S, Vt = np.linalg.svd(C, full_matrices=False)
for k in range(2):
    if abs(Vt[k].min()) > Vt[k].max():
        Vt[k] = -Vt[k]
put("pca", Vt[:2] @ C.T)
put("variance", S[:2] ** 2 / (n - 1))


def row(i, beta):
    d = ((A - A[i]) ** 2).sum(1)
    w = np.exp(-beta * d)
    w[i] = 0
    return w / w.sum()


def entropy(p):
    p = p[p > 0]
    return -(p * np.log(p)).sum()


conditional = np.zeros((n, n))
for i in range(n):
    f = lambda t: entropy(row(i, math.exp(t))) - math.log(perplexity)
    t0, t1 = -1.0, -0.5
    for _ in range(100):
        if abs(f(t1)) < 1e-15 or f(t1) == f(t0):
            break
        t0, t1 = t1, t1 - f(t1) * (t1 - t0) / (f(t1) - f(t0))
    assert abs(f(t1)) < 1e-12
    conditional[i] = row(i, math.exp(t1))
put("conditional", conditional)
joint = (conditional + conditional.T) / (2 * n)
put("joint", joint)
Y = torch.tensor(rng.normal(0, 1.1, (2, n)), requires_grad=True)
put("map", Y)
D = ((Y[:, :, None] - Y[:, None, :]) ** 2).sum(0)
w = (1 / (1 + D)) * (1 - torch.eye(n))
q = w / w.sum()
off = ~torch.eye(n, dtype=bool)
t = torch.tensor(joint)
cost = (t[off] * (t[off].log() - q[off].log())).sum()
cost.backward()
put("cost", [cost])
put("dY", Y.grad)
# 12 times the attraction: the gradient of  sum -12 p log w + log Z
Y.grad = None
D = ((Y[:, :, None] - Y[:, None, :]) ** 2).sum(0)
(12 * (t * torch.log(1 + D)).sum()
 + ((1 / (1 + D)) * (1 - torch.eye(n))).sum().log()).backward()
put("dY_early", Y.grad)
