# Losses, gradients and Hessians for tests/04-logistic-regression.c, by
# PyTorch.  Run in the root of the repository:
#   python3 tests/oracle/04-glm.py > tests/oracle/04-glm.h
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
X = torch.tensor([[0.731, 1.917], [-1.284, 0.366], [2.385, -0.845],
                  [0.092, 2.268], [-0.517, -1.392], [1.663, 0.154],
                  [-2.041, 0.713]])
X = torch.cat([torch.ones(7, 1), X], 1)
theta = torch.tensor([0.613, -1.429, 0.288])
ridge = 0.37
yes = torch.tensor([1., 0, 0, 1, 1, 0, 1])
count = torch.tensor([3., 1, 0, 7, 2, 0, 4])
number = torch.tensor([1.249, -3.618, 4.377, 0.581, -2.906, 3.142, -5.873])


def emit(name, values):
    print("static const double %s[] = {" % name)
    for v in torch.as_tensor(values).flatten().tolist():
        print("    %.17g," % v)
    print("};")


def penalty(t):
    return ridge / 2 * t[1:].square().sum()


def bernoulli(t):
    return F.binary_cross_entropy_with_logits(X @ t, yes) + penalty(t)


def poisson(t):
    return F.poisson_nll_loss(X @ t, count, log_input=True) + penalty(t)


def gaussian(t):
    return (F.mse_loss(X @ t, number) - number.square().mean()) / 2 \
        + penalty(t)


print("/* Made by tests/oracle/04-glm.py; do not edit. */")
for f in gaussian, bernoulli, poisson:
    t = theta.clone().requires_grad_()
    loss = f(t)
    loss.backward()
    emit("torch_%s_loss" % f.__name__, loss.detach())
    emit("torch_%s_gradient" % f.__name__, t.grad)
    emit("torch_%s_hessian" % f.__name__,
         torch.autograd.functional.hessian(f, theta))
    # the minimiser, by Newton with autograd's derivatives
    t = torch.zeros(3)
    for step in range(60):
        g = torch.autograd.functional.jacobian(f, t)
        t = t - torch.linalg.solve(torch.autograd.functional.hessian(f, t), g)
    emit("torch_%s_minimiser" % f.__name__, t)

z = torch.tensor([-745.3, -37.25, -2.385, 0.613, 5.75, 41.5, 703.])
emit("torch_z", z)
emit("torch_sigmoid", torch.sigmoid(z))
emit("torch_softplus", F.softplus(z, threshold=1e9))
eta = torch.tensor([1.249, -0.517, 2.268, 0.])
emit("torch_softmax", torch.softmax(eta, 0))
emit("torch_logsumexp", torch.logsumexp(eta, 0))
