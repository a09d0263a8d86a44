# Two species of iris by their petals, and lines of equal probability.
d = "build/out/04-flowers.tsv"
b = "build/out/04-boundary.tsv"
set xlabel "petal length (cm)"
set ylabel "petal width (cm)"
set xrange [2.8:7.1]
set yrange [0.8:2.7]
set key outside right center
plot b using 1:3 with lines linestyle 6 linewidth 2.2 title "p = 0.5", \
     b using 1:2 with lines linestyle 6 linewidth 1 dashtype 3 title "p = 0.1, 0.9", \
     b using 1:4 with lines linestyle 6 linewidth 1 dashtype 3 notitle, \
     d using 1:($3 == 0 ? $2 : NaN) with points linestyle 2 linewidth 1 pointsize 0.7 title "versicolor", \
     d using 1:($3 == 1 ? $2 : NaN) with points linestyle 1 linewidth 1 pointsize 0.7 title "virginica"
