# The loss above the least by step: gradient descent and Newton.
set logscale y
set format y "10^{%L}"
set xlabel "step"
set ylabel "loss above the least"
set logscale x
set xrange [0.9:1000]
set yrange [1e-15:1]
set key bottom right
plot "build/out/04-race.tsv" using 1:2 with lines linestyle 2 dashtype 1 title "gradient descent", \
     "build/out/04-race-newton.tsv" using 1:2 with linespoints linestyle 1 title "Newton"
