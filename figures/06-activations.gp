# Six activations (solid) with their derivatives (dashed).
set terminal svg size 660,460 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,13" \
    linewidth 1.4
set output out
values = "build/out/06-activations.tsv"
slopes = "build/out/06-slopes.tsv"
array name[6] = ["sigmoid", "tanh", "ReLU", "LeakyReLU, ε = 0.1", "ELU, α = 1", "SELU"]
set multiplot layout 2,3 margins 0.06,0.985,0.1,0.935 spacing 0.07,0.17
set xrange [-4:4]
set yrange [-2:2]
set xtics 2
set ytics 1
set key bottom right samplen 2
do for [i=1:6] {
    set title name[i] offset 0,-0.6
    set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linecolor rgb "#999999" linewidth 0.6 back
    plot slopes using 1:(column(i + 1)) with lines linestyle 2 title "f ′(z)", \
         values using 1:(column(i + 1)) with lines linestyle 1 title "f (z)"
}
unset multiplot
