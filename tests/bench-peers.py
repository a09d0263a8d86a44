"""One network of the benchmark in NumPy or PyTorch.

usage: bench-peers.py numpy|torch NETWORK SEED MNIST_FOLDER
Prints, with tabs: seconds an epoch (the median), the least, the most, per cent of the test images
that are right.  The number of threads is that of OPENBLAS_NUM_THREADS.
"""
import gzip
import os
import statistics
import sys
import time

import numpy as np

# widths, activation, batch, method, rate, epochs: those of bench.c
NETS = {
    's10': ([784, 10], 'none', 64, 'sgd', 0.1, 5),
    'e100': ([784, 100, 100, 10], 'sigmoid', 100, 'sgd', 0.1, 5),
    'b28': ([784, 28, 10], 'sigmoid', 1, 'sgd', 0.1, 1),
    'c512': ([784, 512, 10], 'leaky', 256, 'adam', 0.001, 5),
    'd5': ([784, 520, 320, 240, 120, 10], 'relu', 32, 'momentum', 0.01, 1),
    'a1024': ([784, 1024, 1024, 10], 'sigmoid', 64, 'sgd', 0.03, 1),
}


def idx(folder, name, offset):
    for path, opener in ((f'{folder}/{name}.gz', gzip.open), (f'{folder}/{name}', open)):
        if os.path.exists(path):
            return np.frombuffer(opener(path, 'rb').read(), np.uint8, offset=offset)
    sys.exit(f'{folder}: no file {name} or {name}.gz')


def load(folder):
    def part(name):
        X = idx(folder, f'{name}-images-idx3-ubyte', 16).reshape(-1, 784).astype(np.float32) / 255
        return X, idx(folder, f'{name}-labels-idx1-ubyte', 8).astype(np.int64)
    return part('train') + part('t10k')


ACTIVATION = {
    'sigmoid': (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    'relu': (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(np.float32)),
    'leaky': (lambda z: np.where(z >= 0, z, np.float32(0.1) * z),
              lambda a: np.where(a >= 0, np.float32(1), np.float32(0.1))),
    'none': (None, None),
}


class WithNumpy:
    def __init__(self, net, seed):
        self.widths, activation, self.batch, self.method, self.rate, _ = NETS[net]
        self.f, self.slope = ACTIVATION[activation]
        self.random = np.random.default_rng(seed)
        self.P = []
        for n, m in zip(self.widths, self.widths[1:]):
            r = np.sqrt(6 / (n + m))
            self.P += [self.random.uniform(-r, r, (n, m)).astype(np.float32),
                       np.zeros(m, np.float32)]
        self.m = [np.zeros_like(p) for p in self.P]
        self.v = [np.zeros_like(p) for p in self.P]
        self.t = 0

    def forward(self, X):
        A = [X]
        for k in range(0, len(self.P), 2):
            z = A[-1] @ self.P[k] + self.P[k + 1]
            A.append(self.f(z) if k + 2 < len(self.P) else z)
        return A

    def gradient(self, X, y):
        A = self.forward(X)
        z = A[-1] - A[-1].max(1, keepdims=True)
        d = np.exp(z)
        d /= d.sum(1, keepdims=True)
        d[np.arange(len(y)), y] -= 1
        d /= np.float32(len(y))
        G = [None] * len(self.P)
        for k in range(len(self.P) - 2, -1, -2):
            G[k], G[k + 1] = A[k // 2].T @ d, d.sum(0)
            if k:
                d = (d @ self.P[k].T) * self.slope(A[k // 2])
        return G

    def step(self, G):
        self.t += 1
        c1, c2 = 1 - 0.9 ** self.t, 1 - 0.999 ** self.t
        for p, g, m, v in zip(self.P, G, self.m, self.v):
            if self.method == 'sgd':
                p -= np.float32(self.rate) * g
            elif self.method == 'momentum':
                m *= np.float32(0.5)
                m += g
                p -= np.float32(self.rate) * m
            else:
                m *= np.float32(0.9)
                m += np.float32(0.1) * g
                v *= np.float32(0.999)
                v += np.float32(0.001) * g * g
                p -= np.float32(self.rate / c1) * m / (np.sqrt(v / np.float32(c2))
                                                        + np.float32(1e-8))

    def epoch(self, X, y):
        order = self.random.permutation(len(X))
        for i in range(0, len(X), self.batch):
            k = order[i:i + self.batch]
            self.step(self.gradient(X[k], y[k]))

    def right(self, X, y):
        return 100 * (self.forward(X)[-1].argmax(1) == y).mean()


class WithTorch:
    def __init__(self, net, seed):
        import torch
        self.torch = torch
        torch.set_num_threads(int(os.environ.get('OPENBLAS_NUM_THREADS', '1')))
        torch.manual_seed(seed)
        widths, activation, self.batch, method, rate, _ = NETS[net]
        between = {'sigmoid': torch.nn.Sigmoid, 'relu': torch.nn.ReLU, 'none': torch.nn.Identity,
                   'leaky': lambda: torch.nn.LeakyReLU(0.1)}[activation]
        layers = []
        for n, m in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(n, m), between()]
            torch.nn.init.xavier_uniform_(layers[-2].weight)
            torch.nn.init.zeros_(layers[-2].bias)
        self.net = torch.nn.Sequential(*layers[:-1])
        theta = self.net.parameters()
        self.optimizer = {'sgd': lambda: torch.optim.SGD(theta, rate),
                          'momentum': lambda: torch.optim.SGD(theta, rate, momentum=0.5),
                          'adam': lambda: torch.optim.Adam(theta, rate)}[method]()
        self.loss = torch.nn.CrossEntropyLoss()

    def epoch(self, X, y):
        X, y = self.torch.from_numpy(X), self.torch.from_numpy(y)
        order = self.torch.randperm(len(X))
        for i in range(0, len(X), self.batch):
            k = order[i:i + self.batch]
            self.optimizer.zero_grad(set_to_none=True)
            self.loss(self.net(X[k]), y[k]).backward()
            self.optimizer.step()

    def right(self, X, y):
        with self.torch.no_grad():
            return 100 * (self.net(self.torch.from_numpy(X)).argmax(1).numpy() == y).mean()


def main():
    peer, net, seed, folder = sys.argv[1:]
    X, y, X_test, y_test = load(folder)
    model = {'numpy': WithNumpy, 'torch': WithTorch}[peer](net, int(seed))
    seconds = []
    for _ in range(NETS[net][-1]):
        start = time.perf_counter()
        model.epoch(X, y)
        seconds.append(time.perf_counter() - start)
    print(f'{statistics.median(seconds):.4f}\t{min(seconds):.4f}\t{max(seconds):.4f}'
          f'\t{model.right(X_test, y_test):.2f}')


main()
