# The entropy of a coin against the probability of heads.
set xlabel "probability of heads"
set ylabel "entropy in nats"
set xrange [0:1]
set yrange [0:0.78]
set xtics 0.1
set label 1 "ln 2 = one bit" at 0.5,0.74 center
set arrow 1 from 0,0.6931 to 1,0.6931 nohead linestyle 6
set label 2 "bent to 0.9: 0.325" at 0.885,0.325 right
set grid xtics ytics
plot "build/out/05-coin.tsv" using 1:2 with lines linestyle 1 notitle, \
     "+" using (0.9):(0.3251) every ::0::0 with points linestyle 2 notitle
