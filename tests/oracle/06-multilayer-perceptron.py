"""Values of chapter 6 from PyTorch and NumPy, in double precision.

usage: python3 06-multilayer-perceptron.py > 06-multilayer-perceptron.h
Made with PyTorch 1.13 and NumPy 1.24; every array is independent of the book's C.
"""
import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
LEAK, ALPHA = 0.2, 0.7
ACTIVATIONS = [
    ('sigmoid', torch.sigmoid),
    ('tanh', torch.tanh),
    ('relu', torch.relu),
    ('leaky', lambda z: F.leaky_relu(z, LEAK)),
    ('elu', lambda z: F.elu(z, ALPHA)),
    ('selu', torch.selu),
]
WIDTHS = [3, 5, 4, 2]
LABELS = [1, 0, 0, 1, 1, 0, 1]


def c_array(name, values):
    values = [float(v) for v in np.asarray(values).ravel()]
    print(f'static const double {name}[{len(values)}] = {{')
    for i in range(0, len(values), 3):
        print('    ' + ', '.join(f'{v:.17g}' for v in values[i:i + 3]) + ',')
    print('};')


def forward(theta, x, f):
    at = 0
    for k, (n, m) in enumerate(zip(WIDTHS[:-1], WIDTHS[1:])):
        w = theta[at:at + n * m].reshape(n, m)
        b = theta[at + n * m:at + n * m + m]
        at += n * m + m
        x = x @ w + b
        if k < len(WIDTHS) - 2:
            x = f(x)
    return x


print('/* Made by 06-multilayer-perceptron.py; do not edit. */')
r = np.random.default_rng(6)
points = np.array([-97.3, -6.125, -2.385, -0.731, -0.0625, 0.0625, 0.4142, 1.873, 5.5, 91.7])
c_array('oracle_points', points)
for name, f in ACTIVATIONS:
    z = torch.tensor(points, requires_grad=True)
    a = f(z)
    a.sum().backward()
    c_array(f'oracle_{name}', a.detach())
    c_array(f'oracle_{name}_slope', z.grad)

count = sum((n + 1) * m for n, m in zip(WIDTHS[:-1], WIDTHS[1:]))
theta = r.normal(0, 0.7, count)
X = r.normal(0.3, 1.1, (len(LABELS), WIDTHS[0]))
c_array('oracle_theta', theta)
c_array('oracle_X', X)
print('static int oracle_labels[] = { ' + ', '.join(map(str, LABELS)) + ' };')
for name, f in ACTIVATIONS:
    t = torch.tensor(theta, requires_grad=True)
    x = torch.tensor(X, requires_grad=True)
    z = forward(t, x, f)
    loss = F.cross_entropy(z, torch.tensor(LABELS))
    loss.backward()
    c_array(f'oracle_{name}_logits', z.detach())
    c_array(f'oracle_{name}_loss', [loss.item()])
    c_array(f'oracle_{name}_grad', t.grad)

np.random.seed(100)
c_array('oracle_fan', np.random.uniform(-1 / np.sqrt(3), 1 / np.sqrt(3), (3, 5)))
np.random.seed(100)
limit = np.sqrt(6 / (4 + 20))
c_array('oracle_xavier', np.random.uniform(-limit, limit, (4, 20)))
