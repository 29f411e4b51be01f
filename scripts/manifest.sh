#!/usr/bin/env bash
# Writes data/MANIFEST.csv: path, bytes, sha256, licence, source of every file under data/.
# Licence and source come from the first line of data/SOURCES.csv whose prefix fits. `--check` compares and changes nothing.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

provenance() {
    awk -F, -v path="$1" 'NR > 1 && index(path, $1) == 1 { print $2 "," $3; found = 1; exit } END { exit !found }' data/SOURCES.csv ||
        { echo "data/SOURCES.csv has no line for $1" >&2; return 1; }
}

manifest() {
    echo "path,bytes,sha256,licence,source"
    find data -type f ! -name "MANIFEST.csv*" ! -name '.*' | sort | while IFS= read -r path; do
        sum=$(sha256sum "$path")
        from=$(provenance "$path")
        echo "$path,$(($(wc -c <"$path"))),${sum%% *},$from"
    done
}

if [[ ${1:-} == --check ]]; then
    diff <(manifest) data/MANIFEST.csv
else
    manifest >data/MANIFEST.csv.new
    mv data/MANIFEST.csv.new data/MANIFEST.csv
fi
