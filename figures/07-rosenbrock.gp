# Rosenbrock's valley and three walks of 1000 steps from (-1.2, 1).
set datafile separator whitespace
d = "build/out/07-rosenbrock.tsv"
f(x, y) = (1 - x)**2 + 100 * (y - x**2)**2
set xrange [-1.7:1.7]; set yrange [-0.6:2.2]
set samples 300; set isosamples 300
set contour base; unset surface
set cntrparam levels discrete 0.1, 0.5, 2, 6, 15, 40, 100, 250
set table $contour
splot f(x, y)
unset table
set terminal svg size 640,430 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15" linewidth 1.4
set key outside top center horizontal
set xlabel "x"
set ylabel "y" rotate by 0
plot $contour using 1:2 with lines lc rgb "#bbbbbb" lw 0.6 notitle, \
     d using 2:3 with lines ls 1 title "descent", \
     d using 4:5 with lines ls 2 title "heavy ball", \
     d using 6:7 with lines ls 3 title "Adam", \
     "+" using (-1.2):(1) every ::0::0 with points pt 6 ps 0.9 lc rgb "#000000" notitle, \
     "+" using (1):(1) every ::0::0 with points pt 2 ps 0.9 lw 1.6 lc rgb "#000000" notitle
