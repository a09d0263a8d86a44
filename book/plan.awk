# Read the chapters and write make rules: which files they tangle, which
# commands they run, which figures they show.
FNR == 1 {
    chapter = FILENAME
    sub(/.*\//, "", chapter)
    sub(/\.nw$/, "", chapter)
}
/^<<[A-Za-z0-9_-]+\.[ch]>>=$/ {
    name = substr($0, 3, length($0) - 5)
    if (name ~ /^ex_[0-9]/) exercises = exercises " " name
    else if (!(name in seen)) { seen[name]; roots = roots " " name }
}
match($0, /^::: *\{[^}]*run="[^"]*"/) {
    command = $0
    sub(/.*run="/, "", command)
    sub(/".*/, "", command)
    target = command
    gsub(/ /, "-", target)
    gsub(/\//, "_", target)
    target = "build/out/" target ".txt"
    if (!(target in seen)) {
        seen[target]
        split(command, word, " ")
        rules = rules target ": build/bin/" word[1] "\n\t$(call transcript," command ")\n"
    }
    transcripts[chapter] = transcripts[chapter] " " target
}
match($0, /\]\(fig:[^)]*\)/) {
    name = substr($0, RSTART + 6, RLENGTH - 7)
    svg = "build/fig/" name ".svg"
    if (!(svg in seen)) {
        seen[svg]
        figures = figures " " name
        if (chapter ~ /^[0-9]/) {
            rules = rules svg ": build/out/" chapter ".tables\n"
            rules = rules "build/out/" name ".dot: build/out/" chapter ".tables ;\n"
        }
    }
}
END {
    print "TANGLED_ROOTS :=" roots
    print "TANGLED := $(TANGLED_ROOTS:%=tangled/%)"
    print "FIGURES :=" figures
    print "TRANSCRIPTS :="
    for (c in transcripts) print "TRANSCRIPTS +=" transcripts[c]
    printf "%s", rules
}
