# files.awk - what the name of a source says. The other awk programs ask its functions, and make
# asks for a list:
#
#   chapters/01-tensors.nw            a chapter              page 01-tensors     number 1
#   chapters/01-tensors.exercises.nw  its exercises          page 01-tensors     number 1
#   chapters/01-tensors.program.nw    its program            page P-01-tensors   number P1
#   chapters/A-memory.nw              of the workshop        page A-memory       number A
#
#   awk -v list=sources -f files.awk chapters/*.nw    the files in the order of the book
#   awk -v list=pages -f files.awk chapters/*.nw      their pages in this order
#   awk -v list=chapters -f files.awk chapters/*.nw   01-tensors, 02-autodiff, ...
#
# Chapters come first, each with its exercises behind it, then the workshop, then the programs.

BEGIN { if (list != "") print_list() }

# chapters/01-tensors.nw is called 01-tensors, and so is book/01-tensors.md.
function base_name(path) {
    sub(/^.*\//, "", path)
    sub(/\.[a-z]+$/, "", path)
    return path
}

# P, S and Z are taken: by programs, answers and the index.
function kind_of(path) {
    path = base_name(path)
    if (path ~ /^[0-9]+-[^.]*$/) return "chapter"
    if (path ~ /^[0-9]+-[^.]*\.exercises$/) return "exercises"
    if (path ~ /^[0-9]+-[^.]*\.program$/) return "program"
    if (path ~ /^[A-OQRT-Y]-[^.]*$/) return "workshop"
    return ""
}

# 01-tensors for all three files of a chapter.
function chapter_of(path) {
    path = base_name(path)
    sub(/\..*$/, "", path)
    return path
}

function page_of(path) {
    return (kind_of(path) == "program" ? "P-" : "") chapter_of(path)
}

function number_of(path,    n) {
    n = chapter_of(path)
    sub(/-.*$/, "", n)
    sub(/^0+/, "", n)
    return (kind_of(path) == "program" ? "P" : "") n
}

# The part of the book that a page stands in; front matter stands in none.
function part_of(page) {
    if (kind_of(page) == "chapter") return "The machines"
    if (kind_of(page) == "workshop") return "The workshop"
    return "The back"
}

function print_list(    i) {
    for (i = 1; i < ARGC; i++)
        if (kind_of(ARGV[i]) == "chapter") print_with_exercises(ARGV[i])
    for (i = 1; i < ARGC; i++) if (kind_of(ARGV[i]) == "workshop") print_file(ARGV[i])
    for (i = 1; i < ARGC; i++) if (kind_of(ARGV[i]) == "program") print_file(ARGV[i])
    for (i = 1; i < ARGC; i++) if (!(ARGV[i] in listed)) print_file(ARGV[i])
}

function print_with_exercises(chapter,    i) {
    print_file(chapter)
    for (i = 1; i < ARGC; i++)
        if (kind_of(ARGV[i]) == "exercises" && chapter_of(ARGV[i]) == chapter_of(chapter))
            print_file(ARGV[i])
}

function print_file(path) {
    listed[path]
    if (list == "sources") print path
    else if (list == "pages" && kind_of(path) != "exercises") print page_of(path)
    else if (list == "chapters" && kind_of(path) == "chapter") print chapter_of(path)
}
