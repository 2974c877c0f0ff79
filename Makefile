PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := -m pip install --quiet --disable-pip-version-check
DATA ?=
PHOTOS ?=
CHROMIUM = for one in chromium-headless-shell chromium chromium-browser google-chrome; do command -v $$one; done | grep -q .

.DEFAULT_GOAL := help
# deno's wheel carries the type checker of TypeScript (tsc), so that neither node nor npm is needed.
DENO := 2.9.8

.PHONY: types-js chaos chaos-short perf lint types test-slow house house-check mutants config exiftool test-card test-install test-extras test-devices help setup demo test check e2e eval compare bench bench-library bench-ray bench-peers clean

help: ## Show these words
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(VENV)/ready ## Make .venv ready: packages, models, sample photos

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) -e '.[dev]'
	$(BIN)/photo-ranker models fetch --samples
	@touch $@

demo: setup ## A small album from sample photos, ranked: the table and a report to open
	@$(BIN)/python scripts/make_demo.py demo
	@$(BIN)/python run_rank.py --ref demo/reference.jpg --photos demo/photos --format table
	@$(BIN)/python run_rank.py --ref demo/reference.jpg --photos demo/photos --top 0 --quiet --output demo/report.html
	@echo "report: demo/report.html"

test: setup ## Fast tests
	$(BIN)/pytest -m 'not slow and not perf and not e2e' -n 2

check: exiftool setup ## All that a release needs: lint, types, every test; scripts/check.py lists the parts
	@$(BIN)/python scripts/check.py

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

types-js: .venv-js/deno-$(DENO) ## The types of the app's scripts; deno.json says how strictly
	@if [ -x .venv-js/bin/deno ]; then \
		DENO_DIR=.venv-js/cache DENO_NO_UPDATE_CHECK=1 .venv-js/bin/deno check --quiet photo_ranker/web/static/js/*.js; else \
		echo '*** SKIPPED: the types of the app. deno has no wheel for this machine, or pip cannot reach it. ***' >&2; fi

.venv-js/deno-$(DENO): # without deno there is no such file, and the next run tries again
	@mkdir -p .venv-js
	@$(PYTHON) -m venv --clear .venv-js
	@if .venv-js/bin/python $(PIP) deno==$(DENO); then touch $@; fi

test-slow: setup
	$(BIN)/pytest -m 'slow and not perf and not e2e' -n 2

house: setup ## Figures of the code's structure and their targets: make house [ARGS=--details]
	@$(BIN)/python scripts/house.py $(ARGS)

mutants: setup ## How many small mistakes the tests notice, in an hour: make mutants [ARGS='--count 20 --room people']
	@$(BIN)/python scripts/mutants.py $(ARGS)

house-check: setup
	@$(BIN)/python scripts/house.py --check

chaos: setup ## Every write, rename and fsync fails once, in about ten minutes: make chaos [ARGS='--scenario app']
	PYTHONPATH=tests $(BIN)/python -m chaos $(ARGS)

chaos-short: setup
	PYTHONPATH=tests $(BIN)/python -m chaos --short

perf: setup ## Times of what a user waits for, as multiples of other work in the same run
	$(BIN)/pytest -m perf -rP

# Environments that hold what a user installs and nothing else; each is made once, and again when its list changes.
EXTRAS := insightface deepface scaleout parquet classic fit

test-card: .venv-card/ready .venv-pytest/ready ## The design card by `pip install -r requirements.txt` alone: every format, then its other engines
	PYTHONPATH=$(CURDIR) .venv-card/bin/python scripts/smoke_formats.py run_rank.py
	PYTHONPATH=$(CURDIR) .venv-card/bin/python scripts/smoke_card.py
	PYTHONPATH=$(CURDIR):$(CURDIR)/.venv-pytest/packages .venv-card/bin/python -m pytest -m card tests/card

test-install: .venv-install/ready .venv-extra-raw/ready .venv-extra-web/ready ## What users install, each in an environment of its own: `pip install .`, [raw] and [web]
	.venv-install/bin/python $(PIP) --no-deps --force-reinstall .
	.venv-install/bin/python scripts/smoke_formats.py photo-ranker
	.venv-install/bin/python scripts/smoke_extras.py base
	.venv-extra-raw/bin/python scripts/smoke_extras.py raw
	.venv-extra-web/bin/python scripts/smoke_extras.py web

test-extras: $(EXTRAS:%=.venv-extra-%/ready) ## The other extras, each in an environment of its own: before a release
	@for extra in $(EXTRAS); do .venv-extra-$$extra/bin/python scripts/smoke_extras.py $$extra || exit 1; done

test-devices: .venv-devices/ready ## The same faces on another device: ONNX Runtime with OpenVINO, in an environment of its own
	@if .venv-devices/bin/python -c 'from onnxruntime import InferenceSession' 2>/dev/null; then \
		.venv-devices/bin/python -m pytest tests/models/test_sessions.py tests/models/test_sface.py; else \
		echo '*** SKIPPED: other devices. onnxruntime-openvino has no wheel for this machine. ***' >&2; fi

.venv-devices/ready: pyproject.toml
	$(PYTHON) -m venv --clear .venv-devices  # two packages that share a folder cannot be updated in place
	.venv-devices/bin/python $(PIP) -e . pytest pytest-timeout
	.venv-devices/bin/python -m pip uninstall --quiet --yes onnxruntime
	.venv-devices/bin/python $(PIP) onnxruntime-openvino || true
	@touch $@

.venv-card/ready: requirements.txt
	$(PYTHON) -m venv --clear .venv-card
	.venv-card/bin/python $(PIP) -r requirements.txt
	@touch $@

.venv-install/ready: pyproject.toml
	$(PYTHON) -m venv --clear .venv-install
	.venv-install/bin/python $(PIP) .
	@touch $@

.venv-extra-%/ready: pyproject.toml
	$(PYTHON) -m venv --clear .venv-extra-$*
	.venv-extra-$*/bin/python $(PIP) -e '.[$*]'
	@touch $@

