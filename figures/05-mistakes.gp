# The ten wrong answers of which the model was surest.
set terminal svg size 640,330 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,13"
set output out
unset border
unset tics
unset colorbox
set margins 1,1,0.5,0.5
set xrange [-1:45]
set yrange [19:-3]
set cbrange [0:1]
set palette defined (0 "#ffffff", 1 "#14283c")
set style data boxxyerror
plot "build/out/05-mistakes.tsv" using 1:2:(0.51):(0.51):3 with boxxyerror \
     fillcolor palette fillstyle solid noborder notitle, \
     "build/out/05-mistake-names.tsv" \
     using ($1 + 3.5):($2 - 1.6):(sprintf("%d as %d, %d %%", $3, $4, $5)) \
     with labels center notitle
