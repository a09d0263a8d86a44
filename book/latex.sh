#!/bin/sh
# latex.sh MAIN.tex OUT.pdf - run lualatex until the table of contents and the references stand still, then refuse a book with holes:
# a missing glyph, a link that leads nowhere, or a line or a page that sticks out by more than 10 points. With DRAFT=1 they are told, and let pass.
set -eu

main=$1 pdf=$2
dir=$(dirname "$main") job=$(basename "$main" .tex)
log=$dir/$job.log

state() { cat "$dir/$job.aux" "$dir/$job.toc" "$dir/$job.out" 2>/dev/null | cksum; }

for run in 1 2 3 4 5; do
    before=$(state)
    if ! lualatex -halt-on-error -interaction=nonstopmode -output-directory="$dir" "$main" >"$dir/$job.terminal" 2>&1; then
        grep -n -A 8 '^!' "$log" >&2 || tail -20 "$dir/$job.terminal" >&2
        exit 1
    fi
    [ "$before" != "$(state)" ] || break
done
[ "$run" -lt 5 ] || { echo "$main: five runs and the references still move" >&2; exit 1; }

# The log breaks lines at 79 columns; an overfull line is told with the lines of the page's file, as "at lines 10--20". The file is the
# last one opened, which the log shows as "(build/tex/NN-name.tex".
awk '
    { s = $0; while (match(s, /\((\.\/)?[^ ()]*\.tex/)) { file = substr(s, RSTART + 1, RLENGTH - 1); s = substr(s, RSTART + RLENGTH) } }
    /^Missing character/ { print file ": " $0; bad = 1 }
    /(unreferenced|duplicate) destination/ || (/Warning:.*(undefined|multiply.defined)/ && !/Font Warning/) { print file ": " $0; bad = 1 }
    /^Overfull .[hv]box/ {
        match($0, /\([0-9.]+pt/)
        if (substr($0, RSTART + 1) + 0 > 10) { print file ": " $0; getline; print "    " $0; bad = 1 }
    }
    END { exit bad && ENVIRON["DRAFT"] != 1 }
' "$log" >&2

mv "$dir/$job.pdf" "$pdf"
