# autodefs.awk - find what a chapter defines, between markup and finduses in noweb's pipeline.
#
# Adds a line "@index defn NAME" for each function, type, struct tag, enum constant and macro that begins at the left margin of a code
# chunk and whose name has at least four letters (finduses matches in comments and strings too, so a name like n or x would be "used"
# everywhere). noweb's own filter misses functions that return a lower-case type, typedefs, tags and constants.
#
# This is not a parser. It reads one line at a time with comments, strings and chunk names blanked out, and relies on the book's layout:
# what begins at column 0 is a declaration, and a body starts with { before any ; is seen.

BEGIN { WORD = "[A-Za-z_][A-Za-z0-9_]*" }

/^@fatal/       { fatal = 1 }
/^@begin code/  { code = 1; reset() }
/^@end code/    { code = 0 }
                { print }
!code           { next }
/^@text /       { line = line substr($0, 7); next }
/^@use /        { line = line "\001"; next }        # a chunk name is not C
/^@defn /       { head = 1; next }
/^@nl$/         { if (head) head = 0; else scan(blank(line)); line = "" }

# weave.awk refuses a stream without this last line: finduses swallows @fatal and would hand on a stream cut short.
END { if (fatal) exit 1; print "@trailer autodefs" }

function reset() { line = ""; head = comment = braces = enum = 0; pending = type = "" }

function defn(name) {
    if (length(name) >= 4 && name != "main" && name !~ /_H$/ && !((name, NR) in told)) {
        told[name, NR]
        print "@index defn " name
    }
}

# The line with comments removed and strings and characters emptied.
function blank(s,    out) {
    while (s != "") {
        if (comment) {
            if (!match(s, /\*\//)) return out
            s = substr(s, RSTART + 2); comment = 0
        } else if (match(s, /\/\*|\/\/|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/)) {
            out = out substr(s, 1, RSTART - 1)
            if (substr(s, RSTART, 2) == "//") return out
            if (substr(s, RSTART, 2) == "/*") { comment = 1; s = substr(s, RSTART + 2); continue }
            out = out "\002"; s = substr(s, RSTART + RLENGTH)
        } else
            return out s
    }
    return out
}

function scan(s,    before) {
    before = braces
    if (!before && s ~ /^#[ ]*define[ ]/) { sub(/^#[ ]*define[ ]+/, "", s); defn(word(s)); return }
    if (s ~ /^#/) return
    if (!before && s ~ /^[A-Za-z_]/) declaration(s)
    if (enum && (before || s ~ /[{]/)) constants(s)
    if (pending != "" && match(s, /[{;]/)) {        # { first: a definition; ; first: only a prototype
        if (substr(s, RSTART, 1) == "{") defn(pending)
        pending = ""
    }
    braces += gsub(/[{]/, "{", s) - gsub(/[}]/, "}", s)
    if (s ~ /^[}]/) { closing(s); enum = 0; braces = 0 }
    if (braces <= 0) { braces = 0; if (s ~ /;/) enum = 0 }
}

function word(s) { return match(s, "^" WORD) ? substr(s, 1, RLENGTH) : "" }

# A line at column 0, outside of any braces.
function declaration(s,    t) {
    istypedef = s ~ /^typedef[ ]/
    if (match(s, "^(typedef[ ]+)?(struct|union|enum)[ ]+" WORD "[ ]*([{]|$)")) {
        t = substr(s, 1, RLENGTH); sub(/[ ]*[{]$/, "", t); sub(/^.*[ ]/, "", t); defn(t)
    }
    if (s ~ /^(typedef[ ]+)?enum([ ]|$)/) enum = 1
    if (istypedef && s ~ /;/) typedef_name(s)
    else if (enum) return
    else if (!istypedef && s !~ /^(struct|union)[^(]*$/) functions(s)
    type = s ~ /^[A-Za-z_0-9 *]+$/ ? s : ""
}

# typedef int (*name)(...);  or  typedef int name[4];
function typedef_name(s) {
    if (match(s, "\\([ ]*\\*[ ]*" WORD)) { s = substr(s, RSTART, RLENGTH); sub(/^\([ ]*\*[ ]*/, "", s) }
    else { sub(/^.*[}]/, "", s); sub(/[ ]*(\[.*)?;.*$/, "", s); sub(/^.*[^A-Za-z0-9_]/, "", s) }
    defn(s)
}

# type name(   or, after a line that is a type alone,   name(
function functions(s,    head) {
    if (!match(s, WORD "[ ]*\\(")) return
    head = substr(s, 1, RSTART - 1)
    s = word(substr(s, RSTART))
    if (s ~ /^(if|for|while|switch|return|sizeof|_Static_assert|static_assert|_Alignas)$/) return
    if (head ~ /=/ || (head == "" && type == "") || head !~ /^[A-Za-z_0-9 *]*$/) return
    pending = s
}

# enum { ONE, TWO = 2 };  on one line or one constant to a line.
function constants(s,    item, n, i) {
    sub(/^[^{]*[{]/, "", s); sub(/[}].*$/, "", s)
    gsub(/\([^()]*\)/, "", s)
    n = split(s, item, ",")
    for (i = 1; i <= n; i++) { sub(/^[ ]+/, "", item[i]); defn(word(item[i])) }
}

# } name;  closes a typedef.
function closing(s) {
    if (istypedef && match(s, "^[}][ ]*" WORD)) { s = substr(s, 1, RLENGTH); sub(/^[}][ ]*/, "", s); defn(s) }
    istypedef = 0
}
