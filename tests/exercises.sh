#!/bin/sh
# exercises.sh - what a reader does with the exercises, and what makes sure that they are sound.
#
#   start      copy the stubs to answers/, never over a file that is there
#   test       check the answers: CH=3 a chapter, EX=3.2 one exercise, ONLY='3.2 4.1' several
#   progress   only the table
#   hint       EX=3.2: one hint, and one more each time; L=2 the second
#   solution   EX=3.2: our answer, once it is solved or the hints are read; SHOW=1 already now
#   reset      EX=3.2: begin anew, and keep the old answer
#   watch      check whatever is saved
#   tangle     write tangled/exercises/ anew (needs noweb)
#   check-exercises   stubs, answers and wrong answers of the book (needs noweb, gcc and clang)
#
# Runs in the book's folder.  Answers may be compiled with more, for instance
# EX_CFLAGS='-fsanitize=address,undefined'.
#
# Files: tangled/exercises/ex_1_1.c, .answer.c, .check.c and .hints; answers/01/ex_1_1.c; in
# answers/.stubs a line for each answer with the sum of the stub that it began from, in
# answers/.hints the number of hints that were read; all else in build/exercises/.

CHAPTERS=${CHAPTERS:-chapters}
TANGLED=${TANGLED:-tangled}
ANSWERS=${ANSWERS:-answers}
BUILD=${BUILD:-build}
STUBS=$TANGLED/exercises
WORK=$BUILD/exercises
CC=${CC:-cc}
EX_CFLAGS=${EX_CFLAGS:-}
LDLIBS=${LDLIBS:--lgsl -lopenblas -lz -lm}
FLAGS="-std=c17 -D_POSIX_C_SOURCE=200809L -I$TANGLED"
WARN='-Wall -Wextra -Wno-unused-parameter -Werror=implicit-function-declaration'
JOBS=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
OPENBLAS_NUM_THREADS=1
LC_ALL=C
export CHAPTERS TANGLED ANSWERS BUILD CC EX_CFLAGS LDLIBS OPENBLAS_NUM_THREADS LC_ALL
here=$(dirname "$0")
self=$0
NL='
'

colour=0
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    colour=1
fi

die() {
    for s; do echo "$s"; done >&2
    exit 2
}

report() {                      # see exercises.awk
    what=$1
    shift
    awk -f "$here/exercises.awk" -v job="$what" "$@"
}

# ---------------------------------------------------------------- names

name() { echo "ex_${1%.*}_${1#*.}"; }   # 3.2 -> ex_3_2
stub() { echo "$STUBS/ex_${1%.*}_${1#*.}.c"; }

number() {                      # ex_3_2 -> 3.2
    set -- "${1#ex_}"
    echo "${1%_*}.${1#*_}"
}

mine() {                        # 3.2 -> answers/03/ex_3_2.c
    case $1 in [0-9].*) set -- "$1" 0 ;; esac
    echo "$ANSWERS/${2:-}${1%.*}/ex_${1%.*}_${1#*.}.c"
}

sum_of() {
    cksum < "$1" | {
        read -r sum size
        echo "$sum-$size"
    }
}

in_order() {                    # by chapter, letters last, then by number
    awk -F. '{ print ($1 ~ /^[0-9]+$/ ? $1 : 1000), $1, $2 }' | sort -k1,1n -k2,2 -k3,3n |
        awk '{ print $2 "." $3 }'
}

exercises_in() {                # folder $1
    (cd "$1" 2>/dev/null && ls) | sed -n 's/^ex_\([0-9A-Z]*\)_\([0-9]*\)\.c$/\1.\2/p' | in_order
}

# The exercises that EX, CH and ONLY leave; a wrong name ends the program.
selected() {
    all=$(exercises_in "$STUBS")
    [ -n "$all" ] || die "There are no exercises in $STUBS."
    if [ -n "${EX:-}" ]; then
        echo "$all" | grep -Fx -e "$EX" || die "There is no exercise $EX." \
            "The first is $(echo "$all" | sed 1q), the last $(echo "$all" | tail -n 1)."
    elif [ -n "${CH:-}" ]; then
        echo "$all" | grep "^${CH#0}\\." || die "Chapter $CH has no exercises."
    elif [ -n "${ONLY:-}" ]; then
        for e in $ONLY; do
            echo "$all" | grep -Fx -e "$e"
        done
    else
        echo "$all"
    fi
}

