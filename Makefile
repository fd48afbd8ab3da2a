# Every target makes .venv from the lock first: Python >= 3.11 and make are all it needs.
# uv, itself from the lock, installs the rest in a tenth of pip's time. Pip does it where uv cannot: uv does not read
# pip's configuration (mirrors, certificates).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
STAMP := $(VENV)/.installed

# Where this is set, each of the hundred processes that tests and demo start compiles every module anew: three times the
# processor time for a scan. Byte code goes into __pycache__ here, which git ignores.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo demo-label-studio test quick test-all test-again lint style types soak bench mutants lock release clean

help:  ## show this help
	@grep -E '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "earlid needs Python >= 3.11; try: make PYTHON=python3.11")'
	@echo "earlid: installing the locked dependencies into $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@awk '/^[^ #]/ {own = /^uv==/} own' requirements.lock > $(VENV)/uv.lock
	@$(PIP) --require-hashes -r $(VENV)/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
		|| $(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)  ## the main job: one fleet under two contracts, ending in a leak report (out/demo/)
	@$(BIN)/earlid run scenarios/suites/smoke --out out/demo

# Benchmarks are left out before they are read: their imports alone take seconds in every worker.
TESTS := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore=tests/benchmarks --durations 40 --durations-min 2

LABEL_STUDIO := out/label-studio
demo-label-studio: $(STAMP)  ## Label Studio with raw and with redacted clips, every answer searched; downloads it (900 MB)
	@test -x $(LABEL_STUDIO)/bin/label-studio || { $(PYTHON) -m venv $(LABEL_STUDIO) \
		&& $(LABEL_STUDIO)/bin/pip install --quiet --disable-pip-version-check label-studio==1.23.2; }
	@$(BIN)/python -P -m loadtests.examples.label_studio.demo $(abspath $(LABEL_STUDIO))/bin/label-studio out/demo-label-studio

# Types are checked beside the tests: one of the two cores would wait for mypy otherwise.
test: style  ## lint, types and the tests that a change should pass (minutes)
	@$(MAKE) --no-print-directory -j 2 types quick

quick: $(STAMP)
	@$(TESTS) -m "not slow and not soak and not bench"

test-all: $(STAMP) lint  ## lint, types and every test but the soak ones (what .ci/run calls)
	@EARLID_HYPOTHESIS=ci $(TESTS) || { [ $$? -eq 1 ] && $(MAKE) --no-print-directory test-again; }

# Many tests wait for real brokers, servers and browsers. A busy machine can be slower than any limit that still means
# something. What fails beside others is therefore run once more by itself, and both results are printed. What fails by
# itself fails the target. Without a failure on record there is nothing to run again, and that is a failure too.
test-again: $(STAMP)
	@echo "earlid: the tests that failed are run once more, one at a time; a test that needs this is to be mended"
	@EARLID_HYPOTHESIS=ci $(BIN)/pytest --ignore=tests/benchmarks --last-failed --last-failed-no-failures none

lint: style types  ## ruff and mypy

style: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

soak: $(STAMP)  ## the long tests
	@EARLID_HYPOTHESIS=soak $(BIN)/pytest -n 2 -m soak --timeout 3600

bench: bench-fleet bench-gate bench-redact bench-leaks bench-review bench-load  ## every benchmark, each beside a peer or ceiling of the same run

bench-%: $(STAMP)  ## one part's benchmarks: fleet, redact, leaks, review, load -> out/bench/<part>.json
	@mkdir -p out/bench && rm -f out/bench/$*.json
	@$(BIN)/pytest tests/benchmarks/$* -m bench --timeout 3600 -p no:xdist

# What is kept and what is lost does not depend on the machine: two workers find it, a file each. Speeds are measured alone.
bench-gate: $(STAMP)  ## the gate's benchmarks, on two cores -> out/bench/gate.json
	@mkdir -p out/bench && rm -f out/bench/gate.json
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest tests/benchmarks/gate --ignore=tests/benchmarks/gate/speed -m bench \
		--timeout 3600 -n 2 --dist loadfile --no-loadscope-reorder; kept=$$?; \
	$(BIN)/pytest tests/benchmarks/gate/speed -m bench --timeout 3600 -p no:xdist && exit $$kept

mutants: $(STAMP)  ## break the product in small ways and name what no test notices; MINUTES=20 a package, ONLY="gate checks"
	@$(BIN)/python -m tests.mutation --minutes $(or $(MINUTES),20) $(ONLY)

lock: $(STAMP)  ## write requirements.lock from pyproject.toml; UPGRADE=--upgrade takes newer versions of everything
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header $(UPGRADE) -o requirements.lock pyproject.toml

release: test-all  ## every test, then the wheel into out/dist/
	@$(BIN)/python -m hatchling build -t wheel -d out/dist

clean:  ## remove what the other targets made
	rm -rf $(VENV) out .pytest_cache .ruff_cache .mypy_cache .hypothesis .benchmarks
