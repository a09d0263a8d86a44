# 1797 digits along their two longest principal axes, drawn as their labels.
set terminal svg size 640,520 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15"
set output out
unset border
unset tics
set margins 0.5,0.5,0.5,0.5
array colour[10] = ["#0b5394", "#c8501e", "#3c8a5b", "#7a4fa3", "#b08a00", \
    "#333333", "#00808c", "#a83260", "#6a7a00", "#8a5a34"]
set offsets graph 0.03, graph 0.03, graph 0.03, graph 0.03
plot for [k = 0:9] "build/out/05-map.tsv" \
     using ($3 == k ? $4 : 1/0):5:(sprintf("%d", k)) \
     with labels font ",9" textcolor rgb colour[k + 1] notitle
