#!/bin/sh
# Write a data set as a C header, so that a program needs no other file:
# embed.sh chapters/data/iris.csv > iris.h
name=$(basename "${1%.gz}" .csv)
case $1 in
*.gz) gzip -dc "$1" | tr -d '\r' ;;
*) cat "$1" ;;
esac | awk -v name="$name" '
BEGIN {
    printf "/* Made from chapters/data/%s.csv by embed.sh; do not edit. */\n", name
    printf "static const char *const %s_csv[] = {\n", name
}
{ gsub(/["\\]/, "\\\\&"); printf "    \"%s\",\n", $0 }
END { printf "};\nenum { %s_csv_lines = %d };\n", name, NR }'
