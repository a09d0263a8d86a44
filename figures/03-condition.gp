# The error of three solvers as a column comes to depend on another.
t = "build/out/03-condition.tsv"
set logscale xy
set format "10^{%L}"
set xlabel "condition number of X"
set ylabel "largest error"
set xrange [1:1e15]
set yrange [1e-17:10]
set key bottom right
set datafile missing "nan"
eps = 2.2e-16
plot eps*x**2 with lines linestyle 6 dashtype 3 title "ε κ^2" enhanced, \
     eps*x with lines linestyle 6 dashtype 1 title "ε κ" enhanced, \
     t using 1:2 with points linestyle 2 pointsize 0.7 title "Cholesky", \
     t using 1:3 with points linestyle 1 pointsize 0.7 title "QR", \
     t using 1:4 with points linestyle 3 pointsize 0.85 title "singular values"
