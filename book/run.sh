#!/bin/sh
# run.sh NAME FILE... - run the program of a chapter once, and put into build/out/
#
#   NAME.out           its whole story
#   NAME-PART.txt      each part of it, headed by the command that prints that part alone
#   NN-*.tsv, NN-*.dot its tables and graphs
#
# A file whose text is what it was is left alone, so that make does not draw or set it again.  FILEs
# are those that the book needs; they must be there in the end.
set -eu

name=$1
shift
build=${BUILD:-build}
out=$build/out new=$build/run/$name
number=${name%%-*}
rm -rf "$new"
mkdir -p "$new" "$out"

# run [ARGUMENT...]: the program; what it printed is told only if it fails.
run() {
    "$build/bin/$name" "$@" > "$new/told" 2>&1 < /dev/null || {
        tail -n 20 "$new/told" >&2
        echo "$name $* failed" >&2
        exit 1
    }
}

run --tsv "$new"
[ -s "$new/told" ] || run       # a program that only writes its tables then
mv "$new/told" "$new/$name.out"

# Empty lines at the end of a part belong to the story.
awk -v name="$name" -v folder="$new" '
    /^== .* ==$/ {
        if (file != "") close(file)
        file = folder "/" name "-" $2 ".txt"
        print "$ ./" name " " $2 > file
        empty = 0
        next
    }
    file == "" { next }
    /^$/ { empty++; next }
    {
        for (; empty > 0; empty--) print "" > file
        print > file
    }' "$new/$name.out"

for f; do
    [ ! -e "$new/$f" ] || continue
    case $f in
    "$name"-*.txt)              # a part that the story leaves out
        part=${f#"$name-"}
        part=${part%.txt}
        run "$part"
        { echo "$ ./$name $part"; cat "$new/told"; } > "$new/$f"
        rm "$new/told" ;;
    *)
        echo "$name writes no $f, which a figure needs" >&2
        exit 1 ;;
    esac
done

for f in "$out/$number"-*.tsv "$out/$number"-*.dot; do
    [ -e "$new/${f##*/}" ] || rm -f "$f"
done
for f in "$new"/*; do
    cmp -s "$f" "$out/${f##*/}" || mv "$f" "$out/"
done
rm -rf "$new"
touch "$out/$name.out"
