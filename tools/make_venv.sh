#!/bin/sh
# Make .venv with the first Python on the PATH that is new enough; say what is missing if none is.
#
#     tools/make_venv.sh FOLDER
#
# PYTHON=/path/to/python picks one by hand.
set -eu

folder=$1
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
complete='import ensurepip, venv'

found=
old=
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    command -v "$name" >/dev/null 2>&1 || continue
    if "$name" -c "$new_enough" 2>/dev/null; then
        if "$name" -c "$complete" 2>/dev/null; then
            "$name" -m venv "$folder"
            exit 0
        fi
        found=${found:-$name}
    else
        old="$old $name is $("$name" --version 2>&1)."
    fi
done

if [ -n "$found" ]; then
    version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python $version is here, but it cannot make a virtual environment: the module venv" \
        "or ensurepip is missing. On Debian and Ubuntu, install the package" \
        "python$version-venv: apt-get install python$version-venv" >&2
else
    echo "Wiretale needs Python 3.11 or later, and found none on the PATH.$old" \
        "On Debian and Ubuntu, install the packages python3 and python3-venv." \
        "Another one is chosen with: make PYTHON=/path/to/python3.11 ..." >&2
fi
exit 1
