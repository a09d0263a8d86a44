# The first forty digits of the set.
set terminal svg size 640,290 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15"
set output out
unset border
unset tics
unset colorbox
x(k, e) = int(k) % 10 * 9 + int(e) % 8
y(k, e) = int(k) / 10 * 11 + int(e) / 8
set margins 1,1,0.5,0.5
set xrange [-1:89]
set yrange [41:-2]
set cbrange [0:1]
set palette defined (0 "#ffffff", 1 "#14283c")
plot "build/out/05-digits.tsv" using (x($1, $2)):(y($1, $2)):(0.51):(0.51):3 with boxxyerror \
     fillcolor palette fillstyle solid noborder notitle
