# The size of the gradient at each of twenty layers, that of the last being 1.
set xlabel "layer"
set ylabel "size of dL/dZ, relative to layer 20"
set logscale y
set format y "10^{%L}"
set xrange [0.5:20.5]
set xtics (1, 5, 10, 15, 20)
set yrange [1e-13:100]
set key at graph 0.98, graph 0.45
d = "build/out/06-saturation.tsv"
plot d using 1:9 with linespoints linestyle 1 title "sigmoid", \
     d using 1:5 with linespoints linestyle 2 title "tanh", \
     d using 1:7 with linespoints linestyle 3 title "ReLU", \
     d using 1:8 with linespoints linestyle 4 title "SELU", \
     0.25**(20 - x) with lines linestyle 6 dashtype (4,4) title "¼ from each layer"
