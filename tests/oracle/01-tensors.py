# Values for tests/01-tensors.c from NumPy.  Run at the top of the repository.
import csv
import numpy as np

np.random.seed(100)
print('uniform', *('%.17g' % x for x in np.random.rand(4)))
rows = list(csv.reader(open('chapters/data/iris.csv')))[1:]
for species in ('setosa', 'versicolor', 'virginica'):
    a = np.array([[float(x) for x in r[:4]] for r in rows if r[4] == species])
    print(species, *('%.16g' % x for x in (*a.mean(0), *a.std(0, ddof=1))))