.venv-pytest/ready: pyproject.toml # kept outside the environments, so that they stay what a user has
	$(PYTHON) -m venv --clear .venv-pytest
	.venv-pytest/bin/python $(PIP) --target .venv-pytest/packages pytest pytest-timeout
	@touch $@

exiftool: ## The independent reader of what we write; installed where apt works
	@if ! command -v exiftool >/dev/null; then \
		(apt-get update -qq && apt-get install -y -qq libimage-exiftool-perl) >/dev/null 2>&1 || true; fi
	@command -v exiftool >/dev/null || echo '*** SKIPPED: the tests with exiftool. It is not here, and apt cannot install it. ***' >&2

e2e: setup ## The pages in a real browser; installs chromium where apt works
	@if ! { $(CHROMIUM); }; then apt-get update -qq >/dev/null 2>&1 && for browser in chromium-headless-shell chromium; do \
		apt-get install -y -qq $$browser >/dev/null 2>&1 && break; done; true; fi
	@if { $(CHROMIUM); }; then $(BIN)/pytest -m 'e2e and not perf' -n 2; else \
		echo '*** SKIPPED: the browser tests did not run. No chromium here, and apt cannot install it. ***' >&2; fi

eval: setup ## Accuracy on labelled photos: make eval DATA=DIR
	$(BIN)/python -m bench.evaluate $(DATA) $(ARGS)

bench: setup ## Speed and memory: make bench [PHOTOS=DIR]
	$(BIN)/python -m bench.speed $(PHOTOS) $(ARGS)

compare: .venv-card/ready ## Engines side by side on folders of people: make compare DATA=DIR [ARGS='--engine buffalo_l']
	.venv-card/bin/python -m bench.compare $(DATA) $(ARGS)

bench-library: setup ## A library of a million faces: make bench-library [PHOTOS=DIR]
	$(BIN)/python -m bench.library $(PHOTOS) $(ARGS)

bench-ray: setup ## What a local Ray costs over the plain pool: make bench-ray [PHOTOS=DIR]
	$(BIN)/python -m bench.ray_overhead $(PHOTOS) $(ARGS)

bench-peers: ## Install what make bench compares with, apart from us
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python $(PIP) 'setuptools<81' wheel numpy pillow dlib-bin
	.venv-peers/bin/python $(PIP) --no-deps --no-build-isolation \
		face-recognition face-recognition-models
	.venv-peers/bin/python -c 'import face_recognition'

clean: ## Remove what setup, demo and tests have made
	rm -rf $(VENV) .venv-* demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

config: setup ## Print config.py anew from the settings
	$(BIN)/python -c "from photo_ranker.settings import render; print(render(), end='')" > config.py
