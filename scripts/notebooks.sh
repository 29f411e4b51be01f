#!/usr/bin/env bash
# Runs the notebooks against the output folders and compares their text with what is committed; `--update` writes it instead.
# Of another scenario: YIZHAN_SCENARIO=my-city scripts/notebooks.sh --to out/my-city-report 1_seasonal_siting.ipynb 3_coverage_maps.ipynb
#
# Needs: Python >= 3.11 with venv (Debian, Ubuntu: `scripts/setup.sh notebooks` installs it) and, once, PyPI or a mirror set for pip.
# Reads ${YIZHAN_OUT:-out}/daoli and /daoli-schedule (`make demo`). The environment is kept in
# ${YIZHAN_VENV:-/var/cache/yizhan/notebooks-venv}, or in .venv-notebooks where /var/cache/yizhan can't be written.
set -euo pipefail

# Names of folders in the arguments and the environment count from where the call is made.
here=$PWD
cd "$(dirname "$0")/.."
root=$PWD

say() { printf 'notebooks: %s\n' "$*"; }
needs() { say "$1" >&2; exit 2; }

export YIZHAN_SCENARIO=${YIZHAN_SCENARIO:-daoli}
out=$(cd "$here" && cd "${YIZHAN_OUT:-$root/out}" 2>/dev/null && pwd) && [ -e "$out/$YIZHAN_SCENARIO/manifest.json" ] \
    || needs "${YIZHAN_OUT:-out}/$YIZHAN_SCENARIO is missing. make demo makes those of the synthetic city"

python=${PYTHON:-python3}
"$python" -c 'import venv, ensurepip' 2>/dev/null || needs "Python or its venv is missing: scripts/setup.sh notebooks, or on Debian and Ubuntu apt-get install python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || needs "$("$python" --version) is too old, 3.11 or newer is needed"

venv=${YIZHAN_VENV:-}
if [ -z "$venv" ]; then
    venv=/var/cache/yizhan/notebooks-venv
    if ! { [ -w "$venv" ] || { [ ! -e "$venv" ] && [ -w /var/cache/yizhan ]; }; }; then venv=$root/.venv-notebooks; fi
fi
venv=$(cd "$here" && mkdir -p "$venv" && cd "$venv" && pwd)

# One at a time, since the environment is shared. Installed again only when the requirements or the Python change.
if command -v flock >/dev/null; then
    exec 9>"$venv.lock"
    flock 9
fi
stamp=$({ cat notebooks/requirements.txt; "$python" -VV; } | cksum)
if [ "$(cat "$venv/.stamp" 2>/dev/null)" != "$stamp" ]; then
    say "installing notebooks/requirements.txt into $venv"
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --requirement notebooks/requirements.txt
    echo "$stamp" >"$venv/.stamp"
fi

# Nothing of the user's own Jupyter or Python set-up takes part.
export YIZHAN_OUT=$out PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1 JUPYTER_PREFER_ENV_PATH=1 MPLCONFIGDIR=$venv/matplotlib IPYTHONDIR=$venv/ipython
unset PYTHONPATH PYTHONHOME MATPLOTLIBRC MPLBACKEND
cd "$here"
exec "$venv/bin/python" "$root/scripts/notebooks.py" "$@"
