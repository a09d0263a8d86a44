#!/usr/bin/env bash
# weave.t - the way from chapters to pages: the numbers and links that weave.awk gives, what
# autodefs.awk finds, what book.lua makes of it in HTML and LaTeX, and above all that each way to
# lose text silently ends in an error. Run by prove from the root of the repository.
# UPDATE=1 writes the expected files in tests/weave anew; read the difference before you keep it.

set -o pipefail
export LC_ALL=C PATH="$PATH:/usr/lib/noweb"
root=$PWD
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
awk=${AWK:-awk}

for tool in markup finduses pandoc "$awk"; do
    command -v "$tool" >/dev/null || { echo "1..0 # SKIP $tool is not installed"; exit 0; }
done

# ---------------------------------------------------------------- TAP

count=0
ok() {      # ok STATUS TITLE: on failure shows the file "$work/diag"
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        sed 's/^/# /' "$work/diag" 2>/dev/null
    fi
    : >"$work/diag"
}

skip() {    # skip TITLE WHY
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

has() {     # has FILE TEXT
    grep -qF -e "$2" "$1" && return
    { echo "not found: $2"; head -c 4000 "$1"; } >"$work/diag"
    return 1
}

lacks() { ! grep -nF -e "$2" "$1" >"$work/diag"; }

empty() { [ -z "$(ls "$1")" ]; }

fresh() {   # empty folders for chapters and pages
    rm -rf "$work/in" "$work/out"
    mkdir -p "$work/in" "$work/out"
}

# ---------------------------------------------------------------- the pipeline

front=      # the front pages of the next weave

last_stage() {      # last_stage AWK...: the stream on standard input to $work/out
    "$@" -v out="$work/out" -v labels="$work/out/labels.tsv" -v front="$front" \
        -f "$root/book/files.awk" -f "$root/book/weave.awk"
}

weave() {   # weave FILE...: messages in $work/err
    markup "$@" 2>"$work/err1" |
        "$awk" -f "$root/book/autodefs.awk" |
        finduses 2>>"$work/err1" |
        last_stage "$awk" 2>"$work/err2"
    local rc=$?
    cat "$work/err1" "$work/err2" >"$work/err"
    return $rc
}

weave_in() {    # weave_in FOLDER FILE...
    local folder=$1
    shift
    ( cd "$folder" && weave "$@" )
}

# refused TITLE MESSAGE: the chapter on standard input must be refused with the message, and nothing
# be written
refused() {
    fresh
    cat >"$work/in/03-bad.nw"
    weave_in "$work/in" 03-bad.nw
    local rc=$?
    { echo "status $rc, files: $(ls "$work/out")"; cat "$work/err"; } >"$work/diag"
    [ $rc -ne 0 ] && empty "$work/out" && grep -qF -e "$2" "$work/err"
    ok $? "$1"
}

# accepted TITLE: the chapter on standard input is woven to $work/out/03-good.md
accepted() {
    fresh
    cat >"$work/in/03-good.nw"
    weave_in "$work/in" 03-good.nw
    local rc=$?
    cp "$work/err" "$work/diag"
    ok $rc "$1"
}

golden() {  # golden FILE EXPECTED TITLE
    [ -z "$UPDATE" ] || cp "$1" "$2"
    diff -u "$2" "$1" >"$work/diag" 2>&1
    ok $? "$3"
}

# ---------------------------------------------------------------- the names of files

listed() {  # listed LIST: what files.awk says of some files, in one line
    "$awk" -v list="$1" -f book/files.awk in/01-a.exercises.nw in/01-a.nw in/01-a.program.nw \
        in/02-b.nw in/A-c.nw | tr '\n' ' '
}
says() {    # says LIST WORDS TITLE
    listed "$1" >"$work/diag"
    [ "$(listed "$1")" = "$2 " ]
    ok $? "$3"
}
says sources 'in/01-a.nw in/01-a.exercises.nw in/02-b.nw in/A-c.nw in/01-a.program.nw' \
    "chapters with their exercises come first, then the workshop, then the programs"
says pages '01-a 02-b A-c P-01-a' "exercises stand on the page of their chapter"
says chapters '01-a 02-b' "chapters are known by their names"

# ---------------------------------------------------------------- what should come out

chapters=$root/tests/weave
book='01-one.nw 01-one.exercises.nw 02-two.nw D-last.nw 02-two.program.nw'
fresh
weave_in "$chapters" $book
rc=$?
cp "$work/err" "$work/diag"
ok $rc "a book of two chapters is woven in one run"
for page in 01-one 02-two P-02-two answers Z-index index; do
    golden "$work/out/$page.md" "tests/weave/$page.md" "the text of $page is as expected"
done
golden "$work/out/labels.tsv" tests/weave/labels.tsv "numbers and labels are as expected"
golden "$work/out/deps.mk" tests/weave/deps.mk "the files that each page prints are told to make"

one=$work/out/01-one.md
two=$work/out/02-two.md
lacks "$one" "check_it"
ok $? "the check of an exercise is not printed"
lacks "$work/out/Z-index.md" "check_it"
ok $? "what only a check defines is not indexed"
has "$one" 'Continued in [2.1](#chunk:2.1)'
ok $? "a chunk is continued in another chapter"
has "$two" 'Continues [1.2](#chunk:1.2)'
ok $? "and says what it continues"
has "$two" '[`point_add`](#chunk:1.3)'
ok $? "a function of another chapter is linked without a %def"
has "$one" 'λ ≤ σ'
ok $? "UTF-8 passes through"
has "$one" '$[[1, 2], [3, 4]]$'
ok $? "double brackets in a formula stay"
has "$work/out/01-one.refs" 'chunk:2.1' && has "$work/out/02-two.refs" 'chunk:1.2'
ok $? "a page is given the labels that it needs"
lacks "$work/out/01-one.refs" 'chunk:S.1' && lacks "$work/out/02-two.refs" 'eq:first'
ok $? "and no others"

cp -r "$work/out" "$work/first"
weave_in / $(printf "$chapters/%s\\n" $book)
diff -r "$work/first" "$work/out" >"$work/diag"
ok $? "the result does not depend on how the chapters' paths are written"

weave_with() {      # weave_with AWK...: the same with another awk
    ( cd "$chapters" && markup $book ) |
        "$@" -f book/autodefs.awk | finduses | last_stage "$@"
}
for other in mawk gawk 'gawk --posix'; do
    if ! command -v "${other%% *}" >/dev/null; then
        skip "$other weaves the same" "not installed"
        continue
    fi
    weave_with $other && diff -r "$work/first" "$work/out" >"$work/diag"
    ok $? "$other weaves the same"
done

markup tests/weave/defs.nw | "$awk" -f book/autodefs.awk |
    sed -n 's/^@index defn //p' >"$work/defs"
golden "$work/defs" tests/weave/defs.txt \
    "functions, types, constants and macros are found, prototypes and calls are not"

# ---------------------------------------------------------------- names used everywhere

many() {    # many CHAPTER LETTER COUNT: chunks that use `everywhere`, each with a text
    echo "# Chapter $1 {#ch:$1}"
    for i in $(seq "$3"); do
        printf '\nText.\n\n<<%s%d>>=\neverywhere(%d);\n@\n' "$2" "$i" "$i"
    done
}
define() {  # define COUNT: the function, with those chunks of both chapters
    printf '\nText.\n\n<<all>>=\nvoid everywhere(int i)\n{\n}\n'
    for i in $(seq "$1"); do
        echo "<<a$i>>"
        echo "<<b$i>>"
    done
    printf '@ %%def everywhere\n'
}
fresh
{ many 1 a 6; define 6; } >"$work/in/01-one.nw"
many 2 b 6 >"$work/in/02-two.nw"
weave_in "$work/in" 01-one.nw 02-two.nw
has "$work/out/Z-index.md" \
    '- `everywhere` **[1.7](#chunk:1.7)**, [1.1](#chunk:1.1), [1.2](#chunk:1.2), '
ok $? "a name that 12 chunks use is listed with all of them"
fresh
{ many 1 a 12; define 12; } >"$work/in/01-one.nw"
many 2 b 12 | sed '/^<<b1>>=/,/^@/s/everywhere/nowhere/' >"$work/in/02-two.nw"
weave_in "$work/in" 01-one.nw 02-two.nw
has "$work/out/Z-index.md" \
    '- `everywhere` **[1.13](#chunk:1.13)**, [1.1](#chunk:1.1) (12), [2.2](#chunk:2.2) (11)'
ok $? "of more, the first in each chapter is listed and the others are counted"

# ---------------------------------------------------------------- writing

fresh
cp tests/weave/*.nw "$work/in"
weave_in "$work/in" $book
touch -d '2001-01-01' "$work"/out/*
sed -i 's/^It goes on/It went on/' "$work/in/02-two.nw"
weave_in "$work/in" $book
find "$work/out" -type f -newermt 2002-01-01 -exec basename {} \; >"$work/changed"
printf '02-two.md\n' | diff - "$work/changed" >"$work/diag"
ok $? "only the page whose text changed is written anew"

printf '# Two\n\n<<a\n' >"$work/in/02-two.nw"
cp -r "$work/out" "$work/before"
! weave_in "$work/in" $book && diff -r "$work/before" "$work/out" >"$work/diag"
ok $? "a fault in the second chapter leaves all pages as they were"

fresh
! last_stage "$awk" </dev/null 2>"$work/err" &&
    has "$work/err" 'empty or cut short' && empty "$work/out"
ok $? "an empty stream is an error"

fresh
! markup tests/weave/01-one.nw | last_stage "$awk" 2>"$work/err" &&
    has "$work/err" 'empty or cut short' && empty "$work/out"
ok $? "a stream without its last line is an error"

fresh
! weave tests/weave/01-one.nw tests/weave/missing.nw && empty "$work/out"
ok $? "a chapter that is not there is an error"

# ---------------------------------------------------------------- traps of noweb

many_refused() {        # many_refused TITLE MESSAGE FILE...: one line in each
    local title=$1 message=$2
    shift 2
    fresh
    for f; do echo "# $f" >"$work/in/$f"; done
    ! weave_in "$work/in" "$@" && empty "$work/out" && has "$work/err" "$message"
    ok $? "$title"
}
many_refused "exercises before their chapter" \
    '03-a.exercises.nw:1: exercises follow their chapter' 03-a.exercises.nw 03-a.nw
many_refused "exercises with a heading of the first level" \
    '03-a.exercises.nw:1: a chapter has one heading' 03-a.nw 03-a.exercises.nw
for name in P-a S-a Z-a 03-a.other; do
    many_refused "a file called $name" "$name.nw:1: a chapter is called 01-name" $name.nw
done
refused "two less-than signs in the text" '03-bad.nw:3: unescaped <<' <<'X'
# Bad

1 << 2
X
refused "a chunk that is indented" '03-bad.nw:3: unescaped <<' <<'X'
# Bad

  <<name>>=
X
refused "a shift to the left and one to the right on one line" \
    '03-bad.nw:5: the chunk << 1; y >> is used but not defined' <<'X'
# Bad

<<a.c>>=
int x;
x << 1; y >>= 1;
@
X
refused "a chunk that is not defined, in C" '03-bad.nw:4: the chunk <<no such name>>' <<'X'
# Bad
Text.
<<a.c>>=
<<no such name>>
@
X
refused "a chunk that is not defined, in the text" '03-bad.nw:3: the chunk <<no such name>>' <<'X'
# Bad

See [[<<no such name>>]].
X
refused "double brackets that are never closed" "03-bad.nw:3: open quote" <<'X'
# Bad

See [[x.

<<a.c>>=
int x;
@
X
refused "a chunk inside a code block" '03-bad.nw:4: a chunk inside a code block' <<'X'
# Bad

```
<<a.c>>=
int x;
@
X
refused "a code block that is never closed" \
    '03-bad.nw:3: this code block is never closed' <<'X'
# Bad

```
int x;
X
refused "one label twice" '03-bad.nw:4: the label eq:a is taken: 03-bad.nw:3' <<'X'
# Bad

$$ a $$ {#eq:a}
$$ b $$ {#eq:a}
X
refused "an exercise of another chapter" \
    '03-bad.nw:2: an exercise of this chapter is labelled #ex:3.1' <<'X'
# Bad
### Title {#ex:2.1}
X
refused "an answer without an exercise" \
    '03-bad.nw:3: "#### Answer" stands only in an exercise' <<'X'
# Bad
## Exercises
#### Answer
X
refused "a chunk whose definition is not printed" \
    '03-bad.nw:3: the chunk <<check 3.1>> is printed here, but its definition is not' <<'X'
# Bad
<<a.c>>=
<<check 3.1>>
@
### Title {#ex:3.1}
#### Check
<<check 3.1>>=
int x;
@
X
accepted "shifts written with an at sign" <<'X'
# Good
1 @<< 2 and @[[ brackets

<<a.c>>=
x @<< 1; y >>= 1;
@
X
good=$work/out/03-good.md
has "$good" '1 << 2 and \[\[ brackets' && has "$good" 'x << 1; y >>= 1;'
ok $? "come out without it"

printf '# Front {#ch:front}\n' >"$work/front.md"
front=$work/front.md
accepted "a front page is woven with the chapters" <<'X'
# Good
X
front=
has "$work/out/labels.tsv" "ch:front		ch	front	Front" &&
    cmp -s "$work/front.md" "$work/out/front.md"
ok $? "and has a label, but no number"

# ---------------------------------------------------------------- the filter: what it reads

fresh
mkdir -p "$work/tree/build/out" "$work/tree/build/fig" "$work/tree/tests"
cd "$work/tree" || exit 1

row() {     # row LABEL NUMBER KIND PAGE TITLE
    printf '%s\t%s\t%s\t%s\t%s\n' "$@"
}
{
    row ch:t 7 ch 07-t Title
    row sec:s 7.1 sec 07-t Section
    row eq:a 7.1 eq 07-t ''
    row eq:d 7.2 def 07-t ''
    row eq:u 7.3 eq 07-t ''
    row eq:many 7.4 eq 07-t ''
    row fig:f 7.1 fig 07-t ''
    row tbl:t 7.1 tbl 07-t ''
    row ch:o B ch B-o Other
    row eq:o B.4 eq B-o ''
    row ch:p P7 ch P-07-t Program
    row ch:s S ch answers Answers
    row chunk:7.1 7.1 chunk 07-t 'adds [[1]], 100% of {them} & more'
    row answer:7.1 7.1 answer answers T
    row ex:7.1 7.1 ex 07-t T
} >refs
printf '7.mean\t-5.25\n7.small\t1.5e-07\n' >build/values.tsv
{
    printf 'eq:a\t07-t\t3\t[eq:a] the sum\n'
    printf 'eq:d\t07-t\t4\tdefinitions need none\n'
    for i in 9 10 11 12 13 14 15 16; do printf 'eq:many\t07-t\t%d\tt%d\n' $i $i; done
} >build/eqtests.tsv
printf '$ ./07-t go\n a < b_%%{}\\\n' >build/out/07-t-go_x.txt
printf '# seed 1\nname\tmean\na_b\t-5.25\nc\t1e-3\n' >build/out/07.tsv
printf 'x\n    /* begin it */\n    a = b;\n        c;\n    /* end it */\n' >tests/07-t.c
touch build/fig/f.svg build/fig/f.pdf

# page FORMAT: the text on standard input through the filter, to $work/page
page() {
    BUILD=build pandoc -f markdown -t "$1" --wrap=none --mathml --fail-if-warnings \
        --lua-filter="$root/book/book.lua" -M page=07-t -M refs=refs \
        -o "$work/page" 2>"$work/err"
}

holds() {   # holds FORMAT TEXT TITLE: the page of $work/text has this in it
    page "$1" <"$work/text"
    local rc=$?
    cat "$work/err" >>"$work/diag"
    [ $rc -eq 0 ] && has "$work/page" "$2"
    ok $? "$3"
}

# both TITLE HTML LATEX: the text on standard input holds one string in HTML and another in LaTeX
both() {
    cat >"$work/text"
    holds html "$2" "$1, in HTML"
    holds latex-smart "$3" "$1, in LaTeX"
}

html() {    # html TITLE HTML: the same where LaTeX has nothing to show
    cat >"$work/text"
    holds html "$2" "$1"
}

html_lacks() {      # html_lacks TITLE TEXT
    page html && lacks "$work/page" "$2"
    ok $? "$1"
}

fails() {   # fails TITLE MESSAGE: the text on standard input is refused in both formats
    cat >"$work/text"
    local format bad=0
    for format in html latex; do
        page $format <"$work/text" && bad=1
        has "$work/err" "$2" || bad=1
    done
    ok $bad "$1"
}

# ---------------------------------------------------------------- the filter: references

nb=$'\xc2\xa0'     # a blank at which no line breaks
both "a reference to an equation" '>(7.1)</a>' '\hyperlink{eq:a}{(7.1)}' <<<'@eq:a'
both "at the start of a sentence" ">Equation$nb(7.1)</a>" '{Equation~(7.1)}' <<<'@Eq:a'
equation_html='<a href="#eq:a" class="ref">equation'$nb'7.1</a>'
figure_html='<a href="#fig:f" class="ref">figure'$nb'7.1</a>'
equation_tex='\protect\hyperlink{eq:a}{equation~7.1}'
figure_tex='\protect\hyperlink{fig:f}{figure~7.1}'
both "in brackets, with words" "(see $equation_html, $figure_html)" \
    "(see $equation_tex, $figure_tex)" <<<'[see @eq:a; @fig:f]'
both "the number alone" '>7.1</a>' '\hyperlink{eq:a}{7.1}' <<<'[-@eq:a]'
both "a reference to another page" 'href="B-o.html#eq:o"' '\hyperlink{eq:o}{(B.4)}' <<<'@eq:o'
both "an appendix" ">Appendix${nb}B</a>" '{Appendix~B}' <<<'@Ch:o'
both "a chapter" ">Chapter${nb}7</a>" '{Chapter~7}' <<<'@Ch:t'
both "a program" 'href="P-07-t.html#ch:p" class="ref">program'"${nb}7</a>" \
    '\hyperlink{ch:p}{program~7}' <<<'@ch:p'
both "the answers, by their title" '>Answers</a>' '{Answers}' <<<'@ch:s'
both "a link to a label" 'href="B-o.html#eq:o">there' '\hyperlink{eq:o}{there}' \
    <<<'[there](#eq:o)'

# ---------------------------------------------------------------- the filter: equations, values

equation='$$ a = b $$ {#eq:a}'
both "an equation has its number" '>(7.1)</a></span>' '(7.1)}\end{equation*}' <<<"$equation"
both "a tested equation has a mark" 'title="Checked by tests/07-t.c, test 3: the sum"' \
    '\testmark{test-eq:a}' <<<"$equation"
both "many tests of one program are cut short" 'test 11: t11; and 5 more"' \
    '\testmark{test-eq:many}' <<<'$$ a $$ {#eq:many}'
both "in their table too" "<em>14</em>${nb}t14; and 2 more" '\emph{14}~t14; and 2 more' \
    <<<$'::: {.equation-tests}\n:::'
html_lacks "an equation without a test has none" 'class="mark"' <<<'$$ a $$ {#eq:u}'
html_lacks "a definition has none" 'class="mark"' <<<'$$ a $$ {#eq:d .def}'
html "a long formula in a line scrolls" '<span class="long"><math' \
    <<<'$a + b + c + d + e + f + g + h + i + j + k + l$'
both "a value has a minus sign" '−5.25' '−5.25' <<<'@val:7.mean'
both "a value has a power of ten" '<msup><mn>10</mn>' '1.5\times 10^{-7}' <<<'@val:7.small'
both "a value in a formula" '<mn>5.25</mn>' '\(x = -5.25\)' <<<'$x = @val:7.mean$'

# ---------------------------------------------------------------- the filter: figures, tables

both "a figure" '<img src="fig/f.svg" alt="What.">' '{build/fig/f.pdf}' \
    <<<'![Cap.](fig:f){#fig:f alt="What."}'
both "its caption" 'Figure 7.1.</span> “Cap”' '\captionhead{Figure 7.1.} “Cap”' \
    <<<'!["Cap".](fig:f){#fig:f alt="What."}'
both "a picture of another address" '<img src="x.png" alt="What."' '\includegraphics{x.png}' \
    <<<'Here ![it](x.png){alt="What."} is.'

printf '| a |\n|---|\n| 1 |\n\n: Cap `x`. {#tbl:t}\n' >"$work/table"
both "a table of the text" 'Table 7.1.</span> Cap <code>x</code>.' \
    '\captionhead{Table 7.1.} Cap \code{x}.' <"$work/table"
printf '::: {.tsv file=07.tsv #tbl:t}\nCap.\n:::\n' >"$work/table"
both "a table that a program wrote has its numbers at the right" \
    '<td style="text-align: right;">−5.25</td>' 'a\_b & −5.25' <"$work/table"
both "and says where it comes from" '<p class="provenance">seed 1</p>' '\provenance{seed 1}' \
    <"$work/table"

# ---------------------------------------------------------------- the filter: listings

printf '::: {.transcript run="07-t go/x"}\n:::\n' >"$work/run"
both "a transcript" '<span class="command">$ ./07-t go</span>' '\command{$ ./07-t go}' <"$work/run"
both "its special characters" ' a &lt; b_%{}\' ' a < b_%\{\}\textbackslash{}' <"$work/run"

printf '::: {.excerpt file="tests/07-t.c" part="it"}\n:::\n' >"$work/part"
both "an excerpt" 'tests/07-t.c</code>, <em>it</em>' \
    '\code{tests/\codebreak{}07{-}t.c}, \emph{it}' <"$work/part"
html "without its margin" \
    '<span>a <span class="op">=</span> b<span class="op">;</span></span>' <"$work/part"

printf '``` {.c}\nif (NWUSE7d1Z)\n    NWHOLE7d1Z\n```\n' >"$work/code"
both "a chunk in C is a link" \
    'use" href="#chunk:7.1">⟨adds <code>1</code>, 100% of {them} &amp; more <' \
    '\chunkuse{chunk:7.1}{adds \texttt{1}, 100% of \{them\} & more}{7.1}' <"$work/code"
both "a hole shows, with a way to the answer" \
    '⟨your answer to 7.1⟩ <a class="peek" href="answers.html#answer:7.1">' \
    '\chunkhole{answer:7.1}{7.1}' <"$work/code"
html_lacks "no line of code is an empty link" 'aria-hidden' <"$work/code"
both "straight quotes in code stay straight" "<code>'a' --x</code>" \
    '\code{\textquotesingle{}a\textquotesingle{} {-}{-}x}' <<<"\`'a' --x\`"

# ---------------------------------------------------------------- the filter: headings

both "a numbered heading" \
    '<h2 id="sec:s"><a class="number" href="#sec:s">7.1</a> Section</h2>' \
    '\booksection{7.1}{sec:s}{Section}' <<<'## Section {#sec:s}'
both "a chapter's heading" '<h1 id="ch:t"><a class="number" href="#ch:t">Chapter 7</a> T</h1>' \
    '\bookchapter{7}{ch:t}{T}' <<<'# T {#ch:t}'
both "a program's" '>Program 7</a> P</h1>' '\bookprogram{P7}{ch:p}{P}' <<<'# P {#ch:p}'
both "an appendix's" '>Appendix B</a> O</h1>' '\bookappendix{B}{ch:o}{O}' <<<'# O {#ch:o}'
both "that of the answers" '<h1 id="ch:s">S</h1>' '\bookplainchapter{ch:s}{S}' <<<'# S {#ch:s}'
both "a part opens on paper alone" '<p>After.</p>' '\bookpart{II}{part:II}{A \& B}' \
    <<<$'::: {.part number=II}\nA & B\n:::\n\nAfter.'
both "an exercise" '>Exercise 7.1</a> T</h3>' '\exercise{7.1}{}{ex:7.1}{T}' <<<'### T {#ex:7.1}'
both "an answer leads back to it" '<a class="peek" href="#ex:7.1">exercise</a></h3>' \
    '\exercise{7.1}{ex:7.1}{answer:7.1}{T}' <<<'### T {#answer:7.1}'
both "a heading without a label has the page in its address" 'id="07-t-more"' \
    '\booksubsection{07-t-more}{More}' <<<'### More'

# ---------------------------------------------------------------- the filter: what it refuses

fails "a reference to nothing" '07-t: nothing is labelled eq:nothing' <<<'See @eq:nothing.'
fails "a link to nothing" '07-t: nothing is labelled sec:nothing' <<<'[x](#sec:nothing)'
fails "a figure without alternative text" '07-t: the figure fig:f has no alternative text' \
    <<<'![Cap.](fig:f){#fig:f}'
fails "a figure with an empty one" '07-t: the figure fig:f has no alternative text' \
    <<<'![Cap.](fig:f){#fig:f alt=""}'
fails "a picture of another address without one" \
    '07-t: the figure x.png has no alternative text' <<<'Here ![it](x.png) is.'
fails "a picture that is named elsewhere without one" \
    '07-t: the figure x.png has no alternative text' <<<$'![it][x]\n\n[x]: x.png'
fails "a figure without a label" '07-t: the figure f has no label' \
    <<<'![Cap.](fig:f){alt="x"}'
fails "a figure that was not drawn" '07-t: the figure fig:f needs build/fig/g.' \
    <<<'![Cap.](fig:g){#fig:f alt="x"}'
fails "a figure within a paragraph" 'paragraph of its own' \
    <<<'Text ![Cap.](fig:f){#fig:f alt="x"}'
fails "a value that no program wrote" '07-t: no value 7.none' <<<'@val:7.none'
fails "a transcript that was not made" '07-t: no transcript of "07-t none"' \
    <<<$'::: {.transcript run="07-t none"}\n:::'
fails "a table that was not made" '07-t: the table tbl:t needs none.tsv' \
    <<<$'::: {.tsv file=none.tsv #tbl:t}\n:::'
fails "an excerpt without its lines" 'tests/07-t.c has no lines between /* begin no */' \
    <<<$'::: {.excerpt file="tests/07-t.c" part="no"}\n:::'
fails "two faults are told together" 'eq:two' <<<'@eq:one and @eq:two'
! page html <<<'$\notacommand{x}$'
ok $? "a formula that MathML cannot say"
DRAFT=1 page html <<<'@val:7.none'
has "$work/page" '<strong class="missing"'
ok $? "a draft prints what is missing"
DRAFT=1 page html <<<'@eq:nothing'
has "$work/page" 'title="eq:nothing">??</strong>'
ok $? "and a reference to nothing"
cd "$root" || exit 1

# ---------------------------------------------------------------- the page on the weaver

# book/journey.md shows a chapter, and after each stage some lines of what became of it.
block() {   # block NAME: the text of the code block of this name
    "$awk" -v open="\`\`\` $1" '/^```$/ { inside = 0 } inside; $0 == open { inside = 1 }' \
        "$root/book/journey.md"
}

travels() {     # travels STAGE FILE: each line of the block stands in the file, but for its ...
    block "$1" | "$awk" -v file="$2" '
        BEGIN { while ((getline s < file) > 0) text[++n] = s }
        {
            for (i = 1; i <= n && !shows($0, text[i]); i++);
            if (i > n) { print "not in " file ": " $0; bad = 1 }
        }
        function shows(excerpt, s,    part, m, j, at) {
            m = split(excerpt, part, /[.][.][.]/)
            for (j = 1; j <= m; j++) {
                if (!(at = index(s, part[j]))) return 0
                s = substr(s, at + length(part[j]))
            }
            return 1
        }
        END { exit bad || !NR }' >"$work/diag"
    ok $? "the journey: $1"
}

fresh
mkdir -p "$work/journey/chapters" "$work/journey/build/out"
cd "$work/journey" || exit 1
chapter=chapters/07-springs.nw
block chapter >$chapter
: >eqtests.tsv
gawk -f "$root/book/files.awk" -f "$root/book/lint.awk" eqtests.tsv $chapter >lint
"$awk" -f "$root/book/files.awk" -f "$root/book/plan.awk" $chapter >plan
notangle -R07-springs.c $chapter >springs.c
${CC:-gcc} springs.c -o springs
{ echo '$ ./07-springs'; ./springs; } >build/out/07-springs.txt
markup $chapter | "$awk" -f "$root/book/autodefs.awk" | finduses >stream
last_stage "$awk" <stream
printf 'eq:hooke\t07-springs\t1\tstretched by a half\n' >build/eqtests.tsv
for format in html latex-smart; do
    pandoc -f markdown -t $format --mathml --wrap=preserve --lua-filter="$root/book/book.lua" \
        -M page=07-springs -M refs="$work/out/07-springs.refs" "$work/out/07-springs.md" -o $format
done
travels lint lint
travels plan plan
travels tangled springs.c
travels transcript build/out/07-springs.txt
travels stream stream
travels woven "$work/out/07-springs.md"
travels labels "$work/out/labels.tsv"
travels deps "$work/out/deps.mk"
travels html html
travels latex latex-smart
cd "$root" || exit 1

# ---------------------------------------------------------------- the stylesheet and the script

# Contrast as WCAG computes it, of every text colour on the grounds it stands on, light and dark.
contrasts() {
    "$awk" '
    /:root/ { theme++ }
    theme <= 2 && /^ *--[a-z]+: #[0-9a-f]+;/ {
        gsub(/[ :;]+/, " ")
        color[theme, $1] = $2
        if ($1 !~ /ground|tint|rule/) texts[$1]
    }
    END {
        for (t = 1; t <= 2; t++) for (name in texts) {
            check(t, name, "--ground")
            check(t, name, "--tint")
        }
        if (pairs < 40) { print "only " pairs " pairs found"; bad = 1 }
        exit bad
    }
    function check(t, name, ground) {
        pairs++
        if (contrast(color[t, name], color[t, ground]) >= 4.5) return
        print "theme " t ", " name " on " ground
        bad = 1
    }
    function contrast(a, b,    x, y) {
        x = light(a) + 0.05
        y = light(b) + 0.05
        return x > y ? x / y : y / x
    }
    function light(c) {
        return 0.2126 * channel(substr(c, 2, 2)) + 0.7152 * channel(substr(c, 4, 2)) \
            + 0.0722 * channel(substr(c, 6, 2))
    }
    function channel(s,    v) {
        v = (16 * hex(substr(s, 1, 1)) + hex(substr(s, 2, 1))) / 255
        return v <= 0.03928 ? v / 12.92 : exp(2.4 * log((v + 0.055) / 1.055))
    }
    function hex(c) { return index("0123456789abcdef", c) - 1 }
    ' "$1"
}
contrasts book/style.css >"$work/diag"
ok $? "every colour of text has a contrast of 4.5 to 1, light and dark"
! grep -nE 'https?:|@import|url\(' book/style.css book/page.js >"$work/diag"
ok $? "the pages ask nothing of the network"
! grep -nE 'key(down|up|press)|accesskey' book/page.js book/template.html >"$work/diag"
ok $? "no key is taken from the reader"

