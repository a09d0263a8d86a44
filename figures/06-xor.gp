# Left: the plane of the inputs; the 2-2-1 network says 1 in the strip.  At its
# edges y = 1/2, and x_1 + x_2 is 1/2 or 3/2.
# Right: the plane of its hidden units, where one line separates.
set terminal svg size 660,360 dynamic font "TeX Gyre Pagella, Palatino, Georgia, serif,14" \
    linewidth 1.4
set output out
set datafile separator whitespace
set key noautotitle
$one << EOD
0 1
1 0
EOD
$zero << EOD
0 0
1 1
EOD
$hidden_one << EOD
1 0
EOD
$hidden_zero << EOD
0 0
2 1
EOD
$strip << EOD
-0.5 1
-0.5 1.5
0 1.5
1.5 0
1.5 -0.5
1 -0.5
EOD
set multiplot layout 1,2 margins 0.1,0.97,0.2,0.91 spacing 0.13,0
set size square
set ylabel rotate by 0 offset 1,0
set tics 1
set title "the inputs" offset 0,-0.5
set xlabel "x_1" offset 0,0.4
set ylabel "x_2"
set xrange [-0.5:1.5]
set yrange [-0.5:1.5]
set label 1 "y > ½" at 0.5,0.5 center textcolor rgb "#0b5394" rotate by -45 front
set label 2 "y < ½" at -0.1,0.3 center textcolor rgb "#555555" rotate by -45 front
set label 3 "y < ½" at 0.7,1.1 center textcolor rgb "#555555" rotate by -45 front
plot $strip using 1:2 with filledcurves closed fillcolor rgb "#dbe7f3" fillstyle solid noborder, \
     0.5 - x with lines linestyle 6 dashtype (6,3) linewidth 1.4, \
     1.5 - x with lines linestyle 6 dashtype (6,3) linewidth 1.4, \
     $one using 1:2 with points linestyle 1 pointsize 1.2, \
     $zero using 1:2 with points linestyle 2 pointtype 4 pointsize 1.2 linewidth 2 dashtype 1
unset label
set title "the hidden units" offset 0,-0.5
set xlabel "h_1" offset 0,0.4
set ylabel "h_2"
set xrange [-0.5:2.5]
set yrange [-1:2]
set label 1 "both" at 1.13,-0.03 textcolor rgb "#0b5394" front
plot "+" using 1:(($1 - 0.5) / 2):(-1) with filledcurves fillcolor rgb "#dbe7f3" fillstyle solid noborder, \
     (x - 0.5) / 2 with lines linestyle 6 dashtype (6,3) linewidth 1.4, \
     $hidden_one using 1:2 with points linestyle 1 pointsize 1.2, \
     $hidden_zero using 1:2 with points linestyle 2 pointtype 4 pointsize 1.2 linewidth 2 dashtype 1
unset multiplot
