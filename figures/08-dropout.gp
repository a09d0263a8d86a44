# Losses after 40 epochs against the share of units that is dropped.
d = "build/out/08-dropout.tsv"
set terminal svg size 640,340 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15" linewidth 1.4
set xlabel "share of units dropped"
set ylabel "loss, mean of five seeds"
set logscale y
set xrange [-0.05:0.85]
set xtics 0.2
set grid
set key top left
plot d using 1:3:4 with yerrorbars ls 2 dashtype 1 lw 1 notitle, \
     d using 1:3 with linespoints ls 2 title "validation, with its standard error", \
     d using 1:2 with linespoints ls 1 title "training, with units dropped"
