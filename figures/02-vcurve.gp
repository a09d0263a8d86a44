# The error of a difference quotient of exp at 1 against the step h.
set logscale xy
set format x "10^{%L}"
set format y "10^{%L}"
set xrange [1e-15:1]
set yrange [1e-12:10]
set xlabel "step h"
set ylabel "error of the quotient"
set key bottom left samplen 2
do for [i=1:4] {
    u = (i < 3) ? 2.0**-24 : 2.0**-53
    h = (i % 2 == 1) ? 2 * sqrt(u) : (3 * u)**(1.0 / 3)
    set arrow i from h, 1e-12 to h, 3e-12 nohead linestyle i dashtype 1
}
file = "build/out/02-vcurve.tsv"
plot file using 1:2 with lines linestyle 1 title "forward, float", \
     file using 1:3 with lines linestyle 2 title "central, float", \
     file using 1:4 with lines linestyle 3 title "forward, double", \
     file using 1:5 with lines linestyle 4 title "central, double"
