#!/bin/sh
# latex.sh MAIN.tex OUT.pdf - set the book.
#
# lualatex runs until the table of contents and the references stand still.  Then a book with holes
# is refused: a missing glyph, a link that leads nowhere, or a line or a page that sticks out by
# more than 10 points.  With DRAFT=1 they are told, and let pass.
#
# A run is the longest step of the whole build, so none is wasted.  The pages before chapter 1 move
# when the table of contents gets its length.  The first run of all is therefore given a table that
# has its lines already, from the headings, and lacks only the page numbers; it writes no PDF.  The
# second run then has everything in its place.
set -eu

main=$1 pdf=$2
dir=$(dirname "$main") job=$(basename "$main" .tex)
log=$dir/$job.log

# What one run leaves for the next.  Lines of a .tex file and the labels that pandoc gives to each
# listing stand in it too, and nothing that is printed depends on them.
state() {
    cat "$dir/$job.aux" "$dir/$job.toc" 2>/dev/null |
        sed -e 's/,srcline={[0-9]*}//' -e '/^\\newlabel{code-/d' | cksum
}

# The headings of all pages, as \tableofcontents reads them.
contents() {
    arg='\{([^{}]*)\}' last='\{(.*)\}$'
    sed -n 's/^\\input{\(.*\)}$/\1/p' "$main" | xargs cat | sed -n -E \
        -e "s/^.book(part|chapter|appendix|program|section)$arg$arg$last/\1|.numberline {\2}\4|\3/p" \
        -e "s/^.bookplain(chapter|section)$arg$last/\1|.nonumberline \3|\2/p" | sed -E \
        -e 's/^(appendix|program)/chapter/' \
        -e 's/^(.*)\|.(.*)\|(.*)$/\\contentsline {\1}{\\\2}{000}{\3}%/'
}

run() {                         # lualatex with the options $@
    if ! lualatex "$@" -halt-on-error -interaction=nonstopmode -output-directory="$dir" \
        "$main" >"$dir/$job.terminal" 2>&1
    then
        grep -n -A 8 '^!' "$log" >&2 || tail -20 "$dir/$job.terminal" >&2
        exit 1
    fi
}

# After a run that failed or was interrupted the files may be cut short, and we begin anew.
whole=$dir/$job.whole
if [ ! -e "$whole" ]; then
    rm -f "$dir/$job.aux"
    contents >"$dir/$job.toc"
    run -draftmode
fi
rm -f "$whole"
for count in 1 2 3 4 5; do
    before=$(state)
    run
    [ "$before" != "$(state)" ] || break
done
if [ "$count" -eq 5 ]; then
    echo "$main: five runs and the references still move" >&2
    exit 1
fi
touch "$whole"

# The log breaks lines at 79 columns; an overfull line is told with the lines of the page's file,
# as "at lines 10--20".  The file is the last one opened: the log shows "(build/tex/NN-name.tex".
awk '
    {
        rest = $0
        while (match(rest, /\((\.\/)?[^ ()]*\.tex/)) {
            file = substr(rest, RSTART + 1, RLENGTH - 1)
            rest = substr(rest, RSTART + RLENGTH)
        }
    }
    function tell(text) {
        print file ": " text
        bad = 1
    }
    /^Missing character/ { tell($0) }
    /(unreferenced|duplicate) destination/ { tell($0) }
    /Warning:.*(undefined|multiply.defined)/ && !/Font Warning/ { tell($0) }
    /^Overfull .[hv]box/ {
        match($0, /\([0-9.]+pt/)
        if (substr($0, RSTART + 1) + 0 <= 10) next
        tell($0)
        getline
        print "    " $0
    }
    END { exit bad && ENVIRON["DRAFT"] != 1 }
' "$log" >&2

mv "$dir/$job.pdf" "$pdf"
