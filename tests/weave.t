#!/usr/bin/env bash
# weave.t - the way from chapters to pages: the numbers and links that weave.awk gives, what autodefs.awk finds, what book.lua makes of
# it in HTML and LaTeX, and above all that each way to lose text silently ends in an error. Run by prove from the root of the repository.
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
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; sed 's/^/# /' "$work/diag" 2>/dev/null; fi
    : >"$work/diag"
}
has()   { grep -qF -e "$2" "$1" && return; { echo "not found: $2"; head -c 4000 "$1"; } >"$work/diag"; return 1; }
lacks() { ! grep -nF -e "$2" "$1" >"$work/diag"; }
fresh() { rm -rf "$work/in" "$work/out"; mkdir -p "$work/in" "$work/out"; }

# weave FILE...: the pipeline, from files to $work/out; messages in $work/err
weave() {
    markup "$@" 2>"$work/err1" | "$awk" -f "$root/book/autodefs.awk" | finduses 2>>"$work/err1" |
        "$awk" -v out="$work/out" -v labels="$work/out/labels.tsv" -v front="$front" -f "$root/book/weave.awk" 2>"$work/err2"
    local rc=$?
    cat "$work/err1" "$work/err2" >"$work/err"
    return $rc
}
front=

# refused TITLE MESSAGE: the chapter on standard input must be refused with the message, and nothing be written
refused() {
    fresh
    cat >"$work/in/03-bad.nw"
    ( cd "$work/in" && weave 03-bad.nw )
    local rc=$?
    { echo "status $rc, files: $(ls "$work/out")"; cat "$work/err"; } >"$work/diag"
    [ $rc -ne 0 ] && [ -z "$(ls "$work/out")" ] && grep -qF -e "$2" "$work/err"
    ok $? "$1"
}

# accepted TITLE: the chapter on standard input is woven to $work/out/03-good.md
accepted() {
    fresh
    cat >"$work/in/03-good.nw"
    ( cd "$work/in" && weave 03-good.nw )
    local rc=$?
    cp "$work/err" "$work/diag"
    ok $rc "$1"
}

golden() {  # golden FILE EXPECTED TITLE
    [ -z "$UPDATE" ] || cp "$1" "$2"
    diff -u "$2" "$1" >"$work/diag" 2>&1
    ok $? "$3"
}

# ---------------------------------------------------------------- what should come out

fresh
( cd tests/weave && weave 01-one.nw 02-two.nw D-last.nw )
rc=$?; cp "$work/err" "$work/diag"
ok $rc "three chapters are woven in one run"
for page in 01-one 02-two C-answers Z-index index; do
    golden "$work/out/$page.md" "tests/weave/$page.md" "the text of $page is as expected"
done
golden "$work/out/labels.tsv" tests/weave/labels.tsv "numbers and labels are as expected"
golden "$work/out/deps.mk" tests/weave/deps.mk "the files that each page prints are told to make"
lacks "$work/out/01-one.md" "check_it"; ok $? "the check of an exercise is not printed"
lacks "$work/out/Z-index.md" "check_it"; ok $? "what only a check defines is not indexed"
has "$work/out/01-one.md" 'Continued in [2.1](#chunk:2.1)'; ok $? "a chunk is continued in another chapter"
has "$work/out/02-two.md" 'Continues [1.2](#chunk:1.2)'; ok $? "and says what it continues"
has "$work/out/02-two.md" '[`point_add`](#chunk:1.3)'; ok $? "a function of another chapter is linked without a %def"
has "$work/out/01-one.md" 'λ ≤ σ'; ok $? "UTF-8 passes through"
has "$work/out/01-one.md" '$[[1, 2], [3, 4]]$'; ok $? "double brackets in a formula stay"
has "$work/out/01-one.refs" 'chunk:C.1'; lost=$?; lacks "$work/out/02-two.refs" 'eq:first'
[ $lost -eq 1 ] && [ $? -eq 0 ]; ok $? "a page is given the labels that it needs, and no others"

