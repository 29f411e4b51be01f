# `make` lists the targets. Everything is built in the release profile and with the tests' features, so that PROJ and polars are
# compiled once for all of them: `cargo build` alone would resolve polars' features differently from `cargo test` and compile it again.
CARGO ?= cargo
BUILD = $(CARGO) test --release --no-run
YIZHAN = $(or $(CARGO_TARGET_DIR),target)/release/yizhan

.DEFAULT_GOAL := help
.PHONY: help setup demo notebooks test page gis bench proofs peers check synth

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: ## install what the build needs (Debian, Ubuntu; by hand elsewhere: scripts/setup.sh)
	@scripts/setup.sh

demo: setup ## run the synthetic city (Daoli) and two real ones (York, Porto Alegre over streets); results in out/
	$(BUILD)
	$(YIZHAN) run data/daoli/scenario.toml -o out/daoli --overwrite
	$(YIZHAN) schedule data/daoli/scenario.toml --from 2025-12-20 --to 2026-02-28 -o out/daoli-schedule --overwrite
	$(YIZHAN) rounds data/daoli/scenario.toml --from 2025-12-22 -o out/daoli-rounds --overwrite
	$(YIZHAN) run data/york/scenario.toml -o out/york --overwrite
	$(YIZHAN) run data/porto-alegre/scenario.toml -o out/porto-alegre --overwrite

notebooks: ## run the notebooks over the results of make demo and compare their numbers (Python from Debian, the rest from PyPI)
	@scripts/setup.sh notebooks
	scripts/notebooks.sh

test: setup ## all tests
	$(CARGO) test --release

page: ## the report page of the synthetic city in a headless browser (installs chromium, nodejs and npm)
	@scripts/setup.sh page
	$(BUILD)
	$(YIZHAN) -q run data/daoli/scenario.toml -o out/daoli --overwrite >/dev/null
	tests/page/run.sh out/daoli/report.html

gis: ## the GeoPackage of the synthetic city opened with GDAL (installs Debian's gdal-bin)
	@scripts/setup.sh gis
	$(BUILD)
	$(YIZHAN) -q run data/daoli/scenario.toml -o out/daoli --overwrite >/dev/null
	$(YIZHAN) -q report out/daoli --profile public --overwrite >/dev/null
	tests/gis/ogrinfo.sh out/daoli out/daoli-public

bench: setup ## the measurements of docs/benchmarks.md
	$(CARGO) bench --profile release --bench '*'

proofs: setup ## published problems beside their known answers: the table of docs/benchmarks.md (half an hour)
	$(CARGO) bench --profile release --bench proofs

peers: setup ## siting side by side with spopt and OR-Tools, streets with scipy and pandana, rounds with OR-Tools and PyVRP (Python from PyPI; an hour)
	$(BUILD)
	benches/peers/run.sh network
	benches/peers/run.sh rounds
	benches/peers/run.sh

check: setup ## formatting, lints and documentation, with warnings denied
	$(CARGO) fmt --check
	$(CARGO) clippy --release --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --no-deps

synth: setup ## make the synthetic city again from its seed, into data/daoli
	$(BUILD)
	$(YIZHAN) synth data/daoli --overwrite
