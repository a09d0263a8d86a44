# Losses after 30 epochs against the share of units that is dropped.
d = "build/out/08-dropout.tsv"
set terminal svg size 640,330 @look
set multiplot layout 1,2 margins 0.14,0.985,0.22,0.96 spacing 0.16
set xlabel "share of units dropped"
set xrange [-0.05:0.85]
set xtics 0.2
set grid
set logscale y
set ylabel "training loss" offset 1,0
plot d using 1:2 with linespoints ls 1 notitle
unset logscale y
set ylabel "validation loss" offset 1,0
set yrange [0.135:0.195]
set ytics 0.01
plot d using 1:3:4 with yerrorbars ls 2 dashtype 1 lw 1 notitle, \
     d using 1:3 with linespoints ls 2 notitle
unset multiplot