one_exercise() {
    [ -n "${EX:-}" ] ||
        die "Which exercise? For instance: make $1 EX=$(exercises_in "$STUBS" | sed 1q)"
    selected >/dev/null || exit 2
}

# ---------------------------------------------------------------- start and reset

remember() {                    # the stub that an answer began from
    {
        grep -v "^$1 " "$ANSWERS/.stubs" 2>/dev/null
        echo "$1 $(sum_of "$(stub "$1")")"
    } > "$ANSWERS/.stubs.new"
    mv "$ANSWERS/.stubs.new" "$ANSWERS/.stubs"
}

begun_from() { sed -n "s/^$1 //p" "$ANSWERS/.stubs" 2>/dev/null; }

report_changed() {
    for e in $1; do
        [ -f "$(mine "$e")" ] || continue
        old=$(begun_from "$e")
        [ -n "$old" ] && [ "$old" != "$(sum_of "$(stub "$e")")" ] || continue
        echo "Exercise $e has changed since you began $(mine "$e")." \
            "Your file is as you left it."
        echo "  To compare:  diff $(mine "$e") $(stub "$e")"
        echo "  To begin anew and keep yours aside:  make reset EX=$e"
    done
}

copy_stub() {
    to=$(mine "$1")
    mkdir -p "$(dirname "$to")" &&
        cp "$(stub "$1")" "$to.part" &&
        mv "$to.part" "$to" &&
        remember "$1"
}

start() {
    list=$(selected) || exit 2
    new=0
    old=0
    for e in $list; do
        if [ -e "$(mine "$e")" ]; then
            old=$((old + 1))
        else
            copy_stub "$e" || exit 1
            new=$((new + 1))
        fi
    done
    [ $new -eq 0 ] || echo "Copied to $ANSWERS/: $new."
    [ $old -eq 0 ] || echo "Already there, and left as they are: $old."
    report_changed "$list"
    first=$(echo "$list" | sed 1q)
    echo "Begin with $(mine "$first"): put your code in the place of EX_TODO();" \
        "then: make test EX=$first"
}

reset() {
    one_exercise reset
    file=$(mine "$EX")
    if [ ! -e "$file" ]; then
        copy_stub "$EX" && echo "$file is ready."
    elif cmp -s "$file" "$(stub "$EX")"; then
        remember "$EX"
        echo "$file is the stub already."
    else
        aside=$file.old
        n=2
        while [ -e "$aside" ]; do
            aside=$file.old$n
            n=$((n + 1))
        done
        mv "$file" "$aside" && copy_stub "$EX" || exit 1
        echo "$file is the stub again."
        echo "Yours is kept as $aside."
    fi
}

# ---------------------------------------------------------------- checking answers

# A shell function has no variables of its own: those of one that calls another bear different
# names.

