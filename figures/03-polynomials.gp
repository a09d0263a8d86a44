# Three polynomials through twelve noisy points, and beyond them.
# The table has the ten parameters of each curve, lowest power first.
c = "build/out/03-curves.tsv"
array p[30]
do for [k=0:2] {
    do for [j=1:10] {
        stats c using j every ::k::k name "C" nooutput
        p[10*k + j] = C_min
    }
}
curve(k, x) = sum [j=1:10] p[10*k + j]*x**(j - 1)
set samples 301
set xlabel "x"
set ylabel "y" rotate by 0
set xrange [-0.75:0.75]
set yrange [-2.5:6]
set key top center font ",13"
stats "build/out/03-training.tsv" using 1 name "T" nooutput
set object rectangle from T_min,graph 0 to T_max,graph 1 fillstyle solid 0.12 noborder fillcolor rgb "#888888" behind
plot (x + 0.5)*(8*x - 1) with lines linestyle 6 linewidth 2.2 dashtype 1 title "true", \
     curve(0, x) with lines linestyle 3 title "degree 1", \
     curve(1, x) with lines linestyle 1 title "degree 2", \
     curve(2, x) with lines linestyle 2 dashtype 1 title "degree 9", \
     "build/out/03-test.tsv" using 1:2 with points linestyle 6 linewidth 1.4 pointtype 6 pointsize 0.8 title "test points", \
     "build/out/03-training.tsv" using 1:2 with points linestyle 6 linecolor rgb "#000000" pointtype 7 pointsize 0.8 title "training points"
