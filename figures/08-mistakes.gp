# The eight surest mistakes (or the least sure answers) as pictures.
d = "build/out/08-mistakes.tsv"
set terminal svg size 640,345 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,14" linewidth 1.4
unset key; unset colorbox; unset grid; unset tics; unset border
set size ratio -1
set xrange [-0.7:40.5]; set yrange [22:-1]
set palette defined (0 "#ffffff", 1 "#222222")
set cbrange [0:255]
px(i, c) = (int(i) % 4) * 10.5 + c
py(i, r) = int(i / 4) * 11.8 + r
do for [i = 0:7] {
    set object rectangle from px(i, 0) - 0.6, py(i, 0) - 0.6 to px(i, 7) + 0.6, py(i, 7) + 0.6 fs empty border lc rgb "#999999" lw 0.6
}
said(l, g, p) = l == g ? sprintf("%d: %.0f %%", g, p) : sprintf("%d, not %d: %.0f %%", g, l, p)
plot d using (px($1, $6)):(py($1, $5)):(px($1, $6) - 0.5):(px($1, $6) + 0.5):(py($1, $5) - 0.5):(py($1, $5) + 0.5):7 \
         with boxxyerror fc palette fs solid noborder, \
     d using (px($1, 3.5)):(py($1, 9)):(said($2, $3, $4)) every 64 with labels
