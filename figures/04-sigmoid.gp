# The sigmoid, its slope, and log(1 + e^z).
sigma(z) = 1/(1 + exp(-z))
set xlabel "z"
set xrange [-6:6]
set yrange [-0.05:1.6]
set ytics 0.5
set samples 241
set key top left
plot sigma(x) with lines linestyle 1 title "σ(z)", \
     sigma(x)*sigma(-x) with lines linestyle 2 title "σ'(z) = σ(z)(1 − σ(z))", \
     log(1 + exp(x)) with lines linestyle 3 title "log(1 + exp z)"
