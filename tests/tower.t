#!/bin/bash
# tower.t - the include lines of the modules show a tower: mathematics below, the workshop beside
# it, programs on top. A module of mathematics includes only such as stand before it in the list
# (and the headers of C, GSL and CBLAS); one of the workshop includes both kinds; program.h is for
# programs alone. What is on the list but not (yet) there is left out. Run it at the top of the
# repository.
set -u

# ---- the tower, in order; this is the only list ---------------------------------

mathematics="tensor.h elementary.h dual.h tape.h gradcheck.h linear.h glm.h loop.h softmax.h layers.h
    optim.h tsne.h train.h taped.h"
workshop="dataset.h images.h sets.h checkpoint.h progress.h blas.h tap.h exercise.h labels.h"
programs="program.h report.h run.h"
data=$(cd chapters/data && ls *.csv *.csv.gz | sed 's/\.csv.*/.h/')      # in tangled/ or its data/

# ---- the rule ---------------------------------------------------------------------

# check FOLDER FILE...: a line for each include that breaks it
check() {
    local folder=$1
    shift
    ( cd "$folder" && awk -v mathematics="$mathematics" -v workshop="$workshop" \
        -v programs="$programs" -v data="$(echo $data)" '
    BEGIN {
        list("mathematics", mathematics)
        list("workshop", workshop)
        list("program", programs)
        list("data", data)
    }
    function list(kind, names,    n, name, i) {
        n = split(names, name, " ")
        for (i = 1; i <= n; i++) {
            kind_of[name[i]] = kind
            place[name[i]] = i
        }
    }
    function group(file) {
        sub(/^data\//, "", file)
        return file ~ /\.c$/ ? "program" : kind_of[file]
    }
    FNR == 1 && group(FILENAME) == "" { print FILENAME ": tests/tower.t does not list it" }
    /^#[ ]*include[ ]*"/ {
        split($0, part, "\"")
        fault = broken(FILENAME, part[2])
        if (fault != "") print FILENAME ":" FNR ": " fault
    }
    function broken(file, name,    from, to) {
        from = group(file)
        to = group(name)
        if (to == "") return "tests/tower.t does not list " name
        if (from == "program" || from == "") return ""
        if (to == "program") return "only a program includes " name
        if (from == "data") return "data include nothing, not " name
        if (from == "workshop") return ""
        if (to != "mathematics") return "mathematics does not include " name ", which is " to
        if (place[name] >= place[file]) return name " does not stand before " file
        return ""
    }' "$@" )
}

# ---- TAP ----------------------------------------------------------------------------

n=0
ok() {      # ok FINDINGS TITLE: there should be none
    n=$((n + 1))
    if [ -z "$1" ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        echo "$1" | sed 's/^/# /'
    fi
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
planted() {     # planted FILE INCLUDED WORDS: this include is refused with these words, or ("") not
    printf '#include <math.h>\n#include "%s"\n' "$2" >"$dir/$1"
    local found
    found=$(check "$dir" "$1")
    if [ -z "$3" ]; then
        ok "$found" "$1 may include $2"
    elif [ "$found" = "$1:2: $3" ]; then
        ok "" "$1 must not include $2"
    else
        ok "found: $found" "$1 must not include $2"
    fi
    rm "$dir/$1"
}

planted layers.h softmax.h ""
planted checkpoint.h train.h ""
planted exercise.h tap.h ""
planted 07-adam.c program.h ""
planted 01-tensors.c data/iris.h ""
planted softmax.h layers.h "layers.h does not stand before softmax.h"
planted tensor.h tensor.h "tensor.h does not stand before tensor.h"
planted train.h images.h "mathematics does not include images.h, which is workshop"
planted linear.h iris.h "mathematics does not include iris.h, which is data"
planted images.h program.h "only a program includes program.h"
planted tape.h program.h "only a program includes program.h"
planted 07-adam.c other.h "tests/tower.t does not list other.h"

# ---- the modules and programs that are there ------------------------------------------

for name in $mathematics; do
    [ ! -e "tangled/$name" ] || ok "$(check tangled "$name")" "$name stands on mathematics alone"
done
for name in $workshop $programs; do
    [ ! -e "tangled/$name" ] || ok "$(check tangled "$name")" "$name needs no program"
done

others() {      # what else is in tangled/: programs, data, and modules that no one listed
    ( cd tangled && ls *.h *.c data/*.h 2>/dev/null ) |
        grep -vxF "$(printf '%s\n' $mathematics $workshop $programs)"
}
ok "$(check tangled $(others))" "programs and data include what is listed, and all modules are"

echo "1..$n"
