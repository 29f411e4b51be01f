#!/bin/sh
# Tests a report.html in a headless Chromium (Debian's package `chromium`): tests/page/run.sh OUT/report.html
set -eu
report=$(realpath "$1")
cd "$(dirname "$0")"
[ -d node_modules/playwright-core ] || npm ci --no-fund --no-audit
REPORT=$report exec node --test --test-reporter=spec page.test.mjs
