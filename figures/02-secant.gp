# A tangent of exp at 1, the forward and the central secant.
e = exp(1)
h = 0.8
tangent(x) = e + e * (x - 1)
forward(x) = e + (exp(1 + h) - e) / h * (x - 1)
central(x) = exp(1 - h) + (exp(1 + h) - exp(1 - h)) / (2 * h) * (x - 1 + h)
set xrange [-0.1:2.1]
set yrange [0:7.5]
set xtics ("x − h" 1 - h, "x" 1, "x + h" 1 + h)
unset ytics
set key top left
set label 1 "exp" at 0.28, 1.75 right
set datafile separator whitespace
plot exp(x) with lines linestyle 6 linewidth 2.4 notitle, \
     tangent(x) with lines linestyle 1 title "tangent", \
     forward(x) with lines linestyle 2 title "forward secant", \
     central(x) with lines linestyle 3 title "central secant", \
     "-" using 1:2 with points linestyle 6 pointtype 7 pointsize 0.8 notitle
x y
0.2 1.2214
1 2.71828
1.8 6.04965
e
