# Steps of gradient descent for tests/03-linear-regression.c, by PyTorch.
# Run in the root of the repository:
#   python3 tests/oracle/03-descent.py > tests/oracle/03-descent.h
import torch

torch.set_default_dtype(torch.float64)
X = torch.tensor([[0.731, 1.917], [-1.284, 0.366], [2.385, -0.845],
                  [0.092, 2.268], [-0.517, -1.392], [1.663, 0.154],
                  [-2.041, 0.713]])
y = torch.tensor([1.249, -3.618, 4.377, 0.581, -2.906, 3.142, -5.873])
ridge, rate = 0.37, 0.173


def emit(name, values):
    print("static const double %s[] = {" % name)
    for v in torch.as_tensor(values).flatten().tolist():
        print("    %.17g," % v)
    print("};")


model = torch.nn.Linear(2, 1)
with torch.no_grad():
    model.bias[:] = 0.613
    model.weight[:] = torch.tensor([[-1.429, 0.288]])
sgd = torch.optim.SGD([{"params": [model.weight], "weight_decay": ridge},
                       {"params": [model.bias]}], lr=rate)
path, losses = [], []


def snapshot():
    path.append([model.bias.item()] + model.weight.flatten().tolist())


first = None
for step in range(6):
    snapshot()
    sgd.zero_grad()
    loss = torch.nn.functional.mse_loss(model(X).squeeze(1), y) / 2
    loss.backward()
    if first is None:
        g = model.weight.grad + ridge * model.weight.detach()
        first = [model.bias.grad.item()] + g.flatten().tolist()
    penalty = ridge / 2 * model.weight.detach().square().sum()
    losses.append((loss.detach() + penalty).item())
    sgd.step()
snapshot()
print("/* Made by tests/oracle/03-descent.py; do not edit. */")
emit("torch_path", path)
emit("torch_losses", losses)
emit("torch_gradient", first)
