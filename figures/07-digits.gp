# Training loss on the digits by epoch, every method at its best rate.
d = "build/out/07-digits.tsv"
set terminal svg size 640,360 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15" linewidth 1.4
set multiplot layout 1,2 margins 0.14,0.985,0.22,0.96 spacing 0.03
set logscale y
set yrange [0.012:2]
set xrange [0.7:10.3]
set xlabel "epoch" offset 0,0.6
set xtics 1, 3
set grid
set ylabel "training loss" offset 1.2,0
plot d using 1:2 with linespoints ls 6 lw 1.6 title "descent", \
     d using 1:3 with linespoints ls 1 title "heavy ball", \
     d using 1:4 with linespoints ls 2 title "Nesterov"
unset ylabel
set format y ""
plot d using 1:5 with linespoints ls 3 title "AdaGrad", \
     d using 1:6 with linespoints ls 4 title "RMSProp", \
     d using 1:7 with linespoints ls 1 title "Adam", \
     d using 1:8 with linespoints ls 5 title "AdamW"
unset multiplot
