# The style that all figures share.  Called with `out` set, as
#   gnuplot -e "out='build/fig/02-vcurve.svg'" figures/style.gp figures/02-vcurve.gp
# Colours differ in lightness too, so a print in grey keeps them apart.
# A figure of another height says: set terminal svg size 640,300 @look
look = 'dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,15" linewidth 1.4'
set terminal svg size 640,400 @look
set output out
set encoding utf8
set minussign
set datafile separator "\t"
set datafile commentschars "#"
set key autotitle columnhead
unset key
set border 3 linecolor rgb "#555555" linewidth 0.8
set tics nomirror out scale 0.6 textcolor rgb "#333333"
set xtics offset 0,0.3
set xlabel offset 0,0.5
set grid back linecolor rgb "#dddddd" linewidth 0.5 dashtype 1
set key top right noenhanced samplen 2.5 spacing 1.15 nobox
set style line 1 linecolor rgb "#0b5394" linewidth 1.8 pointtype 7 pointsize 0.55
set style line 2 linecolor rgb "#c8501e" linewidth 1.8 pointtype 5 pointsize 0.55 dashtype (8,3)
set style line 3 linecolor rgb "#3c8a5b" linewidth 1.8 pointtype 9 pointsize 0.65 dashtype (3,3)
set style line 4 linecolor rgb "#7a4fa3" linewidth 1.8 pointtype 13 pointsize 0.65 dashtype (10,3,2,3)
set style line 5 linecolor rgb "#b08a00" linewidth 1.8 pointtype 11 pointsize 0.65 dashtype (6,2,6,6)
set style line 6 linecolor rgb "#666666" linewidth 1.0 pointtype 6 pointsize 0.6
set style increment user
set palette defined (0 "#ffffff", 1 "#0b5394")
