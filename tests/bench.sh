#!/bin/bash
# bench.sh MNIST_FOLDER: measure the speed tables of the book, a quarter of an hour.
#
# Ours, NumPy, PyTorch and the matrix products alone take turns, network by network, with one and
# with two threads, from five seeds; the same BLAS kernel serves all of them.  Writes
# book/results/speed*.tsv and 01-memory.tsv.  Refuses when the machine is busy, unless FORCE=1.
set -eu
mnist=$1
rounds=${ROUNDS:-5}
networks=${NETWORKS:-s10 e100 b28 c512 d5 a1024}
bench=build/bin/bench
results=book/results
raw=build/bench.raw
part=build/bench.part

busy() {
    awk '{ exit !($1 > 0.7) }' /proc/loadavg 2>/dev/null
}
if busy && [ "${FORCE:-0}" != 1 ]; then
    echo "bench: the machine is busy (load $(cut -d ' ' -f 1 /proc/loadavg)); what would be" \
        "measured is the other work. FORCE=1 measures all the same." >&2
    exit 1
fi

# The kernel that our program chooses is the one for all.
kernel=$(OPENBLAS_NUM_THREADS=1 "$bench" --verbose --data /nowhere s10 2>&1 |
    sed -n 's/^OpenBLAS runs its kernel \([A-Za-z0-9]*\).*/\1/p' | tail -1)
export OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-$kernel}

# Debian's Python has NumPy and PyTorch as packages; another one may stand before it on the path.
python=${PYTHON:-python3}
"$python" -c 'import numpy' 2>/dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
peers=
for peer in numpy torch; do
    if "$python" -c "import $peer" 2>/dev/null; then
        peers="$peers $peer"
    else
        echo "bench: no $peer here; its columns stay empty" >&2
    fi
done

head_of() {
    printf '# %s\n# commit %s, %s, kernel %s, %s\n' "$1" "$(git rev-parse --short HEAD)" \
        "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$OPENBLAS_CORETYPE" \
        "$(date -u +%Y-%m-%d)"
}

# One turn: who, network, seed; prints network, threads, who, seconds, per cent right.
turn() {
    case $1 in
        ours) "$bench" --data "$mnist" --seed "$3" "$2" | tail -1 |
                awk '{ print $2 "\t" $5 }' ;;
        products) "$bench" --data "$mnist" --products "$2" | tail -1 | awk '{ print $2 "\t-" }' ;;
        *) "$python" tests/bench-peers.py "$1" "$2" "$3" "$mnist" | cut -f 1,4 ;;
    esac | sed "s/^/$2\t$OPENBLAS_NUM_THREADS\t$1\t/"
}

mkdir -p build "$results"
: > "$raw"
for seed in $(seq "$rounds"); do
    for network in $networks; do
        for OPENBLAS_NUM_THREADS in 1 2; do
            export OPENBLAS_NUM_THREADS
            for who in ours $peers products; do
                turn "$who" "$network" "$seed" >> "$raw"
            done
        done
        [ -t 2 ] && printf '\r%s of %s rounds, %-6s' "$seed" "$rounds" "$network" >&2
    done
done
[ -t 2 ] && printf '\r%40s\r' '' >&2

