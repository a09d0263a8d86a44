# The ten wrong answers of which the model was surest.
set terminal svg size 640,330 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,13"
set output out
unset border
unset tics
unset colorbox
x(k, e) = int(k) % 5 * 9 + int(e) % 8
y(k, e) = int(k) / 5 * 11 + int(e) / 8
set margins 1,1,0.5,0.5
set xrange [-1:45]
set yrange [19:-3]
set cbrange [0:1]
set palette defined (0 "#ffffff", 1 "#14283c")
set style data boxxyerror
plot "build/out/05-mistakes.tsv" using (x($1, $2)):(y($1, $2)):(0.51):(0.51):3 with boxxyerror \
     fillcolor palette fillstyle solid noborder notitle, \
     "build/out/05-mistake-names.tsv" \
     using (x($0, 0) + 3.5):(y($0, 0) - 1.6):(sprintf("%d as %d, %.0f %%", $1, $2, $3)) \
     with labels center notitle
