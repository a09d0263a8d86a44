# The loss of 784-1024-1024-10 on MNIST, two epochs; a result of experiments.
set xlabel "step"
set ylabel "loss, in nats"
set xrange [0:1876]
set yrange [0:4.5]
set arrow 1 from 938, graph 0 to 938, graph 1 nohead linecolor rgb "#999999" linewidth 0.6 dashtype (4,4)
set label 1 "second epoch" at 960, graph 0.93 textcolor rgb "#555555"
set arrow 2 from graph 0, first 2.302585 to graph 1, first 2.302585 nohead linecolor rgb "#c8501e" linewidth 0.8 dashtype (8,3)
set label 2 "ln 10" at 1780, 2.43 textcolor rgb "#c8501e"
d = "book/results/06-h1024-loss.tsv"
array last[25]
row = 0
mean25(y) = (row = row + 1, last[row % 25 + 1] = y, row < 25 ? NaN : (sum [k=1:25] last[k]) / 25)
plot d using 1:2 with lines linecolor rgb "#9db8d6" linewidth 0.6 notitle, \
     d using 1:(mean25($2)) with lines linestyle 1 notitle
