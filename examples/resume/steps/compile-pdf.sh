#!/bin/sh
# Compiles resume.tex and cover-letter.tex in the given directory to PDF with pdflatex.
# Writes resume.pdf and cover-letter.pdf there, and their names.
#
#   compile-pdf.sh DIRECTORY

set -eu

if ! command -v pdflatex >/dev/null; then
    echo "compile-pdf.sh: pdflatex is not installed; on Debian and Ubuntu:" >&2
    echo "  apt-get install texlive-latex-recommended texlive-fonts-recommended" >&2
    exit 1
fi

cd "$1"
for name in resume cover-letter; do
    if ! pdflatex -interaction=nonstopmode -halt-on-error "$name.tex" >/dev/null; then
        # An error begins with "!" and ends with an empty line.
        echo "compile-pdf.sh: pdflatex rejects $1/$name.tex:" >&2
        sed -n '/^!/,/^ *$/p' "$name.log" >&2
        exit 1
    fi
    rm -f "$name.aux" "$name.out" "$name.log"
    echo "$1/$name.pdf"
done
