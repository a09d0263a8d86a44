#!/bin/sh
# make.t - the rules of build.mk, with a book of one small chapter in a folder of its own: what
# stops them, what is made anew after a change, and that two jobs at a time make the same.

book=$(pwd)
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
unset MAKEFLAGS MAKELEVEL DRAFT MNIST_DIR CH EX BUILD
n=0

for tool in notangle pandoc gnuplot gawk gcc; do
    command -v $tool >/dev/null || {
        echo "1..0 # SKIP $tool is not installed"
        exit 0
    }
done

mkdir "$tmp/book"
cd "$tmp/book" || exit 1
mkdir book chapters figures tangled tests
cp "$book"/Makefile "$book"/build.mk .
cp "$book"/book/* book 2>/dev/null
rm -f book/preface.md book/notation.md
cp "$book"/tests/make/01-small.nw chapters
cp "$book"/tests/make/01-small.c "$book"/tests/kept.sh tests
cp "$book"/tests/make/01-line.gp "$book"/figures/style.gp figures
cp "$book"/tangled/tap.h tangled

# run COMMAND: what it printed is in $out, its status in $rc
run() { out=$("$@" 2>&1 < /dev/null) && rc=0 || rc=$?; }
ok() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        echo "$out" | sed 's/^/# | /'
    fi
}
says() {
    case $out in
    *"$1"*) ok 0 "${2:-says: $1}" ;;
    *) ok 1 "${2:-says: $1}" ;;
    esac
}
# replace FILE OLD NEW: in the line that has OLD
replace() {
    sed "s|$2|$3|" "$1" > "$tmp/new"
    cmp -s "$1" "$tmp/new" && echo "nothing to replace in $1" >&2
    cat "$tmp/new" > "$1"
}
age() { find . -type f -exec touch -r Makefile {} +; }      # all of one age
is_new() { [ "$1" -nt Makefile ]; }

chapter=chapters/01-small.nw
page=build/html/01-small.html
mark='class="mark"'

# A test that fails

replace tests/01-small.c '== 1.5' '== 1.6'
run make LDLIBS=-lm book
[ $rc -ne 0 ]
ok $? "a failing test stops make book"
says "not ok 1 - [eq:halves] two halves" "it shows the test"
says "tests/01-small.c: a test fails, so there is no book" "and says what that means"
[ ! -e $page ] && [ ! -e build/tap/01-small.tap ]
ok $? "no page is left that lacks a mark"
run make LDLIBS=-lm book
[ $rc -ne 0 ]
ok $? "it fails again"
run make LDLIBS=-lm DRAFT=1 html
[ $rc -eq 0 ] && [ -e $page ] && ! grep -q "$mark" $page
ok $? "a draft is made, without the mark"

# All is well

replace tests/01-small.c '== 1.6' '== 1.5'
run make LDLIBS=-lm html
[ $rc -eq 0 ] && grep -q "$mark" $page
ok $? "the repaired test puts the mark beside its equation"
printf '$ ./01-small first\none\n' | cmp -s - build/out/01-small-first.txt
ok $? "the first part of the story is a transcript"
printf '$ ./01-small second\ntwo\n\nthree\n' | cmp -s - build/out/01-small-second.txt
ok $? "and the second, with the empty line inside it"
printf '$ ./01-small --loud first\none\n' | cmp -s - build/out/01-small---loud-first.txt
ok $? "a transcript with other arguments is a run of its own"
grep -q '>42<\|is 42' $page
ok $? "a value stands in the text"
[ -s build/html/fig/01-line.svg ]
ok $? "the figure is there"
run make LDLIBS=-lm html
says "Nothing to be done" "a second make html does nothing"
rm build/html/fig/01-line.svg
run make LDLIBS=-lm html
[ $rc -eq 0 ] && [ -s build/html/fig/01-line.svg ]
ok $? "a figure that was removed comes back"

# What a change makes anew

age
touch $chapter
run make LDLIBS=-lm html
! is_new $page && ! is_new tangled/01-small.c && ! is_new build/bin/01-small
ok $? "a chapter that was only touched makes nothing anew"
age
replace $chapter 'are the number again' 'make the number again'
run make LDLIBS=-lm html
is_new $page && ! is_new build/bin/01-small && ! is_new build/fig/01-line.svg
ok $? "another word makes the page, and neither program nor figure"
age
replace $chapter 'three' 'four'
run make LDLIBS=-lm html
is_new $page && is_new build/out/01-small-second.txt
ok $? "another output makes its transcript and the page"
! is_new build/out/01-small-first.txt && ! is_new build/out/01-line.tsv &&
    ! is_new build/fig/01-line.svg
ok $? "but no other transcript, table or figure"
age
replace $chapter '4.n' '5\\n'
run make LDLIBS=-lm html
is_new build/fig/01-line.svg && ! is_new build/out/01-small-second.txt
ok $? "another table makes the figure that reads it"

# What stops them

cp $chapter "$tmp/keep"
cp tangled/01-small.c "$tmp/keep.c"
replace $chapter '^<<tell the first part>>=' '<<tell the second part>>='
run make LDLIBS=-lm tangle
[ $rc -ne 0 ] && cmp -s tangled/01-small.c "$tmp/keep.c"
ok $? "a chunk that is missing stops make tangle, and no file is written"
cat "$tmp/keep" > $chapter
replace $chapter '01-line.tsv' '01-other.tsv'
run make LDLIBS=-lm html
[ $rc -ne 0 ]
ok $? "a table that no program writes stops make html"
says "01-small writes no 01-line.tsv" "which says what is missing"
cat "$tmp/keep" > $chapter
replace $chapter 'return fclose(values)' 'return 1 + fclose(values)'
run make LDLIBS=-lm html
[ $rc -ne 0 ]
ok $? "a program that fails stops make html"
says "01-small --tsv" "which says which"
cat "$tmp/keep" > $chapter

# Two jobs at a time

run make LDLIBS=-lm html
mv build/html "$tmp/first"
rm -rf build
run make LDLIBS=-lm -j2 html
[ $rc -eq 0 ] && diff -r "$tmp/first" build/html >/dev/null
ok $? "make -j2 from nothing makes the same pages"

# Results that are kept

run sh tests/kept.sh build/test/01-small
says "ok 1 - [eq:halves] two halves" "a kept result is told again"
age
touch build/test/01-small
run sh tests/kept.sh build/test/01-small
is_new build/tap/01-small.tap
ok $? "a test that is newer than its result runs again"
age
run sh tests/kept.sh build/test/01-small
! is_new build/tap/01-small.tap
ok $? "one that is not does not"
run env MNIST_DIR=/no/such/folder sh tests/kept.sh build/test/01-small
is_new build/tap/01-small.tap
ok $? "with another MNIST_DIR it does"

echo "1..$n"
