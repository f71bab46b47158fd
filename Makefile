# Each target makes its own environment first: .venv, from pyproject.toml and constraints.txt.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: demo test lint format bench-edge clean

demo: .venv/installed
	$(BIN)/zoo train dense_digits --out demo

test: .venv/installed
	$(BIN)/pytest

lint: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench-edge: .venv/bench-installed
	$(BIN)/python -m benchmarks.edge

clean:
	rm -rf .venv demo build *.egg-info

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

.venv/bench-installed: .venv/installed
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	touch $@