# What every result depends on: compiler, flags, limits, headers.
common_key() {
    {
        echo "$CC $FLAGS $WARN $EX_CFLAGS $LDLIBS ${TAP_TIMEOUT:-} ${TAP_PATIENCE:-}"
        cat "$self" "$TANGLED"/*.h "$TANGLED"/data/*.h 2>/dev/null
    } | cksum | tr ' ' -
}

# Compile the check of exercise $1 unless that is done.
build_check() {
    source=$STUBS/$(name "$1").check.c
    o=$WORK/check/$(name "$1").o
    check_key="$COMMON $(sum_of "$source")"
    if [ -f "$o" ] && [ "$(cat "$o.key" 2>/dev/null)" = "$check_key" ]; then
        return 0
    fi
    mkdir -p "$WORK/check"
    $CC $FLAGS -O1 -g $EX_CFLAGS -c -o "$o.part" "$source" &&
        mv "$o.part" "$o" &&
        echo "$check_key" > "$o.key"
}

explain_link() {                # in the reader's words
    case $1 in
    *"multiple definition of"*main* | *"duplicate symbol"*main*)
        echo "Remove your main: the check has one." ;;
    *"undefined reference"* | *"ndefined symbols"*)
        echo "The check did not find a function:" \
            "its name and parameters must stay as in the stub." ;;
    esac
}

# What the result of exercise $1 depends on besides; has it been checked with that?
key_of() { echo "$COMMON $(cat "$(mine "$1")" "$STUBS/$(name "$1").check.c" | cksum)"; }
checked() {
    { read -r done_with < "$WORK/mine/$(name "$1").key"; } 2>/dev/null &&
        [ "$done_with" = "$(key_of "$1")" ]
}

# Check the answer to exercise $1; leave $WORK/mine/ex_N_M.state, .report, .warnings and .key.
# A result is kept until the answer, the check, a header or a flag changes.
check_one() {
    [ -n "$1" ] || return 0     # some xargs run once for no words at all
    n=$(name "$1")
    r=$WORK/mine/$n
    file=$(mine "$1")
    key=$(key_of "$1")
    rm -f "$r.key"
    if ! build_check "$1" 2> "$r.report"; then
        echo "broken check" > "$r.state"
    elif ! compile_answer > "$r.warnings" 2>&1; then
        mv "$r.warnings" "$r.report"
        echo "does not compile" > "$r.state"
    elif ! $CC $EX_CFLAGS -o "$r" "$WORK/check/$n.o" "$r.o" $LDLIBS > "$r.report" 2>&1; then
        explain_link "$(cat "$r.report")" >> "$r.report"
        echo "does not compile" > "$r.state"
    else
        EX_FILE=$file "$r" > "$r.report" 2>&1 < /dev/null
        report state "$r.report" > "$r.state"
    fi
    echo "$key" > "$r.key"
}

compile_answer() {              # $file to $r.o
    $CC $FLAGS $WARN -O1 -g $EX_CFLAGS -fdiagnostics-color=never -c -o "$r.o" "$file"
}

state_of() {                    # of exercise $1, as far as it has been checked
    if [ -f "$(mine "$1")" ] && { read -r state < "$WORK/mine/$(name "$1").state"; } 2>/dev/null
    then
        echo "$state"
    else
        echo "not attempted"
    fi
}

# An answer that is the stub, as it is or as it was, need not be compiled.
untouched() {
    file=$(mine "$1")
    cmp -s "$file" "$(stub "$1")" || [ "$(sum_of "$file")" = "$(begun_from "$1")" ]
}

check_all() {                   # $1: the exercises
    mkdir -p "$WORK/mine"
    COMMON=$(common_key)
    export COMMON
    for e in $1; do
        [ -f "$(mine "$e")" ] || continue
        if [ -z "${EX:-}" ] && untouched "$e"; then
            rm -f "$WORK/mine/$(name "$e").key"
            echo "not attempted" > "$WORK/mine/$(name "$e").state"
        elif ! checked "$e"; then
            echo "$e"
        fi
    done | xargs -n 1 -P "$JOBS" sh "$self" check-one
}

show_report() {                 # of exercise $1, whose state is $2
    r=$WORK/mine/$(name "$1")
    case $2 in
    "does not compile")
        echo "not ok - ex $1 does not compile:"
        sed 40q "$r.report"
        echo "A hint: make hint EX=$1" ;;
    "broken check")
        echo "not ok - the check of exercise $1 does not compile." \
            "Is everything installed (make check-tools)? If so, this is a fault of the book:"
        sed 20q "$r.report" ;;
    *)
        [ -z "${EX:-}" ] && [ "$2" = "not attempted" ] || sed 20q "$r.warnings"
        if [ -n "${EX:-}" ]; then
            cat "$r.report"
        else
            report failures "$r.report"
        fi | report paint -v colour=$colour ;;
    esac
    echo
}

table() {                       # of the exercises $1
    for e in $1; do
        echo "$e $(state_of "$e")"
    done | report table -v colour=$colour -v folder="$CHAPTERS"
}

run_tests() {
    list=$(selected) || exit 2
    bad=0
    check_all "$list"
    for e in $list; do
        s=$(state_of "$e")
        case $s in
        right)
            [ -z "${EX:-}" ] || show_report "$e" "$s" ;;
        "not attempted")
            [ -z "${EX:-}" ] || [ ! -f "$(mine "$e")" ] || show_report "$e" "$s" ;;
        *)
            bad=1
            show_report "$e" "$s" ;;
        esac
    done
    report_changed "$list"
    if [ -n "${EX:-}" ]; then
        [ -f "$(mine "$EX")" ] || echo "Exercise $EX is not begun. To begin: make start"
        echo "Exercise $EX: $(state_of "$EX")."
    else
        table "$list"
        [ -d "$ANSWERS" ] || echo "To begin: make start"
    fi
    return $bad
}

progress() {
    list=$(selected) || exit 2
    EX='' check_all "$list"
    table "$list"
    [ -d "$ANSWERS" ] || echo "To begin: make start"
}

# ---------------------------------------------------------------- hints and solutions

paragraphs() { awk 'BEGIN { RS = "" } END { print NR }' "$1"; }
hints_in() { paragraphs "$STUBS/$(name "$1").hints"; }
hints_seen() {
    awk -v e="$1" '$1 == e { n = $2 } END { print n + 0 }' "$ANSWERS/.hints" 2>/dev/null || echo 0
}

# Labels such as eq:offset with the numbers that the book prints.
numbered() {
    labels=$TANGLED/data/labels.h
    [ -f "$labels" ] || labels=/dev/null
    awk -F'"' -v labels="$labels" '
        FILENAME == labels {
            if (NF > 4) number[$2] = $4
            next
        }
        {
            line = ""
            while (match($0, /eq:[a-z0-9-]*[a-z0-9]/)) {
                label = substr($0, RSTART, RLENGTH)
                line = line substr($0, 1, RSTART - 1) (label in number ? number[label] : label)
                $0 = substr($0, RSTART + RLENGTH)
            }
            print line $0
        }' "$labels" -
}

show_hint() {                   # number $2 of exercise $1
    echo "Hint $2 of $(hints_in "$1") for exercise $1:"
    awk -v k="$2" 'BEGIN { RS = "" } NR == k' "$STUBS/$(name "$1").hints" |
        numbered | sed 's/^/    /'
}

hint() {
    one_exercise hint
    all=$(hints_in "$EX")
    seen=$(hints_seen "$EX")
    if [ -n "${L:-}" ]; then
        case $L in *[!0-9]* | 0) L=$((all + 1)) ;; esac
        [ "$L" -le "$all" ] || die "Exercise $EX has $all hints: L=1 to L=$all."
        show_hint "$EX" "$L"
        new=$L
    elif [ "$seen" -ge "$all" ]; then
        k=0
        while [ $k -lt "$all" ]; do
            k=$((k + 1))
            show_hint "$EX" $k
        done
        new=$all
    else
        new=$((seen + 1))
        show_hint "$EX" $new
    fi
    if [ "$new" -gt "$seen" ]; then
        mkdir -p "$ANSWERS"
        {
            grep -v "^$EX " "$ANSWERS/.hints" 2>/dev/null
            echo "$EX $new"
        } > "$ANSWERS/.hints.new"
        mv "$ANSWERS/.hints.new" "$ANSWERS/.hints"
    fi
    if [ "$new" -lt "$all" ]; then
        echo "The next one: make hint EX=$EX"
    else
        echo "There are no more. Our answer: make solution EX=$EX"
    fi
}

solution() {
    one_exercise solution
    all=$(hints_in "$EX")
    seen=$(hints_seen "$EX")
    [ ! -f "$(mine "$EX")" ] || check_all "$EX"
    if [ "$(state_of "$EX")" = right ] || [ "$seen" -ge "$all" ] || [ "${SHOW:-0}" = 1 ]; then
        cat "$STUBS/$(name "$EX").answer.c"
    else
        echo "You have not solved exercise $EX yet, and have read $seen of its $all hints."
        echo "The next hint:       make hint EX=$EX"
        echo "Our answer already:  make solution EX=$EX SHOW=1"
    fi
}

# ---------------------------------------------------------------- watch

look() {                        # every answer with its sum
    for f in "$ANSWERS"/*/ex_*.c; do
        [ ! -f "$f" ] || echo "$f $(sum_of "$f")"
    done
}

# The names of the answers in $now that do not stand in $before, with the same sum.
changed_since() {
    echo "$now" | while read -r line; do
        case $NL$before$NL in
        *"$NL$line$NL"*) ;;
        *) basename "${line% *}" .c ;;
        esac
    done
}

