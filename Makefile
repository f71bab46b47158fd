# Each target makes its own environment first: .venv, from pyproject.toml and constraints.txt.
PYTHON ?= python3.11
BIN := .venv/bin
# Of its own: where JAX is installed, TensorFlow loads it too.
BENCH := .venv-bench

.PHONY: demo test test-slow test-jax lint format docs bench bench-edge clean

demo: .venv/installed
	$(BIN)/zoo train dense_digits --out demo

test: .venv/installed
	$(BIN)/pytest

# What takes minutes: the browser, and every published file at full size.
test-slow: .venv/installed
	$(BIN)/pytest -m slow

# What holds of the models on TensorFlow, on Keras's JAX backend.
test-jax: $(BENCH)/installed
	KERAS_BACKEND=jax $(BENCH)/bin/pytest tests/models/test_contract.py

lint: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/installed
	$(BIN)/mkdocs build --strict --quiet

# Trains on MNIST: TFDS_DATA_DIR says where it lies, if elsewhere than usual.
bench: $(BENCH)/installed
	$(BENCH)/bin/python -m benchmarks.training

bench-edge: $(BENCH)/installed
	$(BENCH)/bin/python -m benchmarks.edge

clean:
	rm -rf .venv $(BENCH) demo build site *.egg-info

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

$(BENCH)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	touch $@
