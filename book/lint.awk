# lint.awk - look for mistakes in the chapters.
#
#   gawk [-v values=build/values.tsv] -f files.awk -f lint.awk \
#       build/eqtests.tsv chapter.nw... [front.md...]
#
# Each finding is one line,  file:line: what was found.  Exit 1 if any. eqtests.tsv says which test
# checks which equation; with -v values=FILE, each value in that file must be used by some page (if
# there is no such file yet, this is not looked at). Of the front matter only the values are read.
#
# Much of this guards against habits of noweb: two less-than signs in the text stop it, two on a
# line of C with two greater-than signs vanish silently as the name of a chunk, chunks of the same
# name are joined without a word.
#
# Where we are, from line to line:
#
#   number              of the chapter, as 3
#   code                within a chunk; then chunk, chunk_file, chunk_line say which, body how many
#                       lines it has, is_plain that it is not printed, macro that the last line
#                       goes on
#   section             the heading of the fourth level that we are under: Answer, Check
#   fence, math         within a code block, within a formula
#   prose               the text since the last chunk or heading
#   image, image_line   an image that is not yet whole, and where it began
#   exercises           how many each chapter has so far
#
# What is remembered to the end: home and first (file and line of a chunk's first part), order (the
# chunks as they came), uses, used and use_file, use_line; label_file, label_line, is_definition,
# cited, cite_file, cite_line; exercise_at; used_value.

BEGIN {
    FS = "\t"
    ROOT = "^[A-Za-z0-9_-]+\\.[ch]$"
    NAME = "[A-Za-z0-9._-]*[A-Za-z0-9]"
}

FILENAME ~ /eqtests\.tsv$/  { tested[$1]; next }
FILENAME ~ /\.md$/          { note_values($0); next }

FNR == 1                    { begin_file() }
/\r/                        { found(FNR, "a carriage return; lines end with LF alone") }
!code && /^ +<<.*>>= *$/    { indented_chunk() }
!code && /^<<.*>>=/         { begin_chunk(); next }
code && /^@( |$)/           { end_chunk(); next }
code                        { code_line(); next }
                            { text_line() }

END {
    check_end_of_chunk()
    check_chunks()
    check_labels()
    check_exercises()
    if (values != "") check_values()
    if (names == 0) say("lint: no chapter has a chunk; nothing was looked at")
    exit findings > 0
}

# ---- findings -----------------------------------------------------------------

function say(finding) {
    print finding
    findings++
}

function found(line, text) { say(FILENAME ":" line ": " text) }

# At the end FILENAME is gone.
function later(file, line, text) { say(file ":" line ": " text) }

# ---- a file ---------------------------------------------------------------------

function begin_file() {
    check_end_of_chunk()
    code = fence = math = 0
    prose = section = image = ""
    number = number_of(FILENAME)
    if (/^\357\273\277/) found(1, "a byte order mark; save the file without one")
    if (kind_of(FILENAME) == "exercises") first_line("## Exercises", "^## Exercises( *\\{.*\\})?$")
    else first_line("# Title {#ch:label}", "^# .*\\{#ch:[a-z0-9-]+\\}$")
}

function first_line(wanted, pattern) {
    if ($0 !~ pattern) found(1, "expected `" wanted "`, found: " substr($0, 1, 50))
}

function check_end_of_chunk() {
    if (code) later(chunk_file, chunk_line, "this chunk has no end: a line that is a single @")
}

# ---- chunks -------------------------------------------------------------------

function indented_chunk() {
    found(FNR, "an indented chunk is no chunk; begin it at the left margin")
}

function begin_chunk() {
    code = 1
    body = 0
    image = ""
    chunk = $0
    sub(/^<</, "", chunk)
    sub(/>>=.*/, "", chunk)
    chunk_file = FILENAME
    chunk_line = FNR
    is_plain = section == "Check" || chunk ~ /^(check|hint|wrong) /
    check_chunk_name()
    if (!is_plain && sentences(prose) < 1)
        found(FNR, "no sentence before the chunk <<" chunk ">>: say why it is there")
    home[chunk] = FILENAME
    if (chunk in first) return
    first[chunk] = FNR
    order[++names] = chunk
}

function check_chunk_name() {
    if (!/>>=$/) found(FNR, "blanks or text after >>= : " $0)
    if (chunk ~ /^ | $|  /) found(FNR, "blanks around or doubled in the chunk name: " chunk)
    if (chunk in home && home[chunk] != FILENAME)
        found(FNR, "chunk <<" chunk ">> is also defined in " home[chunk])
}

