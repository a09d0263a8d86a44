# Descent on f(x) = (x - 1.5)^2 from 2.5, at three rates.
f(x) = (x - 1.5)**2
t = "build/out/03-parabola.tsv"
set key off
set border 3
set xtics 1
set yrange [-0.15:2.9]
set ytics 1
set multiplot layout 1,3 margins 0.06,0.98,0.15,0.88 spacing 0.05
set xlabel "x"
set xrange [-0.4:3.4]
do for [rate in "0.1 0.9 1.1"] {
    set title "rate ".rate offset 0,-0.5
    plot f(x) with lines linestyle 6 linewidth 1.2, \
         t every ::0::6 using (column(rate)):(f(column(rate))) with linespoints linestyle 1 pointsize 0.7
}
unset multiplot
