#!/bin/sh
# Download MNIST (Y. LeCun, C. Cortes, C. Burges) and keep it in a cache:
#     sh chapters/data/mnist.sh [FOLDER]
# Each file is checked by its SHA-256.  A file that is there and right is
# not fetched again; a broken download goes on where it stopped.
set -eu
mirror=${MNIST_MIRROR:-https://ossci-datasets.s3.amazonaws.com/mnist}
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/downhill/mnist}

files='
440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609 train-images-idx3-ubyte.gz
3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c train-labels-idx1-ubyte.gz
8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6 t10k-images-idx3-ubyte.gz
f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6 t10k-labels-idx1-ubyte.gz
'

give_up() {
    echo "mnist.sh: $*" >&2
    exit 1
}

sum_of() {
    if command -v sha256sum > /dev/null; then
        sha256sum "$1" | cut -d ' ' -f 1
    else
        shasum -a 256 "$1" | cut -d ' ' -f 1
    fi
}

# fetch NAME SUM: bring NAME.part to its end and make sure that it is right.
fetch() {
    if ! curl --fail --silent --show-error --location --connect-timeout 20 \
         --retry 3 --continue-at - --output "$1.part" "$mirror/$1"; then
        give_up "cannot fetch $mirror/$1
  Is there a network?  Run this again to go on where it stopped, choose
  another server by MNIST_MIRROR, or copy the four files to
  $folder
  yourself.  The book and its tests work without them."
    fi
    if [ "$(sum_of "$1.part")" != "$2" ]; then
        rm -f "$1.part"
        give_up "$mirror/$1 is not the file it should be (its SHA-256 differs)"
    fi
    mv "$1.part" "$1"
}

command -v curl > /dev/null || give_up "this needs curl (make setup)"
mkdir -p "$folder" || give_up "cannot make the folder $folder"
cd "$folder"
echo "$files" | while read -r sum name; do
    [ -n "$name" ] || continue
    if [ -f "$name" ] && [ "$(sum_of "$name")" = "$sum" ]; then
        echo "$name is there"
        continue
    fi
    # A complete .part cannot be continued: the server refuses.
    if [ -f "$name.part" ] && [ "$(sum_of "$name.part")" = "$sum" ]; then
        mv "$name.part" "$name"
    else
        fetch "$name" "$sum"
    fi
    echo "$name is fetched"
done
echo "MNIST is in $folder"
