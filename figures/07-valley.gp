# Contours of (x^2 + 25 y^2)/2 and four walks from (10, 1).
set datafile separator whitespace
d = "build/out/07-valley.tsv"
f(x, y) = 0.5 * (x**2 + 25 * y**2)
set xrange [-1.6:10.6]; set yrange [-2:2]
set samples 240; set isosamples 160
set contour base; unset surface
set cntrparam levels discrete 0.25, 1, 3, 7, 13, 22, 34, 49
set table $contour
splot f(x, y)
unset table
set terminal svg size 640,310 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15" linewidth 1.4
set multiplot layout 2,2 margins 0.06,0.985,0.11,0.92 spacing 0.07,0.2
set size ratio -1
set tics font ",12"
set xtics 2; set ytics 1
array name[4] = ["descent", "heavy ball", "Nesterov", "Adam"]
array place[4] = [1, 3, 2, 4]
do for [k = 1:4] {
    set title name[k] . (k == 4 ? ", rate 0.5" : ", best rate") offset 0,-0.7 font ",13"
    unset key
    plot $contour using 1:2 with lines lc rgb "#bbbbbb" lw 0.6 notitle, \
         d using (column(2 * place[k])):(column(2 * place[k] + 1)) with linespoints ls 1 lw 1.1 pt 7 ps 0.3 notitle, \
         "+" using (0):(0) every ::0::0 with points pt 2 ps 0.7 lc rgb "#c8501e" lw 1.4 notitle
}
unset multiplot