watch() {
    trap 'echo; echo "No longer watching."; exit 0' INT TERM
    [ -d "$ANSWERS" ] || die "There is nothing to watch yet. To begin: make start"
    run_tests
    before=$(look)              # before the word, for the reader may save at once
    echo "Watching $ANSWERS/: save a file, and it is checked. Ctrl-C ends this."
    while sleep "${WATCH_SECONDS:-1}"; do
        now=$(look)
        [ "$now" != "$before" ] || continue
        changed=$(changed_since)
        before=$now
        for n in $changed; do
            [ -f "$STUBS/$n.c" ] || continue
            echo
            (
                EX=$(number "$n")
                run_tests
            )
        done
        [ -z "$changed" ] || table "$(exercises_in "$STUBS")" | report totals
    done
}

# ---------------------------------------------------------------- tangle

# Write the exercises that the chapters hold to folder $1, and the wrong answers to $2 if given.
tangle_to() {
    command -v notangle >/dev/null || die "noweb is not installed: make setup"
    lib=$(sed -n 's/^LIB=//p' "$(command -v notangle)" | sed 1q)
    mkdir -p "$@"
    "$lib/markup" "$CHAPTERS"/*.nw | awk -v exercises="$1" -v wrong="${2:-}" \
        -v there="$(echo "$1"/*)" -f "$here/../book/tangle.awk"
}

tangle() { tangle_to "$STUBS"; }

# ---------------------------------------------------------------- check-exercises

# What the chunks and the headings say about each exercise: one line for each fault.
structure() {
    heading='s/^#.*{#ex:\([0-9A-Z]*\.[0-9]*\)[ }].*/\1/p'
    sed -n "$heading" "$CHAPTERS"/*.nw | sort > "$WORK/headings"
    while read -r e; do
        grep -qFx "$e zero" "$WORK/wrong.list" || echo "ex $e: <<wrong $e zero>> is missing"
        [ "$(grep -cF "$e " "$WORK/wrong.list")" -ge 3 ] ||
            echo "ex $e: fewer than three wrong answers"
        grep -qFx "$e" "$WORK/headings" || echo "ex $e: no heading {#ex:$e}"
        [ "$(paragraphs "$WORK/fresh/$(name "$e").hints")" -ge 2 ] ||
            echo "ex $e: fewer than two hints"
    done < "$WORK/list"
    [ -z "${EX:-}${CH:-}" ] || return 0
    uniq -c "$WORK/headings" | while read -r times e; do
        [ "$times" -eq 1 ] || echo "ex $e: $times headings"
        grep -qFx "$e" "$WORK/list" || echo "ex $e: a heading, but no chunk <<$(name "$e").c>>"
    done
    sed -n 's/^<<\(solve\|check\|hint\|wrong\) \([0-9A-Z]*\.[0-9]*\).*>>=$/\2/p' "$CHAPTERS"/*.nw |
        sort -u | while read -r e; do
            grep -qFx "$e" "$WORK/list" || echo "ex $e: chunks, but no stub <<$(name "$e").c>>"
        done
}

# A job of check-exercises prints one TAP line without a number, then why it failed.
verdict() {
    if [ -z "$2" ]; then
        echo "ok - $1"
    else
        echo "not ok - $1"
        echo "$2" | sed 20q | sed 's/^/# /'
    fi
}

flags_of() {
    case $1 in
    gcc-O0) echo gcc -O0 ;;
    gcc-O3) echo gcc -O3 ;;
    clang-O0) echo clang -O0 ;;
    clang-O3) echo clang -O3 ;;
    sanitized) echo gcc -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all ;;
    esac
}

check_stub() {                  # exercise $1
    f=$WORK/fresh/$(name "$1")
    b=$WORK/check/$(name "$1")
    why=''
    hunk=$(diff "$f.c" "$f.answer.c" | grep -v '^>' | grep -v '^---')
    case $hunk in
    *"$NL"*"$NL"*) why="stub and answer differ in more than one place" ;;
    *"$NL<"*EX_TODO\(\)\;) ;;
    *) why="stub and answer do not differ in EX_TODO(); alone" ;;
    esac
    for c in gcc clang; do
        out=$($c $FLAGS $WARN -Werror -O1 -c -o "$b.$c.stub.o" "$f.c" 2>&1) ||
            why="$why${why:+$NL}$c: $out"
    done
    if [ -z "$why" ]; then
        out=$(gcc $FLAGS $WARN -Werror -O1 -g -c -o "$b.o" "$f.check.c" 2>&1 &&
            gcc -o "$b.stub" "$b.o" "$b.gcc.stub.o" $LDLIBS 2>&1) || why=$out
    fi
    if [ -z "$why" ]; then
        out=$("$b.stub" 2>&1) || why="the untouched stub fails$NL$out"
        echo "$out" | grep '^not ok' >/dev/null || why="the untouched stub is not TODO$NL$out"
        echo "$out" | grep '^ok\|^not ok' | grep -v '^not ok.*# TODO not attempted' >/dev/null &&
            why="the untouched stub is attempted$NL$out"
        EX_STRICT=1 "$b.stub" >/dev/null 2>&1 &&
            why="the untouched stub passes with EX_STRICT=1"
    fi
    verdict "ex $1: the stub is clean, and not attempted" "$why"
}

check_answer() {                # exercise $1, configuration $2
    f=$WORK/fresh/$(name "$1")
    b=$WORK/check/$(name "$1").$2
    why=''
    # shellcheck disable=SC2046
    set -- "$1" "$2" $(flags_of "$2")
    e=$1
    conf=$2
    compiler=$3
    shift 3
    # The check itself is compiled by both compilers, and instrumented with the answer; elsewhere
    # its object serves again.
    check=$f.check.c
    case $conf in gcc-O0 | gcc-O3 | clang-O3) check=$WORK/check/$(name "$e").o ;; esac
    out=$($compiler $FLAGS $WARN -Werror "$@" -o "$b" "$check" "$f.answer.c" $LDLIBS 2>&1) ||
        why=$out
    if [ -z "$why" ]; then
        out=$(EX_STRICT=1 "$b" 2>&1 < /dev/null) || why="it fails$NL$out"
        echo "$out" | grep '^not ok\|# TODO\|# SKIP\|runtime error' >/dev/null &&
            why="it does not pass all its checks$NL$out"
        echo "$out" | grep '^ok' >/dev/null || why="no check has run$NL$out"
    fi
    rm -f "$b"
    verdict "ex $e: the answer passes, $conf" "$why"
}

check_wrong() {                 # exercise $1, name $2
    f=$WORK/wrong/$(name "$1").$2
    why=''
    expected=$(sed -n 's/^ *\/\* *expect: *\(.*[^ ]\) *\*\/.*/\1/p' "$f.c" | sed 1q)
    [ -n "$expected" ] || why="it does not begin with /* expect: ... */"
    if [ -z "$why" ]; then
        out=$(gcc $FLAGS -O1 -c -o "$f.o" "$f.c" 2>&1 &&
            gcc -o "$f" "$WORK/check/$(name "$1").o" "$f.o" $LDLIBS 2>&1) || why=$out
    fi
    if [ -z "$why" ]; then
        out=$(TAP_TIMEOUT=${TAP_TIMEOUT:-2} "$f" 2>&1 < /dev/null) && why="it passes$NL$out"
        echo "$out" | grep '^#' | grep -iF -e "$expected" >/dev/null ||
            why="$why${why:+$NL}the report does not say: $expected$NL$out"
        [ "$2" = zero ] && echo "$out" | grep '^ok' >/dev/null &&
            why="the zero answer passes a check$NL$out"
    fi
    rm -f "$f" "$f.o"
    verdict "ex $1: the wrong answer $2 is found out" "$why"
}

