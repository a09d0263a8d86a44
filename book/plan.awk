# plan.awk - read the chapters and write make rules: which files they tangle, which parts and tables
# they want from their programs, which figures they show and which tables those read.
#
#   awk -f files.awk -f plan.awk chapters/*.nw > build/plan.mk
#
# WANTED_03-linear-regression are files of build/out/ that one run of that program writes; run.sh
# sees to it.

FNR == 1 && kind_of(FILENAME) == "chapter" {
    program[prefix_of(FILENAME)] = chapter_of(FILENAME)
}

/^<<[A-Za-z0-9_-]+\.[ch]>>=$/ {
    root = substr($0, 3, length($0) - 5)
    if (root !~ /^ex_[0-9]/ && !(root in seen)) roots = roots " " root
    seen[root]
}

# A transcript: "03-linear-regression rates" is a part of the program's story, anything longer is a
# run of its own.
match($0, /^::: *\{[^}]*run="[^"]*"/) {
    command = $0
    sub(/.*run="/, "", command)
    sub(/".*/, "", command)
    words = split(command, word, " ")
    file = command
    gsub(/ /, "-", file)
    gsub(/\//, "_", file)
    file = file ".txt"
    if (words == 2 && word[2] !~ /^-/) want(word[1], file)
    else if (!(file in seen))
        rules = rules "build/out/" file ": build/bin/" word[1] "\n" \
            "\t$(call transcript," command ")\n"
    seen[file]
}

# A table on a page: one that a program of the book writes, or a kept result.
match($0, /^::: *\{\.tsv file=[^ }]*/) {
    table = $0
    sub(/^[^=]*=/, "", table)
    sub(/[ }].*/, "", table)
    gsub(/"/, "", table)
    tables[++printed] = table
}

match($0, /\]\(fig:[^)]*\)/) {
    figure = substr($0, RSTART + 6, RLENGTH - 7)
    if (!((figure ".svg") in seen)) figures[++count] = figure
    seen[figure ".svg"]
}

END {
    for (i = 1; i <= count; i++) {
        list = list " " figures[i]
        read_source(figures[i])
    }
    for (i = 1; i <= printed; i++)
        if ((getline line < ("book/results/" tables[i])) < 0) want_from_number(tables[i])
    print "TANGLED_ROOTS :=" roots
    print "TANGLED := $(TANGLED_ROOTS:%=tangled/%)"
    print "FIGURES :=" list
    for (i = 1; i <= programs; i++) {
        name = names[i]
        print "WANTED_" name " :=" wanted[name]
        print "$(WANTED_" name ":%=build/out/%): build/out/" name ".out ;"
    }
    printf "%s", rules
}

function want(name, file) {
    if (!(name in wanted)) names[++programs] = name
    if (index(wanted[name] " ", " " file " ")) return
    wanted[name] = wanted[name] " " file
}

# "03" of chapters/03-linear-regression.nw and of 03-rates.tsv.
function prefix_of(path) {
    path = base_name(path)
    sub(/-.*/, "", path)
    return path
}

# A figure is made from figures/NAME.gp, which names the tables that it reads, or from
# figures/NAME.dot, or from a graph that a program draws.
function read_source(figure,    source, line, found, table, needs) {
    source = "figures/" figure ".gp"
    while ((getline line < source) > 0) {
        found = 1
        while (match(line, /(build\/out|book\/results)\/[A-Za-z0-9_.-]+\.tsv/)) {
            table = substr(line, RSTART, RLENGTH)
            line = substr(line, RSTART + RLENGTH)
            if (index(needs " ", " " table " ")) continue
            needs = needs " " table
            if (sub(/^build\/out\//, "", table)) want_from_number(table)
        }
    }
    close(source)
    if (needs != "") rules = rules "build/fig/" figure ".svg:" needs "\n"
    if (found) return
    source = "figures/" figure ".dot"
    if ((getline line < source) >= 0) close(source)
    else want_from_number(figure ".dot")
}

function want_from_number(file) {
    if (prefix_of(file) in program) want(program[prefix_of(file)], file)
}
