# weave.awk - the last stage of the weave: noweb's stream in, pandoc Markdown out.
#
#   markup chapters/*.nw | awk -f autodefs.awk | finduses |
#       awk -v out=build/woven -v labels=build/labels.tsv -v front="book/preface.md book/notation.md" -f weave.awk
#
# Writes, each file only if its text changed and none at all if anything is wrong:
#
#   $out/NN-name.md     a chapter
#   $out/C-answers.md   the "#### Answer" parts of all exercises
#   $out/Z-index.md     the indexes
#   $out/index.md       the table of contents (the first page of the HTML)
#   $out/*.refs         for each page, the rows of $labels that it needs: a page is set anew only when these or its text changed
#   $out/deps.mk        for make: the figures, transcripts, tables and excerpts that each page prints
#   $labels             label, number, kind, page, title of everything that has a number, tab-separated
#
# Numbers are given here and nowhere else, so that they are equal in PDF and HTML: sections, equations, figures, tables and chunks are
# counted within the chapter (3.12), whose number is the prefix of its file name. book.lua does the rest.
#
# A chunk may be used before it is defined, so the stream is first turned into items (a line of text, or a chunk) in which a chunk's name
# stands between the characters 1 and 2; after the last line the names are replaced by numbers.

BEGIN {
    OPEN = "\001"; SHUT = "\002"
    ANSWERS = "C-answers"; INDEX = "Z-index"
    NAME = "[A-Za-z0-9_.-]*[A-Za-z0-9_]"
    if (out == "" || labels == "") stop("set out and labels")
    for (n = split(front, f, " "); i < n; ) front_page(f[++i])
}

/^@fatal/       { stop("noweb: " substr($0, 8)) }
/^@file /       { new_file(substr($0, 7)); next }
/^@trailer/     { complete = 1 }
/^@begin docs/  { text = ""; next }
/^@end docs/    { if (text != "") { doc_line(text); text = "" } next }
/^@begin code/  { new_chunk(); next }
/^@defn /       { c_name[chunks] = substr($0, 7); c_line[chunks] = line + 1; head = 1; next }
/^@end code/    { end_chunk(); code = 0; next }
/^@quote/       { quoted = 1; quote = ""; next }
/^@endquote/    { quoted = 0; text = text code_span(quote); next }
/^@text /       { add(substr($0, 7)); next }
/^@use /        { use(substr($0, 6)); next }
/^@nl$/         { new_line(); line++; next }
/^@index nl/    { line++; next }
/^@index defn / { if (code) define(substr($0, 13)); next }
/^@index use /  { if (code && !in_words(text)) c_uses[chunks] = c_uses[chunks] " " substr($0, 12); next }

END {
    if (stopped) exit 1
    if (!complete) stop("the stream is empty or cut short: an earlier stage failed")
    if (fence) complain(fence_at, "this code block is never closed")
    check_uses()
    if (bad) exit 1
    render()
    write_all()
}

# ---------------------------------------------------------------- messages

function stop(message) { print "weave: " message > "/dev/stderr"; stopped = 1; exit 1 }
function complain(where, message) { print where ": " message > "/dev/stderr"; bad = 1 }
function here() { return file ":" (line + 1) }

# ---------------------------------------------------------------- reading the stream

