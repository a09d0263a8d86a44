# The loss of the cars over two parameters: a narrow valley when speed is in
# units of ten miles an hour, a round bowl when it is standardised.  The loss
# of a line z -> a + b z follows from the sums over its 50 points.
stats "build/out/03-cars.tsv" using ($1/10):2 name "R" nooutput
stats "build/out/03-cars.tsv" using (($1/10 - R_mean_x)/R_ssd_x):2 name "S" nooutput
loss(a, b, n, z, zz, y, yy, zy) = (n*a*a + b*b*zz + yy + 2*a*b*z - 2*a*y - 2*b*zy)/(2*n)
raw(a, b) = loss(a, b, R_records, R_sum_x, R_sumsq_x, R_sum_y, R_sumsq_y, R_sumxy)
round(a, b) = loss(a, b, S_records, S_sum_x, S_sumsq_x, S_sum_y, S_sumsq_y, S_sumxy)
set contour base
unset surface
set view map
set isosamples 81
set cntrparam levels discrete 130, 200, 400, 800, 1600, 3200, 6400
set xrange [-40:50]
set yrange [0:60]
set table $raw
splot raw(x, y)
unset table
set xrange [-5:65]
set yrange [-10:45]
set table $round
splot round(x, y)
unset table
unset contour
set datafile separator whitespace
set key off
set multiplot layout 1,2 margins 0.12,0.98,0.24,0.92 spacing 0.14
set key center bottom at screen 0.34,0.01
set xlabel "θ_0"
set ylabel "θ_1" rotate by 0 offset 0.5,0
set xtics 20
set title "speed in 10 mph" offset 0,-0.5
set xrange [-40:50]
set yrange [0:60]
plot $raw using 1:2 with lines linestyle 6 linewidth 0.7 notitle, \
     "build/out/03-path-raw.tsv" using 1:2 with linespoints linestyle 1 linewidth 0.9 pointsize 0.3 title "all rows"
set title "standardised" offset 0,-0.5
set xrange [-5:65]
set yrange [-10:45]
set key center bottom at screen 0.81,0.01
plot $round using 1:2 with lines linestyle 6 linewidth 0.7 notitle, \
     "build/out/03-path-rows.tsv" every ::0::200 using 1:2 with lines linestyle 2 linewidth 0.7 dashtype 1 title "single rows", \
     "build/out/03-path.tsv" every ::0::30 using 1:2 with linespoints linestyle 1 linewidth 1.2 pointsize 0.4 notitle
unset multiplot
