# A line from the program of the chapter.
plot "build/out/01-line.tsv" using 1:2 with lines linestyle 1
