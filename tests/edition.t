#!/bin/bash
# edition.t - the edition has one name, that in book/metadata.yaml: the book's colophon, the list of
# changes and what the programs say of themselves agree with it. Run it at the top of the
# repository.
set -u

n=0
ok() {      # ok STATUS TITLE: a failure shows $found
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        echo "# found: $found"
    fi
}

skip() {    # skip TITLE WHY
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

field() { sed -n "s/^$1: *//p" book/metadata.yaml | tr -d '"'; }
edition=$(field edition)
version=$(field version)
status=$(field status)
name="$edition edition ($version)${status:+, $status}"

found="'$edition', '$version'"
[ -n "$edition" ] && echo "$version" | grep -qxE '[0-9]+\.[0-9]+'
ok $? "metadata.yaml names the edition in a word and in a number"

found=$(sed -n 's/^## //p' book/CHANGES.md | head -1)
[ "${found,}" = "$name" ]
ok $? "the newest entry of CHANGES.md is that of the $name"

colophon() {    # colophon TEMPLATE FORMAT: what it says of the edition
    echo . | pandoc -f markdown -t "$2" -s -M is-index=true --template="book/$1" \
        --metadata-file=book/metadata.yaml | sed -n 's/.*\(This is the .*\)/\1/p'
}
for kind in 'template.html html' 'template.tex latex'; do
    title="the colophon of ${kind% *} names it"
    command -v pandoc >/dev/null || { skip "$title" "pandoc is not installed"; continue; }
    found=$(colophon $kind)
    case $found in "This is the $name."*) true ;; *) false ;; esac
    ok $? "$title"
done

title="the programs call themselves $version"
found=$(sed -n 's/^#define EDITION *"\(.*\)".*/\1/p' tangled/program.h)
if [ -z "$found" ]; then
    skip "$title" "program.h has no EDITION"
else
    [ "$found" = "$version" ]
    ok $? "$title"
fi
echo "1..$n"
