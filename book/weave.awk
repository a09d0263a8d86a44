# weave.awk - the last stage of the weave: noweb's stream in, pandoc Markdown out.
#
#   markup FILE... | awk -f autodefs.awk | finduses |
#       awk -v out=build/woven -v labels=build/labels.tsv \
#           -v front="book/preface.md book/notation.md" -f files.awk -f weave.awk
#
# The files come in the order of the book, which files.awk knows. Writes, each file only if its text
# changed and none at all if anything is wrong:
#
#   $out/NN-name.md     a chapter and its exercises
#   $out/X-name.md      of the workshop
#   $out/P-NN-name.md   a program
#   $out/answers.md     the "#### Answer" parts of all exercises
#   $out/Z-index.md     the indexes
#   $out/index.md       the table of contents (the first page of the HTML)
#   $out/*.refs         for each page, the rows of $labels that it needs: a page is set anew only
#                       when these or its text changed
#   $out/deps.mk        for make: the figures, transcripts, tables and excerpts that each page
#                       prints
#   $labels             label, number, kind, page, title of everything that has a number,
#                       tab-separated
#
# Numbers are given here and nowhere else, so that they are equal in PDF and HTML: sections,
# equations, figures, tables and chunks are counted within the chapter (3.12), whose number comes
# from its file name. book.lua does the rest.
#
# A chunk may be used before it is defined, so the stream is first turned into items (a line of
# text, or a chunk) in which a chunk's name stands between the characters 1 and 2; after the last
# line the names are replaced by numbers.
#
# Where we are while the stream is read:
#
#   file, line          in the chapters, for messages
#   chapter, main_page  the chapter's number and the name of its page
#   page, number        the page that text goes to ("" is nowhere) and what its numbers begin with;
#                       both differ from the chapter's within an answer or a check
#   exercise            its number (3.2), from its heading to the next; 0 outside
#   fence, fence_at     the mark that opened a code block, and where; math: within $$
#   text                the line so far; quote: what is between [[ and ]] so far
#   code, head, body    within a chunk; on its first line; its finished lines
#   comment             whether the last line of C ended within a comment
#
# What is remembered of each chunk, by its place in the stream: c_name, c_page, c_num (3.12),
# c_body, c_defs and c_uses (lists of identifiers), used and used_at (the names of the chunks in
# it). Of each name: parts (its printed chunks). Of each label: l_num, l_kind, l_page, l_title,
# l_at. A list is words after blanks.

BEGIN {
    OPEN = "\001"
    SHUT = "\002"
    ANSWERS = "answers"
    ANSWERS_NUMBER = "S"
    INDEX = "Z-index"
    MANY_USES = 12
    NAME = "[A-Za-z0-9_.-]*[A-Za-z0-9_]"
    if (out == "" || labels == "") stop("set out and labels")
    for (n = split(front, f, " "); i < n; ) front_page(f[++i])
}

/^@fatal/       { stop("noweb: " substr($0, 8)) }
/^@file /       { new_file(substr($0, 7)) }
/^@trailer/     { complete = 1 }
/^@begin docs/  { text = "" }
/^@end docs/    { end_docs() }
/^@begin code/  { new_chunk() }
/^@defn /       { c_name[chunks] = substr($0, 7); head = 1 }
/^@end code/    { end_chunk() }
/^@quote/       { quoted = 1; quote = "" }
/^@endquote/    { quoted = 0; text = text code_span(quote) }
/^@text /       { add(substr($0, 7)) }
/^@use /        { use(substr($0, 6)) }
/^@nl$/         { new_line(); line++ }
/^@index nl/    { line++ }
/^@index defn / { define(substr($0, 13)) }
/^@index use /  { use_identifier(substr($0, 12)) }

END {
    if (stopped) exit 1
    if (!complete) stop("the stream is empty or cut short: an earlier stage failed")
    check_fence()
    check_uses()
    if (bad) exit 1
    render()
    write_all()
}

# ---------------------------------------------------------------- messages

function stop(message) {
    print "weave: " message > "/dev/stderr"
    stopped = 1
    exit 1
}

function complain(where, message) {
    print where ": " message > "/dev/stderr"
    bad = 1
}

function here() { return file ":" (line + 1) }

# ---------------------------------------------------------------- reading the stream

