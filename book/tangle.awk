# tangle.awk - every file that the chapters make, in one pass.
#
#   markup chapters/*.nw | awk -v out=DIR -v exercises=DIR -v wrong=DIR -f tangle.awk
#
# noweb's notangle writes one root and reads all chapters for it; this reads them once and writes:
#
#   out/NAME.h, out/NAME.c     each chunk whose name is a file name, but no exercise
#   exercises/ex_1_1.c         the stub: the chunk of that name, with EX_TODO(); for <<solve 1.1>>
#   exercises/ex_1_1.answer.c  the same with our answer in the hole
#   exercises/ex_1_1.check.c   <<check 1.1>>
#   exercises/ex_1_1.hints     <<hint 1.1>>
#   wrong/ex_1_1.NAME.c        the stub with <<wrong 1.1 NAME>> in the hole
#
# A folder that is not given is left out.  The lines are those of notangle, but none ends in blanks.
# A file is written only if it changes, and no file at all if a chunk is missing.  The files of
# -v there="$(echo DIR/*)" that no chapter makes any more are removed.

# ---- read: a chunk is a list of tokens, each a kind (first word) and a text -----------------

/^@begin code/ { code = 1; next }
/^@end code/ { code = 0; next }
/^@fatal/ { fail("noweb: " substr($0, 8)); next }
!code { next }
/^@defn / {
    name = substr($0, 7)
    if (!(name in tokens)) names[++count] = name
    tokens[name] += 0
    head = 1                    # the line of the definition itself ends here
    next
}
/^@text / { add("text " substr($0, 7)); next }
/^@use / { add("use " substr($0, 6)); next }
/^@nl$/ {
    if (!head) add("newline")
    head = 0
}

function add(token) { token_of[name, ++tokens[name]] = token }

# ---- expand ----------------------------------------------------------------------------------

END {
    for (i = 1; i <= count; i++) {
        name = names[i]
        if (name ~ /^ex_[0-9A-Z]+_[0-9]+\.c$/) exercise(name)
        else if (name ~ /^wrong [^ ]+ [^ ]+$/) wrong_answer(name)
        else if (out != "" && name ~ /^[A-Za-z0-9_-]+\.[ch]$/) tangle(name, out "/" name)
    }
    if (failed) exit 1
    for (i = 1; i <= paths; i++) write(path[i], text[path[i]])
    remove_others()
}

function exercise(stub,    base, number) {
    if (exercises == "") return
    base = substr(stub, 1, length(stub) - 2)
    number = number_of(base)
    fill("solve " number, "EX_TODO();")
    tangle(stub, exercises "/" stub)
    fill("", "")
    tangle(stub, exercises "/" base ".answer.c")
    tangle("check " number, exercises "/" base ".check.c")
    tangle("hint " number, exercises "/" base ".hints")
}

function wrong_answer(name,    word, base) {
    split(name, word, " ")
    base = base_of(word[2])
    if (wrong == "" || !((base ".c") in tokens)) return
    fill("solve " word[2], name)
    tangle(base ".c", wrong "/" base "." word[3] ".c")
    fill("", "")
}

function number_of(base) { sub(/^ex_/, "", base); sub(/_/, ".", base); return base }
function base_of(number) { sub(/\./, "_", number); return "ex_" number }

# From here on the chunk `hole` is replaced by another chunk, or by a line of C.
function fill(chunk, by) { hole = chunk; filling = by }

# The text of the file `to`; while it grows, it is known in which line we are and at which column
# the lines of the current chunk begin.
function tangle(root, to) {
    file = to
    line = ""
    started = 0                 # something stands in this line already
    margin = 0
    path[++paths] = file
    expand(root)
    end_line()
}

function expand(chunk,    i, n, token, left) {
    if (chunk == hole && filling in tokens) chunk = filling
    else if (chunk == hole) { put(filling); return }
    if (!(chunk in tokens)) { fail(file " needs <<" chunk ">>, which is not defined"); return }
    if (chunk in open) { fail("the chunk <<" chunk ">> uses itself"); return }
    open[chunk]
    n = tokens[chunk]
    if (token_of[chunk, n] == "newline") n--    # what follows the use stands in the same line
    for (i = 1; i <= n; i++) {
        token = token_of[chunk, i]
        if (token == "newline") end_line()
        else if (token ~ /^text /) put(substr(token, 6))
        else {
            left = margin
            if (started) margin = length(line)
            expand(substr(token, 5))
            margin = left
        }
    }
    delete open[chunk]
}

function put(s) {
    if (s == "") return
    if (!started) line = sprintf("%" margin "s", "")
    started = 1
    line = line s
}

function end_line() {
    sub(/ +$/, "", line)
    text[file] = text[file] line "\n"
    line = ""
    started = 0
}

# ---- write -----------------------------------------------------------------------------------

function write(path, s,    old, l, n) {
    while ((n = (getline l < path)) > 0) old = old l "\n"
    close(path)
    if (n == 0 && old == s) return
    printf "%s", s > path
    if (close(path) != 0) { fail("cannot write " path); exit 1 }
}

function remove_others(    i, n, f) {
    n = split(there, f, " ")
    for (i = 1; i <= n; i++)
        if (!(f[i] in text)) system("rm -f '" f[i] "'")
}

function fail(message) {
    print "tangle: " message > "/dev/stderr"
    failed = 1
}
