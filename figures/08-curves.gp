# Loss and accuracy by epoch; the dashed line marks the epoch that is kept.
d = "build/out/08-curves.tsv"
stats d using 4 nooutput
best = STATS_index_min + 1
set terminal svg size 640,330 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15" linewidth 1.4
set multiplot layout 1,2 margins 0.14,0.985,0.22,0.96 spacing 0.15
set xlabel "epoch" offset 0,0.6
set grid
set logscale y
set ylabel "loss" offset 1,0
set arrow from best, graph 0 to best, graph 1 nohead lc rgb "#555555" lw 1 dashtype 3
plot d using 1:2 with lines ls 1 title "training", d using 1:4 with lines ls 2 title "validation"
unset logscale y
set ylabel "accuracy (%)" offset 1,0
set yrange [74:100.8]
set key bottom right
plot d using 1:3 with lines ls 1 title "training", d using 1:5 with lines ls 2 title "validation"
unset multiplot
