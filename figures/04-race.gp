# The loss above the least by step: gradient descent and Newton.  What is
# lost in rounding is 0 in the table and lies on the axis here.
t = "build/out/04-race.tsv"
shown(y) = y > 0 ? y : 1e-13
set logscale y
set format y "10^{%L}"
set xlabel "step"
set ylabel "loss above the least"
set logscale x
set xrange [0.9:1000]
set yrange [1e-13:1]
set key bottom right
plot t using 1:(shown($2)) with lines linestyle 2 dashtype 1 title "gradient descent", \
     t every ::0::7 using 1:(shown($3)) with linespoints linestyle 1 title "Newton"
