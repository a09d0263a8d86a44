# exercises.awk - reads the reports of check programs, for exercises.sh. The variable job says what for:
#
#   state      one word or two: right, wrong, crashed, too slow, not attempted
#   failures   only the checks that failed, with their comments
#   paint      colours, if colour is 1
#   table      from lines "3.2 wrong" the progress of each chapter, and what to do next
#   totals     only the last lines of such a table

job == "state" {
    if (/^1\.\.[1-9]/) plan = 1
    if (/^ok /) good++
    if (/^not ok /) { if (/# TODO not attempted/) open++; else bad++ }
    if (bad && kind == "" && match($0, /^# (wrong|crashed|too slow):/)) kind = substr($0, 3, RLENGTH - 3)
}

job == "failures" {
    if (/^(not )?ok /) show = /^not ok / && !/# TODO not attempted/
    if (show && !/^1\.\./ && !/^# [0-9]+ of [0-9]+ tests failed/) print
}

job == "paint" {
    if (/^1\.\./ || /^# [0-9]+ of [0-9]+ tests failed/) next
    if (/^ok /) print green($0)
    else if (/^not ok / && !/# TODO/) print red($0)
    else print
}

job == "table" {
    e = $1; $1 = ""; s = substr($0, 2)
    ch = e; sub(/\..*/, "", ch)
    if (!(ch in count)) order[++chapters] = ch
    count[ch]++; total++
    if (s == "right") { right[ch]++; rights++; bar[ch] = bar[ch] "#" }
    else if (s == "not attempted") { opens++; bar[ch] = bar[ch] "."; if (first == "") first = e }
    else { wrongs++; bar[ch] = bar[ch] "x"; list = list (list == "" ? "" : ", ") e (s == "wrong" ? "" : " (" s ")") }
}

job == "totals" { if (/ solved, |^wrong: |^next: |^All /) print }

END {
    if (job == "state") print bad ? (kind == "" ? "wrong" : kind) : !plan ? "crashed" : open ? "not attempted" : "right"
    if (job == "table") print_table()
}

function green(s) { return colour ? "\033[32m" s "\033[0m" : s }
function red(s) { return colour ? "\033[31m" s "\033[0m" : s }

function print_table(    i, ch, s, wide) {
    for (i = 1; i <= chapters; i++) if (length(bar[order[i]]) > wide) wide = length(bar[order[i]])
    for (i = 1; i <= chapters; i++) {
        ch = order[i]
        s = sprintf("%-2s %-32s [%s]%*s %2d of %d", ch, substr(title(ch), 1, 32), bar[ch], wide - length(bar[ch]), "", right[ch], count[ch])
        print right[ch] == count[ch] ? green(s) : s
    }
    s = sprintf("%d of %d solved, %d wrong, %d not attempted", rights, total, wrongs, opens)
    print wrongs ? red(s) : rights == total ? green(s) : s
    if (list != "") print "wrong: " list
    if (first != "") print "next: ex " first
    else if (!wrongs) print "All of them: well done."
}

# The title of a chapter stands in its first line: # Tensors {#ch:tensors}
function title(ch,    name, line, cmd) {
    cmd = "ls " folder "/" (ch ~ /^[0-9]$/ ? "0" ch : ch) "-*.nw 2>/dev/null"
    if ((cmd | getline name) > 0 && (getline line < name) > 0) { sub(/^#+ */, "", line); sub(/ *[{].*/, "", line); close(name) }
    close(cmd)
    return line == "" ? "Chapter " ch : line
}
