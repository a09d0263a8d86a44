#!/bin/bash
# What every chapter's program does with options, good and bad.  Run it at the
# top of the repository, after `make programs`.
set -u
export OPENBLAS_NUM_THREADS=1
unset MNIST_DIR
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
ok() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        sed 's/^/# /' "$dir/out" "$dir/err" | head -20
    fi
}
run() {
    "$@" > "$dir/out" 2> "$dir/err" < /dev/null
    status=$?
}
lines() { wc -l < "$1"; }

for program in build/bin/0*; do
    case $program in *.d) continue ;; esac
    name=${program##*/}
    run "$program" --help
    [ $status = 0 ] && grep -q "^usage: $name " "$dir/out" && [ ! -s "$dir/err" ]
    ok $? "$name --help prints the usage"
    run "$program" --no-such-option
    [ $status = 2 ] && grep -q "^$name: .*--no-such-option" "$dir/err" &&
        grep -q "^usage:" "$dir/err" && [ ! -s "$dir/out" ]
    ok $? "$name refuses an unknown option with status 2 and the usage"
    run "$program" no-such-part
    [ $status = 2 ] && grep -q "^$name: .*no-such-part" "$dir/err"
    ok $? "$name refuses an unknown part before it runs anything"
    option=$("$program" --help |
        sed -n 's/^  --\(seed\|point\|kappa\|epochs\) .*/\1/p' | head -1)
    if [ -n "$option" ]; then
        for bad in x '' nan -1 1e99; do
            run "$program" "--$option" "$bad"
            [ $status = 2 ] && grep -qe "--$option" "$dir/err"
            ok $? "$name refuses --$option '$bad'"
        done
        run "$program" "--$option"
        [ $status = 2 ]
        ok $? "$name refuses --$option without a value"
    fi
    run "$program" --tsv "$dir/no/such/folder"
    [ $status = 1 ] && [ "$(lines "$dir/err")" = 1 ] && grep -q "cannot write" "$dir/err"
    ok $? "$name cannot write tables to a folder that is not there: one line, status 1"
    run "$program"
    [ $status = 0 ] && [ "$(lines "$dir/out")" -gt 20 ] && [ ! -s "$dir/err" ] &&
        ! grep -q '[^ -~]' "$dir/out"
    ok $? "$name without options tells its story, and nothing on stderr"
    cp "$dir/out" "$dir/first"
    run "$program"
    cmp -s "$dir/out" "$dir/first"
    ok $? "$name prints the same again"
    if [ -e /dev/full ]; then
        part=$(sed -n 's/^== \(.*\) ==$/\1/p' "$dir/first" | head -1)
        "$program" "$part" > /dev/full 2> "$dir/err" < /dev/null
        [ $? = 1 ] && grep -q "cannot write" "$dir/err"
        ok $? "$name notices a full disk"
    fi
done
[ $n -gt 50 ]
ok $? "there were programs to test"
echo "1..$n"
