# The slope found by descent, by epoch: it comes to rest at least squares.
set xlabel "epoch"
set ylabel "w" rotate by 0
set xrange [0:200]
set yrange [1:2.1]
set key bottom right
file = "build/out/02-line.tsv"
plot 2 with lines linestyle 6 dashtype 1 title "slope that made the points", \
     file using 1:3 with lines linestyle 2 title "least squares", \
     file using 1:2 with lines linestyle 1 title "descent, one sample at a time"