cp -r "$work/out" "$work/first"
( cd / && weave "$root/tests/weave/01-one.nw" "$root/tests/weave/02-two.nw" "$root/tests/weave/D-last.nw" )
diff -r "$work/first" "$work/out" >"$work/diag"; ok $? "the result does not depend on how the chapters' paths are written"
for other in mawk gawk 'gawk --posix'; do
    if ! command -v "${other%% *}" >/dev/null; then count=$((count + 1)); echo "ok $count - $other # SKIP not installed"; continue; fi
    ( cd tests/weave && markup 01-one.nw 02-two.nw D-last.nw | $other -f "$root/book/autodefs.awk" | finduses |
        $other -v out="$work/out" -v labels="$work/out/labels.tsv" -f "$root/book/weave.awk" ) && diff -r "$work/first" "$work/out" >"$work/diag"
    ok $? "$other weaves the same"
done

markup tests/weave/defs.nw | "$awk" -f book/autodefs.awk | sed -n 's/^@index defn //p' >"$work/defs"
golden "$work/defs" tests/weave/defs.txt "functions, types, constants and macros are found, prototypes and calls are not"

# ---------------------------------------------------------------- writing

fresh
cp tests/weave/0*.nw "$work/in"
( cd "$work/in" && weave 01-one.nw 02-two.nw ); touch -d '2001-01-01' "$work"/out/*
sed -i 's/^It goes on/It went on/' "$work/in/02-two.nw"
( cd "$work/in" && weave 01-one.nw 02-two.nw )
find "$work/out" -newermt 2002-01-01 -exec basename {} \; | grep -v '^out$' >"$work/changed"
printf '02-two.md\n' | diff - "$work/changed" >"$work/diag"; ok $? "only the page whose text changed is written anew"
printf '# Two\n\n<<a\n' >"$work/in/02-two.nw"
cp -r "$work/out" "$work/before"
! ( cd "$work/in" && weave 01-one.nw 02-two.nw ) && diff -r "$work/before" "$work/out" >"$work/diag"
ok $? "a fault in the second chapter leaves all pages as they were"

fresh; ! "$awk" -v out="$work/out" -v labels="$work/out/labels.tsv" -f book/weave.awk </dev/null 2>"$work/err" && has "$work/err" 'empty or cut short' && [ -z "$(ls "$work/out")" ]; ok $? "an empty stream is an error"
fresh; markup tests/weave/01-one.nw | "$awk" -v out="$work/out" -v labels="$work/out/labels.tsv" -f book/weave.awk 2>"$work/err"
[ $? -ne 0 ] && has "$work/err" 'empty or cut short' && [ -z "$(ls "$work/out")" ]; ok $? "a stream without its last line is an error"
fresh; ! weave tests/weave/01-one.nw tests/weave/missing.nw && [ -z "$(ls "$work/out")" ]; ok $? "a chapter that is not there is an error"

# ---------------------------------------------------------------- traps of noweb

refused "two less-than signs in the text" '03-bad.nw:3: unescaped <<' <<'X'
# Bad

1 << 2
X
refused "a chunk that is indented" '03-bad.nw:3: unescaped <<' <<'X'
# Bad

  <<name>>=
X
refused "a shift to the left and one to the right on one line" '03-bad.nw:5: the chunk << 1; y >> is used but not defined' <<'X'
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
refused "a code block that is never closed" '03-bad.nw:3: this code block is never closed' <<'X'
# Bad

```
int x;
X
refused "one label twice" '03-bad.nw:4: the label eq:a is taken: 03-bad.nw:3' <<'X'
# Bad

$$ a $$ {#eq:a}
$$ b $$ {#eq:a}
X
refused "an exercise of another chapter" '03-bad.nw:2: an exercise of this chapter is labelled #ex:3.1' <<'X'
# Bad
### Title {#ex:2.1}
X
refused "an answer without an exercise" '03-bad.nw:3: "#### Answer" stands only in an exercise' <<'X'
# Bad
## Exercises
#### Answer
X
refused "a chunk whose definition is not printed" '03-bad.nw:3: the chunk <<check 3.1>> is printed here, but its definition is not' <<'X'
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
has "$work/out/03-good.md" '1 << 2 and \[\[ brackets' && has "$work/out/03-good.md" 'x << 1; y >>= 1;'; ok $? "come out without it"
printf '# Front {#ch:front}\n' >"$work/front.md"; front=$work/front.md
accepted "a front page is woven with the chapters" <<'X'
# Good
X
front=
has "$work/out/labels.tsv" "ch:front		ch	front	Front" && cmp -s "$work/front.md" "$work/out/front.md"; ok $? "and has a label, but no number"

# ---------------------------------------------------------------- the filter

fresh
mkdir -p "$work/tree/build/out" "$work/tree/build/fig" "$work/tree/tests"
cd "$work/tree" || exit 1
printf 'ch:t\t7\tch\t07-t\tTitle\nsec:s\t7.1\tsec\t07-t\tSection\neq:a\t7.1\teq\t07-t\t\neq:d\t7.2\tdef\t07-t\t\neq:u\t7.3\teq\t07-t\t\neq:many\t7.4\teq\t07-t\t\nfig:f\t7.1\tfig\t07-t\t\ntbl:t\t7.1\ttbl\t07-t\t\nch:o\tB\tch\tB-o\tOther\neq:o\tB.4\teq\tB-o\t\nchunk:7.1\t7.1\tchunk\t07-t\tadd_one & 100%% of {them}\nanswer:7.1\t7.1\tanswer\tC-answers\tT\nex:7.1\t7.1\tex\t07-t\tT\n' >refs
printf '7.mean\t-5.25\n7.small\t1.5e-07\n' >build/values.tsv
printf 'eq:a\t07-t\t3\t[eq:a] the sum\neq:d\t07-t\t4\tdefinitions need none\n' >build/eqtests.tsv
for i in 9 10 11 12 13 14 15 16; do printf 'eq:many\t07-t\t%d\tt%d\n' $i $i; done >>build/eqtests.tsv
printf '$ ./07-t go\n a < b_%%{}\\\n' >build/out/07-t-go_x.txt
printf '# seed 1\nname\tmean\na_b\t-5.25\nc\t1e-3\n' >build/out/07.tsv
printf 'x\n    /* begin it */\n    a = b;\n        c;\n    /* end it */\n' >tests/07-t.c
touch build/fig/f.svg build/fig/f.pdf

