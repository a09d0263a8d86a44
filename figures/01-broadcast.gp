# A column and a row meet: pale cells are the same cell read again.
set terminal svg size 640,190 @look
set output out
unset border; unset tics; unset grid
set xrange [0:19]; set yrange [0:4.2]
set size ratio -1
set margins 0,0,0,0
cell(x, y) = sprintf("%d", x)
n = 0
do for [r = 0:2] {
    do for [c = 0:3] {
        n = n + 1
        set object n rectangle from 1 + c, 3 - r to 2 + c, 4 - r fc rgb "#0b5394" fs transparent solid (c == 0 ? 0.45 : 0.10) border lc rgb "#555555"
        set label sprintf("%d", 10 * (r + 1)) at 1.5 + c, 3.5 - r center textcolor rgb (c == 0 ? "#000000" : "#777777")
        n = n + 1
        set object n rectangle from 7 + c, 3 - r to 8 + c, 4 - r fc rgb "#c8501e" fs transparent solid (r == 0 ? 0.45 : 0.10) border lc rgb "#555555"
        set label sprintf("%d", c + 1) at 7.5 + c, 3.5 - r center textcolor rgb (r == 0 ? "#000000" : "#777777")
        n = n + 1
        set object n rectangle from 13 + c, 3 - r to 14 + c, 4 - r fc rgb "#3c8a5b" fs transparent solid 0.25 border lc rgb "#555555"
        set label sprintf("%d", 10 * (r + 1) + c + 1) at 13.5 + c, 3.5 - r center
    }
}
set label "+" at 6, 2.5 center font ",20"
set label "=" at 12, 2.5 center font ",20"
set label "(3, 1), strides (1, 0)" at 3, 0.4 center
set label "(4), strides (0, 1)" at 9, 0.4 center
set label "(3, 4)" at 15, 0.4 center
plot NaN notitle
