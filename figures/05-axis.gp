# Two numbers called loss, of one model: softmax over classes, over samples.
set xlabel "epoch"
set ylabel "loss for each image, in nats"
set y2label "right answers"
set xrange [0:30]
set yrange [0:8]
set y2range [0.8:1.0]
set ytics nomirror
set border 11
set y2tics 0.05 format "%.2f"
set grid ytics
set key at graph 0.98, graph 0.55
n = 1438.0                      # the tables hold sums of losses, and per cent
plot "build/out/05-axis.tsv" using 1:($4 / n) with lines linestyle 2 title "loss, softmax over samples", \
     "" using 1:($2 / n) with lines linestyle 1 title "loss, softmax over classes", \
     "" using 1:($0 > 0 ? $5 / 100 : 1/0) axes x1y2 with lines linestyle 4 title "right answers, over samples (right axis)"
