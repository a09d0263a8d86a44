"""The squared error and the loss of yes and no, to 50 digits.

usage: python3 06-losses.py > 06-losses.h
The slopes are quotients of differences over 2e-20, which at 50 digits are
good to 30: no formula of the book is used for them.
"""
import random
from decimal import Decimal, getcontext

getcontext().prec = 50
ROWS, K = 4, 3


def squared(z, y):
    return sum((a - b) ** 2 for a, b in zip(z, y)) / (2 * ROWS)


def bernoulli(z, y):
    """-log of the probability of y, where 1 has 1 / (1 + exp(-z))."""
    total = Decimal(0)
    for a, b in zip(z, y):
        p = 1 / (1 + (-a).exp())
        total -= b * p.ln() + (1 - b) * (1 - p).ln()
    return total / ROWS


def slopes(loss, z, y):
    h, out = Decimal('1e-20'), []
    for i in range(len(z)):
        up, down = z[:], z[:]
        up[i] += h
        down[i] -= h
        out.append((loss(up, y) - loss(down, y)) / (2 * h))
    return out


def c_array(name, values):
    print(f'static const double {name}[{len(values)}] = {{')
    for v in values:
        print(f'    {float(v):.17g},')
    print('};')


r = random.Random(6)
z = [Decimal(r.gauss(0, 2)) for _ in range(ROWS * K)]
y = [Decimal(r.gauss(0.3, 1.5)) for _ in range(ROWS * K)]
yes = [Decimal(r.randrange(2)) for _ in range(ROWS * K)]
print('/* Made by 06-losses.py; do not edit. */')
c_array('oracle_z', z)
c_array('oracle_y', y)
c_array('oracle_yes', yes)
for name, loss, truth in (('squared', squared, y), ('bernoulli', bernoulli, yes)):
    print(f'static const double oracle_{name} = {float(loss(z, truth)):.17g};')
    c_array(f'oracle_{name}_slope', slopes(loss, z, truth))