# page FORMAT: the text on standard input through the filter, to $work/page
page() { BUILD=build pandoc -f markdown -t "$1" --wrap=none --mathml --fail-if-warnings --lua-filter="$root/book/book.lua" -M page=07-t -M refs=refs -o "$work/page" 2>"$work/err"; }

both() {    # both TITLE HTML LATEX: the text on standard input holds one string in HTML and another in LaTeX
    cat >"$work/text"
    page html <"$work/text"; local h=$?; cat "$work/err" >>"$work/diag"; [ $h -eq 0 ] && has "$work/page" "$2"; ok $? "$1, in HTML"
    page latex-smart <"$work/text"; local t=$?; cat "$work/err" >>"$work/diag"; [ $t -eq 0 ] && has "$work/page" "$3"; ok $? "$1, in LaTeX"
}
fails() {   # fails TITLE MESSAGE: the text on standard input is refused in both formats
    cat >"$work/text"
    local f bad=0
    for f in html latex; do page $f <"$work/text" && bad=1; has "$work/err" "$2" || bad=1; done
    ok $bad "$1"
}
equation='$$ a = b $$ {#eq:a}'

both "a reference to an equation" '>(7.1)</a>' '\hyperlink{eq:a}{(7.1)}' <<<'@eq:a'
both "at the start of a sentence" '>Equation (7.1)</a>' '{Equation~(7.1)}' <<<'@Eq:a'
both "in brackets, with words" '(see <a href="#eq:a" class="ref">equation 7.1</a>, <a href="#fig:f" class="ref">figure 7.1</a>)' \
    '(see \protect\hyperlink{eq:a}{equation~7.1}, \protect\hyperlink{fig:f}{figure~7.1})' <<<'[see @eq:a; @fig:f]'
