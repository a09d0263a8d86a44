# The error of two solvers as a column comes to depend on another; the table
# holds decimal logarithms.
t = "build/out/03-condition.tsv"
set logscale xy
set format "10^{%L}"
set xlabel "condition number of X"
set ylabel "distance from the solution"
set xrange [5:1e8]
set yrange [1e-8:20]
set key bottom right
eps = 6e-8
plot eps*x**2 with lines linestyle 6 dashtype 3 title "ε κ^2" enhanced, \
     eps*x with lines linestyle 6 dashtype 1 title "ε κ" enhanced, \
     t using (10**$1):(10**$3) with points linestyle 2 pointsize 0.7 title "normal equations", \
     t using (10**$1):(10**$2) with points linestyle 1 pointsize 0.7 title "QR"
