# The scale of the outputs through twenty layers, by activation and start.
set xlabel "layer"
set ylabel "root mean square of the outputs"
set logscale y
set format y "10^{%L}"
set xrange [1:20]
set xtics (1, 5, 10, 15, 20)
set yrange [1e-6:4]
set rmargin 17
unset key
set label 1 "SELU, LeCun" at 20.4,1.5 textcolor rgb "#8a6c00"
set label 2 "ReLU, He" at 20.4,0.55 textcolor rgb "#0b5394"
set label 3 "tanh, Xavier" at 20.4,0.155 textcolor rgb "#7a4fa3"
set label 4 "ReLU, Xavier" at 20.4,7.9e-4 textcolor rgb "#3c8a5b"
set label 5 "tanh, ±1/√I" at 20.4,1.3e-5 textcolor rgb "#c8501e"
set label 6 "tanh, N(0, 0.01²)" at 7.6,1.9e-6 textcolor rgb "#555555"
d = "build/out/06-initialisation.tsv"
plot d using 1:2 with lines linestyle 6 linewidth 1.6 notitle, \
     d using 1:4 with lines linestyle 2 notitle, \
     d using 1:6 with lines linestyle 3 notitle, \
     d using 1:5 with lines linestyle 4 notitle, \
     d using 1:7 with lines linestyle 1 notitle, \
     d using 1:8 with lines linestyle 5 notitle
