# autodefs.awk - find what a chapter defines, between markup and finduses in noweb's pipeline.
#
# Adds a line "@index defn NAME" for each function, type, struct tag, enum constant and macro that
# begins at the left margin of a code chunk and whose name has at least four letters (finduses
# matches in comments and strings too, so a name like n or x would be "used" everywhere). noweb's
# own filter misses functions that return a lower-case type, typedefs, tags and constants.
#
# This is not a parser. It reads one line at a time with comments, strings and chunk names blanked
# out, and relies on the book's layout: what begins at column 0 is a declaration, and a body starts
# with { before any ; is seen.
#
# Where we are within a chunk, from line to line:
#
#   code, head      in a chunk; on its first line, which is its name
#   line            the line of C so far
#   comment         the last line ended within a comment
#   braces          how many are open
#   enum, typedef   the declaration that we are in is one
#   type            the last line was a type alone, so a function's name may follow: "static int"
#   pending         a function's name whose body or semicolon has not come yet

BEGIN { WORD = "[A-Za-z_][A-Za-z0-9_]*" }

/^@fatal/       { fatal = 1 }
/^@begin code/  { code = 1; reset() }
/^@end code/    { code = 0 }
                { print }
!code           { next }
/^@text /       { line = line substr($0, 7) }
/^@use /        { line = line "\001" }              # a chunk name is not C
/^@defn /       { head = 1 }
/^@nl$/         { end_line() }

# weave.awk refuses a stream without this last line: finduses swallows @fatal and would hand on a
# stream cut short.
END {
    if (fatal) exit 1
    print "@trailer autodefs"
}

function reset() {
    line = pending = type = ""
    head = comment = braces = enum = 0
}

function end_line() {
    if (head) head = 0
    else scan(blank(line))
    line = ""
}

function defn(name) {
    if (length(name) < 4 || name == "main" || name ~ /_H$/) return
    if ((name, NR) in told) return
    told[name, NR]
    print "@index defn " name
}

# The line with comments removed and strings and characters emptied.
function blank(s,    out, begin) {
    while (s != "") {
        if (comment) {
            if (!match(s, /\*\//)) return out
            s = substr(s, RSTART + 2)
            comment = 0
        }
        if (!match(s, /\/\*|\/\/|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/)) return out s
        begin = substr(s, RSTART, 2)
        out = out substr(s, 1, RSTART - 1)
        s = substr(s, RSTART + RLENGTH)
        if (begin == "//") return out
        if (begin == "/*") comment = 1
        else out = out "\002"
    }
    return out
}

function scan(s) {
    if (s ~ /^#/) {
        if (!braces && sub(/^#[ ]*define[ ]+/, "", s)) defn(word(s))
        return
    }
    if (!braces && s ~ /^[A-Za-z_]/) declaration(s)
    if (enum && (braces || s ~ /[{]/)) constants(s)
    settle(s)
    count_braces(s)
}

# A { after the name of a function makes a definition of it, a ; a prototype.
function settle(s) {
    if (pending == "" || !match(s, /[{;]/)) return
    if (substr(s, RSTART, 1) == "{") defn(pending)
    pending = ""
}

# A } at column 0 ends whatever was open.
function count_braces(s) {
    braces += gsub(/[{]/, "{", s) - gsub(/[}]/, "}", s)
    if (s ~ /^[}]/) {
        closing(s)
        enum = braces = 0
    }
    if (braces > 0) return
    braces = 0
    if (s ~ /;/) enum = 0
}

function word(s) { return match(s, "^" WORD) ? substr(s, 1, RLENGTH) : "" }

# A line at column 0, outside of any braces.
function declaration(s) {
    typedef = s ~ /^typedef[ ]/
    if (s ~ /^(typedef[ ]+)?enum([ ]|$)/) enum = 1
    tag(s)
    if (typedef && s ~ /;/) typedef_name(s)
    else if (!enum && !typedef && s !~ /^(struct|union)[^(]*$/) functions(s)
    type = s ~ /^[A-Za-z_0-9 *]+$/ ? s : ""
}

# struct name {
function tag(s) {
    if (!match(s, "^(typedef[ ]+)?(struct|union|enum)[ ]+" WORD "[ ]*([{]|$)")) return
    s = substr(s, 1, RLENGTH)
    sub(/[ ]*[{]$/, "", s)
    sub(/^.*[ ]/, "", s)
    defn(s)
}

# typedef int (*name)(...);  or  typedef int name[4];
function typedef_name(s) {
    if (match(s, "\\([ ]*\\*[ ]*" WORD)) {
        s = substr(s, RSTART, RLENGTH)
        sub(/^\([ ]*\*[ ]*/, "", s)
    } else {
        sub(/^.*[}]/, "", s)
        sub(/[ ]*(\[.*)?;.*$/, "", s)
        sub(/^.*[^A-Za-z0-9_]/, "", s)
    }
    defn(s)
}

# type name(   or, after a line that is a type alone,   name(
function functions(s,    before) {
    if (!match(s, WORD "[ ]*\\(")) return
    before = substr(s, 1, RSTART - 1)
    s = word(substr(s, RSTART))
    if (s ~ /^(if|for|while|switch|return|sizeof|_Static_assert|static_assert|_Alignas)$/) return
    if (before == "" && type == "") return
    if (before !~ /^[A-Za-z_0-9 *]*$/) return
    pending = s
}

# enum { ONE, TWO = 2 };  on one line or one constant to a line.
function constants(s,    item, n, i) {
    sub(/^[^{]*[{]/, "", s)
    sub(/[}].*$/, "", s)
    gsub(/\([^()]*\)/, "", s)
    n = split(s, item, ",")
    for (i = 1; i <= n; i++) {
        sub(/^[ ]+/, "", item[i])
        defn(word(item[i]))
    }
}

# } name;  closes a typedef.
function closing(s) {
    if (typedef && match(s, "^[}][ ]*" WORD)) {
        s = substr(s, 1, RLENGTH)
        sub(/^[}][ ]*/, "", s)
        defn(s)
    }
    typedef = 0
}
