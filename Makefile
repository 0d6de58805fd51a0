SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
FORMAT := job/flink-format
JAR := job/fraud_job/jars/fraud-event-format.jar
FORMAT_SOURCES := $(FORMAT)/pom.xml $(shell find $(FORMAT)/src/main -type f 2>/dev/null)

DETECTOR ?= manifests/transactions.yaml
ARGS ?= --for 60s
STEPS ?=
TESTS ?= tests/e2e
MINUTES ?= 60
ROUNDS ?= 5
FAULTS ?=
SEED ?= $(shell date +%s)

# setuptools 82 dropped what Beam's and crcmod's source builds import
export PIP_CONSTRAINT := $(CURDIR)/constraints-build.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(VENV)/ready $(JAR) ## Make .venv with fraudctl in it, and the event format's jar

$(VENV)/ready: requirements.txt constraints-build.txt pyproject.toml
	@hack/check-tools
	@test -x $(BIN)/python || $$(hack/check-tools --python) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(JAR): $(FORMAT_SOURCES)
	@hack/check-tools
	mvn --quiet --batch-mode --file $(FORMAT) package -DskipTests
	@mkdir -p $(@D) && cp $(FORMAT)/target/fraud-event-format.jar $@

.PHONY: run
run: setup ## Run a detector here: make run [DETECTOR=manifests/bank.yaml] [ARGS='--events 20000']
	$(BIN)/fraudctl run $(DETECTOR) $(ARGS)

.PHONY: test
test: setup lint format-test ## All checks and tests with a real Kafka and Flink; not e2e, chaos, elasticsearch and bench
	$(BIN)/pytest -m 'not bench and not e2e and not chaos and not elasticsearch$(if $(FRAUD_TESTS_UNTIL), or short)'

.PHONY: lint
lint: setup ## Style, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m fraud_api.crd --check
	$(BIN)/python -m fraud_api.reference --check
	$(BIN)/python -m fraud_api.function_reference --check

.PHONY: unit
unit: setup ## Tests without Java, in seconds
	$(BIN)/pytest tests/unit

.PHONY: format-test
format-test: ## Java tests of the event format
	mvn --quiet --batch-mode --file $(FORMAT) test

.PHONY: integration
integration: setup ## Tests with a real Kafka and a real Flink
	$(BIN)/pytest -m 'not elasticsearch' tests/integration

.PHONY: soak
soak: setup ## Compare random detectors with what the documentation says: make soak [MINUTES=60] [SEED=7] [CASE=DIR]
	DIFFERENTIAL_MINUTES=$(MINUTES) DIFFERENTIAL_SEED=$(SEED) DIFFERENTIAL_CASE=$(CASE) \
		$(BIN)/pytest -s tests/integration/test_differential.py -k "not fault"

.PHONY: faults
faults: setup ## Put old faults back one by one: random detectors must find each, and make it small
	DIFFERENTIAL_FAULTS=1 $(BIN)/pytest -s tests/integration/test_differential.py -k fault

.PHONY: elasticsearch
elasticsearch: setup ## Tests of indexer, indices and dashboards with a real Elasticsearch
	$(BIN)/pytest -m elasticsearch

.PHONY: e2e
e2e: setup ## Tests on a kind cluster, made here when there is none: make e2e [TESTS=tests/e2e/test_detectors.py]
	$(BIN)/pytest $(TESTS)

.PHONY: chaos
chaos: setup ## Faults on that cluster, within the hour; writes docs/chaos.md: make chaos [ROUNDS=5] [MINUTES=60] [FAULTS='poison broker']
	CHAOS_ROUNDS=$(ROUNDS) CHAOS_MINUTES=$(MINUTES) CHAOS_FAULTS='$(FAULTS)' $(BIN)/pytest -s tests/chaos

.PHONY: bench
bench: setup ## Measure speed, side by side; writes docs/benchmarks.md and docs/benchmarks.json
	$(BIN)/python tests/bench/bench.py

.PHONY: images
images: setup ## Build the container images, those whose inputs changed
	$(BIN)/python hack/images

.PHONY: publish
publish: setup ## Push images and chart: make publish REGISTRY=registry.example.com/fraud [KEY=NAME KEYRING=FILE]
	@test -n '$(REGISTRY)' || { echo 'say where: make publish REGISTRY=registry.example.com/fraud' >&2; exit 2; }
	$(BIN)/python hack/images
	$(BIN)/python hack/publish '$(REGISTRY)' $(if $(KEY),--key '$(KEY)') $(if $(KEYRING),--keyring '$(KEYRING)') \
		$(if $(PASSPHRASE_FILE),--passphrase-file '$(PASSPHRASE_FILE)')

.PHONY: up
up: setup ## A kind cluster with operator, backends and a sample; make up STEPS=platform for less
	hack/up $(STEPS)

.PHONY: down
down: ## Delete that cluster; images and caches stay
	hack/lab/lab down

.PHONY: crd
crd: setup ## Write the CRD from the models
	$(BIN)/python -m fraud_api.crd

.PHONY: reference
reference: setup ## Write the resource's reference from the models
	$(BIN)/python -m fraud_api.reference
	$(BIN)/python -m fraud_api.function_reference

.PHONY: golden
golden: setup ## Renew the golden files
	$(BIN)/python tests/golden/renew.py

.PHONY: lock
lock: ## Renew the pins in requirements.txt from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' --output-file requirements.txt pyproject.toml

.PHONY: clean
clean: ## Remove what setup made
	rm -rf $(VENV) $(FORMAT)/target job/fraud_job/jars
