#!/usr/bin/env bash
# Runs the side-by-side comparison of siting: benches/peers/run.sh [options of siting.py]. Python and the peers come from PyPI into
# a virtual environment (kept in target/peers); yizhan is built if it isn't.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
venv=$target/peers
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q -r benches/peers/requirements.txt
fi
[ -x "$target/release/yizhan" ] || cargo test --release --no-run
exec "$venv/bin/python" benches/peers/siting.py --yizhan "$target/release/yizhan" "$@"
