# exercises.awk - reads the reports of check programs, for exercises.sh.  The variable job says what
# for:
#
#   state      one word or two: right, wrong, crashed, too slow, stuck, not attempted
#   failures   only the checks that failed, with their comments
#   paint      colours, if colour is 1
#   table      from lines "3.2 wrong" the progress of each chapter, and what to do next
#   totals     only the last lines of such a table

# The plan, the checks by outcome, and the first thing that went wrong.
job == "state" {
    if (/^1\.\.[1-9]/) plan = 1
    if (/^not ok /) {
        if (/# TODO not attempted/) open++
        else bad++
    }
    if (bad && kind == "" && match($0, /^# (wrong|crashed|too slow|stuck):/))
        kind = substr($0, 3, RLENGTH - 3)
}

# Each check begins with its line; what follows belongs to it.
job == "failures" {
    if (/^(not )?ok /) show = /^not ok / && !/# TODO not attempted/
    if (show && !is_frame()) print
}

job == "paint" {
    if (is_frame()) next
    if (/^ok /) print green($0)
    else if (/^not ok / && !/# TODO/) print red($0)
    else print
}

job == "table" {
    exercise = $1
    state = substr($0, length($1) + 2)
    chapter = exercise
    sub(/\..*/, "", chapter)
    add(chapter, exercise, state)
}

job == "totals" { if (/ solved, |^wrong: |^next: |^All /) print }

END {
    if (job == "state") {
        if (bad) print kind == "" ? "wrong" : kind
        else if (!plan) print "crashed"
        else print open ? "not attempted" : "right"
    }
    if (job == "table") print_table()
}

# The plan and the count at the end of a report.
function is_frame() { return /^1\.\./ || /^# [0-9]+ of [0-9]+ tests failed/ }

function green(s) { return colour ? "\033[32m" s "\033[0m" : s }
function red(s) { return colour ? "\033[31m" s "\033[0m" : s }

# One exercise of the table: bar[chapter] has a mark for each; wrong_ones and first are for the last
# lines.
function add(chapter, exercise, state) {
    if (!(chapter in count)) order[++chapters] = chapter
    count[chapter]++
    total++
    if (state == "right") {
        right[chapter]++
        rights++
        bar[chapter] = bar[chapter] "#"
    } else if (state == "not attempted") {
        opens++
        bar[chapter] = bar[chapter] "."
        if (first == "") first = exercise
    } else {
        wrongs++
        bar[chapter] = bar[chapter] "x"
        if (wrong_ones != "") wrong_ones = wrong_ones ", "
        wrong_ones = wrong_ones exercise (state == "wrong" ? "" : " (" state ")")
    }
}

function print_table(    i, c, s, wide) {
    for (i = 1; i <= chapters; i++)
        if (length(bar[order[i]]) > wide) wide = length(bar[order[i]])
    for (i = 1; i <= chapters; i++) {
        c = order[i]
        s = sprintf("%-2s %-32s [%s]%*s %2d of %d", c, substr(title(c), 1, 32), bar[c],
            wide - length(bar[c]), "", right[c], count[c])
        print right[c] == count[c] ? green(s) : s
    }
    s = sprintf("%d of %d solved, %d wrong, %d not attempted", rights, total, wrongs, opens)
    if (wrongs) print red(s)
    else print rights == total ? green(s) : s
    if (wrong_ones != "") print "wrong: " wrong_ones
    if (first != "") print "next: ex " first
    else if (!wrongs) print "All of them: well done."
}

# The title of a chapter stands in its first line: # Tensors {#ch:tensors}. Its exercises and its
# program are files beside it, with a second dot in their names.
function title(chapter,    name, line, cmd) {
    cmd = "ls " folder "/" (chapter ~ /^[0-9]$/ ? "0" : "") chapter "-*.nw 2>/dev/null"
    while ((cmd | getline name) > 0)
        if (name ~ /\/[^.\/]*\.nw$/ && (getline line < name) > 0) close(name)
    close(cmd)
    sub(/^#+ */, "", line)
    sub(/ *[{].*/, "", line)
    return line == "" ? "Chapter " chapter : line
}
