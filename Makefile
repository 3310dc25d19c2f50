# `make` lists the targets. The git hooks and CI run the same targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
IMAGE  ?= digitserve
# The shipped models with their versions; to be increased when recipes or architectures change.
MODELS := dnn:5 cnn:6 cnn10:5

.DEFAULT_GOAL := help
.PHONY: help serve test check audit format train fuzz soak bench screenshots proto image sbom lock setup kserve scale mlserver generators clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 13

serve: $(VENV)/.runtime ## serve the shipped weights at http://127.0.0.1:8000
	@echo "== starting the service; Ctrl-C stops it"
	$(BIN)/python -m app

test: $(VENV)/.dev ## run the tests on all cores, with branch coverage
	@echo "== running the tests, some minutes; the last lines say which tests were skipped and what they need"
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --cov $(PYTEST_ARGS)

check: $(VENV)/.dev ## lint, formatting, types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

audit: $(VENV)/.dev ## check the pinned packages for known vulnerabilities, if the database is reachable
	.ci/audit

format: $(VENV)/.dev ## fix lint errors and formatting where ruff can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

train: $(VENV)/.dev ## train the shipped weights again, with their model cards (MNIST from DIGITS_DATA, or downloaded)
	for pair in $(MODELS); do \
		model=$${pair%:*}; \
		$(BIN)/python -m training fit $$model --version $${pair#*:} \
			--out model_core/pretrained/$$model.safetensors \
		&& $(BIN)/python -m training card model_core/pretrained/$$model.safetensors \
			> model_core/pretrained/$$model.md || exit 1; \
	done

fuzz: $(VENV)/.dev ## send 20,000 damaged pictures to the service, then 4,000 streams of requests, whole and in pieces
	$(BIN)/python -m tests.app.robustness.test_http_fuzz 20000
	$(BIN)/python -m tests.app.robustness.test_raw_http_fuzz 4000

SOAK ?= 20000
soak: $(VENV)/.dev ## send 20,000 requests of every kind, or SOAK=1000000, and measure the memory growth
	$(BIN)/python -m tests.app.robustness.test_long_running_stress $(SOAK)

bench: $(VENV)/.dev ## run the benchmarks beside PyTorch, JAX, ONNX Runtime and other servers, under ten minutes, with a summary
	$(BIN)/python -m benchmarks.summary

screenshots: $(VENV)/.dev ## make the screenshots of the page in docs/images again (needs chromium)
	SCREENSHOTS=docs/images $(BIN)/python -m pytest -q tests/app/page/browser/test_screenshots.py

proto: $(VENV)/.dev ## compile the messages of gRPC, after a change of app/grpc/open_inference.proto
	$(BIN)/python -m grpc_tools.protoc -I app/grpc --descriptor_set_out=app/grpc/open_inference.binpb open_inference.proto

image: ## build the container image
	docker build -t $(IMAGE) \
		--build-arg REVISION=$$(git rev-parse HEAD) --build-arg CREATED=$$(git log -1 --format=%cI) .

SBOM ?= sbom.cdx.json
LOCK ?= requirements.lock
sbom: $(VENV)/.dev ## list the packages of the image, with hashes, as CycloneDX: sbom.cdx.json (LOCK=requirements-sheets.lock)
	$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible -o $(SBOM) $(LOCK)

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
# Packages that conflict with ours, each in an environment of its own.
KSERVE   := tests/app/clients/open_inference/kserve.lock
MLSERVER := benchmarks/peers/mlserver.lock
SCALE    := tests/deploy/ray/scale.lock
GENERATED := tests/app/clients/generated

lock: ## renew the lock files (needs uv)
	$(COMPILE) -o requirements.lock pyproject.toml
	$(COMPILE) --extra sheets -o requirements-sheets.lock pyproject.toml
	$(COMPILE) --extra feedback -o requirements-feedback.lock pyproject.toml
	$(COMPILE) --extra dev -o requirements-dev.lock pyproject.toml
	echo "kserve>=0.21" | $(COMPILE) --no-annotate -o $(KSERVE) -
	printf "ray[data,serve]>=2.60\nhypothesis>=6.120\npytest>=8.3\n" | $(COMPILE) --no-annotate --extra sheets --extra train -o $(SCALE) pyproject.toml -
	echo "openapi-python-client>=0.29" | $(COMPILE) --no-annotate -o $(GENERATED)/python.lock -
	printf "mlserver>=1.7\nsafetensors>=0.5\nuvloop<0.22\n" | $(COMPILE) --no-annotate -o $(MLSERVER) -

setup: $(VENV)/.dev ## install the packages for development

kserve: .venv-kserve/.installed ## install the client of KServe for its tests in .venv-kserve

scale: .venv-scale/.installed ## install Ray in .venv-scale, and run the tests on a cluster of two nodes
	@echo "== running the tests on a Ray cluster of two nodes, about two minutes"
	.venv-scale/bin/python -m pytest -q -W ignore tests/deploy/ray

mlserver: .venv-mlserver/.installed ## install MLServer for its benchmark in .venv-mlserver (Python 3.11 or 3.12)

generators: .venv-generators/.installed ## install the generators of clients, and linters of OpenAPI, for their tests in .venv-generators (needs npm)

clean: ## remove the environments and the caches
	rm -rf $(VENV) .venv-kserve .venv-mlserver .venv-scale .venv-generators .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "digitserve needs Python 3.11 or newer, got $$($(PYTHON) --version): make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "== creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements-sheets.lock | $(BIN)/python
	@echo "== installing $$(grep -o '^[a-z0-9-]*' $< | sort -u | wc -l) packages into $(VENV), about a minute"
	@$(PIP) install --no-deps --require-hashes -r requirements-sheets.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements-sheets.lock | $(BIN)/python
	@echo "== installing $$(grep -o '^[a-z0-9-]*' $< | sort -u | wc -l) packages into $(VENV), about two minutes"
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

.venv-kserve/.installed: $(KSERVE)
.venv-mlserver/.installed: $(MLSERVER)
.venv-scale/.installed: $(SCALE)
.venv-kserve/.installed .venv-mlserver/.installed .venv-scale/.installed:
	@echo "== installing the packages of $< into $(@D), about a minute"
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes -r $<
	@touch $@

.venv-generators/.installed: $(GENERATED)/python.lock $(GENERATED)/package-lock.json
	@echo "== installing the generators of clients into $(@D), about a minute"
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes -r $<
	@cp $(GENERATED)/package.json $(GENERATED)/package-lock.json $(@D)
	@npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
