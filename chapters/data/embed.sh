#!/bin/sh
# Write a data set as a C header, so that a program needs no other file:
# embed.sh iris < iris.csv > iris.h
name=$1
awk -v name="$name" '
BEGIN {
    printf "/* Made from chapters/data/%s.csv by embed.sh; do not edit. */\n", name
    printf "static const char *const %s_csv[] = {\n", name
}
{ gsub(/["\\]/, "\\\\&"); printf "    \"%s\",\n", $0 }
END { printf "};\nenum { %s_csv_lines = %d };\n", name, NR }'
