#!/usr/bin/env bash
# Installs what the build needs besides Rust, and only what is missing. With `page` it installs as well what the tests of the report
# page need (chromium, nodejs, npm), with `notebooks` what the notebooks need, with `gis` what tests/gis/ogrinfo.sh needs.
#
# Needed: Rust >= 1.95 with cargo; a C and C++ compiler, cmake, make and pkg-config (PROJ, SQLite and HiGHS are compiled from
# source); the program sqlite3 (PROJ's build makes its database with it); libclang (HiGHS's bindings are made with it);
# ca-certificates (cargo downloads over HTTPS). Without libclang: build with `--no-default-features --features cli`.
# The notebooks need Python 3.11 or newer with venv and ensurepip (python3-venv); the rest comes from PyPI into its own environment.
# On Debian and Ubuntu this script installs all of them but Rust. By hand elsewhere:
#   Fedora   dnf install gcc-c++ cmake make pkgconf sqlite clang-libs ca-certificates    (notebooks: python3)
#   Arch     pacman -S gcc cmake make pkgconf sqlite clang ca-certificates               (notebooks: python)
#   macOS    xcode-select --install && brew install cmake pkg-config sqlite              (notebooks: python)
set -euo pipefail

say() { printf 'setup: %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

packages=()
need() { has "$1" || packages+=("$2"); } # program, Debian package
need cc gcc
need c++ g++
need cmake cmake
need make make
need pkg-config pkg-config
need sqlite3 sqlite3
if [ "${1:-}" = gis ]; then need ogrinfo gdal-bin; fi
# bindgen looks in the same places.
libclang() { compgen -G '/usr/lib/llvm-*/lib/libclang[.-][0-9s]*' || compgen -G '/usr/lib/*-linux-gnu/libclang[.-][0-9s]*'; }
if has dpkg && [ -z "${LIBCLANG_PATH:-}" ] && ! libclang >/dev/null; then packages+=(libclang-dev); fi
if [ "${1:-}" = page ]; then
    need chromium chromium
    need node nodejs
    need npm npm
fi
# macOS keeps its certificates elsewhere; there the first five lines are what counts.
if has dpkg && [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then packages+=(ca-certificates); fi
# Debian's python3 comes without ensurepip; python3-venv brings both.
if [ "${1:-}" = notebooks ] && ! python3 -c 'import venv, ensurepip' 2>/dev/null; then packages+=(python3-venv); fi

if [ "${#packages[@]}" -gt 0 ]; then
    say "missing: ${packages[*]}"
    if ! has apt-get; then
        say "this system has no apt-get. Install them by hand; the head of $0 says how on Fedora, Arch and macOS."
        exit 1
    fi
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! has sudo; then
            say "run as root: apt-get install --no-install-recommends ${packages[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    say "installing with apt-get"
    ${as_root[@]+"${as_root[@]}"} apt-get update -qq
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

if ! has cargo; then
    say "cargo is missing. Install Rust 1.95 or newer from https://rustup.rs (or your distribution), open a new shell, try again."
    exit 1
fi
found=$(rustc --version | cut -d' ' -f2 | cut -d- -f1)
if [ "$(printf '%s\n' 1.95.0 "$found" | sort -V | head -n1)" != 1.95.0 ]; then
    say "Rust $found is too old, 1.95 or newer is needed: rustup update stable"
    exit 1
fi
say "all there (Rust $found)"
