.PHONY: demo install test lint bench evals
PYTHON ?= python3
VENV := .venv
EXTRAS := models,offline,capture
ALL_EXTRAS := $(EXTRAS),postgres,storage,sessions,ray,study,evals,dev
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# The stamp is written last, so an interrupted installation is taken up again.
$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -e '.[$(EXTRAS)]'
	$(VENV)/bin/python -m tools.assortment.warm
	$(VENV)/bin/interarec demo --prepare
	touch $@

# What tests, checks and studies need besides.
$(VENV)/.complete: $(VENV)/.installed
	$(PIP) -e '.[$(ALL_EXTRAS)]'
	touch $@

install: $(VENV)/.complete

demo: $(VENV)/.installed
	$(VENV)/bin/interarec demo

test: install
	$(VENV)/bin/python -m pytest -q -n 3 --dist loadfile

lint: install
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# Every suite with the embedded models, against the baseline under review.
EVALS := .interarec/evals/runs/gate
evals: install
	$(VENV)/bin/interarec eval run all --workers 2 --out $(EVALS)
	$(VENV)/bin/interarec eval compare --each evals/baseline $(EVALS)

# Those that need no data of yours; the others say in their first lines what they take.
BENCHMARKS := command_startup graph_overhead recommend_split reading_speed catalog_search \
	catalog_speed assortment_speed

bench: install
	for name in $(BENCHMARKS); do \
		echo "== $$name"; $(VENV)/bin/python benchmarks/$$name.py || exit 1; \
	done
