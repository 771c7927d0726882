# What can be done here. `make` alone lists it.
#
# Everything is installed into .venv, from nothing if need be. The two stamps say that it has been:
# a second `make run` installs nothing.

VENV := .venv
PYTHON_HERE := $(VENV)/bin/python
PIP := $(PYTHON_HERE) -m pip install --quiet --disable-pip-version-check --prefer-binary
TO_RUN := $(VENV)/.installed-to-run
TO_TEST := $(VENV)/.installed-to-test

# Playwright brings a Node.js of its own: it reads our scripts where the system has none.
WITH_NODE := PATH="$$PATH:$$(echo $(CURDIR)/$(VENV)/lib/python3*/site-packages/playwright/driver)"

.DEFAULT_GOAL := help
.PHONY: help run lab test check fix bench fuzz vectors messages screenshots walk clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-20s%s\n", $$1, $$2 }'

run: $(TO_RUN) ## start Wiretale with its lab, and print the address (ARGS="--port 9000")
	@exec $(PYTHON_HERE) app.py $(ARGS)

lab: $(TO_RUN) ## start the lab alone, for the command line
	@exec $(PYTHON_HERE) -m lab

test: $(TO_TEST) ## run every test (ARGS="-k dns" for some)
	@$(PYTHON_HERE) -m tools.install_peers
	@$(WITH_NODE) exec $(PYTHON_HERE) -m pytest --quiet --numprocesses 2 --dist worksteal $(ARGS)

check: $(TO_TEST) ## format, lint, types, imports between rooms, syntax of the scripts
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/mypy
	@PYTHONPATH=. $(VENV)/bin/lint-imports --no-logo
	@find static tests -name '*.js' | $(WITH_NODE) xargs -n 1 node --check

fix: $(TO_TEST) ## repair what format and lint can repair by themselves
	@$(VENV)/bin/ruff check --fix
	@$(VENV)/bin/ruff format

bench: $(TO_TEST) ## measure what recording and explaining cost, beside peers (ARGS="small" for a part)
	@$(PYTHON_HERE) -m tools.install_peers
	@exec $(PYTHON_HERE) -m bench $(ARGS)

fuzz: $(TO_TEST) ## feed spoilt octets to all that reads them (ARGS="protocols.http2 600s"; none lists)
	@exec $(PYTHON_HERE) -m fuzz $(ARGS)

vectors: $(TO_TEST) ## write the golden trees of tests/vectors anew; review the difference
	@$(PYTHON_HERE) tools/vectors.py

messages: $(TO_TEST) ## read the sentences of the interface anew into translations, and compile these
	@PYTHONPATH=. $(VENV)/bin/pybabel --quiet extract --mapping babel.cfg --no-location --sort-output --output translations/messages.pot .
	@$(VENV)/bin/pybabel --quiet update --input-file translations/messages.pot --output-dir translations --no-fuzzy-matching --ignore-obsolete --width 100
	@$(VENV)/bin/pybabel --quiet compile --directory translations
	@rm translations/messages.pot

screenshots: $(TO_TEST) ## draw docs/screenshots anew
	@$(PYTHON_HERE) -m tools.install_peers
	@$(PYTHON_HERE) -m tools.screenshots

walk: $(TO_TEST) ## walk by keyboard alone, and write docs/keyboard-walk.md anew
	@$(PYTHON_HERE) -m tools.keyboard_walk

clean: ## remove .venv and every cache
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(PYTHON_HERE):
	@tools/make_venv.sh $(VENV)

$(TO_RUN): requirements.txt | $(PYTHON_HERE)
	@echo "Installing what Wiretale needs into $(VENV) (once) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(TO_TEST): requirements-dev.txt requirements.txt | $(PYTHON_HERE)
	@echo "Installing what the tests and tools need into $(VENV) (once) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(TO_RUN)