function end_chunk() {
    if (body > 30 && !is_plain && chunk !~ ROOT)
        found(chunk_line, "chunk <<" chunk ">> has " body " lines; 25 are enough")
    code = 0
    prose = ""
}

function code_line() {
    body++
    if (chunk ~ /^hint /) return
    if (/\t/) found(FNR, "a tab; noweb makes eight blanks of it")
    if (/[^\x01-\x7f]/) found(FNR, "a character outside ASCII in C")
    if (length($0) > 76) found(FNR, "the line has " length($0) " columns; the page has 76")
    if (/ $/) found(FNR, "blanks at the end of the line")
    note_uses($0)
    macro = /\\$/
}

# The chunks that a line of C uses.
function note_uses(s,    use) {
    gsub(/@<</, "", s)
    while (match(s, /<<[^<>]*>>/)) {
        use = substr(s, RSTART + 2, RLENGTH - 4)
        s = substr(s, RSTART + RLENGTH)
        uses[++n_uses] = use
        use_file[n_uses] = FILENAME
        use_line[n_uses] = FNR
        used[use]
        if (macro) found(FNR, "chunk <<" use ">> inside a macro; #line would tear it apart")
    }
    if (s ~ /<<.*>>/)
        found(FNR, "noweb takes << ... >> on one line for a chunk; write @<< or use two lines")
}

