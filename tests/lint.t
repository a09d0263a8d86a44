#!/bin/bash
# Each trap, planted in a small chapter, must be found by lint, with the line.
# Run it at the top of the repository.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

n=0
ok() {      # ok STATUS TITLE: a failure shows what lint said
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        echo "$out" | sed 's/^/# /'
    fi
}

# A chapter without a fault, and where a trap goes: the text (line 9), the code (line 13), the end
# (line 22).
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

${3:-}
END
}
printf 'eq:one\t01-numbers\t1\ta title\n' >"$dir/eqtests.tsv"

# run [OPTION...]: lint all chapters in $dir
run() {
    out=$(gawk "$@" -f book/files.awk -f book/lint.awk "$dir/eqtests.tsv" "$dir"/*.nw 2>&1)
    status=$?
}

lint() {    # lint CHAPTER
    printf '%s\n' "$1" >"$dir/01-numbers.nw"
    run
}

found() {   # found PLACE WORDS: lint failed and said so
    [ $status != 0 ] && echo "$out" | grep -F "$1: " | grep -qF -e "$2"
}

silent() { [ $status = 0 ] && [ -z "$out" ]; }

in_text() {     # in_text TITLE WORDS LINE TEXT: TEXT, in line 9 and after, is found in this line
    lint "$(chapter "$4")"
    found "01-numbers.nw:$3" "$2"
    ok $? "$1"
}

in_code() {     # in_code TITLE WORDS LINE CODE: the same for C, in line 13
    lint "$(chapter '' "$4")"
    found "01-numbers.nw:$3" "$2"
    ok $? "$1"
}

at_end() {      # at_end TITLE WORDS LINE TEXT: the same in line 22
    lint "$(chapter '' '' "$4")"
    found "01-numbers.nw:$3" "$2"
    ok $? "$1"
}

harmless() {    # harmless TITLE TEXT: TEXT in line 9 is no finding
    lint "$(chapter "$2")"
    silent
    ok $? "$1"
}

harmless "a chapter without a fault has no finding" ''

# ---- the traps of noweb -------------------------------------------------------

in_text "less-than signs in the text" "two less-than signs" 9 'a shift: 1 << 3'
in_text "an indented chunk" "indented chunk" 9 '  <<a chunk>>='
in_code "a shift and a shift on one line of C" \
    "chunk << 2 + 1; x >> is not defined" 13 'int x = 1 << 2 + 1; x >>= 1;'
in_code "a chunk that is not defined" "is not defined" 13 '<<say nothing>>'
at_end "a chunk that is not used" "never used" 24 "Some text. More text.

<<say it never>>=
int never;
@"
in_text "brackets before a number" "before a number" 9 'the list [[1, 2]] of numbers'
in_text "an open bracket" "without ]]" 9 'an open [[bracket'
in_text "brackets in mathematics" "inside mathematics" 9 'the set $[[x]]$'
at_end "a blank at the end of a chunk's name" "blanks" 24 "Some text. More text.

<<numbers.h >>=
int x;
@"
in_code "a tab in C" "a tab" 13 "$(printf '\tint x;')"
in_code "a chunk inside a macro" "inside a macro" 14 '#define X \
<<say a number>>'
in_code "a line of 77 columns" "has 77 columns" 13 "int $(printf '%072d' 0 | tr 0 x);"
in_code "a letter outside ASCII in C" "outside ASCII" 13 'int größe;'
in_text "a carriage return" "carriage return" 9 "$(printf 'a line\r')"
at_end "a chunk without an end" "has no end" 24 "Some text. More text.

<<numbers.h>>=
int x;"

printf '\357\273\277' >"$dir/01-numbers.nw"
chapter '' >>"$dir/01-numbers.nw"
run
found 01-numbers.nw:1 "a byte order mark"
ok $? "a byte order mark"

# ---- images -------------------------------------------------------------------

alternative="a figure without alternative text"
in_text "a figure without a description" "$alternative" 9 '![A picture.](fig:x){#fig:x}'
in_text "a picture of another address" "$alternative" 9 '![A picture.](page.png)'
in_text "one on the network" "$alternative" 9 '![A picture.](https://example.org/x_(1).png){#x}'
in_text "one with a title" "$alternative" 9 '![A picture.](x.png "Its title"){width=50%}'
in_text "one within a sentence" "$alternative" 9 'Here ![A picture.](x.png) it stands.'
in_text "one with brackets in its caption" "$alternative" 9 '![A [link](#a) and [[code]].](x.png)'
in_text "one that is named elsewhere" "$alternative" 9 '![A picture.][x]'
in_text "one whose description is blank" "$alternative" 9 '![A picture.](x.png){alt=" "}'
in_text "the second of two" "$alternative" 9 '![A](a.png){alt="a"} and ![B](b.png)'
in_text "one of two lines, where it begins" "$alternative" 10 'Text
and ![A picture
of two lines.](x.png)'
in_text "one whose description does not follow at once" "$alternative" 9 '![A picture.](x.png)

{alt="A description."}'
in_text "a figure without a label" "without a label" 9 '![A picture.](fig:x){alt="x"}'
harmless "a described picture passes, and so does one of several lines" \
    'Say ![$[0, 1)$](x.png){alt="From 0 (in) to 1 (out) {half open}."} and @fig:x

![A picture
in [[C]].](fig:x){#fig:x
alt="A description
of two lines."}'
harmless "what only looks like a picture passes" \
    'The code `![a](b)` and [[a![b](c)]], the formula $n![k](x)$, a shout![^1]

```
![a](b)
```'

# ---- labels, tests, exercises -------------------------------------------------

in_text "an equation without a test" "no test names eq:two" 11 '$$
c = d
$$ {#eq:two}'
in_text "an equation that nobody names" "nothing refers to eq:two" 11 '$$
c = d
$$ {#eq:two}'
in_text "a label used twice" "also stands in" 11 '$$
c = d
$$ {#eq:one}'
in_text "a reference to nothing" "there is no eq:three" 9 'see @eq:three'
at_end "no sentence before a chunk" "say why it is there" 24 "## A new section

<<numbers.h>>=
int x;
@"
at_end "an exercise out of order" "should be number 1.1" 22 '### Too far {#ex:1.2}'
at_end "an exercise without its chunks" "has no chunk" 22 '### Empty {#ex:1.1}'

chapter '' |
    awk '{ print } /^int number;/ { for (i = 0; i < 30; i++) print "int n" i ";" }' \
    >"$dir/01-numbers.nw"
run
found 01-numbers.nw:18 'chunk <<say a number>> has 31 lines'
ok $? "a chunk of 31 lines"

chapter '' >"$dir/01-numbers.nw"
chapter '' |
    sed 's/#ch:numbers/#ch:other/; s/eq:one}/eq:uno}/; s/numbers\.c/other.c/' >"$dir/02-other.nw"
run
found 02-other.nw:18 'is also defined in'
ok $? "a chunk defined in two chapters"
rm "$dir/02-other.nw"

# ---- the files of a chapter -----------------------------------------------------

beside() {  # beside NAME TEXT: lint a chapter with this file beside it
    chapter '' >"$dir/01-numbers.nw"
    printf '%s\n' "$2" >"$dir/$1"
    run
    rm "$dir/$1"
}
exercise='### Empty {#ex:1.1}'
beside 01-numbers.exercises.nw '# Exercises {#ch:exercises}'
found 01-numbers.exercises.nw:1 'expected `## Exercises`'
ok $? "exercises that begin like a chapter"
beside 01-numbers.program.nw '## The program'
found 01-numbers.program.nw:1 'expected `# Title {#ch:label}`'
ok $? "a program that begins like a section"
beside 01-numbers.exercises.nw "## Exercises

$exercise"
found 01-numbers.exercises.nw:3 "has no chunk" && ! echo "$out" | grep -q 'should be number'
ok $? "exercises have the number of their chapter"
chapter '' '' "$exercise" >"$dir/01-numbers.nw"
printf '## Exercises\n\n%s\n' "$exercise" >"$dir/01-numbers.exercises.nw"
out=$(gawk -f book/files.awk -f book/lint.awk "$dir/eqtests.tsv" \
    "$dir/01-numbers.nw" "$dir/01-numbers.exercises.nw")
status=1
found 01-numbers.exercises.nw:3 "should be number 1.2"
ok $? "and are counted on from those in it"
beside 01-numbers.program.nw '# The program {#ch:program01}

It is here.

<<say a number>>=
int number;
@'
found 01-numbers.program.nw:5 'is also defined in'
ok $? "a chunk defined in a chapter and in its program"
rm "$dir/01-numbers.exercises.nw"

# ---- the values that programs write -------------------------------------------

values() {  # values TEXT: lint a chapter with this text, and look at the values
    chapter "$1" >"$dir/01-numbers.nw"
    run -v values="$dir/values.tsv"
}
printf '1.mean\t-5.25\n1.low_est\t1e-3\n' >"$dir/values.tsv"

values 'The mean is @val:1.mean.'
found values.tsv:2 'no page uses the value 1.low_est' && ! echo "$out" | grep -q '1\.mean'
ok $? "a value that no page uses"

values 'From $@val:1.low_est$ to @val:1.mean: @val:1.mean.'
silent
ok $? "values that a sentence or a formula uses pass"

values 'The mean is @val:1.mean.'
echo 'In the preface @val:1.low_est is used.' >"$dir/preface.md"
out=$(gawk -v values="$dir/values.tsv" -f book/files.awk -f book/lint.awk "$dir/eqtests.tsv" \
    "$dir/01-numbers.nw" "$dir/preface.md" 2>&1)
status=$?
silent
ok $? "and those that the front matter uses"

rm "$dir/values.tsv"
values ''
silent
ok $? "before a program has written values there is nothing to find"

# ---- nothing ------------------------------------------------------------------

out=$(gawk -f book/files.awk -f book/lint.awk "$dir/eqtests.tsv" /dev/null 2>&1)
[ $? != 0 ]
ok $? "no chapter at all is a finding"
echo "1..$n"
