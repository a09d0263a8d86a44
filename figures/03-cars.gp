# Stopping distance by speed, and the line of least squares.
set xlabel "speed (mph)"
set ylabel "distance (ft)"
set xrange [0:26]
set yrange [-20:125]
set key top left
t = "build/out/03-cars.tsv"
stats t using 1:2 name "S" nooutput
plot S_slope*x + S_intercept with lines linestyle 1 title "least squares", \
     t using 1:2 with points linestyle 2 title "cars"
