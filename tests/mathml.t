#!/usr/bin/env bash
# mathml.t - for each repair of book/mathml.lua: that pandoc alone still makes the mistake, and that
# the repair, and no other, mends it. When pandoc has learnt better the first of the two fails:
# delete the repair, there and here. Run by prove from the root of the repository.

set -o pipefail
export LC_ALL=C
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
command -v pandoc >/dev/null || { echo "1..0 # SKIP pandoc is not installed"; exit 0; }

count=0
ok() {      # ok STATUS TITLE: a failure shows the file "$work/diag"
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        sed 's/^/# /' "$work/diag"
    fi
}

# ---------------------------------------------------------------- three ways to set a formula

printf 'ch:t\t1\tch\tt\tTitle\n' >"$work/refs"

alone() {       # by pandoc
    pandoc -f markdown -t html --mathml <<<"$1" >"$work/alone"
}

filtered() {    # by the filter in the folder $1, to the file $3
    pandoc -f markdown -t html --mathml --lua-filter="$1/book.lua" -M page=t -M refs="$work/refs" \
        <<<"$2" >"$3" || echo "the filter fails" >"$3"
}

mended() { filtered book "$1" "$work/mended"; }

without() {     # by the filter, of which the repair $1 was taken out
    mkdir -p "$work/less"
    cp book/book.lua "$work/less"
    sed "/^  s = $1(s)/d" book/mathml.lua >"$work/less/mathml.lua"
    filtered "$work/less" "$2" "$work/without"
}

show() { for f in "$@"; do echo "$f:" && cat "$work/$f"; done >"$work/diag"; }
has() { grep -qF -e "$2" "$work/$1"; }

# ---------------------------------------------------------------- the repairs

tested=
repair() {      # repair NAME FORMULA WRONG RIGHT
    tested="$tested $1"
    alone "$2"
    mended "$2"
    without "$1" "$2"
    has alone "$3"
    local rc=$?
    { echo "pandoc no longer writes  $3"; echo "for  $2"; echo "Delete $1 in book/mathml.lua."
      cat "$work/alone"; } >"$work/diag"
    ok $rc "$1: pandoc still makes the mistake"
    show mended without
    has mended "$4" && ! has mended "$3" && ! has without "$4"
    ok $? "$1: this repair mends it, and no other"
}

repair upright_words '$\mathrm{Var}(x)$' \
    '<mstyle mathvariant="normal"><mi>V</mi><mi>a</mi><mi>r</mi></mstyle>' \
    '<mi mathvariant="normal">Var</mi>'
repair aligned_rows '$$\begin{aligned} a &= \frac12 \end{aligned}$$' \
    '<mtable><mtr>' '<mtable class="aligned" displaystyle="true"><mtr>'
repair column_sides '$\begin{cases} 1 & x \end{cases}$' \
    'columnalign=' '<mtd style="text-align: -webkit-left"><mn>1</mn></mtd>'
repair function_of_bracket '$2 \exp(x)$' \
    '<mo>exp</mo>' '<mo lspace="0.17em" rspace="0">exp</mo><mrow>'
repair function_of_power '$2 \log(x)^2$' \
    '<mo>log</mo>' '<mo lspace="0.17em" rspace="0">log</mo><msup>'
repair function_of_word '$2 \log x$' \
    '<mo>log</mo>' '<mo lspace="0.17em" rspace="0.17em">log</mo>'
repair function_at_start '$y = \log x$' \
    '<mo>log</mo>' '<mo>=</mo><mo lspace="0" rspace="0.17em">log</mo>'
repair minus_signs '$a = -b$' \
    '<mo>−</mo>' '<mo>=</mo><mo form="prefix">−</mo>'
repair calm_brackets '$(x)$' \
    '<mo stretchy="true" form="prefix">(</mo>' \
    '<mo stretchy="false" form="prefix">(</mo><mi>x</mi><mo stretchy="false" form="postfix">)</mo>'
repair norm_bars '$\|x\|$' \
    '<mo stretchy="false" form="postfix">∥</mo><mi>x</mi>' \
    '<mo stretchy="false" lspace="0" rspace="0">∥</mo><mi>x</mi>'

sed -n 's/^  s = \([a-z_]*\)(s)$/\1/p' book/mathml.lua >"$work/names"
printf '%s\n' $tested | diff "$work/names" - >"$work/diag"
ok $? "every repair has its test"

# ---------------------------------------------------------------- what they leave alone

kept() {        # kept TITLE FORMULA TEXT: the text is in the formula, mended or not
    alone "$2"
    mended "$2"
    show alone mended
    has alone "$3" && has mended "$3"
    ok $? "$1"
}

kept "brackets around something tall still grow" \
    '$\left(\frac12\right)$' '<mo stretchy="true" form="prefix">(</mo>'
kept "so does one that has no partner" \
    '$\begin{cases} 1 & x \end{cases}$' '<mo stretchy="true" form="prefix">{</mo>'
kept "a difference is no sign" '$f(x) - |y| - 1$' '<mo>−</mo><mn>1</mn>'
kept "a matrix is not set as a display" '$\begin{matrix} 1 & 2 \end{matrix}$' '<mtable><mtr>'
kept "what is not letters alone stays in its style" '$\mathrm{x_1}$' \
    '<mstyle mathvariant="normal"><msub><mi>x</mi><mn>1</mn></msub></mstyle>'

echo "1..$count"
