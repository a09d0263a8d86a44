# The loss by epoch on both parts, from ln 10 down.
set xlabel "epoch"
set ylabel "loss in nats"
set xrange [0:30]
set yrange [0:2.5]
set grid ytics
set arrow 1 from 0,2.302585 to 30,2.302585 nohead linestyle 6
set label 1 "ln 10 = 2.303" at 29.5,2.39 right
set key at graph 0.98, graph 0.62
plot "build/out/05-loss.tsv" using 1:2 with lines linestyle 1 title "training images", \
     "" using 1:4 with lines linestyle 2 title "test images"
