# Loss by step on the ten start-ups; rates as parts of the bound 2/lambda_max.
t = "build/out/03-rates.tsv"
set logscale y
set format y "10^{%L}"
set xlabel "step"
set ylabel "loss"
set xrange [0:100]
set yrange [1e-7:1e6]
set key outside right center title "rate / bound"
plot t using 1:7 with lines linestyle 4 title "1.10", \
     t using 1:6 with lines linestyle 2 title "1.01", \
     t using 1:5 with lines linestyle 5 title "0.99", \
     t using 1:2 with lines linestyle 6 linewidth 1.8 title "0.10", \
     t using 1:3 with lines linestyle 3 title "0.50", \
     t using 1:4 with lines linestyle 1 title "0.90"