function new_file(name,    base) {
    if (fence) complain(fence_at, "this code block is never closed")
    file = name; line = 0
    base = name; sub(/^.*\//, "", base); sub(/\.nw$/, "", base)
    if (base !~ /^([0-9]+|[A-Z])-/) complain(name ":1", "the name of a chapter starts with a number or a capital letter and a hyphen")
    if (base in page_known) complain(name ":1", "a second chapter of this name")
    page_known[base]
    chapter = base; sub(/-.*$/, "", chapter); sub(/^0+/, "", chapter)
    pages[++npages] = main_page = page = base
    number = chapter
    titled = exercise = fence = math = 0
}

function add(s) { if (quoted) quote = quote s; else if (code) text = text s; else prose(s) }

# Two brackets that the author wrote as @[[ are escaped, for pandoc searches the rest of the page for the end of such a link.
function prose(s,    n) {
    while (n = index(s, "[[")) {
        text = text substr(s, 1, n - 1)
        text = text (literal() ? "[[" : "\\[\\[")
        s = substr(s, n + 2)
    }
    text = text s
}
function literal() { return fence || math || odd(text, "`") || odd(text, "[$]") || odd(text, "[$][$]") }

function use(name) {
    if (code) { used[chunks, ++c_nuses[chunks]] = name; used_at[chunks, c_nuses[chunks]] = here() }
    else if (page != "") { quoted_name[++nquoted] = name; quoted_at[nquoted] = here() }
    add(OPEN name SHUT)
}

function new_line() {
    if (head) head = 0
    else if (quoted) quote = quote " "
    else if (code) { comment = in_words(text) == "comment"; body = body text "\n"; text = "" }
    else { doc_line(text); text = "" }
}

# finduses looks for names in comments and strings too, where "number" is most often just a word. Does the end of this line of C, which
# began inside a comment or not, stand in one?
function in_words(s,    inside) {
    inside = comment ? "comment" : ""
    while (1)
        if (inside == "comment") {
            if (!match(s, /\*\//)) return inside
            s = substr(s, RSTART + 2); inside = ""
        } else {
            if (!match(s, /\/\*|\/\/|["']/)) return ""
            inside = substr(s, RSTART, 2)
            s = substr(s, RSTART + 1)
            if (inside == "//") return inside
            if (inside == "/*") inside = "comment"
            else if (match(s, substr(inside, 1, 1) == "\"" ? "^([^\"\\\\]|\\\\.)*\"" : "^([^'\\\\]|\\\\.)*'")) { s = substr(s, RLENGTH + 1); inside = "" }
            else return "string"
        }
}

function define(name) {
    if (index(c_defs[chunks] " ", " " name " ")) return
    c_defs[chunks] = c_defs[chunks] " " name
}

# ---------------------------------------------------------------- text

# What stood between double brackets. Inside a code block, a formula or a code span brackets are just brackets.
function code_span(s,    ticks) {
    if (literal()) return "[[" s "]]"
    if (substr(s, 1, 1) == OPEN && index(s, SHUT) == length(s)) return s
    for (ticks = "`"; index(s, ticks); ) ticks = ticks "`"
    return ticks (s ~ /^`/ ? " " : "") s (s ~ /`$/ ? " " : "") ticks
}

function odd(s, mark,    n) { while (match(s, mark)) { n++; s = substr(s, RSTART + RLENGTH) } return n % 2 }

# One line of Markdown. Headings decide where it goes: to the chapter, to the answers, or (page "") nowhere.
function doc_line(s,    bare) {
    if (toggle_fence(s) || fence) { item(s); return }
    if (!math && s ~ /^#+[ ]/) { heading(s); return }
    bare = s; gsub(/`[^`]*`/, "", bare)
    if (odd(s, "[$][$]")) math = !math
    find_labels(bare)
    item(s)
}

function toggle_fence(s,    mark) {
    if (!match(s, /^ ? ? ?(```+|~~~+)/)) return 0
    mark = substr(s, RSTART, RLENGTH); gsub(/ /, "", mark)
    if (!fence) { fence = mark; fence_at = here(); return 1 }
    if (index(mark, fence) == 1) { fence = 0; return 1 }
    return 0
}

# Labels of equations, figures and tables, in the order in which they stand.
function find_labels(s,    label, kind) {
    while (match(s, "[{ ]#(eq|fig|tbl):" NAME)) {
        label = substr(s, RSTART + 2, RLENGTH - 2)
        s = substr(s, RSTART + RLENGTH)
        kind = label; sub(/:.*/, "", kind)
        if (page != "") new_label(label, number "." ++count[number, kind], kind == "eq" && s ~ /^[^}]*\.def/ ? "def" : kind, "")
    }
}

function new_label(label, num, kind, title) {
    if (label in l_num) { complain(here(), "the label " label " is taken: " l_at[label]); return }
    label_order[++nlabels] = label; l_at[label] = here()
    l_num[label] = num; l_kind[label] = kind; l_page[label] = page; l_title[label] = title
}

function heading(s,    level, title, label) {
    match(s, /^#+/); level = RLENGTH
    title = substr(s, level + 2)
    if (match(title, "#[a-z]+:" NAME)) label = substr(title, RSTART + 1, RLENGTH - 1)
    sub(/[ ]*[{][^{}]*[}][ ]*$/, "", title)
    if (level < 4) { page = main_page; number = chapter; if (level < 3 || exercise) exercise = 0 }
    if (level == 4 && title == "Answer") { answer_part(); return }
    if (level == 4 && title == "Check") { check_part(); return }
    if (page == "") return
    if (level == 1) s = chapter_heading(s, title, label)
    else if (level == 2) s = section_heading(s, title, label)
    else if (label ~ /^ex:/) exercise_heading(title, label)
    item(s)
}

function chapter_heading(s, title, label) {
    if (titled++) complain(here(), "a chapter has one heading of the first level")
    if (label == "") { label = "ch:" page; s = s " {#" label "}" }
    else if (label !~ /^ch:/) complain(here(), "the label of a chapter starts with ch:")
    new_label(label, chapter, "ch", title); chapter_title[chapter] = title
    return s
}

function section_heading(s, title, label,    num) {
    num = number "." ++count[number, "sec"]
    if (label == "") { label = "sec:" num; s = "## " title " {#" label "}" }
    else if (label !~ /^sec:/) complain(here(), "the label of a section starts with sec:")
    new_label(label, num, "sec", title)
    return s
}

function exercise_heading(title, label) {
    exercise = substr(label, 4); exercise_title = title
    if (index(exercise, chapter ".") != 1 || substr(exercise, length(chapter) + 2) !~ /^[0-9]+$/)
        complain(here(), "an exercise of this chapter is labelled #ex:" chapter ".1, not #" label)
    new_label(label, exercise, "ex", title)
}

function answer_part(    label) {
    if (!exercise) { complain(here(), "\"#### Answer\" stands only in an exercise"); return }
    page = ANSWERS; number = "C"; exercises_answered++
    if (!((chapter) in answered)) { answered[chapter]; item("## [" chapter_title[chapter] "](#" chapter_label() ") {#answers:" chapter " .unnumbered}\n") }
    label = "answer:" exercise
    new_label(label, exercise, "answer", exercise_title)
    item("### " exercise_title " {#" label "}")
}

function chapter_label(    i) { for (i = nlabels; i > 0; i--) if (l_kind[label_order[i]] == "ch") return label_order[i] }

function check_part() {
    if (!exercise) complain(here(), "\"#### Check\" stands only in an exercise")
    page = ""
}

function item(s) {
    if (page == "") return
    i_text[++items] = s; i_page[items] = page
}

# ---------------------------------------------------------------- chunks

function new_chunk() {
    if (fence) complain(here(), "a chunk inside a code block that began at " fence_at)
    code = 1; chunks++
    c_page[chunks] = page; c_file[chunks] = file; c_first_use[chunks] = 0
    body = text = comment = ""
    if (page == "") return
    c_num[chunks] = number "." ++count[number, "chunk"]
    c_exercise[chunks] = exercise
}

function end_chunk(    name) {
    name = c_name[chunks]
    c_body[chunks] = body text; text = ""
    defined[name]
    if (page == "") return
    if (!(name in parts)) names[++nnames] = name
    parts[name] = parts[name] " " chunks
    new_label("chunk:" c_num[chunks], c_num[chunks], "chunk", plain(name))
    i_text[++items] = OPEN; i_page[items] = page; i_chunk[items] = chunks
}

function plain(name) { gsub(/\[\[|\]\]/, "", name); return name }

function is_file(name)  { return name ~ /^[^ ]+\.[a-z]+$/ }
function is_stub(name)  { return name ~ /^ex_[0-9]+_[0-9]+\.c$/ }
function is_solve(name) { return name ~ /^solve [0-9A-Z]+\.[0-9]+$/ }

# Every name that is used must be defined, and a printed one in a printed part (a hole may lack its answer: the reader's is the answer).
function check_uses(    c, u, i) {
    for (c = 1; c <= chunks; c++)
        for (u = 1; u <= c_nuses[c]; u++) check_name(used[c, u], used_at[c, u], c_page[c] != "" && !is_solve(used[c, u]))
    for (i = 1; i <= nquoted; i++) check_name(quoted_name[i], quoted_at[i], 1)
}

function check_name(name, where, printed) {
    if (!(name in defined)) complain(where, "the chunk <<" name ">> is used but not defined")
    else if (printed && !(name in parts)) complain(where, "the chunk <<" name ">> is printed here, but its definition is not")
}

# ---------------------------------------------------------------- turning items into Markdown

function render(    i) {
    find_uses()
    if (exercises_answered) answers_heading()
    for (i = 1; i <= items; i++)
        woven[i_page[i]] = woven[i_page[i]] (i in i_chunk ? chunk_markdown(i_chunk[i]) : resolve(i_text[i], "text") "\n")
    pages[++npages] = INDEX
    woven[INDEX] = indexes()
    woven["index"] = contents()
}

# Appendix C is put together from the chapters, and stands in its place in the alphabet.
function answers_heading(    i) {
    for (i = ++npages; i > 1 && pages[i - 1] > ANSWERS && pages[i - 1] ~ /^[A-Z]-/; i--) pages[i] = pages[i - 1]
    pages[i] = page = ANSWERS
    woven[ANSWERS] = "# Answers {#ch:answers}\n\nEach answer below was compiled and passed the check of its exercise when this book was built.\n\n"
    new_label("ch:answers", "C", "ch", "Answers")
}

# Who uses which chunk, and which chunk defines and uses which identifier.
function find_uses(    c, u, n, list, i) {
    for (c = 1; c <= chunks; c++) {
        if (c_page[c] == "") continue
        for (u = 1; u <= c_nuses[c]; u++) note(chunk_users, used[c, u], c)
        n = split(c_defs[c], list, " ")
        for (i = 1; i <= n; i++) { if (!(list[i] in id_defs)) ids[++nids] = list[i]; note(id_defs, list[i], c) }
    }
    for (c = 1; c <= chunks; c++) {
        if (c_page[c] == "") continue
        n = split(c_uses[c], list, " ")
        for (i = 1; i <= n; i++)
            if (list[i] in id_defs && !index(id_defs[list[i]] " ", " " c " ")) { note(id_users, list[i], c); note(chunk_ids, c, list[i]) }
    }
}

# Append a value to a list, once.
function note(lists, key, value) { if (!index(lists[key] " ", " " value " ")) lists[key] = lists[key] " " value }

# A name between OPEN and SHUT becomes a link in text, and in C a word that book.lua knows again after the code was coloured.
function resolve(s, where,    before, name, n) {
    while (n = index(s, OPEN)) {
        before = before substr(s, 1, n - 1)
        name = substr(s, n + 1, index(s, SHUT) - n - 1)
        s = substr(s, index(s, SHUT) + 1)
        before = before (where == "code" ? token(name) : "[" name_markdown(name) " " first_number(name) "](#chunk:" first_number(name) "){.chunk-ref}")
    }
    return before s
}

function first_number(name,    list) { split(parts[name], list, " "); return c_num[list[1]] }

function token(name,    num) {
    if (is_solve(name)) { num = "HOLE" substr(name, 7) } else num = "USE" first_number(name)
    sub(/\./, "d", num)
    return "NW" num "Z"
}

function name_markdown(name) {
    if (is_file(name)) return "⟨`" name "`⟩"
    if (is_solve(name)) return "⟨answer to " substr(name, 7) "⟩"
    return "⟨" escape(name) "⟩"
}

# A chunk's name as Markdown: [[code]] in it is code, everything else is text.
function escape(s,    n, done) {
    while ((n = index(s, "[[")) && index(s, "]]") > n) {
        done = done escape_text(substr(s, 1, n - 1)) "`" substr(s, n + 2, index(s, "]]") - n - 2) "`"
        s = substr(s, index(s, "]]") + 2)
    }
    return done escape_text(s)
}
function escape_text(s) { gsub(/[][\\`*_{}<>#$~^@|]/, "\\\\&", s); return s }

function link(c) { return "[" c_num[c] "](#chunk:" c_num[c] ")" }

function links(list,    a, n, i, s) {
    n = split(list, a, " ")
    for (i = 1; i <= n; i++) s = s (i > 1 ? ", " : "") link(a[i])
    return s
}

function chunk_markdown(c,    name, first, ticks, code, foot) {
    name = c_name[c]
    first = first_number(name) == c_num[c]
    code = resolve(c_body[c], "code")
    for (ticks = "```"; index(code, ticks); ) ticks = ticks "`"
    foot = chunk_foot(c, name, first)
    return "\n::::: {.chunk #chunk:" c_num[c] "}\n" \
        "::: {.chunk-head}\n[" name_markdown(name) "]{.chunk-name} [" (first ? "≡" : "+≡") "]{.chunk-sign} [" c_num[c] "]{.chunk-number}\n:::\n\n" \
        ticks " {" (name ~ /\.(txt|tsv|sh|mk)$/ ? ".text" : ".c") "}\n" code ticks "\n\n" \
        (foot == "" ? "" : "::: {.chunk-foot}\n" foot "\n:::\n") ":::::\n\n"
}

function chunk_foot(c, name, first,    list, n, i, s, more, ids_used) {
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

function stub_path(name,    word) { split(name, word, "_"); return sprintf("answers/%02d/%s", word[2], name) }

function code_list(list, linked,    a, n, i, s, d) {
    n = split(list, a, " ")
    for (i = 1; i <= n; i++) {
        split(id_defs[a[i]], d, " ")
        s = s (i > 1 ? ", " : "") (linked ? "[`" a[i] "`](#chunk:" c_num[d[1]] ")" : "`" a[i] "`")
    }
    return s
}

# ---------------------------------------------------------------- the pages put together from all chapters

function indexes(    i, s, n, defs) {
    page = INDEX
    new_label("ch:index", "", "ch", "Indexes")
    s = "# Indexes {#ch:index}\n\n## Chunks {#sec:index-chunks .unnumbered}\n\n::::: {.index}\n"
    sort(names, nnames)
    for (i = 1; i <= nnames; i++)
        if (!is_solve(names[i])) s = s "- " name_markdown(names[i]) " " bold(links(parts[names[i]])) (names[i] in chunk_users ? ", used in " links(chunk_users[names[i]]) : "") "\n"
    s = s ":::::\n\n## Identifiers {#sec:index-identifiers .unnumbered}\n\nThe number of the chunk that defines a name is bold.\n\n::::: {.index}\n"
    sort(ids, nids)
    for (i = 1; i <= nids; i++)
        s = s "- `" ids[i] "` " bold(links(id_defs[ids[i]])) (ids[i] in id_users ? ", " links(id_users[ids[i]]) : "") "\n"
    return s ":::::\n\n## Equations and their tests {#sec:index-equations .unnumbered}\n\n::: {.equation-tests}\n:::\n"
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
function after(x, y) { return tolower(x) == tolower(y) ? x > y : tolower(x) > tolower(y) }

function front_page(path,    s, base, title) {
    base = path; sub(/^.*\//, "", base); sub(/\.md$/, "", base)
    while ((getline s < path) > 0) {
        if (title == "" && s ~ /^# /) title = substr(s, 3)
        woven[base] = woven[base] s "\n"
    }
    close(path)
    if (title == "") { complain(path ":1", "no heading of the first level"); return }
    sub(/[ ]*[{].*$/, "", title)
    file = path; page = base
    new_label("ch:" base, "", "ch", title)
    pages[++npages] = base; page_known[base]
}

# Chapters and their sections, each with its number.
function contents(    p, i, l, s) {
    for (p = 1; p <= npages; p++)
        for (i = 1; i <= nlabels; i++) {
            l = label_order[i]
            if (l_page[l] != pages[p]) continue
            if (l_kind[l] == "ch") s = s "- [" contents_number(l) l_title[l] "](#" l ")\n"
            else if (l_kind[l] == "sec") s = s "    - [" contents_number(l) l_title[l] "](#" l ")\n"
        }
    return "::::: {.contents}\n" s ":::::\n"
}
function contents_number(l) { return l_num[l] == "" ? "" : "[" l_num[l] "]{.number} " }

# ---------------------------------------------------------------- writing

function write_all(    p, i, all) {
    for (p = 1; p <= npages; p++)
        for (i = 1; i <= nlabels; i++) if (l_page[label_order[i]] == pages[p]) all = all row(label_order[i])
    write_file(labels, all)
    for (p = 1; p <= npages; p++) {
        write_file(out "/" pages[p] ".md", woven[pages[p]])
        write_file(out "/" pages[p] ".refs", pages[p] == INDEX ? all : references(pages[p]))
    }
    write_file(out "/index.md", woven["index"])
    write_file(out "/index.refs", all)
    write_file(out "/deps.mk", dependencies())
}

# What each page prints of what programs wrote.
function dependencies(    p, n, i, a, s, deps) {
    for (p = 1; p <= npages; p++) {
        n = split(woven[pages[p]], a, "\n"); deps = ""
        for (i = 1; i <= n; i++) deps = deps dependency(a[i])    # $(call part,f) is f, in a draft only if there is such a file
        if (index(woven[pages[p]], "@val:")) deps = deps part("build/values.tsv")
        if (index(woven[pages[p]], "{#eq:") || pages[p] == INDEX) deps = deps part("build/eqtests.tsv")
        if (deps != "") s = s with_picture(pages[p], deps, "html", "svg") with_picture(pages[p], deps, "tex", "pdf")
    }
    return s
}

function dependency(s,    path, l) {
    if (match(s, /\]\(fig:[^)]+\)/)) return part("build/fig/" substr(s, RSTART + 6, RLENGTH - 7) ".PICTURE")
    if (s !~ /^:::+ *[{]/) return ""
    if (s ~ /\.transcript/) { path = value_of(s, "run"); gsub(/ /, "-", path); gsub(/\//, "_", path); return part("build/out/" path ".txt") }
    if (s ~ /\.excerpt/) return part(value_of(s, "file"))
    if (s !~ /\.tsv/) return ""
    path = "book/results/" value_of(s, "file")
    return part((getline l < path) >= 0 ? path : "build/out/" value_of(s, "file"))
}

function part(path) { return " $(call part," path ")" }

function value_of(s, key) {
    if (!match(s, key "=(\"[^\"]*\"|[^ }]*)")) return ""
    s = substr(s, RSTART + length(key) + 1, RLENGTH - length(key) - 1); gsub(/"/, "", s)
    return s
}

function with_picture(p, deps, kind, picture) { gsub(/PICTURE/, picture, deps); return "build/" kind "/" p "." kind ":" deps "\n" }

function row(l) { return l "\t" l_num[l] "\t" l_kind[l] "\t" l_page[l] "\t" l_title[l] "\n" }

# The rows a page needs: its own labels, all chapters (for the way to the next page), and what its text names.
function references(p,    i, l, s) {
    names_in(woven[p])
    for (i = 1; i <= nlabels; i++) {
        l = label_order[i]
        if (l_page[l] == p || l_kind[l] == "ch" || l in named) s = s row(l)
    }
    return s
}

function names_in(t,    l) {
    split("", named)
    while (match(t, "([@#][A-Za-z]+:|#chunk:|NW[UH][SO]L?E)" NAME)) {
        l = substr(t, RSTART, RLENGTH)
        t = substr(t, RSTART + RLENGTH)
        if (l ~ /^NW/) { l = substr(l, 1, length(l) - 1); sub(/d/, ".", l); sub(/^NWUSE/, "chunk:", l); sub(/^NWHOLE/, "answer:", l); named[l] }
        else named[tolower(substr(l, 2, 1)) substr(l, 3)]
        if (l ~ /^#answer:/) named["ex:" substr(l, 9)]      # an answer links back
    }
}

# The file is replaced in one step, and only if it differs, so that make does not set again what is the same.
function write_file(path, s,    old, l, n) {
    while ((n = (getline l < path)) > 0) old = old l "\n"
    close(path)
    if (n == 0 && old == s) return
    printf "%s", s > (path ".new")
    if (close(path ".new") || system("mv '" path ".new' '" path "'")) stop("cannot write " path)
}