function new_file(name) {
    check_fence()
    file = name
    line = exercise = fence = math = 0
    chapter = number = number_of(name)
    if (kind_of(name) == "exercises") same_page(page_of(name))
    else new_page(page_of(name))
}

function new_page(name) {
    if (kind_of(file) == "")
        complain(file ":1", "a chapter is called 01-name, a program 01-name.program, " \
            "a file of the workshop A-name (but not P, S or Z)")
    if (name in page_known) complain(file ":1", "a second file for the page " name)
    page_known[name]
    pages[++npages] = main_page = page = name
    titled = 0
}

function same_page(name) {
    if (npages == 0 || pages[npages] != name)
        complain(file ":1", "exercises follow their chapter")
    main_page = page = name
    item("")                        # a heading needs an empty line above it
}

function check_fence() {
    if (fence) complain(fence_at, "this code block is never closed")
}

function end_docs() {
    if (text != "") doc_line(text)
    text = ""
}

function add(s) {
    if (quoted) quote = quote s
    else if (code) text = text s
    else prose(s)
}

# Two brackets that the author wrote as @[[ are escaped, for pandoc searches the rest of the page
# for the end of such a link.
function prose(s,    n) {
    while (n = index(s, "[[")) {
        text = text substr(s, 1, n - 1)
        text = text (literal() ? "[[" : "\\[\\[")
        s = substr(s, n + 2)
    }
    text = text s
}

# Whether the next character stands in a code block, a formula or a code span.
function literal() {
    return fence || math || odd(text, "`") || odd(text, "[$]") || odd(text, "[$][$]")
}

function use(name) {
    if (code) {
        used[chunks, ++c_nuses[chunks]] = name
        used_at[chunks, c_nuses[chunks]] = here()
    } else if (page != "") {
        quoted_name[++nquoted] = name
        quoted_at[nquoted] = here()
    }
    add(OPEN name SHUT)
}

function new_line() {
    if (head) {
        head = 0
        return
    }
    if (quoted) {
        quote = quote " "
        return
    }
    if (code) {
        comment = in_words(text) == "comment"
        body = body text "\n"
    } else
        doc_line(text)
    text = ""
}

