# Each target is one thing to do; plain `make` lists them. CI runs `make test` and nothing else.

# The first interpreter that really starts and is new enough: a name on PATH may be a shim for none.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
STAMP := .venv/.installed
SIM_STAMP := .venv/.installed-sim
BAKE_BIN := var/twin/bake-venv/bin
TRAIN_BIN := var/training/venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test setup sim system check fast fix bench docs footage training

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup  ## Run the whole system on simulated cameras and print the dashboard's address
	@$(BIN)/simpang demo

# What only computes takes every core; what keeps real time mostly waits, and the whole system runs
# alone. A file stays in one process, which keeps what it worked out.
test: setup sim system check  ## Check, then run every test: what CI runs
	@$(BIN)/pytest -m "computes or not (integration or e2e)" --numprocesses auto --dist loadfile
	@$(BIN)/pytest -m "integration and not (e2e or computes)" --numprocesses 3 --dist loadfile
	@$(BIN)/pytest -m "e2e and not computes"

setup: $(STAMP)  ## Create .venv and install Simpang in it, for development

sim: $(SIM_STAMP)  ## Add what simulates traffic and renders it: SUMO and moderngl

system:  ## Install mosquitto, Chromium and Mesa, which some tests need, where root and apt allow it
	@bash scripts/system_packages.sh

check: setup  ## Format, lint, types, import contracts, generated docs, example configurations
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m scripts.messages_doc --check
	@BROKER_PASSWORD=unused CAMERA_1_PASSWORD=unused $(BIN)/simpang edge check --config configs/site.example.yaml
	@$(BIN)/simpang central check --config configs/central.example.yaml

fast: setup sim  ## The unit tests only
	@$(BIN)/pytest tests/unit

fix: setup  ## Format, and mend what ruff can mend
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: setup  ## Measure, print a table, and write the same figures to var/bench.json
	@$(BIN)/python -m scripts.bench

footage: sim system $(BAKE_BIN)/.installed  ## Bake and render the simulated films again, and compare their truth
	@$(BAKE_BIN)/python -m scripts.twin.bake --all
	@$(BIN)/python -m scripts.twin render

training: $(TRAIN_BIN)/.installed  ## Add what trains detectors, in an environment of its own

docs: setup  ## Write docs/messages.md again from the message models
	@$(BIN)/python -m scripts.messages_doc

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Simpang needs Python 3.11 or newer, with venv. Name one: make setup PYTHON=python3.11" >&2; exit 1; }
	@echo "Installing Simpang and its libraries into .venv: a minute or two" >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[edge,central,dev]'
	@touch $@

$(SIM_STAMP): $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sim]'
	@touch $@

# Blender's bpy wants an older numpy than the rest: an environment of its own, which only bakes.
$(BAKE_BIN)/.installed: scripts/twin/bake/requirements.txt
	@echo "Installing Blender's bpy, 370 MB, to bake the backgrounds" >&2
	@$(PYTHON) -m venv $(dir $(@D))
	@$(BAKE_BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# ultralytics brings the OpenCV that needs a screen's libraries, which must not replace the other.
$(TRAIN_BIN)/.installed: pyproject.toml
	@$(PYTHON) -m venv $(dir $(@D))
	@$(TRAIN_BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[edge,train]'
	@touch $@
