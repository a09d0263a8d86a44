# The sigmoid, its slope, and log(1 + e^z).
t = "build/out/04-sigmoid.tsv"
set xlabel "z"
set xrange [-6:6]
set yrange [-0.05:1.6]
set ytics 0.5
set key top left
plot t using 1:2 with lines linestyle 1 title "σ(z)", \
     t using 1:3 with lines linestyle 2 title "σ'(z) = σ(z)(1 − σ(z))", \
     t using 1:4 with lines linestyle 3 title "log(1 + exp z)"
