# The step of equal gradients in units of the rate, for three divisors.
d = "build/out/07-bias.tsv"
set xlabel "step t"
set ylabel "length of the step / rate"
set logscale x
set format x "%.0f"
set yrange [0:7.2]
set ytics 1
set grid
set key top right
plot d using 1:5 with lines ls 2 title "no correction", \
     d using 1:6 with lines ls 3 title "the sources: 1 − β", \
     d using 1:7 with lines ls 1 title "Adam: 1 − β^t" enhanced
