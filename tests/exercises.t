#!/bin/sh
# exercises.t - a reader's journey through a book with two small chapters, in a folder of its own.
# Run it in the book's folder; it says what it found in TAP.

book=$(pwd)
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
n=0 failed=0
unset EX CH ONLY SHOW L EX_STRICT EX_CFLAGS NO_COLOR CHAPTERS TANGLED ANSWERS BUILD
unset TAP_TIMEOUT TAP_PATIENCE MAKEFLAGS MAKELEVEL

mkdir -p "$tmp/book/chapters" "$tmp/book/tangled" "$tmp/book/tests" "$tmp/book/book"
cp "$book"/tests/exercises/*.nw "$tmp/book/chapters"
cp "$book"/tangled/tap.h "$book"/tangled/exercise.h "$tmp/book/tangled"
cp "$book"/tests/exercises.sh "$book"/tests/exercises.awk "$tmp/book/tests"
cp "$book"/book/tangle.awk "$tmp/book/book"
cd "$tmp/book" || exit 1
printf '/answers/\n/build/\n' > .gitignore

if ! command -v notangle >/dev/null; then
    echo '1..0 # SKIP noweb is not installed'
    exit 0
fi

# run [NAME=VALUE...] COMMAND: what it printed is in $out, its status in $rc
run() { out=$(env "$@" 2>&1 < /dev/null) && rc=0 || rc=$?; }
ex() { run LDLIBS=-lm TAP_TIMEOUT=1 "$@"; }
ok() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; return; fi
    failed=$((failed + 1))
    echo "not ok $n - $2"
    echo "$out" | sed 's/^/# | /'
}
status() { [ "$rc" -eq "$1" ]; ok $? "$2: status $1"; }
# A number sign in a title would begin a directive of TAP.
says() {
    case $out in
    *"$1"*) ok 0 "${2:-says: ${1#"# "}}" ;;
    *) ok 1 "${2:-says: ${1#"# "}}" ;;
    esac
}
silent() {
    case $out in
    *"$1"*) ok 1 "does not say: $1" ;;
    *) ok 0 "does not say: $1" ;;
    esac
}
body() {                        # make the answer $1 a copy of its stub with the text $2 in the hole
    new=$2 awk '/EX_TODO\(\);/ { print ENVIRON["new"]; next } { print }' \
        "tangled/exercises/ex_$1.c" > "answers/0${1%_*}/ex_$1.c"
}
wait_for() {                    # the words $2 in the file $1, for a minute at most
    i=0
    while [ $i -lt 600 ] && ! grep -q "$2" "$1"; do
        sleep 0.1
        i=$((i + 1))
    done
}
do="sh tests/exercises.sh"

ex $do test
status 2 "without any exercises"
says "There are no exercises"

ex $do tangle
status 0 "tangle"
[ "$(find tangled/exercises -type f | wc -l)" -eq 12 ]
ok $? "four files for each of three exercises"
grep -q 'EX_TODO();' tangled/exercises/ex_1_1.c
ok $? "the stub has a hole"
cp -R tangled/exercises before
ex $do tangle
diff -r before tangled/exercises >/dev/null
ok $? "a second tangle changes nothing"
rm -r before

if command -v git >/dev/null; then
    {
        git init -q . &&
            git add -A &&
            git -c user.name=r -c user.email=r@example.org commit -q -m all
    } >/dev/null 2>&1
fi

# The first minutes
ex $do test
status 0 "test, before start"
says "0 of 3 solved, 0 wrong, 3 not attempted"
says "make start"
ex $do start
status 0 "start"
says "Copied to answers/: 3"
cmp -s answers/01/ex_1_1.c tangled/exercises/ex_1_1.c
ok $? "the stub is copied"
ex $do test
status 0 "test, nothing done"
says "0 of 3 solved, 0 wrong, 3 not attempted"
says "next: ex 1.1"
ex EX=1.1 $do test
status 0 "test of a stub"
says "# TODO not attempted: answers/01/ex_1_1.c:6"
says "Exercise 1.1: not attempted."

# A wrong answer, a crash, an endless loop, a slip of the pen: none hides another
body 1_1 '    return i * columns - j;'
ex $do test
status 1 "a wrong answer"
says "not ok 1 - ex 1.1: elements of a matrix with 5 columns"
says "# wrong: offset(1, 2, 5): got 3, expected 7"
says "make hint EX=1.1"
says "[eq:place]"
says "0 of 3 solved, 1 wrong, 2 not attempted"
ex $do start
status 0 "start again"
says "left as they are: 3"
grep -q 'columns - j' answers/01/ex_1_1.c
ok $? "an answer is not written over"

body 1_2 '    for (size_t k = 0; ; k++) m[k] = 0;'
body 2_1 '    for (volatile int k = 0; k == 0; ) continue;'
ex $do test
status 1 "a crash and an endless loop"
says "# crashed: signal 11, SIGSEGV"
says "# too slow: used more than 1 s of CPU time"
says "wrong: 1.1, 1.2 (crashed), 2.1 (too slow)"
ex CH=2 $do test
status 1 "one chapter"
silent "ex 1.1"
says "0 of 1 solved, 1 wrong"
ex EX=1.1 $do test
status 1 "one exercise"
silent "ex 1.2"

body 1_2 '    m[0] = 1
    return;'
ex $do progress
status 0 "progress never fails"
says "1.2 (does not compile)"
silent "error:"
ex EX=1.2 $do test
status 1 "a slip of the pen"
says "ex 1.2 does not compile"
says "answers/01/ex_1_2.c:6:13: error:"
body 1_2 '    m[0] = 1;'
echo 'int main(void) { return 0; }' >> answers/01/ex_1_2.c
ex EX=1.2 $do test
status 1 "a main of its own"
says "Remove your main"
sed 's/row_means/means/' tangled/exercises/ex_1_2.answer.c > answers/01/ex_1_2.c
ex EX=1.2 $do test
status 1 "a function of another name"
says "must stay as in the stub"
body 1_2 '    exit(0);'
sed '1s/^/#include <stdlib.h>\n/' answers/01/ex_1_2.c > x
mv x answers/01/ex_1_2.c
ex EX=1.2 $do test
status 1 "exit(0) in an answer"
says "left early: exit status 0"
body 1_2 '    printf("m is %p\n", (void *)m); m[0] = 2.0; m[1] = 4.0;'
ex EX=1.2 $do test
says "# | m is 0x" "what an answer prints is shown"
says "wrong: m: 1 of 2 entries are wrong; the worst is m[1]"

# A result is kept as long as nothing changes
touch -t 200001010000 build/exercises/mine/ex_1_2.key
ex EX=1.2 $do test
[ answers/01/ex_1_2.c -nt build/exercises/mine/ex_1_2.key ]
ok $? "an answer that did not change is not compiled again"

# Help
ex $do hint
status 2 "a hint for no exercise"
says "Which exercise?"
ex EX=7.7 $do hint
status 2 "a hint for no such exercise"
says "There is no exercise 7.7"
ex EX=1.2 $do solution
status 0 "a solution too early"
says "read 0 of its 2 hints"
silent "m[i] /="
ex EX=1.2 $do hint
status 0 "a hint"
says "Hint 1 of 2"
silent "Hint 2"
ex EX=1.2 $do hint
says "Hint 2 of 2"
says "Set m[i] to 0"
silent "Hint 1"
ex EX=1.2 $do hint
says "Hint 1 of 2"
says "Hint 2 of 2" "then all of them"
ex EX=1.2 $do solution
says "m[i] /= (double)d;" "the solution after the hints"
ex EX=1.1 SHOW=1 $do solution
says "return i * columns + j;" "the solution when asked twice"

# Beginning anew
ex EX=1.1 $do reset
status 0 "reset"
says "ex_1_1.c.old"
cmp -s answers/01/ex_1_1.c tangled/exercises/ex_1_1.c
ok $? "the stub is back"
grep -q 'columns - j' answers/01/ex_1_1.c.old
ok $? "the old answer is kept"
body 1_1 '    return i;'
ex EX=1.1 $do reset
says "ex_1_1.c.old2" "a second one is kept too"
ex EX=1.1 $do reset
says "the stub already" "a third has nothing to keep"

# A stub that changed since
sed 's/offset of an element/&, counted from 0/; s/The place of element/The offset of element/' \
    chapters/01-sample.nw > x
mv x chapters/01-sample.nw
ex $do tangle
ex $do test
says "Exercise 1.1 has changed since you began answers/01/ex_1_1.c" "a changed stub is reported"
says "0 of 3 solved, 2 wrong, 1 not attempted"
grep -q 'The place of' answers/01/ex_1_1.c
ok $? "and not merged"

# Watching
LDLIBS=-lm WATCH_SECONDS=0.2 TAP_TIMEOUT=1 $do watch > watched 2>&1 &
pid=$!
wait_for watched Watching
cp tangled/exercises/ex_2_1.answer.c answers/02/ex_2_1.c
wait_for watched '1 of 3 solved'
kill $pid
wait $pid
rc=$?
out=$(cat watched)
rm watched
status 0 "watch, when stopped"
says "Exercise 2.1: right."
says "No longer watching."
says "1 of 3 solved"

# The end
for e in 1_1 1_2 2_1; do
    cp tangled/exercises/ex_$e.answer.c answers/0${e%_*}/ex_$e.c
done
ex $do test
status 0 "all solved"
says "3 of 3 solved, 0 wrong, 0 not attempted"
says "All of them"
esc=$(printf '\033')
silent "$esc"
if command -v git >/dev/null; then
    out=$(git status --porcelain -- answers build tests)
    [ -z "$out" ]
    ok $? "git status is clean"
fi

# The check of the book's own exercises, and what it finds
if command -v gcc >/dev/null && command -v clang >/dev/null; then
    ex $do check-exercises
    status 0 "check-exercises"
    says "3 exercises, 9 wrong answers: 29 checks, 0 failed."
    cp chapters/01-sample.nw keep
    plant() {
        sed "$1" keep > chapters/01-sample.nw
        cmp -s keep chapters/01-sample.nw && ok 1 "planted: $1"
    }
    quick="CONFIGS=gcc-O0 EX=1.1 $do check-exercises"
    plant 's/expect: got 11, expected 7/expect: wrong sign/'
    ex $quick
    status 1 "an expectation that is not met"
    says "the report does not say: wrong sign"
    plant 's/return j \* columns + i;/return i * columns + j;/'
    ex $quick
    status 1 "a wrong answer that is right"
    says "it passes"
    plant 's/^<<wrong 1.1 zero>>=/<<wrong 1.1 none>>=/'
    ex $quick
    status 1 "no zero answer"
    says "<<wrong 1.1 zero>> is missing"
    plant 's/ex_equal("offset(1, 2, 5)", offset(1, 2, 5), 7);/ex_true(true, "x"); return;/'
    ex $quick
    status 1 "a check that asks nothing"
    says "the untouched stub is attempted"
    says "the zero answer passes a check"
    plant 's/return i \* columns + j;/return i * columns + j + 1;/'
    ex $do tangle
    ex $quick
    status 1 "an answer that is wrong"
    says "ex 1.1: the answer passes, gcc-O0"
    silent "what the chapters say"
    plant 's/size_t i, size_t j, size_t columns/&, int k/'
    ex $quick
    status 1 "tangled/ is of yesterday"
    says "what the chapters say"
    plant 's/{#ex:1.2}/{#ex:1.3}/'
    ex CONFIGS=gcc-O0 $do check-exercises
    status 1 "a heading without chunks"
    says "no heading {#ex:1.2}"
    says "ex 1.3: a heading, but no chunk"
    mkdir none
    ex CHAPTERS=none $do check-exercises
    [ $rc -ne 0 ]
    ok $? "nothing to check is a failure"
fi

echo "1..$n"
[ $failed -eq 0 ]
