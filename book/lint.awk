# Look for mistakes in the chapters:  gawk -f lint.awk eqtests.tsv chapter...
# Each finding is one line,  file:line: what was found.  Exit 1 if any.
#
# Much of this guards against habits of noweb: two less-than signs in the text
# stop it, two on a line of C with two greater-than signs vanish silently as
# the name of a chunk, chunks of the same name are joined without a word.

function found(line, text) {
    printf "%s:%d: %s\n", FILENAME, line, text
    findings++
}
function later(file, line, text) {      # at the end, when FILENAME is gone
    printf "%s:%d: %s\n", file, line, text
    findings++
}

# ---- the tests of equations: label, program, number, title ----------------

BEGIN { FS = "\t" }
FILENAME ~ /eqtests\.tsv$/ { tested[$1]; next }

# ---- each chapter -----------------------------------------------------------

FNR == 1 {
    if (code) later(chunk_file, chunk_line, "this chunk has no end: a line that is a single @")
    code = fence = math = 0
    prose = ""
    exercise = ""
    section = ""
    chapter = FILENAME
    sub(/.*\//, "", chapter)
    number = substr(chapter, 1, index(chapter, "-") - 1)
    sub(/^0/, "", number)
    if ($0 ~ /^\357\273\277/ || $0 ~ /^\xef\xbb\xbf/) found(1, "a byte order mark; save the file without one")
    if ($0 !~ /^# .*\{#ch:[a-z0-9-]+\}$/) found(1, "expected `# Title {#ch:label}`, found: " substr($0, 1, 50))
}
/\r/ { found(FNR, "a carriage return; lines end with LF alone") }

# ---- where a chunk begins ----------------------------------------------------

!code && /^ +<<.*>>= *$/ { found(FNR, "an indented chunk is no chunk; begin it at the left margin") }
!code && /^<<.*>>=/ {
    name = $0
    sub(/^<</, "", name)
    sub(/>>=.*/, "", name)
    if ($0 !~ />>=$/) found(FNR, "blanks or text after >>= : " $0)
    if (name ~ /^ | $|  /) found(FNR, "blanks around or doubled in the chunk name: " name)
    if (name in home && home[name] != FILENAME) found(FNR, "chunk <<" name ">> is also defined in " home[name])
    home[name] = FILENAME
    if (!(name in first)) { first[name] = FNR; order[++names] = name }
    code = 1
    chunk = name
    chunk_file = FILENAME
    chunk_line = FNR
    body = 0
    plain = name ~ /^(check|hint|wrong) /
    if (section != "Check" && !plain && sentences(prose) < 2)
        found(FNR, "at least two sentences stand before a chunk; <<" name ">> has " sentences(prose))
    if (name ~ /^ex_/ ) stubs[name]
    next
}
code && /^@( |$)/ {
    if (body > 30 && !plain && section != "Check" && chunk !~ /^[a-z0-9_-]+\.[ch]$/ && chunk !~ /^[0-9A-Za-z_-]+\.[ch]$/)
        found(chunk_line, "chunk <<" chunk ">> has " body " lines; 25 are enough")
    code = 0
    prose = ""
    next
}

# ---- inside a chunk ------------------------------------------------------------

code {
    body++
    if (chunk ~ /^hint /) next
    if (/\t/) found(FNR, "a tab; noweb makes eight blanks of it")
    if (/[^\x01-\x7f]/) found(FNR, "a character outside ASCII in C")
    if (length($0) > 76) found(FNR, "the line has " length($0) " columns; the page has 76")
    if (/ $/) found(FNR, "blanks at the end of the line")
    text = $0
    gsub(/@<</, "", text)
    while (match(text, /<<[^<>]*>>/)) {
        use = substr(text, RSTART + 2, RLENGTH - 4)
        text = substr(text, RSTART + RLENGTH)
        uses[++n_uses] = use
        use_file[n_uses] = FILENAME
        use_line[n_uses] = FNR
        used[use]
        if (macro) found(FNR, "chunk <<" use ">> inside a macro; #line would tear it apart")
    }
    if (text ~ /<<.*>>/) found(FNR, "noweb takes << ... >> on one line for a chunk; write @<< or use two lines")
    macro = /\\$/
    next
}

# ---- the text -------------------------------------------------------------------

/^(```|~~~)/ { fence = !fence }
/^(#|##|###) / {
    section = ""
    prose = ""
    exercise = ""
}
/^#### / { section = $0; sub(/^#### */, "", section); prose = "" }
match($0, /^### .*\{#ex:[^}]*\}/) {
    exercise = $0
    sub(/.*\{#ex:/, "", exercise)
    sub(/\}.*/, "", exercise)
    n_exercise[FILENAME]++
    want = number "." n_exercise[FILENAME]
    if (exercise != want) found(FNR, "exercise " exercise " should be number " want)
    exercises[exercise] = FILENAME ":" FNR
}
{
    text = $0
    gsub(/\[\[<<[^<>]*>>\]\]/, "CODE", text)
    gsub(/@<</, "", text)
    gsub(/@\[\[/, "", text)
    if (text ~ /<</) found(FNR, "two less-than signs in the text; write @<<")
    opens = gsub(/\[\[/, "[[", text)
    closes = gsub(/\]\]/, "]]", text)
    if (opens != closes) found(FNR, "[[ without ]] on the same line (or the reverse); write @[[ for brackets")
    else if (opens && in_mathematics(text)) found(FNR, "[[ inside mathematics is quoted code; write @[[")
    else if (text ~ /\[\[[-0-9]/) found(FNR, "[[ before a number is quoted code; write @[[")
    if (/\t/) found(FNR, "a tab in the text")
    if (/^@ / ) found(FNR, "a line that begins with `@ ` ends a chunk")
    if (/!\[.*\]\(fig:/ && !/alt="[^"]+"/) found(FNR, "a figure without alternative text: alt=\"...\"")
    if (/!\[.*\]\(fig:/ && !/\{#fig:/) found(FNR, "a figure without a label: {#fig:...}")
}
{
    text = $0
    while (match(text, /\{#(eq|fig|tbl|sec|ch):[A-Za-z0-9._-]+[^}]*\}|#tbl:[A-Za-z0-9._-]+/)) {
        label = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        definition = label ~ /\.def/
        sub(/^\{?#/, "", label)
        sub(/[ }].*/, "", label)
        if (label in label_file) found(FNR, "label " label " also stands in " label_file[label])
        label_file[label] = FILENAME
        label_line[label] = FNR
        if (definition) is_definition[label]
    }
    text = $0
    while (match(text, /@(eq|fig|tbl|sec|ch|ex|Eq|Fig|Tbl|Sec|Ch|Ex):[A-Za-z0-9._-]*[A-Za-z0-9]/)) {
        label = tolower(substr(text, RSTART + 1, 1)) substr(text, RSTART + 2, RLENGTH - 2)
        text = substr(text, RSTART + RLENGTH)
        cited[label]
        cite_file[label] = FILENAME
        cite_line[label] = FNR
    }
}
/^\$\$/ { math = !math && !/\$\$.*\$\$/ }
!/^(:::|\$\$|!\[|\||#)/ && !math { prose = prose " " $0 }
/^:::.*(transcript|excerpt|tsv)/ { }

# Between the first dollar sign and the second, the third and the fourth, ...
function in_mathematics(s,    n, part, i) {
    n = split(s, part, /\$/)
    for (i = 2; i < n; i += 2) if (part[i] ~ /\[\[/) return 1
    return 0
}
function sentences(s,    n) {
    gsub(/[0-9]\.[0-9]/, "", s)
    n = gsub(/[.:?!]["')*]*( |$)/, "&", s)
    return n
}

# ---- the whole -------------------------------------------------------------------

END {
    if (code) later(chunk_file, chunk_line, "this chunk has no end: a line that is a single @")
    for (i = 1; i <= n_uses; i++)
        if (!(uses[i] in home))
            later(use_file[i], use_line[i], "chunk <<" uses[i] ">> is not defined")
    for (i = 1; i <= names; i++) {
        name = order[i]
        if (!(name in used) && name !~ /^[A-Za-z0-9_-]+\.[ch]$/ && name !~ /^(check|hint|wrong) [0-9]/)
            later(home[name], first[name], "chunk <<" name ">> is never used, and it is not the name of a file")
    }
    for (label in label_file) {
        if (label ~ /^eq:/ && !(label in cited) && !(label in tested))
            later(label_file[label], label_line[label], "nothing refers to " label)
        if (label ~ /^eq:/ && !(label in is_definition) && !(label in tested))
            later(label_file[label], label_line[label], "no test names " label)
    }
    for (label in cited)
        if (!(label in label_file) && !(label ~ /^ex:/ && substr(label, 4) in exercises))
            later(cite_file[label], cite_line[label], "there is no " label)
    for (label in tested)
        if (!(label in label_file)) {
            printf "tests: a test names %s, which no chapter has\n", label
            findings++
        }
    for (e in exercises) {
        stub = "ex_" e ".c"
        sub(/\./, "_", stub)
        split(exercises[e], at, ":")
        if (!(stub in stubs)) later(at[1], at[2], "exercise " e " has no chunk <<" stub ">>")
        if (!(("solve " e) in home)) later(at[1], at[2], "exercise " e " has no chunk <<solve " e ">>")
        if (!(("check " e) in home)) later(at[1], at[2], "exercise " e " has no chunk <<check " e ">>")
        if (!(("hint " e) in home)) later(at[1], at[2], "exercise " e " has no chunk <<hint " e ">>")
    }
    if (names == 0) { print "lint: no chapter has a chunk; nothing was looked at"; findings++ }
    exit findings > 0
}
