# The networks of chapter 6 in NumPy and in PyTorch, timed beside ours, as a
# table on stdout:  python3 tests/oracle/06-peers.py MNIST_FOLDER
# Needs Debian's python3-torch.  Every program gets one thread.  Ours is timed
# before and after the others; each number is the median of its epochs.
import os
os.environ['OPENBLAS_NUM_THREADS'] = os.environ['OMP_NUM_THREADS'] = '1'
import gzip, statistics, subprocess, sys, time
import numpy as np
import torch

torch.set_num_threads(1)
NETS = {'h28': ([784, 28, 10], 1, 0.1), 'h100': ([784, 100, 100, 10], 100, 0.1),
        'h1024': ([784, 1024, 1024, 10], 64, 0.03)}       # widths, batch, rate; sigmoid
folder = sys.argv[1]


def idx(name, offset):
    for path, opener in ((f'{folder}/{name}.gz', gzip.open), (f'{folder}/{name}', open)):
        if os.path.exists(path):
            return np.frombuffer(opener(path, 'rb').read(), np.uint8, offset=offset)


X = idx('train-images-idx3-ubyte', 16).reshape(-1, 784).astype(np.float32) / 255
y = idx('train-labels-idx1-ubyte', 8).astype(np.int64)


def numpy_epoch(state, widths, batch, rate):
    if not state:
        r = np.random.default_rng(1)
        for n, m in zip(widths, widths[1:]):
            a = np.float32(np.sqrt(6 / (n + m)))
            state += [(r.random((n, m), np.float32) * 2 - 1) * a, np.zeros(m, np.float32)]
    order = np.random.permutation(len(X))
    for i in range(0, len(X), batch):
        k = order[i:i + batch]
        A = [X[k]]
        for l in range(0, len(state), 2):
            z = A[-1] @ state[l] + state[l + 1]
            if l + 2 < len(state):
                A.append(1 / (1 + np.exp(-z)))
        z -= z.max(1, keepdims=True)
        d = np.exp(z)
        d /= d.sum(1, keepdims=True)
        d[np.arange(len(k)), y[k]] -= 1
        d /= len(k)
        for l in range(len(state) - 2, -1, -2):
            a = A[l // 2]
            below = (d @ state[l].T) * (a * (1 - a)) if l else None
            state[l] -= rate * (a.T @ d)
            state[l + 1] -= rate * d.sum(0)
            d = below


def torch_epoch(state, widths, batch, rate):
    if not state:
        torch.manual_seed(1)
        layers = []
        for n, m in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(n, m), torch.nn.Sigmoid()]
        net = torch.nn.Sequential(*layers[:-1])
        state += [net, torch.optim.SGD(net.parameters(), rate), torch.nn.CrossEntropyLoss()]
    net, optimizer, loss = state
    Xt, yt = torch.from_numpy(X), torch.from_numpy(y)
    order = torch.randperm(len(Xt))
    for i in range(0, len(Xt), batch):
        k = order[i:i + batch]
        optimizer.zero_grad(set_to_none=True)
        loss(net(Xt[k]), yt[k]).backward()
        optimizer.step()


def timed(epoch, net, epochs=3):
    state, seconds = [], []
    for _ in range(epochs):
        start = time.perf_counter()
        epoch(state, *NETS[net])
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def ours():
    out = subprocess.run(['build/bin/06-multilayer-perceptron', '--data', folder, 'bench'],
                         capture_output=True, text=True, check=True).stdout
    return {f[0]: float(f[2]) for f in (line.split('\t') for line in out.splitlines()[1:])}


before = ours()
peers = {net: (timed(numpy_epoch, net), timed(torch_epoch, net)) for net in NETS}
after = ours()
print('net\tours\tNumPy\tPyTorch\tNumPy / ours\tPyTorch / ours')
for net, (n, t) in peers.items():
    us = (before[net] + after[net]) / 2
    print(f'{net}\t{us:.3f}\t{n:.3f}\t{t:.3f}\t{n / us:.1f}\t{t / us:.1f}')
