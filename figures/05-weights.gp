# The weights of the ten classes; pixel by pixel, for and against.
set terminal svg size 640,330 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15"
set output out
unset border
unset tics
x(k, e) = int(k) % 5 * 9 + int(e) % 8
y(k, e) = int(k) / 5 * 11 + int(e) / 8
set margins 1,12,0.5,0.5
set xrange [-1:45]
set yrange [19:-3]
set cbrange [-3:3]
set palette defined (-3 "#c8501e", 0 "#ffffff", 3 "#0b5394")
set colorbox user origin 0.87,0.12 size 0.025,0.76
set cbtics 1.5 nomirror
set cblabel "weight"
do for [k = 0:9] {
    set label k + 1 sprintf("%d", k) at (k % 5) * 9 + 3.5, (k / 5) * 11 - 1.6 center
}
plot "build/out/05-weights.tsv" using (x($1, $2)):(y($1, $2)):(0.51):(0.51):3 with boxxyerror \
     fillcolor palette fillstyle solid noborder notitle, \
     "build/out/05-weights.tsv" using (x($1, $2)):($3 < -0.75 ? y($1, $2) : 1/0) with points \
     pointtype 7 pointsize 0.2 linecolor rgb "#7a2c0c" notitle
