# Four schedules over 20 epochs and the one that was meant to be exponential.
d = "build/out/08-schedules.tsv"
set xlabel "epoch"
set ylabel "learning rate"
set yrange [0:0.125]
set key top right
set grid
plot d using 1:3 with lines ls 1 title "exponential, 0.95 an epoch", \
     d using 1:4 with lines ls 2 title "step, a half every 5", \
     d using 1:5 with lines ls 3 title "cosine with a warm-up", \
     d using 1:6 with lines ls 4 title "0.95 compounded"