# Does the end of this line of C, which began inside a comment or not, stand in a comment or in a
# string? finduses looks for names there too, where "number" is most often just a word.
function in_words(s,    inside, begin, end) {
    inside = comment ? "comment" : ""
    while (1) {
        if (inside == "comment") {
            if (!match(s, /\*\//)) return inside
            s = substr(s, RSTART + 2)
            inside = ""
        }
        if (!match(s, /\/\*|\/\/|["']/)) return ""
        begin = substr(s, RSTART, 2)
        s = substr(s, RSTART + 1)
        if (begin == "//") return begin
        if (begin == "/*") {
            inside = "comment"
            continue
        }
        end = begin ~ /^"/ ? "^([^\"\\\\]|\\\\.)*\"" : "^([^'\\\\]|\\\\.)*'"
        if (!match(s, end)) return "string"
        s = substr(s, RLENGTH + 1)
    }
}

function define(name) {
    if (code) note(c_defs, chunks, name)
}

function use_identifier(name) {
    if (code && !in_words(text)) c_uses[chunks] = c_uses[chunks] " " name
}

# ---------------------------------------------------------------- text

# What stood between double brackets. In a code block, a formula or a code span brackets are just
# brackets.
function code_span(s,    ticks) {
    if (literal()) return "[[" s "]]"
    if (substr(s, 1, 1) == OPEN && index(s, SHUT) == length(s)) return s
    for (ticks = "`"; index(s, ticks); ) ticks = ticks "`"
    return ticks (s ~ /^`/ ? " " : "") s (s ~ /`$/ ? " " : "") ticks
}

# Whether a mark stands in s an odd number of times.
function odd(s, mark,    n) {
    while (match(s, mark)) {
        n++
        s = substr(s, RSTART + RLENGTH)
    }
    return n % 2
}

# One line of Markdown. Headings decide where it goes: to the chapter, to the answers, or nowhere.
function doc_line(s,    bare) {
    if (toggle_fence(s) || fence) {
        item(s)
        return
    }
    if (!math && s ~ /^#+[ ]/) {
        heading(s)
        return
    }
    bare = s
    gsub(/`[^`]*`/, "", bare)
    if (odd(s, "[$][$]")) math = !math
    find_labels(bare)
    item(s)
}

# Whether this line opens or closes a code block: one that opened with four ticks ends with four.
function toggle_fence(s,    mark) {
    if (!match(s, /^ ? ? ?(```+|~~~+)/)) return 0
    mark = substr(s, RSTART, RLENGTH)
    gsub(/ /, "", mark)
    if (!fence) {
        fence = mark
        fence_at = here()
        return 1
    }
    if (index(mark, fence) != 1) return 0
    fence = 0
    return 1
}

# Labels of equations, figures and tables, in the order in which they stand.
function find_labels(s,    label, kind) {
    while (match(s, "[{ ]#(eq|fig|tbl):" NAME)) {
        label = substr(s, RSTART + 2, RLENGTH - 2)
        s = substr(s, RSTART + RLENGTH)
        if (page == "") continue
        kind = label
        sub(/:.*/, "", kind)
        count[number, kind]++
        if (kind == "eq" && s ~ /^[^}]*\.def/)
            new_label(label, number "." count[number, kind], "def", "")
        else
            new_label(label, number "." count[number, kind], kind, "")
    }
}

function new_label(label, num, kind, title) {
    if (label in l_num) {
        complain(here(), "the label " label " is taken: " l_at[label])
        return
    }
    label_order[++nlabels] = label
    l_at[label] = here()
    l_num[label] = num
    l_kind[label] = kind
    l_page[label] = page
    l_title[label] = title
}

function heading(s,    level, title, label) {
    match(s, /^#+/)
    level = RLENGTH
    title = substr(s, level + 2)
    if (match(title, "#[a-z]+:" NAME)) label = substr(title, RSTART + 1, RLENGTH - 1)
    sub(/[ ]*[{][^{}]*[}][ ]*$/, "", title)
    if (level < 4) back_to_chapter()
    if (level == 4 && title == "Answer") answer_part()
    else if (level == 4 && title == "Check") check_part()
    else if (page != "") {
        if (level == 1) s = chapter_heading(s, title, label)
        else if (level == 2) s = section_heading(s, title, label)
        else if (label ~ /^ex:/) exercise_heading(title, label)
        item(s)
    }
}

function back_to_chapter() {
    page = main_page
    number = chapter
    exercise = 0
}

function chapter_heading(s, title, label) {
    if (titled++) complain(here(), "a chapter has one heading of the first level")
    if (label == "") {
        label = "ch:" page
        s = s " {#" label "}"
    } else if (label !~ /^ch:/)
        complain(here(), "the label of a chapter starts with ch:")
    new_label(label, chapter, "ch", title)
    chapter_title[chapter] = title
    return s
}

function section_heading(s, title, label,    num) {
    num = number "." ++count[number, "sec"]
    if (label == "") {
        label = "sec:" num
        s = "## " title " {#" label "}"
    } else if (label !~ /^sec:/)
        complain(here(), "the label of a section starts with sec:")
    new_label(label, num, "sec", title)
    return s
}

function exercise_heading(title, label) {
    exercise = substr(label, 4)
    exercise_title = title
    if (index(exercise, chapter ".") != 1 || substr(exercise, length(chapter) + 2) !~ /^[0-9]+$/)
        complain(here(),
            "an exercise of this chapter is labelled #ex:" chapter ".1, not #" label)
    new_label(label, exercise, "ex", title)
}

function answer_part(    label) {
    if (!exercise) {
        complain(here(), "\"#### Answer\" stands only in an exercise")
        return
    }
    page = ANSWERS
    number = ANSWERS_NUMBER
    exercises_answered++
    if (!((chapter) in answered)) {
        answered[chapter]
        item("## [" chapter_title[chapter] "](#" chapter_label() ") " \
            "{#answers:" chapter " .unnumbered}\n")
    }
    label = "answer:" exercise
    new_label(label, exercise, "answer", exercise_title)
    item("### " exercise_title " {#" label "}")
}

# The label of the chapter that is being read.
function chapter_label(    i) {
    for (i = nlabels; i > 0; i--)
        if (l_kind[label_order[i]] == "ch") return label_order[i]
}

function check_part() {
    if (!exercise) complain(here(), "\"#### Check\" stands only in an exercise")
    page = ""
}

function item(s) {
    if (page == "") return
    i_text[++items] = s
    i_page[items] = page
}

# ---------------------------------------------------------------- chunks

function new_chunk() {
    if (fence) complain(here(), "a chunk inside a code block that began at " fence_at)
    code = 1
    c_page[++chunks] = page
    body = text = comment = ""
    if (page != "") c_num[chunks] = number "." ++count[number, "chunk"]
}

function end_chunk(    name) {
    code = 0
    name = c_name[chunks]
    c_body[chunks] = body text
    text = ""
    defined[name]
    if (page == "") return
    if (!(name in parts)) names[++nnames] = name
    parts[name] = parts[name] " " chunks
    new_label("chunk:" c_num[chunks], c_num[chunks], "chunk", plain(name))
    i_text[++items] = OPEN
    i_page[items] = page
    i_chunk[items] = chunks
}

function plain(name) {
    gsub(/\[\[|\]\]/, "", name)
    return name
}

function is_file(name)  { return name ~ /^[^ ]+\.[a-z]+$/ }
function is_stub(name)  { return name ~ /^ex_[0-9]+_[0-9]+\.c$/ }
function is_solve(name) { return name ~ /^solve [0-9A-Z]+\.[0-9]+$/ }

# Every name that is used must be defined, and a printed one in a printed part (a hole may lack its
# answer: the reader's is the answer).
function check_uses(    c, u, i, printed) {
    for (c = 1; c <= chunks; c++)
        for (u = 1; u <= c_nuses[c]; u++) {
            printed = c_page[c] != "" && !is_solve(used[c, u])
            check_name(used[c, u], used_at[c, u], printed)
        }
    for (i = 1; i <= nquoted; i++) check_name(quoted_name[i], quoted_at[i], 1)
}

function check_name(name, where, printed) {
    if (!(name in defined))
        complain(where, "the chunk <<" name ">> is used but not defined")
    else if (printed && !(name in parts))
        complain(where, "the chunk <<" name ">> is printed here, but its definition is not")
}

# ---------------------------------------------------------------- turning items into Markdown

function render(    i, p) {
    find_definitions()
    find_users()
    if (exercises_answered) answers_heading()
    for (i = 1; i <= items; i++) {
        p = i_page[i]
        woven[p] = woven[p] item_markdown(i)
    }
    pages[++npages] = INDEX
    woven[INDEX] = indexes()
    open_parts()
    woven["index"] = contents()
}

function item_markdown(i) {
    if (i in i_chunk) return chunk_markdown(i_chunk[i])
    return resolve(i_text[i], "text") "\n"
}

function answers_heading() {
    pages[++npages] = page = ANSWERS
    woven[ANSWERS] = "# Answers {#ch:answers}\n\nEach answer below was compiled and passed the " \
        "check of its exercise when this book was built.\n\n"
    new_label("ch:answers", ANSWERS_NUMBER, "ch", "Answers")
}

# The first page of each part of the book says so.
function open_parts(    p, last) {
    for (p = 1; p <= npages; p++) {
        if (pages[p] in is_front || part_of(pages[p]) == last) continue
        last = part_of(pages[p])
        opens_part[pages[p]] = last
        woven[pages[p]] = "::: {.part number=" substr("III", 1, ++parts_opened) "}\n" last "\n:::\n\n" \
            woven[pages[p]]
    }
}

# Which chunk uses which other, and which defines which identifier.
function find_definitions(    c, u, n, list, i) {
    for (c = 1; c <= chunks; c++) {
        if (c_page[c] == "") continue
        for (u = 1; u <= c_nuses[c]; u++) note(chunk_users, used[c, u], c)
        n = split(c_defs[c], list, " ")
        for (i = 1; i <= n; i++) {
            if (!(list[i] in id_defs)) ids[++nids] = list[i]
            note(id_defs, list[i], c)
        }
    }
}

# Which chunk uses which identifier of another.
function find_users(    c, n, list, i) {
    for (c = 1; c <= chunks; c++) {
        if (c_page[c] == "") continue
        n = split(c_uses[c], list, " ")
        for (i = 1; i <= n; i++)
            if (list[i] in id_defs && !index(id_defs[list[i]] " ", " " c " ")) {
                note(id_users, list[i], c)
                note(chunk_ids, c, list[i])
            }
    }
}

# Append a value to a list, once.
function note(lists, key, value) {
    if (!index(lists[key] " ", " " value " ")) lists[key] = lists[key] " " value
}

# A name between OPEN and SHUT becomes a link in text, and in C a word that book.lua knows again
# after the code was coloured.
function resolve(s, where,    before, name, n) {
    while (n = index(s, OPEN)) {
        before = before substr(s, 1, n - 1)
        name = substr(s, n + 1, index(s, SHUT) - n - 1)
        s = substr(s, index(s, SHUT) + 1)
        before = before (where == "code" ? token(name) : chunk_link(name))
    }
    return before s
}

function chunk_link(name,    num) {
    num = first_number(name)
    return "[" name_markdown(name) " " num "](#chunk:" num "){.chunk-ref}"
}

function first_number(name,    list) {
    split(parts[name], list, " ")
    return c_num[list[1]]
}

function token(name,    num) {
    num = is_solve(name) ? "HOLE" substr(name, 7) : "USE" first_number(name)
    sub(/\./, "d", num)
    return "NW" num "Z"
}

function name_markdown(name) {
    if (is_file(name)) return "⟨`" name "`⟩"
    if (is_solve(name)) return "⟨answer to " substr(name, 7) "⟩"
    return "⟨" escape(name) "⟩"
}

# A chunk's name as Markdown: [[code]] in it is code, everything else is text.
function escape(s,    n, m, done) {
    while ((n = index(s, "[[")) && (m = index(s, "]]")) > n) {
        done = done escape_text(substr(s, 1, n - 1)) "`" substr(s, n + 2, m - n - 2) "`"
        s = substr(s, m + 2)
    }
    return done escape_text(s)
}

function escape_text(s) {
    gsub(/[][\\`*_{}<>#$~^@|]/, "\\\\&", s)
    return s
}

function link(c) { return "[" c_num[c] "](#chunk:" c_num[c] ")" }

function links(list,    a, n, i, s) {
    n = split(list, a, " ")
    for (i = 1; i <= n; i++) s = s (i > 1 ? ", " : "") link(a[i])
    return s
}

function chunk_markdown(c,    first, foot, s) {
    first = first_number(c_name[c]) == c_num[c]
    foot = chunk_foot(c, c_name[c], first)
    s = "\n::::: {.chunk #chunk:" c_num[c] "}\n"
    s = s "::: {.chunk-head}\n" chunk_head(c, first) "\n:::\n\n"
    s = s chunk_code(c) "\n"
    if (foot != "") s = s "::: {.chunk-foot}\n" foot "\n:::\n"
    return s ":::::\n\n"
}

function chunk_head(c, first) {
    return "[" name_markdown(c_name[c]) "]{.chunk-name} " \
        "[" (first ? "≡" : "+≡") "]{.chunk-sign} [" c_num[c] "]{.chunk-number}"
}

function chunk_code(c,    code, ticks, class) {
    code = resolve(c_body[c], "code")
    for (ticks = "```"; index(code, ticks); ) ticks = ticks "`"
    class = c_name[c] ~ /\.(txt|tsv|sh|mk)$/ ? ".text" : ".c"
    return ticks " {" class "}\n" code ticks "\n"
}

function chunk_foot(c, name, first,    list, n, i, s, more) {
    n = split(parts[name], list, " ")
    if (first) for (i = 2; i <= n; i++) more = more " " list[i]
    if (more != "") s = s " Continued in " links(more) "."
    if (!first) s = s " Continues " link(list[1]) "."
    if (name in chunk_users) s = s " Used in " links(chunk_users[name]) "."
    if (first && is_stub(name)) s = s " Copied to `" stub_path(name) "` by `make start`."
    else if (first && is_file(name)) s = s " Written to `tangled/" name "`."
    if (c_defs[c] != "") s = s " Defines " code_list(c_defs[c], 0) "."
    if (c in chunk_ids) s = s " Uses " code_list(chunk_ids[c], 1) "."
    return substr(s, 2)
}

function stub_path(name,    word) {
    split(name, word, "_")
    return sprintf("answers/%02d/%s", word[2], name)
}

# Identifiers as code, each with a link to the chunk that defines it.
function code_list(list, linked,    a, n, i, s, d) {
    n = split(list, a, " ")
    for (i = 1; i <= n; i++) {
        split(id_defs[a[i]], d, " ")
        if (i > 1) s = s ", "
        s = s (linked ? "[`" a[i] "`](#chunk:" c_num[d[1]] ")" : "`" a[i] "`")
    }
    return s
}

# ---------------------------------------------------------------- pages made of all chapters

function indexes() {
    page = INDEX
    new_label("ch:index", "", "ch", "Indexes")
    return "# Indexes {#ch:index}\n\n" \
        "## Chunks {#sec:index-chunks .unnumbered}\n\n" \
        "::::: {.index}\n" index_of_chunks() ":::::\n\n" \
        "## Identifiers {#sec:index-identifiers .unnumbered}\n\n" \
        "The number of the chunk that defines a name is bold. Of a name that more than " \
        MANY_USES " chunks use, only the first in each chapter is listed, and behind it, in " \
        "brackets, how many of them the chapter has.\n\n" \
        "::::: {.index}\n" index_of_identifiers() ":::::\n\n" \
        "## Equations and their tests {#sec:index-equations .unnumbered}\n\n" \
        "::: {.equation-tests}\n:::\n"
}

function index_of_chunks(    i, name, s) {
    sort(names, nnames)
    for (i = 1; i <= nnames; i++) {
        name = names[i]
        if (is_solve(name)) continue
        s = s "- " name_markdown(name) " " bold(links(parts[name]))
        if (name in chunk_users) s = s ", used in " links(chunk_users[name])
        s = s "\n"
    }
    return s
}

function index_of_identifiers(    i, id, s) {
    sort(ids, nids)
    for (i = 1; i <= nids; i++) {
        id = ids[i]
        s = s "- `" id "` " bold(links(id_defs[id]))
        if (id in id_users) s = s ", " links_or_counts(id_users[id])
        s = s "\n"
    }
    return s
}

# Where a name is used everywhere: the first chunk of each chapter, and how many there are in it.
function links_or_counts(list,    a, n, i, ch, chs, order, first, count, s) {
    n = split(list, a, " ")
    if (n <= MANY_USES) return links(list)
    for (i = 1; i <= n; i++) {
        ch = c_num[a[i]]
        sub(/\..*/, "", ch)
        if (!count[ch]++) {
            order[++chs] = ch
            first[ch] = a[i]
        }
    }
    for (i = 1; i <= chs; i++) {
        ch = order[i]
        s = s (i > 1 ? ", " : "") link(first[ch]) (count[ch] > 1 ? " (" count[ch] ")" : "")
    }
    return s
}

function bold(s) { return "**" s "**" }

# Shell sort, letters before case: an index needs nothing faster.
function sort(a, n,    gap, i, j, t) {
    for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
        for (i = gap + 1; i <= n; i++) {
            t = a[i]
            for (j = i; j > gap && after(a[j - gap], t); j -= gap) a[j] = a[j - gap]
            a[j] = t
        }
}

function after(x, y) {
    if (tolower(x) == tolower(y)) return x > y
    return tolower(x) > tolower(y)
}

function front_page(path,    s, base, title) {
    base = base_name(path)
    while ((getline s < path) > 0) {
        if (title == "" && s ~ /^# /) title = substr(s, 3)
        woven[base] = woven[base] s "\n"
    }
    close(path)
    if (title == "") {
        complain(path ":1", "no heading of the first level")
        return
    }
    sub(/[ ]*[{].*$/, "", title)
    file = path
    page = base
    new_label("ch:" base, "", "ch", title)
    pages[++npages] = base
    page_known[base]
    is_front[base]
}

# The parts, their chapters and the sections of these, each with its number.
function contents(    p, i, l, s) {
    for (p = 1; p <= npages; p++) {
        if (pages[p] in opens_part) s = s "\n### " opens_part[pages[p]] "\n\n"
        for (i = 1; i <= nlabels; i++) {
            l = label_order[i]
            if (l_page[l] == pages[p]) s = s contents_line(l)
        }
    }
    return "::::: {.contents}\n" s ":::::\n"
}

# The sections of a program are too small for the table of contents.
function contents_line(l,    margin, num) {
    if (l_kind[l] != "ch" && l_kind[l] != "sec") return ""
    if (l_kind[l] == "sec" && l_page[l] ~ /^P-/) return ""
    margin = l_kind[l] == "sec" ? "    " : ""
    if (l_num[l] != "") num = "[" l_num[l] "]{.number} "
    return margin "- [" num l_title[l] "](#" l ")\n"
}

# ---------------------------------------------------------------- writing

function write_all(    p, name, all) {
    all = all_rows()
    write_file(labels, all)
    for (p = 1; p <= npages; p++) {
        name = pages[p]
        write_file(out "/" name ".md", woven[name])
        write_file(out "/" name ".refs", name == INDEX ? all : references(name))
    }
    write_file(out "/index.md", woven["index"])
    write_file(out "/index.refs", all)
    write_file(out "/deps.mk", dependencies())
}

# What each page prints of what programs wrote.
function dependencies(    p, name, deps, s) {
    for (p = 1; p <= npages; p++) {
        name = pages[p]
        deps = page_dependencies(name)
        if (deps == "") continue
        s = s with_picture(name, deps, "html", "svg")
        s = s with_picture(name, deps, "tex", "pdf")
    }
    return s
}

function page_dependencies(name,    n, a, i, deps) {
    n = split(woven[name], a, "\n")
    for (i = 1; i <= n; i++) deps = deps dependency(a[i])
    if (index(woven[name], "@val:")) deps = deps part("build/values.tsv")
    if (index(woven[name], "{#eq:") || name == INDEX) deps = deps part("build/eqtests.tsv")
    return deps
}

# The file that a line of Markdown prints. A new kind of block that reads a file begins here.
function dependency(s) {
    if (match(s, /\]\(fig:[^)]+\)/))
        return part("build/fig/" substr(s, RSTART + 6, RLENGTH - 7) ".PICTURE")
    if (s !~ /^:::+ *[{]/) return ""
    if (s ~ /\.transcript/) return part(transcript_path(value_of(s, "run")))
    if (s ~ /\.excerpt/) return part(value_of(s, "file"))
    if (s ~ /\.tsv/) return part(table_path(value_of(s, "file")))
    return ""
}

function transcript_path(run) {
    gsub(/ /, "-", run)
    gsub(/\//, "_", run)
    return "build/out/" run ".txt"
}

# A table that is kept under book/results/ or one that this build writes.
function table_path(name,    l, kept) {
    kept = "book/results/" name
    return (getline l < kept) >= 0 ? kept : "build/out/" name
}

# $(call part,f) is f, in a draft only if there is such a file.
function part(path) { return " $(call part," path ")" }

function value_of(s, key) {
    if (!match(s, key "=(\"[^\"]*\"|[^ }]*)")) return ""
    s = substr(s, RSTART + length(key) + 1, RLENGTH - length(key) - 1)
    gsub(/"/, "", s)
    return s
}

function with_picture(p, deps, kind, picture) {
    gsub(/PICTURE/, picture, deps)
    return "build/" kind "/" p "." kind ":" deps "\n"
}

function row(l) {
    return l "\t" l_num[l] "\t" l_kind[l] "\t" l_page[l] "\t" l_title[l] "\n"
}

# All labels, in the order of the pages.
function all_rows(    p, i, s) {
    for (p = 1; p <= npages; p++)
        for (i = 1; i <= nlabels; i++)
            if (l_page[label_order[i]] == pages[p]) s = s row(label_order[i])
    return s
}

# The rows a page needs: its own labels, all chapters (for the way to the next page), and what its
# text names.
function references(p,    i, l, s) {
    names_in(woven[p])
    for (i = 1; i <= nlabels; i++) {
        l = label_order[i]
        if (l_page[l] == p || l_kind[l] == "ch" || l in named) s = s row(l)
    }
    return s
}

# Fills named with the labels in a text: @eq:a, @Eq:a, (#eq:a), the words of token().
function names_in(t,    l) {
    split("", named)
    while (match(t, "([@#][A-Za-z]+:|#chunk:|NW[UH][SO]L?E)" NAME)) {
        l = substr(t, RSTART, RLENGTH)
        t = substr(t, RSTART + RLENGTH)
        if (l ~ /^NW/) l = token_label(l)
        else l = tolower(substr(l, 2, 1)) substr(l, 3)
        named[l]
        if (l ~ /^answer:/) named["ex:" substr(l, 8)]       # an answer links back
    }
}

function token_label(s) {
    s = substr(s, 1, length(s) - 1)
    sub(/d/, ".", s)
    sub(/^NWUSE/, "chunk:", s)
    sub(/^NWHOLE/, "answer:", s)
    return s
}

# The file is replaced in one step, and only if it differs, so that make does not set again what is
# the same.
function write_file(path, s,    old, l, n) {
    while ((n = (getline l < path)) > 0) old = old l "\n"
    close(path)
    if (n == 0 && old == s) return
    printf "%s", s > (path ".new")
    if (close(path ".new") || system("mv '" path ".new' '" path "'")) stop("cannot write " path)
}