both "the number alone" '>7.1</a>' '\hyperlink{eq:a}{7.1}' <<<'[-@eq:a]'
both "a reference to another page" 'href="B-o.html#eq:o"' '\hyperlink{eq:o}{(B.4)}' <<<'@eq:o'
both "an appendix" '>Appendix B</a>' '{Appendix~B}' <<<'@Ch:o'
both "a link to a label" 'href="B-o.html#eq:o">there' '\hyperlink{eq:o}{there}' <<<'[there](#eq:o)'
both "an equation has its number" '>(7.1)</a></span>' '(7.1)}\end{equation*}' <<<"$equation"
both "a tested equation has a mark" 'title="Checked by tests/07-t.c, test 3: the sum"' '\testmark{test-eq:a}' <<<"$equation"
both "many tests of one program are cut short" 'test 11: t11; and 5 more"' '\testmark{test-eq:many}' <<<'$$ a $$ {#eq:many}'
both "in their table too" '<em>14</em> t14; and 2 more' '\emph{14}~t14; and 2 more' <<<$'::: {.equation-tests}\n:::'
page html <<<'$$ a $$ {#eq:u}'; lacks "$work/page" 'class="mark"'; ok $? "an equation without a test has none"
page html <<<'$$ a $$ {#eq:d .def}'; lacks "$work/page" 'class="mark"'; ok $? "a definition has none"
page html <<<'$\mathrm{Var}(x)$'; has "$work/page" '<mi mathvariant="normal">Var</mi><mrow><mo stretchy="false" form="prefix">'; ok $? "upright words and calm brackets in MathML"
page html <<<'$\left(\frac12\right)$'; has "$work/page" '<mo stretchy="true" form="prefix">('; ok $? "tall brackets still grow"
both "a value has a minus sign" '−5.25' '−5.25' <<<'@val:7.mean'
both "a value has a power of ten" '<msup><mn>10</mn>' '1.5\times 10^{-7}' <<<'@val:7.small'
both "a value in a formula" '<mn>5.25</mn>' '\(x = -5.25\)' <<<'$x = @val:7.mean$'
both "a figure" '<img src="fig/f.svg" alt="What.">' '{build/fig/f.pdf}' <<<'![Cap.](fig:f){#fig:f alt="What."}'
both "its caption" 'Figure 7.1.</span> “Cap”' '\captionhead{Figure 7.1.} “Cap”' <<<'!["Cap".](fig:f){#fig:f alt="What."}'
printf '| a |\n|---|\n| 1 |\n\n: Cap `x`. {#tbl:t}\n' >"$work/table"
both "a table of the text" 'Table 7.1.</span> Cap <code>x</code>.' '\captionhead{Table 7.1.} Cap \code{x}.' <"$work/table"
printf '::: {.tsv file=07.tsv #tbl:t}\nCap.\n:::\n' >"$work/table"
both "a table that a program wrote has its numbers at the right" '<td style="text-align: right;">−5.25</td>' 'a\_b & −5.25' <"$work/table"
both "and says where it comes from" '<p class="provenance">seed 1</p>' '\provenance{seed 1}' <"$work/table"
printf '::: {.transcript run="07-t go/x"}\n:::\n' >"$work/table"
both "a transcript" '<span class="command">$ ./07-t go</span>
' '\command{$ ./07-t go}
' <"$work/table"
both "its special characters" ' a &lt; b_%{}\' ' a < b_%\{\}\textbackslash{}' <"$work/table"
printf '::: {.excerpt file="tests/07-t.c" part="it"}\n:::\n' >"$work/table"
both "an excerpt" 'tests/07-t.c</code>, <em>it</em>' '\code{tests/\codebreak{}07{-}t.c}, \emph{it}' <"$work/table"
page plain <"$work/table"; page html <"$work/table"; has "$work/page" '<span>a <span class="op">=</span> b<span class="op">;</span></span>'; ok $? "without its margin"
printf '``` {.c}\nif (NWUSE7d1Z)\n    NWHOLE7d1Z\n```\n' >"$work/table"
both "a chunk in C is a link" '<a class="chunk-use" href="#chunk:7.1">⟨add_one &amp; 100% of {them} <' '\chunkuse{chunk:7.1}{add_one & 100% of \{them\}}{7.1}' <"$work/table"
both "a hole shows, with a way to the answer" '⟨your answer to 7.1⟩ <a class="peek" href="C-answers.html#answer:7.1">' '\chunkhole{answer:7.1}{7.1}' <"$work/table"
page html <"$work/table"; lacks "$work/page" 'aria-hidden'; ok $? "no line of code is an empty link"
both "a numbered heading" '<h2 id="sec:s"><a class="number" href="#sec:s">7.1</a> Section</h2>' '\booksection{7.1}{sec:s}{Section}' <<<'## Section {#sec:s}'
both "an exercise" '>Exercise 7.1</a> T</h3>' '\exercise{7.1}{}{ex:7.1}{T}' <<<'### T {#ex:7.1}'
both "a heading without a label has the page in its address" 'id="07-t-more"' '\booksubsection{07-t-more}{More}' <<<'### More'
both "straight quotes in code stay straight" "<code>'a' --x</code>" '\code{\textquotesingle{}a\textquotesingle{} {-}{-}x}' <<<"\`'a' --x\`"

