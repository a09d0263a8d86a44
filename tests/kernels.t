#!/bin/bash
# What the programs print, and the tables that they write, do not depend on the kernel of the BLAS,
# on the number of threads, on the compiler or on its optimisation.  Run it at the top, after
# `make programs`.  One program is tried under all of them; with KERNELS=all every program is, and
# compiled by gcc and clang at -O0 and -O3 (make check-kernels).
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
ok() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

# The kernels that this processor can run.
kernels="Prescott"
flags=$(sed -n 's/^flags[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)
case " $flags " in *" avx2 "*) kernels="$kernels Haswell Zen" ;; esac
case " $flags " in *" avx512bw "*) kernels="$kernels SkylakeX" ;; esac

# run NAME COMMAND...: its output and tables under $dir/NAME
run() {
    local name=$1
    shift
    mkdir -p "$dir/$name"
    env "$@" --tsv "$dir/$name" > "$dir/$name/out" 2> "$dir/$name/err" < /dev/null
}
same() {
    diff -rq "$dir/ours" "$dir/$1" > "$dir/diff" 2>&1
    ok $? "$2"
    [ -s "$dir/diff" ] && sed "s|$dir/||g; s/^/# /" "$dir/diff"
    rm -rf "${dir:?}/$1"
}

programs="build/bin/07-adam"
[ "${KERNELS:-}" = all ] && programs=$(ls build/bin/0[1-9]-* | grep -v '\.d$')
for program in $programs; do
    name=${program##*/}
    export OPENBLAS_NUM_THREADS=1
    unset OPENBLAS_CORETYPE
    rm -rf "$dir/ours"
    run ours "$program"
    [ -s "$dir/ours/out" ] && [ ! -s "$dir/ours/err" ]
    ok $? "$name runs"
    for kernel in $kernels; do
        run "$kernel" OPENBLAS_CORETYPE="$kernel" "$program"
        same "$kernel" "$name prints the same with the kernel $kernel"
    done
    run two OPENBLAS_NUM_THREADS=2 "$program"
    same two "$name prints the same with two threads"
    [ "${KERNELS:-}" = all ] || continue
    for compiler in 'gcc -O0' 'clang -O0' 'clang -O3 -march=native'; do
        command -v "${compiler%% *}" > /dev/null || continue
        $compiler -std=c17 -ffp-contract=off "tangled/$name.c" -lgsl -lopenblas -lz -lm \
            -o "$dir/program"
        run other "$dir/program"
        same other "$name prints the same when $compiler has compiled it"
    done
done
echo "1..$n"
