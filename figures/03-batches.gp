# Loss above the least one by epoch on the cars, at rate 0.1.
t = "build/out/03-batches.tsv"
set logscale y
set format y "10^{%L}"
set xlabel "epoch"
set ylabel "loss above the least"
set xrange [0:60]
set yrange [1e-3:2e3]
set key outside right center title "rows in a batch"
plot t using 1:4 with lines linestyle 2 dashtype 1 linewidth 1 title "1", \
     t using 1:3 with lines linestyle 3 dashtype 1 title "8", \
     t using 1:2 with lines linestyle 1 title "50 (all)"