# For each network and contestant the median of the rounds with each number of threads; the better
# number counts.  The spread is half the distance between the quartiles of ours, in per cent of the
# median.
summary() {
    gawk -F '\t' -v networks="$networks" -v what="$1" '
        function median(list, n) {
            asort(list)
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
        }
        {
            n = ++count[$1, $2, $3]
            seconds[$1, $2, $3, n] = $4
            right[$1, $2, $3, n] = $5
        }
        # The median time with the better number of threads, "" when there is none.
        function best(net, who,    threads, i, n, list, m, b, q) {
            b = ""
            for (threads = 1; threads <= 2; threads++) {
                n = count[net, threads, who]
                delete list
                for (i = 1; i <= n; i++) list[i] = seconds[net, threads, who, i] + 0
                if (n == 0 || (b != "" && median(list, n) >= b)) continue
                b = median(list, n)
                q = int((n + 3) / 4)
                spread[who] = 50 * (list[n + 1 - q] - list[q]) / b
                delete list
                for (i = 1; i <= n; i++) list[i] = right[net, threads, who, i] + 0
                accuracy[who] = median(list, n)
                low[who] = list[1]
                high[who] = list[n]
            }
            return b
        }
        function show(x, form) { return x == "" ? "-" : sprintf(form, x) }
        function band(who) {
            return accuracy[who] == "" ? "-" \
                : sprintf("%.2f (%.2f to %.2f)", accuracy[who], low[who], high[who])
        }
        END {
            n = split(networks, name, " ")
            for (k = 1; k <= n; k++) {
                delete accuracy
                o = best(name[k], "ours")
                a = best(name[k], "numpy")
                t = best(name[k], "torch")
                p = best(name[k], "products")
                f = a == "" ? t : t == "" || a < t ? a : t
                if (what == "seconds")
                    printf "%s\t%.3f\t%.0f\t%s\t%s\t%.3f\t%s\t%.2f\n", name[k], o, spread["ours"],
                        show(a, "%.3f"), show(t, "%.3f"), p,
                        f == "" ? "-" : sprintf("%.2f", o / f), o / p
                else
                    printf "%s\t%s\t%s\t%s\n", name[k], band("ours"), band("numpy"), band("torch")
            }
        }' "$raw"
}
{
    head_of "bench: seconds an epoch, median of $rounds runs, the better of one and two threads"
    printf 'network\tours\t+- %%\tNumPy\tPyTorch\tproducts\tours / best\tours / products\n'
    summary seconds
} > "$part"
mv "$part" "$results/speed.tsv"
{
    head_of "bench: per cent of the test images, median of $rounds seeds (least to most)"
    printf 'network\tours\tNumPy\tPyTorch\n'
    summary accuracy
} > "$part"
mv "$part" "$results/speed-accuracy.tsv"
echo "$results/speed.tsv $results/speed-accuracy.tsv"

# The tables that need no competitor.
export OPENBLAS_NUM_THREADS=1

# One network with the kernels of several years, as far as this processor can run them.
can() {
    grep -qw "$1" /proc/cpuinfo
}
kernels() {
    can pni && echo Prescott 2004               # Linux calls SSE3 so
    can sse4_2 && echo Nehalem 2008
    can avx && echo Sandybridge 2011
    can avx2 && echo Haswell 2013
    can avx512vl && echo SkylakeX 2017
}
{
    OPENBLAS_CORETYPE="as named" head_of "bench c512, seconds an epoch, one thread"
    printf 'kernel\tof\tours\tproducts\n'
    kernels | while read -r core year; do
        printf '%s\t%s\t' "$core" "$year"
        for what in "" --products; do
            OPENBLAS_CORETYPE=$core "$bench" --data "$mnist" $what c512 | tail -1 |
                awk '{ printf "%.2f", $2 }'
            if [ -z "$what" ]; then printf '\t'; else printf '\n'; fi
        done
    done
} > "$part"
mv "$part" "$results/speed-kernels.tsv"
echo "$results/speed-kernels.tsv"
keep() {
    mkdir -p build/bench
    if [ "$1" = memory ]; then
        "$bench" --tsv build/bench "$1" > /dev/null
    else
        "$bench" --data "$mnist" --tsv build/bench "$1" > /dev/null
    fi
    { head_of "bench $1, one thread"; cat "build/bench/be-$1.tsv"; } > "$part"
    mv "$part" "$results/$2.tsv"
    echo "$results/$2.tsv"
}
keep parts speed-parts
keep bound speed-bound
keep rest speed-rest
keep memory 01-memory
