"""Values of chapter 7: every optimizer of PyTorch after 1 and 10 steps, in double.

usage: python3 07-adam.py > 07-adam.h
Made with PyTorch 1.13.  The function has a gradient that is written down in the
test too:  g_i = a_i (theta_i - c_i) + b_i sin(3 theta_i), so that PyTorch needs no help.
"""
import torch

torch.set_default_dtype(torch.float64)
START = [2.385, -1.917, 0.731, -0.0462, 3.14, 0.0, -2.7]
A = [1.3, 0.071, 4.9, 0.63, 0.0087, 2.2, 1.01]
C = [0.41, -0.35, 0.113, 1.9, -0.77, 0.0, -2.1]
B = [0.31, 0.57, -0.23, 0.11, 0.0, 0.0, 1.7]
CASES = [
    ('sgd', lambda p: torch.optim.SGD(p, lr=0.137)),
    ('sgd_l2', lambda p: torch.optim.SGD(p, lr=0.137, weight_decay=0.23)),
    ('momentum', lambda p: torch.optim.SGD(p, lr=0.053, momentum=0.83)),
    ('momentum_l2', lambda p: torch.optim.SGD(p, lr=0.053, momentum=0.83, weight_decay=0.23)),
    ('nesterov', lambda p: torch.optim.SGD(p, lr=0.053, momentum=0.83, nesterov=True)),
    ('adagrad', lambda p: torch.optim.Adagrad(p, lr=0.31)),
    ('rmsprop', lambda p: torch.optim.RMSprop(p, lr=0.027, alpha=0.971)),
    ('adam', lambda p: torch.optim.Adam(p, lr=0.19, betas=(0.87, 0.9931))),
    ('adam_l2', lambda p: torch.optim.Adam(p, lr=0.19, betas=(0.87, 0.9931), weight_decay=0.23)),
    ('adamw', lambda p: torch.optim.AdamW(p, lr=0.19, betas=(0.87, 0.9931), weight_decay=0.23)),
    ('adam_eps', lambda p: torch.optim.Adam(p, lr=0.19, eps=0.37)),
]


def show(name, values):
    print(f'static const double {name}[{len(values)}] = {{')
    for i in range(0, len(values), 3):
        print('    ' + ', '.join(f'{v:.17g}' for v in values[i:i + 3]) + ',')
    print('};')


print('/* Made by 07-adam.py; do not edit. */')
for name, values in (('start', START), ('a', A), ('c', C), ('b', B)):
    show(f'oracle_{name}', values)
for name, make in CASES:
    theta = torch.tensor(START, requires_grad=True)
    optimizer = make([theta])
    for t in range(1, 11):
        d = theta.detach()
        theta.grad = torch.tensor(A) * (d - torch.tensor(C)) + torch.tensor(B) * torch.sin(3 * d)
        optimizer.step()
        if t in (1, 10):
            show(f'oracle_{name}_{t}', theta.tolist())
