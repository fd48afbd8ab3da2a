# Every target makes .venv from the lock first: Python >= 3.11 and make are all it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint soak bench lock release clean

help:  ## show this help
	@grep -E '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "earlid needs Python >= 3.11; try: make PYTHON=python3.11")'
	@echo "earlid: installing the locked dependencies into $(VENV) (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)  ## the main job: one fleet under two contracts, ending in a leak report (out/demo/)
	@$(BIN)/earlid run scenarios/suites/smoke --out out/demo

test: $(STAMP) lint  ## lint, types and the tests that a change should pass (minutes)
	@$(BIN)/pytest -n 2 --dist loadgroup -m "not slow and not soak and not bench"

test-all: $(STAMP) lint  ## lint, types and every test but the soak ones (what .ci/run calls)
	@EARLID_HYPOTHESIS=ci $(BIN)/pytest -n 2 --dist loadgroup

lint: $(STAMP)  ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

soak: $(STAMP)  ## the long tests
	@EARLID_HYPOTHESIS=soak $(BIN)/pytest -n 2 -m soak --timeout 3600

bench: bench-fleet bench-gate bench-redact bench-leaks bench-review bench-load  ## every benchmark, each beside a peer or ceiling of the same run

bench-%: $(STAMP)  ## one part's benchmarks: fleet, gate, redact, leaks, review, load -> out/bench/<part>.json
	@mkdir -p out/bench && rm -f out/bench/$*.json
	@$(BIN)/pytest tests/benchmarks/$* -m bench --timeout 3600 -p no:xdist

lock: $(STAMP)  ## write requirements.lock from pyproject.toml; UPGRADE=--upgrade takes newer versions of everything
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header $(UPGRADE) -o requirements.lock pyproject.toml

release: test-all  ## every test, then the wheel into out/dist/
	@$(BIN)/python -m hatchling build -t wheel -d out/dist

clean:  ## remove what the other targets made
	rm -rf $(VENV) out .pytest_cache .ruff_cache .mypy_cache .hypothesis .benchmarks
