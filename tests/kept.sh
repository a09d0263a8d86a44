#!/bin/sh
# kept.sh TEST - run a test of the book, or say again what it said when it last ran and passed.
#
# What a test program printed is kept in build/tap/, for the marks in the book and for make test.
# It runs again when it is newer than that, or what it reads is, or when MNIST_DIR names another
# folder.  The scripts (*.t) run every time.

case $1 in
*.t)
    read -r first < "$1"
    exec ${first#"#!"} "$1" ;;
esac

tap=build/tap/${1##*/}.tap
mkdir -p build/tap
echo "${MNIST_DIR:-}" | cmp -s - build/tap/mnist || echo "${MNIST_DIR:-}" > build/tap/mnist
newer() { find "$1" build/tap/mnist tests/bad book/results -newer "$tap" 2>/dev/null; }
if [ -e "$tap" ] && [ -z "$(newer "$1")" ]; then
    exec cat "$tap"
fi

"$1" > "$tap.$$" < /dev/null
status=$?
cat "$tap.$$"
if [ $status -eq 0 ]; then
    mv "$tap.$$" "$tap"
else
    rm "$tap.$$"
fi
exit $status
