set xlabel "petal length (cm)"
set ylabel "petal width (cm)"
set key bottom right
set xrange [0.5:7.2]; set yrange [0:2.7]
d = "build/out/01-iris.tsv"
m = "build/out/01-iris-means.tsv"
plot d using 1:($3 == 0 ? $2 : NaN) with points ls 1 lw 1 title "setosa", \
     d using 1:($3 == 1 ? $2 : NaN) with points ls 2 lw 1 title "versicolor", \
     d using 1:($3 == 2 ? $2 : NaN) with points ls 3 lw 1 title "virginica", \
     m using 6:8:7:9 with xyerrorbars lc rgb "#000000" lw 1.2 pt 1 ps 0.8 dashtype 1 title "mean, one deviation"
