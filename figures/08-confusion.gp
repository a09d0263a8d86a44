# Who is taken for whom: the diagonal is pale, the mistakes are not.
d = "build/out/08-confusion.tsv"
set terminal svg size 520,490 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15" linewidth 1.4
unset key; unset colorbox; unset grid; unset border
set size ratio 1
set xrange [-0.5:9.5]; set yrange [9.5:-0.5]
set xtics 1 scale 0; set ytics 1 scale 0
set x2label "the network's answer" offset 0,0.2
set ylabel "what it is" offset 1,0
unset xlabel; unset xtics
set x2tics 1 scale 0; set x2range [-0.5:9.5]
do for [k = 0:9] {
    set object rectangle from k - 0.5, k - 0.5 to k + 0.5, k + 0.5 fc rgb "#d6e4f0" fs solid noborder behind
}
do for [k = 0:10] {
    set arrow from -0.5, k - 0.5 to 9.5, k - 0.5 nohead lc rgb "#cccccc" lw 0.5
    set arrow from k - 0.5, -0.5 to k - 0.5, 9.5 nohead lc rgb "#cccccc" lw 0.5
}
plot d using ($1 == $2 ? $2 : NaN):1:3 with labels textcolor rgb "#0b5394", \
     d using ($1 != $2 && $3 > 0 ? $2 : NaN):1:(0.46) with circles fc rgb "#c8501e" fs solid noborder, \
     d using ($1 != $2 && $3 > 0 ? $2 : NaN):1:3 with labels textcolor rgb "#ffffff"
