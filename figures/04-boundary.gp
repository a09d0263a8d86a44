# Two species of iris by their petals, and lines of equal probability, on
# which b + w1 x + w2 y is the logarithm of the odds.
array p[3]
do for [j=1:3] {
    stats "build/out/04-boundary.tsv" using j name "P" nooutput
    p[j] = P_min
}
line(odds, x) = (log(odds) - p[1] - p[2]*x)/p[3]
set xlabel "petal length (cm)"
set ylabel "petal width (cm)"
set xrange [2.8:7.1]
set yrange [0.8:2.7]
set key outside right center
plot line(1, x) with lines linestyle 6 linewidth 2.2 title "p = 0.5", \
     line(1/9., x) with lines linestyle 6 linewidth 1 dashtype 3 title "p = 0.1, 0.9", \
     line(9, x) with lines linestyle 6 linewidth 1 dashtype 3 notitle, \
     "build/out/04-flowers.tsv" every ::0::49 using 1:2 with points linestyle 2 linewidth 1 pointsize 0.7 title "versicolor", \
     "build/out/04-flowers.tsv" every ::50 using 1:2 with points linestyle 1 linewidth 1 pointsize 0.7 title "virginica"