fails "a reference to nothing" '07-t: nothing is labelled eq:nothing' <<<'See @eq:nothing.'
fails "a link to nothing" '07-t: nothing is labelled sec:nothing' <<<'[x](#sec:nothing)'
fails "a figure without alternative text" '07-t: the figure fig:f has no alternative text' <<<'![Cap.](fig:f){#fig:f}'
fails "a figure with an empty one" '07-t: the figure fig:f has no alternative text' <<<'![Cap.](fig:f){#fig:f alt=""}'
fails "a figure without a label" '07-t: the figure f has no label' <<<'![Cap.](fig:f){alt="x"}'
fails "a figure that was not drawn" '07-t: the figure fig:f needs build/fig/g.' <<<'![Cap.](fig:g){#fig:f alt="x"}'
fails "a figure within a paragraph" 'paragraph of its own' <<<'Text ![Cap.](fig:f){#fig:f alt="x"}'
fails "a value that no program wrote" '07-t: no value 7.none' <<<'@val:7.none'
fails "a transcript that was not made" '07-t: no transcript of "07-t none"' <<<$'::: {.transcript run="07-t none"}\n:::'
fails "a table that was not made" '07-t: the table tbl:t needs none.tsv' <<<$'::: {.tsv file=none.tsv #tbl:t}\n:::'
fails "an excerpt without its lines" 'tests/07-t.c has no lines between /* begin no */' <<<$'::: {.excerpt file="tests/07-t.c" part="no"}\n:::'
fails "two faults are told together" 'eq:two' <<<'@eq:one and @eq:two'
page html <<<'$\notacommand{x}$' && bad=1 || bad=0; ok $bad "a formula that MathML cannot say"
DRAFT=1 page html <<<'@val:7.none'; has "$work/page" '<strong class="missing"'; ok $? "a draft prints what is missing"
DRAFT=1 page html <<<'@eq:nothing'; has "$work/page" 'title="eq:nothing">??</strong>'; ok $? "and a reference to nothing"
cd "$root" || exit 1

