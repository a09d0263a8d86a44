# The loss of each of 1000 steps of the iris network.
set xlabel "step"
set ylabel "loss of the batch, in nats"
set xrange [0:1000]
set yrange [0:2]
d = "build/out/06-curve.tsv"
array last[25]
mean25(step, y) = (last[int(step) % 25 + 1] = y, step < 25 ? NaN : (sum [k=1:25] last[k]) / 25)
plot d using 1:2 with lines linecolor rgb "#9db8d6" linewidth 0.6 title "one batch of 8", \
     d using 1:(mean25($1, $2)) with lines linestyle 1 title "mean of the last 25"
