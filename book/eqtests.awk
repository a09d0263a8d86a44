# eqtests.awk - the tests that name an equation, from what the tests printed (build/tap/*.tap).
#
# "ok 7 - [eq:offset] [eq:view] offsets of a view" in 01-tensors.tap becomes, with tabs between,
#
#   eq:offset  01-tensors  7  offsets of a view
#   eq:view    01-tensors  7  offsets of a view

FNR == 1 {
    test = FILENAME
    sub(/.*\//, "", test)
    sub(/\.tap$/, "", test)
}
/^ok [0-9]+ - \[eq:/ {
    number = $2
    title = $0
    sub(/^ok [0-9]+ - /, "", title)
    labels = 0
    while (match(title, /^\[eq:[^]]*\] */)) {
        label[++labels] = substr(title, 2, index(title, "]") - 2)
        title = substr(title, RLENGTH + 1)
    }
    for (i = 1; i <= labels; i++) print label[i] "\t" test "\t" number "\t" title
}
