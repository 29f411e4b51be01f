#!/usr/bin/env bash
# Runs the side-by-side comparisons. Python and the peers come from PyPI into a virtual environment (kept in target/peers); yizhan is
# built if it isn't.
#   benches/peers/run.sh [options of siting.py]        siting, against spopt and OR-Tools
#   benches/peers/run.sh network [FILE.osm.pbf …]      street network, against scipy and pandana on the same edges; then a check that
#                                                      scipy finds the same costs, to the integer. Default: Porto Alegre
#   benches/peers/run.sh rounds [SECONDS]              inspection rounds of 20 bases and 400 stations, against OR-Tools and PyVRP
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
venv=$target/peers
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install -q -r benches/peers/requirements.txt
if [ "${1:-}" = network ]; then
    shift
    [ $# -gt 0 ] || set -- data/porto-alegre/streets.osm.pbf
    for file in "$@"; do
        export_to=$target/peers/network/$(basename "$file" .osm.pbf)
        cargo bench -q --profile release --bench network -- "$(realpath "$file")" --export "$(realpath -m "$export_to")"
        "$venv/bin/python" benches/peers/network_check.py "$export_to"
        for tool in scipy pandana; do
            "$venv/bin/python" benches/peers/network.py "$export_to" "$tool"
        done
    done
    exit
fi
if [ "${1:-}" = rounds ]; then
    for seed in 1 2 3; do
        file=$target/peers/rounds-$seed.txt
        cargo run -q --release --example rounds -- write "$file" "$seed"
        cargo run -q --release --example rounds -- solve "$file" "${2:-15}"
        "$venv/bin/python" benches/peers/rounds.py "$file" "${2:-15}"
    done
    exit
fi
[ -x "$target/release/yizhan" ] || cargo test --release --no-run
exec "$venv/bin/python" benches/peers/siting.py --yizhan "$target/release/yizhan" "$@"
