#!/bin/bash
# Each trap, planted in a small chapter, must be found by lint, with the line.
# Run it at the top of the repository.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; echo "$out" | sed 's/^/# /'; fi; }

# A chapter without a fault; %s is where a trap goes: text, code, end.
chapter() {
    cat <<END
# Numbers {#ch:numbers}

A first sentence. A second sentence about [[number]] and @eq:one.

\$\$
a = b
\$\$ {#eq:one}

$1

<<numbers.c>>=
<<say a number>>
${2:-int other;}
@

Here is the piece. It is short.

<<say a number>>=
int number;
@

$3
END
}
printf 'eq:one\t01-numbers\t1\ta title\n' > "$dir/eqtests.tsv"

lint() { printf '%s\n' "$1" > "$dir/01-numbers.nw"; out=$(gawk -f book/lint.awk "$dir/eqtests.tsv" "$dir"/*.nw 2>&1); status=$?; }

lint "$(chapter '' '' '')"
[ $status = 0 ] && [ -z "$out" ]
ok $? "a chapter without a fault has no finding"

# trap TITLE WORDS LINE TEXT [CODE [END]]: found, with these words, at this line
trap_found() {
    lint "$(chapter "$4" "${5:-}" "${6:-}")"
    [ $status != 0 ] && echo "$out" | grep -F "01-numbers.nw:$3: " | grep -qF "$2"
    ok $? "$1"
}
trap_found "less-than signs in the text" "two less-than signs" 9 'a shift: 1 << 3'
trap_found "an indented chunk" "indented chunk" 9 '  <<a chunk>>='
trap_found "a shift and a shift on one line of C" "chunk << 2 + 1; x >> is not defined" 13 '' 'int x = 1 << 2 + 1; x >>= 1;'
trap_found "a chunk that is not defined" "is not defined" 13 '' '<<say nothing>>'
trap_found "a chunk that is not used" "never used" 24 '' '' "Some text. More text.

<<say it never>>=
int never;
@"
trap_found "brackets before a number" "before a number" 9 'the list [[1, 2]] of numbers'
trap_found "an open bracket" "without ]]" 9 'an open [[bracket'
trap_found "brackets in mathematics" "inside mathematics" 9 'the set $[[x]]$'
trap_found "a blank at the end of a chunk's name" "blanks" 24 '' '' "Some text. More text.

<<numbers.h >>=
int x;
@"
trap_found "a tab in C" "a tab" 13 '' "$(printf '\tint x;')"
trap_found "a chunk inside a macro" "inside a macro" 14 '' '#define X \
<<say a number>>'
trap_found "a line of 77 columns" "has 77 columns" 13 '' "int $(printf '%072d' 0 | tr 0 x);"
trap_found "a letter outside ASCII in C" "outside ASCII" 13 '' 'int größe;'
trap_found "a carriage return" "carriage return" 9 "$(printf 'a line\r')"
trap_found "a figure without a description" "alternative text" 9 '![A picture.](fig:x){#fig:x}'
trap_found "an equation without a test" "no test names eq:two" 11 '$$
c = d
$$ {#eq:two}'
trap_found "an equation that nobody names" "nothing refers to eq:two" 11 '$$
c = d
$$ {#eq:two}'
trap_found "a label used twice" "also stands in" 11 '$$
c = d
$$ {#eq:one}'
trap_found "a reference to nothing" "there is no eq:three" 9 'see @eq:three'
trap_found "one sentence before a chunk" "at least two sentences" 24 '' '' "## A new section

<<numbers.h>>=
int x;
@"
trap_found "an exercise out of order" "should be number 1.1" 22 '' '' '### Too far {#ex:1.2}'
trap_found "an exercise without its chunks" "has no chunk" 22 '' '' '### Empty {#ex:1.1}'
trap_found "a chunk without an end" "has no end" 24 '' '' "Some text. More text.

<<numbers.h>>=
int x;"
lint "$(chapter '' '' '' | awk '{ print } /^int number;/ { for (i = 0; i < 30; i++) print "int n" i ";" }')"
echo "$out" | grep -qF '01-numbers.nw:18: chunk <<say a number>> has 31 lines'
ok $? "a chunk of 31 lines"

printf '\357\273\277' > "$dir/01-numbers.nw"; chapter '' '' '' >> "$dir/01-numbers.nw"
out=$(gawk -f book/lint.awk "$dir/eqtests.tsv" "$dir"/*.nw 2>&1)
echo "$out" | grep -qF '01-numbers.nw:1: a byte order mark'
ok $? "a byte order mark"

chapter '' '' '' > "$dir/01-numbers.nw"
chapter '' '' '' | sed 's/#ch:numbers/#ch:other/; s/eq:one}/eq:uno}/; s/numbers\.c/other.c/' > "$dir/02-other.nw"
out=$(gawk -f book/lint.awk "$dir/eqtests.tsv" "$dir"/*.nw 2>&1)
echo "$out" | grep -F '02-other.nw:' | grep -qF 'is also defined in'
ok $? "a chunk defined in two chapters"
rm "$dir/02-other.nw"

out=$(gawk -f book/lint.awk "$dir/eqtests.tsv" /dev/null 2>&1); [ $? != 0 ]
ok $? "no chapter at all is a finding"
echo "1..$n"
