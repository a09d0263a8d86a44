# y in the space of three samples; its shadow on the plane of the columns.
# The axes are turned so that this plane lies flat: a = 1, b = x made square
# to it, n = the residual.
t = "build/out/03-projection.tsv"
array p[12]
do for [i=0:3] {
    stats t using 2 every ::i::i nooutput name "A"
    p[3*i+1] = A_min
    stats t using 3 every ::i::i nooutput name "A"
    p[3*i+2] = A_min
    stats t using 4 every ::i::i nooutput name "A"
    p[3*i+3] = A_min
}
dot(i, j) = p[3*i+1]*p[3*j+1] + p[3*i+2]*p[3*j+2] + p[3*i+3]*p[3*j+3]
s = dot(1, 0)/dot(0, 0)
b = sqrt(dot(1, 1) - s*s*dot(0, 0))
X(i) = dot(i, 0)/sqrt(dot(0, 0))
Y(i) = (dot(i, 1) - s*dot(i, 0))/b
h = sqrt(dot(2, 2) - dot(3, 3))
set terminal svg size 640,310 @look
set output out
set key off
set size 1,1.3
set origin 0,-0.06
set view 62,30,1.25,1.1
set border 0
unset tics
set xrange [-0.6:4]
set yrange [-0.7:1.9]
set zrange [0:1.9]
set xyplane at 0
set object 1 polygon from -0.6,-0.7,0 to 4,-0.7,0 to 4,1.9,0 to -0.6,1.9,0 to -0.6,-0.7,0 fillstyle transparent solid 0.10 border linecolor rgb "#888888" fillcolor rgb "#0b5394"
set arrow 1 from 0,0,0 to X(0),Y(0),0 front linestyle 6 linewidth 1.8
set arrow 2 from 0,0,0 to X(1),Y(1),0 front linestyle 6 linewidth 1.8
set arrow 3 from 0,0,0 to X(3),Y(3),0 front linestyle 3 dashtype 1 linewidth 2.4
set arrow 4 from 0,0,0 to X(3),Y(3),h front linestyle 1 linewidth 2.4
set arrow 5 from X(3),Y(3),0 to X(3),Y(3),h front linestyle 2 linewidth 2.2
q = 0.16
r = sqrt(X(3)**2 + Y(3)**2)
set arrow 6 from X(3)*(1-q/r),Y(3)*(1-q/r),0 to X(3)*(1-q/r),Y(3)*(1-q/r),q nohead front linestyle 6
set arrow 7 from X(3)*(1-q/r),Y(3)*(1-q/r),q to X(3),Y(3),q nohead front linestyle 6
set label 1 "1" at X(0),Y(0),0 offset 0.8,-0.2 front
set label 2 "x" at X(1),Y(1),0 offset -1.2,0.7 front
set label 3 "y" at X(3),Y(3),h offset -0.4,0.9 front
set label 4 "ŷ = Xθ = Py" at X(3),Y(3),0 right offset -1.2,-0.9 front
set label 5 "y − ŷ" at X(3),Y(3),0.55*h offset 1.0,0 front
set label 6 "all Xθ" at 3.9,-0.6,0 right offset -1,0.6 front textcolor rgb "#555555"
splot NaN