# ---------------------------------------------------------------- the stylesheet and the script

# Contrast as WCAG computes it, of every text colour on the grounds it stands on, light and dark.
"$awk" '
    function channel(h) { h = hex(h) / 255; return h <= 0.03928 ? h / 12.92 : exp(2.4 * log((h + 0.055) / 1.055)) }
    function hex(s) { return (index("0123456789abcdef", substr(s, 1, 1)) - 1) * 16 + index("0123456789abcdef", substr(s, 2, 1)) - 1 }
    function light(c) { return 0.2126 * channel(substr(c, 2, 2)) + 0.7152 * channel(substr(c, 4, 2)) + 0.0722 * channel(substr(c, 6, 2)) }
    function contrast(a, b,    t) { a = light(a); b = light(b); if (a < b) { t = a; a = b; b = t } return (a + 0.05) / (b + 0.05) }
    /:root/ { theme++ }
    theme <= 2 && /^ *--[a-z]+: #[0-9a-f]+;/ { gsub(/[ :;]+/, " "); name = $1; c[theme, name] = $2; names[name] }
    END {
        for (t = 1; t <= 2; t++) for (n in names) {
            if (n ~ /ground|tint|rule/) continue
            pairs += 2
            if (contrast(c[t, n], c[t, "--ground"]) < 4.5 || contrast(c[t, n], c[t, "--tint"]) < 4.5) { print "theme " t ", " n; bad = 1 }
        }
        if (pairs < 40) { print "only " pairs " pairs found"; bad = 1 }
        exit bad
    }' book/style.css >"$work/diag"
ok $? "every colour of text has a contrast of 4.5 to 1, light and dark"
! grep -nE 'https?:|@import|url\(' book/style.css book/page.js >"$work/diag"; ok $? "the pages ask nothing of the network"
! grep -nE 'key(down|up|press)|accesskey' book/page.js book/template.html >"$work/diag"; ok $? "no key is taken from the reader"

# ---------------------------------------------------------------- LaTeX's log

if command -v lualatex >/dev/null; then
    tex() { printf '\\documentclass{article}\\usepackage{hyperref}\\begin{document}\n%s\n\\end{document}\n' "$1" >"$work/t.tex"; rm -f "$work/t.pdf"; sh book/latex.sh "$work/t.tex" "$work/t-out.pdf" 2>"$work/err"; }
    tex 'Text.'; rc=$?; cp "$work/err" "$work/diag"; [ $rc -eq 0 ] && [ -s "$work/t-out.pdf" ]; ok $? "a sound page passes"
    tex 'A missing glyph: λ'; [ $? -ne 0 ] && has "$work/err" 'Missing character'; ok $? "a missing glyph is an error"
    tex '\noindent\hbox to 400pt{\hfil}'; [ $? -ne 0 ] && has "$work/err" 'Overfull'; ok $? "a line that sticks out is an error"
    tex '\vbox to 900pt{\hbox{x}\vfil}'; [ $? -ne 0 ] && has "$work/err" 'vbox'; ok $? "a page that runs over is an error"
    tex '\hyperlink{nowhere}{x}'; [ $? -ne 0 ] && has "$work/err" 'nowhere'; ok $? "a link to nowhere is an error"
    tex '\hypertarget{a}{x}\hypertarget{a}{y}'; [ $? -ne 0 ] && has "$work/err" 'destination'; ok $? "an address taken twice is an error"
    tex '\nosuchcommand'; [ $? -ne 0 ] && has "$work/err" 'Undefined control sequence'; ok $? "an unknown command is an error"
else
    for i in 1 2 3 4 5 6 7; do count=$((count + 1)); echo "ok $count # SKIP lualatex is not installed"; done
fi

echo "1..$count"
