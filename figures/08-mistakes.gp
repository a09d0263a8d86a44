# The eight surest mistakes (or the least sure answers) as pictures.
d = "build/out/08-mistakes.tsv"
a = "build/out/08-answers.tsv"
set terminal svg size 640,345 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,14" linewidth 1.4
unset key; unset colorbox; unset grid; unset tics; unset border
set size ratio -1
set xrange [-0.7:40.5]; set yrange [22:-1]
set palette defined (0 "#ffffff", 1 "#222222")
set cbrange [0:1]
px(i, c) = (int(i) % 4) * 10.5 + c
py(i, r) = int(i / 4) * 11.8 + r
do for [i = 0:7] {
    set object rectangle from px(i, 0) - 0.6, py(i, 0) - 0.6 to px(i, 7) + 0.6, py(i, 7) + 0.6 fs empty border lc rgb "#999999" lw 0.6
}
said(l, g, p) = l == g ? sprintf("%d: %d %%", g, p) : sprintf("%d, not %d: %d %%", g, l, p)
plot d using (px($1, $3)):(py($1, $2)):(px($1, $3) - 0.5):(px($1, $3) + 0.5):(py($1, $2) - 0.5):(py($1, $2) + 0.5):4 \
         with boxxyerror fc palette fs solid noborder, \
     a using (px($1, 3.5)):(py($1, 9)):(said($2, $3, $4)) with labels
