# The parts of a step of six networks, as shares of its time.
d = "book/results/speed-parts.tsv"
set terminal svg size 640,300 @look
set output out
set style data histograms
set style histogram rowstacked
set style fill solid 0.85 border rgb "#ffffff"
set boxwidth 0.75
set ylabel "share of a step, %"
set yrange [0:100]
set xtics nomirror
set key outside right top vertical
set grid ytics
plot d using 3:xtic(1) linecolor rgb "#c8501e" title "gather", \
     "" using 4 linecolor rgb "#0b5394" title "products", \
     "" using 5 linecolor rgb "#3c8a5b" title "activations", \
     "" using 6 linecolor rgb "#7a4fa3" title "loss", \
     "" using 7 linecolor rgb "#b08a00" title "step"
