# Write a program as one file: put each local header, once, in the place
# where it is first included.
function copy(file, folder,    line, name) {
    folder = file
    sub(/[^\/]*$/, "", folder)
    while ((getline line < file) > 0) {
        if (match(line, /^#include "[^"]+"/)) {
            name = folder substr(line, 11, RLENGTH - 11)
            if (!(name in done)) { done[name]; copy(name) }
        } else print line
    }
    close(file)
}
BEGIN { copy(ARGV[1]) }
