#!/bin/bash
# The table of mistakes and answers of the workshop, row by row: each command is run as it stands
# there, and must say just that, with that status.  Run it at the top, after `make programs`.
set -u
export OPENBLAS_NUM_THREADS=1 HOME=/nonexistent
unset MNIST_DIR XDG_CACHE_HOME
top=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
ok() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        sed 's/^/# /' "$dir/err" | tail -3
    fi
}

# The mistakes as lines: command, tab, status, tab, answer.  There each is
#   # what it is: status 2
#   $ command
#   what is said, which may go on
#       in an indented line
rows() {
    awk '
        function done() { if (command != "") print command "\t" status "\t" answer; command = "" }
        /^# .*: status [12]$/ { done(); status = $NF; next }
        status != "" && /^\$ / { command = substr($0, 3); answer = ""; next }
        command != "" && /^    / { sub(/^ */, ""); answer = answer " " $0; next }
        command != "" && /^(```)?$/ { done(); next }
        command != "" { answer = $0 }
    ' "$top"/chapters/[A-Z]-*.nw
}

# try COMMAND STATUS ANSWER TITLE
try() {
    (cd "$dir" && eval "$top/build/bin/$1") > "$dir/out" 2> "$dir/err" < /dev/null
    status=$?
    last=$(tail -1 "$dir/err")
    case $2 in
        2) want=$3 ;;
        *) want=$3
            [ "$(wc -l < "$dir/err")" = 1 ] || status="several lines, $status" ;;
    esac
    [ "$status" = "$2" ] && [ "$last" = "$want" ]
    ok $? "$4"
}

while IFS=$'\t' read -r command status answer; do
    try "$command" "$status" "$answer" "$command: $answer"
done < <(rows)
[ "$n" -ge 16 ]
ok $? "there were rows to test: $n"

# The mistakes that every program can be given.
for program in "$top"/build/bin/0[1-9]-*; do
    case $program in *.d) continue ;; esac
    name=${program##*/}
    try "$name --no-such-option" 2 "$name: unknown option --no-such-option" \
        "$name: unknown option"
    try "$name no-such-part" 2 "$name: there is no part 'no-such-part'" "$name: unknown part"
    for part in $("$program" --help | sed -n 's/^  \([a-z0-9-]*\) .*/\1/p'); do
        "$program" --help > "$dir/help"
        grep -q -e '--momentum' "$dir/help" || {
            try "$name --momentum 0.5 $part" 2 \
                "$name: --momentum is not used by the part $part" \
                "$name $part: refuses an option that it does not read"
            break
        }
    done
    if "$program" --help | grep -q '^  mnist '; then
        try "$name mnist" 1 "$(rows | awk -F '\t' '$1 == "07-adam mnist" { print $3 }')" \
            "$name: no MNIST"
    fi
    "$program" --help | sed -n 's/^  --\([a-z-]*\) V .*one of .*/\1/p' > "$dir/words"
    while read -r option; do
        (cd "$dir" && "$program" "--$option" swish) > "$dir/out" 2> "$dir/err" < /dev/null
        [ $? = 2 ] && [ ! -s "$dir/out" ] && tail -1 "$dir/err" |
            grep -q "^$name: --$option: expected one of .*; found 'swish'$"
        ok $? "$name --$option swish: refused before anything runs"
    done < "$dir/words"
done
echo "1..$n"