# ---------------------------------------------------------------- LaTeX's log

tex() {     # tex BODY: a document with this body through latex.sh
    rm -f "$work/t.pdf" "$work/t-out.pdf"
    printf '%s\n' '\documentclass{article}\usepackage{hyperref}\begin{document}' "$1" \
        '\end{document}' >"$work/t.tex"
    sh book/latex.sh "$work/t.tex" "$work/t-out.pdf" 2>"$work/err"
}

tex_passes() {      # tex_passes TITLE BODY
    command -v lualatex >/dev/null || { skip "$1" "lualatex is not installed"; return; }
    tex "$2" && [ -s "$work/t-out.pdf" ]
    local rc=$?
    cp "$work/err" "$work/diag"
    ok $rc "$1"
}

tex_fails() {       # tex_fails TITLE MESSAGE BODY
    command -v lualatex >/dev/null || { skip "$1" "lualatex is not installed"; return; }
    ! tex "$3" && has "$work/err" "$2"
    ok $? "$1"
}

tex_passes "a sound page passes" 'Text.'
tex_fails "a missing glyph is an error" 'Missing character' 'A missing glyph: λ'
tex_fails "a line that sticks out is an error" 'Overfull' '\noindent\hbox to 400pt{\hfil}'
tex_fails "a page that runs over is an error" 'vbox' '\vbox to 900pt{\hbox{x}\vfil}'
tex_fails "a link to nowhere is an error" 'nowhere' '\hyperlink{nowhere}{x}'
tex_fails "an address taken twice is an error" 'destination' '\hypertarget{a}{x}\hypertarget{a}{y}'
tex_fails "an unknown command is an error" 'Undefined control sequence' '\nosuchcommand'

echo "1..$count"
