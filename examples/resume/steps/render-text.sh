#!/bin/sh
# Reads the application.  Writes resume.html, resume.txt and cover-letter.txt into the given
# directory, and the letter to standard output.
#
#   render-text.sh APPLICATION.xml DIRECTORY

set -eu

steps=$(dirname "$0")

xsltproc "$steps/resume-html.xsl" "$1" > "$2/resume.html"

text=$(xsltproc "$steps/resume-text.xsl" "$1")
printf '%s\n' "$text" | LC_ALL=C awk -f "$steps/wrap.awk" > "$2/resume.txt"

text=$(xsltproc "$steps/letter-text.xsl" "$1")
printf '%s\n' "$text" | LC_ALL=C awk -f "$steps/wrap.awk" > "$2/cover-letter.txt"

cat "$2/cover-letter.txt"