function sentences(s) {
    gsub(/[0-9]\.[0-9]/, "", s)
    return gsub(/[.:?!]["')*]*( |$)/, "&", s)
}

# ---- the text -----------------------------------------------------------------

function text_line() {
    if (/^(```|~~~)/) fence = !fence
    if (/^##?#?#? /) heading()
    check_brackets($0)
    if (/\t/) found(FNR, "a tab in the text")
    if (/^@ /) found(FNR, "a line that begins with `@ ` ends a chunk")
    if (!fence && !math) images($0)
    note_labels($0)
    note_citations($0)
    note_values($0)
    if (/^\$\$/) math = !math && !/\$\$.*\$\$/
    if (!math && !/^(:::|\$\$|!\[|\||#)/) prose = prose " " $0
}

function heading() {
    prose = section = ""
    if (/^#### /) section = substr($0, 6)
    if (match($0, /^### .*\{#ex:[^}]*\}/)) exercise_heading()
}

function exercise_heading(    exercise, wanted) {
    exercise = $0
    sub(/.*\{#ex:/, "", exercise)
    sub(/\}.*/, "", exercise)
    wanted = number "." ++exercises[number]
    if (exercise != wanted) found(FNR, "exercise " exercise " should be number " wanted)
    exercise_at[exercise] = FILENAME ":" FNR
}

# noweb's brackets: << and >> around a chunk's name, [[ and ]] around quoted code.
function check_brackets(s,    opens, closes) {
    gsub(/\[\[<<[^<>]*>>\]\]/, "CODE", s)
    gsub(/@<</, "", s)
    gsub(/@\[\[/, "", s)
    if (s ~ /<</) found(FNR, "two less-than signs in the text; write @<<")
    opens = gsub(/\[\[/, "[[", s)
    closes = gsub(/\]\]/, "]]", s)
    if (opens != closes)
        found(FNR, "[[ without ]] on the same line (or the reverse); write @[[ for brackets")
    else if (opens && in_mathematics(s))
        found(FNR, "[[ inside mathematics is quoted code; write @[[")
    else if (s ~ /\[\[[-0-9]/)
        found(FNR, "[[ before a number is quoted code; write @[[")
}

# Between the first dollar sign and the second, the third and the fourth, ...
function in_mathematics(s,    n, part, i) {
    n = split(s, part, /\$/)
    for (i = 2; i < n; i += 2) if (part[i] ~ /\[\[/) return 1
    return 0
}

# ---- images: ![caption](address){attributes} ------------------------------------

# One may go on for several lines, but not over an empty one.
function images(s,    n) {
    if (s ~ /^ *$/) {
        if (image != "") check_image(image)
        image = ""
        return
    }
    gsub(/`[^`]*`|\[\[([^]]|\][^]])*\]\]|\$[^$]+\$/, "x", s)
    if (image == "") image_line = FNR
    image = image == "" ? s : image " " s
    while (image != "") {
        image = substr(image, (n = index(image, "![")) ? n : length(image) + 1)
        n = image_length(image)
        if (!n) return
        check_image(substr(image, 1, n))
        image = substr(image, n + 1)
        image_line = FNR
    }
}

# How long the image at the start of s is; 0 if it does not end here.
function image_length(s,    n) {
    n = caption_length(s)
    if (!n || n == length(s) || substr(s, n + 1) !~ /^[([]/) return n
    if (!match(substr(s, n + 1), /^(\([^)]*\)|\[[^]]*\])/)) return 0
    n += RLENGTH
    if (substr(s, n + 1, 1) != "{") return n
    return match(substr(s, n + 1), /^\{([^}"]|"[^"]*")*\}/) ? n + RLENGTH : 0
}

# To the bracket that closes the first one.
function caption_length(s,    i, depth, c) {
    for (i = 2; i <= length(s); i++) {
        c = substr(s, i, 1)
        if (c == "\\") i++
        else if (c == "[") depth++
        else if (c == "]" && --depth == 0) return i
    }
    return 0
}

function check_image(s) {
    if (s !~ /\][([]/) return           # an exclamation mark before a bracket
    if (s !~ /alt="[^"]*[^ "][^"]*"/)
        found(image_line, "a figure without alternative text: alt=\"...\"")
    if (s ~ /\]\(fig:/ && s !~ /\{#fig:/)
        found(image_line, "a figure without a label: {#fig:...}")
}

# ---- labels, and what names them ----------------------------------------------

function note_labels(s,    label, definition) {
    while (match(s, /\{#(eq|fig|tbl|sec|ch):[A-Za-z0-9._-]+[^}]*\}?|#tbl:[A-Za-z0-9._-]+/)) {
        label = substr(s, RSTART, RLENGTH)
        s = substr(s, RSTART + RLENGTH)
        definition = label ~ /\.def/
        sub(/^\{?#/, "", label)
        sub(/[ }].*/, "", label)
        if (label in label_file)
            found(FNR, "label " label " also stands in " label_file[label])
        label_file[label] = FILENAME
        label_line[label] = FNR
        if (definition) is_definition[label]
    }
}

function note_citations(s,    label) {
    while (match(s, "@(eq|fig|tbl|sec|ch|ex|Eq|Fig|Tbl|Sec|Ch|Ex):" NAME)) {
        label = tolower(substr(s, RSTART + 1, 1)) substr(s, RSTART + 2, RLENGTH - 2)
        s = substr(s, RSTART + RLENGTH)
        cited[label]
        cite_file[label] = FILENAME
        cite_line[label] = FNR
    }
}

function note_values(s) {
    while (match(s, "@[Vv]al:" NAME)) {
        used_value[substr(s, RSTART + 5, RLENGTH - 5)]
        s = substr(s, RSTART + RLENGTH)
    }
}

# ---- the whole ----------------------------------------------------------------

function check_chunks(    i, name) {
    for (i = 1; i <= n_uses; i++)
        if (!(uses[i] in home))
            later(use_file[i], use_line[i], "chunk <<" uses[i] ">> is not defined")
    for (i = 1; i <= names; i++) {
        name = order[i]
        if (!(name in used) && name !~ ROOT && name !~ /^(check|hint|wrong) [0-9]/)
            later(home[name], first[name],
                "chunk <<" name ">> is never used, and it is not the name of a file")
    }
}

function check_labels(    label) {
    for (label in label_file) if (label ~ /^eq:/) check_equation(label)
    for (label in cited)
        if (!(label in label_file) && !(label ~ /^ex:/ && substr(label, 4) in exercise_at))
            later(cite_file[label], cite_line[label], "there is no " label)
    for (label in tested)
        if (!(label in label_file))
            say("tests: a test names " label ", which no chapter has")
}

function check_equation(label) {
    if (label in tested) return
    if (!(label in cited))
        later(label_file[label], label_line[label], "nothing refers to " label)
    if (!(label in is_definition))
        later(label_file[label], label_line[label], "no test names " label)
}

function check_exercises(    e, stub) {
    for (e in exercise_at) {
        stub = "ex_" e ".c"
        sub(/\./, "_", stub)
        check_part_of(e, stub)
        check_part_of(e, "solve " e)
        check_part_of(e, "check " e)
        check_part_of(e, "hint " e)
    }
}

function check_part_of(e, name,    at) {
    split(exercise_at[e], at, ":")
    if (!(name in home)) later(at[1], at[2], "exercise " e " has no chunk <<" name ">>")
}

function check_values(    n, row) {
    while ((getline < values) > 0) {
        n++
        if (!($1 in used_value)) later(values, n, "no page uses the value " $1)
    }
    close(values)
}