# Where tangled/exercises/ differs from what the chapters give now.
drift() {
    if [ -z "${EX:-}${CH:-}" ]; then
        diff -r "$WORK/fresh" "$STUBS" 2>&1
        return
    fi
    while read -r e; do
        for f in "$WORK/fresh/$(name "$e")".*; do
            diff "$f" "$STUBS/${f##*/}" 2>&1
        done
    done < "$WORK/list"
}

# For who writes: EX or CH for a part, and fewer flags in CONFIGS.
check_exercises() {
    CONFIGS=${CONFIGS:-gcc-O0 gcc-O3 clang-O0 clang-O3 sanitized}
    tap=$WORK/check.tap
    rm -rf "$WORK/check" "$WORK/wrong" "$WORK/fresh"
    mkdir -p "$WORK/check"
    tangle_to "$WORK/fresh" "$WORK/wrong" || exit 1
    exercises_in "$WORK/fresh" > "$WORK/list"
    (cd "$WORK/wrong" && ls) |
        sed -n 's/^ex_\([0-9A-Z]*\)_\([0-9]*\)\.\(.*\)\.c$/\1.\2 \3/p' > "$WORK/wrong.list"
    only=$(echo "${EX:-${CH:+${CH#0}.}}" | sed 's/[.]/[.]/')
    if [ -n "$only" ]; then
        for f in list wrong.list; do
            grep -e "^$only${EX:+\$}" -e "^$only${EX:+ }" "$WORK/$f" > "$WORK/$f.part"
            mv "$WORK/$f.part" "$WORK/$f"
        done
    fi
    if [ ! -s "$WORK/list" ]; then
        echo "There is nothing to check: no chapter in $CHAPTERS/ has an exercise." >&2
        exit 1
    fi
    {
        verdict "every exercise has its parts" "$(structure 2>&1)"
        verdict "$STUBS is what the chapters say" "$(drift)"
        sed 's/^/stub /' "$WORK/list" | xargs -n 2 -P "$JOBS" sh "$self" job
        {
            sed 's/^/wrong /' "$WORK/wrong.list"
            while read -r e; do
                for c in $CONFIGS; do
                    echo "answer $e $c"
                done
            done < "$WORK/list"
        } | xargs -n 3 -P "$JOBS" sh "$self" job
    } | awk '/^(not )?ok/ { sub(/ok/, "ok " ++n) } { print } END { print "1.." n }' > "$tap"
    awk '/^(not )?ok/ { show = /^not/ } show && !/^1\.\./' "$tap"
    e=$(wc -l < "$WORK/list")
    w=$(wc -l < "$WORK/wrong.list")
    jobs=$(grep -c '^ok\|^not ok' "$tap")
    bad=$(grep -c '^not ok' "$tap")
    want=$((2 + e * (1 + $(echo $CONFIGS | wc -w)) + w))
    echo "$((e)) exercises, $((w)) wrong answers: $jobs checks, $bad failed."
    [ "$bad" -eq 0 ] || exit 1
    if [ "$jobs" -ne "$want" ]; then
        echo "Only $jobs of $want checks were made." >&2
        exit 1
    fi
}

# A job's whole output is one write, so that those of two jobs do not mix.
job() {
    case ${1:-} in
    '') return ;;
    stub) out=$(check_stub "$2") ;;
    answer) out=$(check_answer "$2" "$3") ;;
    wrong) out=$(check_wrong "$2" "$3") ;;
    esac
    printf '%s\n' "$out"
}

case ${1:-} in
start | reset | hint | solution | watch | tangle | progress) "$1" ;;
test) run_tests ;;
check-one) check_one "${2:-}" ;;
check-exercises) check_exercises ;;
job)
    shift
    job "$@" ;;
*) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
