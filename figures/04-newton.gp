# Newton's tangents for x^2 - 2.25 from 4.5.
f(x) = x*x - 2.25
array p[4]
p[1] = 4.5
do for [k=1:3] { p[k + 1] = p[k] - f(p[k])/(2*p[k]) }
set print $tangents
print "x\tf"
do for [k=1:3] { print sprintf("%.6f\t0\n%.6f\t%.6f", p[k], p[k], f(p[k])) }
print sprintf("%.6f\t0", p[4])
unset print
set xlabel "x"
set xrange [0.8:4.8]
set yrange [-2.5:20]
set xzeroaxis linestyle 6
set key off
set label 1 "x₀ = 4.5" at 4.5,0 offset -2.2,-0.9
set label 2 "x₁ = 2.5" at 2.5,0 offset -1.6,-0.9
set label 3 "x₂ = 1.7" at 1.7,0 offset 0.1,-0.9
set label 4 "x² − 2.25" at 3.85,14.2 right
plot f(x) with lines linestyle 6 linewidth 1.8, \
     $tangents using 1:2 with linespoints linestyle 1 pointsize 0.7
