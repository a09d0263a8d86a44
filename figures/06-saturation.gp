# The size of the gradient at each of ten layers, that of the last being 1.
set xlabel "layer"
set ylabel "size of dL/dZ, relative to layer 10"
set logscale y
set format y "10^{%L}"
set xrange [0.7:10.3]
set xtics 1
set yrange [1e-7:20]
set key at graph 0.98, graph 0.45
d = "build/out/06-saturation.tsv"
plot d using 1:2 with linespoints linestyle 1 title "sigmoid", \
     d using 1:3 with linespoints linestyle 2 title "tanh", \
     d using 1:4 with linespoints linestyle 3 title "ReLU", \
     d using 1:5 with linespoints linestyle 4 title "SELU", \
     d using 1:6 with lines linestyle 6 dashtype (4,4) title "¼ from each layer"
