# What is built, tested and measured. Everything runs in the local environment .venv, which the first target makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.built
PYTEST := $(BIN)/pytest
# a file's tests stay in one process and share its stack; they wait more than they work, so two processes suit two cores
SIDE_BY_SIDE := --numprocesses $(or $(XINJI_TEST_PROCESSES),2) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test test-crash check test-kafka bench bench-peers clean

help: ## 列出命令 / list the targets
	@awk -F ' ## ' '/^[a-z-]+:.* ## /{sub(/:.*/, "", $$1); printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Xinji needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

demo: $(STAMP) ## 在本机试用示例数据 / try the product on the made-up sample
	$(BIN)/python -m console.demo

test: $(STAMP) ## 测试（嵌入式环境，并行） / tests on the embedded stack, side by side; prints the coverage of the core
	$(PYTEST) -m "not kafka and not crash and not long" $(SIDE_BY_SIDE) --cov

test-crash: $(STAMP) ## 测试（强制终止、故障、真实文件） / tests that kill processes and break connections, and long ones; minutes
	$(PYTEST) -m "(crash or long) and not kafka" $(SIDE_BY_SIDE)

test-kafka: $(STAMP) ## 测试（Apache Kafka，需 Java 17 与 Maven） / tests on Apache Kafka's own broker; need Java 17 and Maven
	$(PYTEST) -m kafka $(SIDE_BY_SIDE) tests/kafka tests/integration

check: $(STAMP) ## 风格、类型、依赖方向 / style, types, directions of dependency
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## 测量（结果在 benchmarks/results） / measure; results in benchmarks/results
	$(BIN)/python -m benchmarks

bench-peers: $(STAMP) ## 其他流处理程序做简化作业（需 Java 17 与 Maven） / others at a reduced job; needs Java 17 and Maven
	$(BIN)/python -m benchmarks.peers

clean: ## 删除生成物（含 .venv） / remove what was generated, .venv too
	rm -rf $(VENV) .venv-peers build dist *.egg-info tests/kafka/target benchmarks/peers/streams/target benchmarks/results
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
