.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ROUTER_VENV ?= .venv-router
INSTALL := $(BIN)/uv pip install --quiet --no-deps --compile-bytecode
OLDER_LITELLM := litellm==1.106.2 litellm-enterprise==0.1.76.post1 litellm-proxy-extras==0.4.108
COMPILE := --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade -q

##@ The week
.PHONY: run
run: $(VENV)/.installed ## Run the weekly job on the embedded second week; ends at a proposal that waits for review
	@$(BIN)/modelpool run --captures data/sample/2026-W33 --week 2026-W33 --now 2026-08-15T12:00:00Z; \
	code=$$?; test $$code -eq 0 -o $$code -eq 10

.PHONY: gateway
gateway: $(ROUTER_VENV)/.installed ## Serve the sample pool by a LiteLLM proxy on this machine; where no provider key is set, demo answers; PORT=4000
	@PYTHONPATH=. MODELPOOL_MAKE_GATEWAY=1 $(ROUTER_VENV)/bin/python -m pipeline.cli gateway --demo --port $(or $(PORT),4000)

##@ Development
.PHONY: test
test: $(VENV)/.installed ## Run all tests, without network; T=expression selects some
	$(BIN)/pytest --ignore=tests/faults $(if $(T),-k '$(T)',-n 2 --dist worksteal)

.PHONY: faults
faults: $(VENV)/.installed ## Inject faults into transports, bodies, numbers and names; prints cases, fired, bad
	$(BIN)/pytest tests/faults -q

.PHONY: seeds
seeds: $(VENV)/.installed ## Seed bad proposals, one at a time; each must name its reason on the first screen; prints how many do
	$(BIN)/python -m tests.flow.bad_proposals $(T)

.PHONY: test-postgres
test-postgres: $(VENV)/.installed ## Run what touches the database on a PostgreSQL server of its own (Debian: postgresql)
	$(BIN)/pytest --postgres -q tests/store tests/flow/test_postgres.py

.PHONY: nightly
nightly: $(VENV)/.installed ## Heavy suites: walks over the gate, its guards taken away, races; what answers leave; a simulated year; all tests on PostgreSQL; killed runs; seeded bad proposals
	timeout 3600 $(BIN)/python -m tests.gate.state_machine 500
	timeout 3600 $(BIN)/python -m tests.gate.seeded_bugs 200
	timeout 1200 $(BIN)/python -m tests.gate.races 40
	$(BIN)/python -m tests.bench.decision_memory
	$(BIN)/python -m tests.bench.simulated_year
	$(BIN)/python -m tests.flow.bad_proposals
	timeout 7200 $(BIN)/pytest --postgres -q -n 2 --dist worksteal --ignore=tests/faults --timeout 300
	MODELPOOL_TEST_KILLS=200 $(BIN)/pytest -q tests/flow/test_resume.py tests/gate/test_kills.py -k killed

.PHONY: printed-commands
printed-commands: $(VENV)/.installed ## Execute the commands that each message of the commands prints (some 20 minutes), and every database fault
	PRINTED_COMMANDS=all $(BIN)/pytest -q -n 2 --timeout 600 tests/cli tests/gate tests/flow tests/usage
	$(BIN)/python -m tests.gate.test_database_faults

.PHONY: check
check: format-check lint types rooms schema house ## Everything a change must pass besides the tests

.PHONY: format-check
format-check: $(VENV)/.installed
	$(BIN)/ruff format --check .

.PHONY: lint
lint: $(VENV)/.installed ## Check the house style (ruff, all rules)
	$(BIN)/ruff check .

.PHONY: types
types: $(VENV)/.installed ## Check the types (mypy --strict)
	$(BIN)/mypy

.PHONY: rooms
rooms: $(VENV)/.installed ## Check that no room imports another and every library has one home
	$(BIN)/lint-imports

.PHONY: schema
schema: $(VENV)/.installed ## Check that migrations and tables agree, and the exported pool schema with its model
	$(BIN)/python -m pipeline.store.schema
	$(BIN)/python -m pipeline.publish.schema | cmp - data/pools/pool.schema.json

.PHONY: house
house: $(VENV)/.installed ## Check sizes, room cards, README and wording
	$(BIN)/pytest tests/house -q

.PHONY: bench
bench: $(VENV)/.installed ## Measure parse, score, run, imports and memory as ratios; writes bench.json
	$(BIN)/python -m tests.bench

.PHONY: format
format: $(VENV)/.installed ## Rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: test-router
test-router: $(ROUTER_VENV)/.installed ## Start a real LiteLLM proxy on the sample pool and call every tier
	PYTHONPATH=. LITELLM_LOCAL_MODEL_COST_MAP=True \
	$(ROUTER_VENV)/bin/python -m pytest -c tests/litellm/pytest.ini --rootdir tests/litellm tests/litellm

.PHONY: matrix
matrix: $(ROUTER_VENV)/.installed $(ROUTER_VENV)-older/.installed ## The gateway on two releases of LiteLLM: every tier, band, API and fault; then its cost in processor time
	for venv in $(ROUTER_VENV)-older $(ROUTER_VENV); do for part in matrix overhead; do \
	  PYTHONPATH=. LITELLM_LOCAL_MODEL_COST_MAP=True $$venv/bin/python -m tests.litellm.$$part || exit 1; done; done

WHEEL_VENV := $(VENV)-wheel

.PHONY: test-wheel
test-wheel: $(VENV)/.installed ## Build the wheel and try it in an environment of its own, outside the repository
	rm -rf $(WHEEL_VENV) && $(BIN)/uv build -q --wheel --no-build-isolation --python $(BIN)/python -o $(WHEEL_VENV)/dist
	$(BIN)/uv venv -q --python $(BIN)/python $(WHEEL_VENV)/venv
	$(INSTALL) --python $(WHEEL_VENV)/venv/bin/python --require-hashes -r requirements.lock
	$(INSTALL) --python $(WHEEL_VENV)/venv/bin/python $(WHEEL_VENV)/dist/*.whl
	.ci/try-wheel "$$(realpath $(WHEEL_VENV))/venv/bin"

.PHONY: lock
lock: $(VENV)/.installed ## Resolve the dependencies anew into the hash-pinned lock files
	$(BIN)/uv pip compile pyproject.toml --extra dev $(COMPILE) -o requirements.lock
	$(BIN)/uv pip compile --group router $(COMPILE) -o .ci/router.lock
	$(BIN)/uv pip compile --group installer $(COMPILE) -o .ci/installer.lock

# Locks are installed as they stand, never resolved again: pip's hash mode refuses a lock once a newer release exists
# of a package that another one wants with an extra. pip installs uv alone, which depends on nothing.
$(BIN)/uv: .ci/installer.lock
	@echo "Making $(VENV) and installing uv into it (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	  -r .ci/installer.lock
	@touch $@

$(VENV)/.installed: $(BIN)/uv requirements.lock pyproject.toml
	@echo "Installing the pinned packages into $(VENV) (once) ..."
	@$(INSTALL) --python $(BIN)/python --require-hashes -r requirements.lock
	@$(INSTALL) --python $(BIN)/python --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q pipeline
	@echo "Installed."
	@touch $@

$(ROUTER_VENV)/.installed: $(BIN)/uv .ci/router.lock
	@echo "Installing the pinned packages of a LiteLLM proxy into $(ROUTER_VENV) (once, some minutes) ..."
	@test -x $(ROUTER_VENV)/bin/python || $(PYTHON) -m venv --without-pip $(ROUTER_VENV)
	@$(INSTALL) --python $(ROUTER_VENV)/bin/python --require-hashes -r .ci/router.lock
	@touch $@

$(ROUTER_VENV)-older/.installed: $(ROUTER_VENV)/.installed
	@test -x $(ROUTER_VENV)-older/bin/python || $(PYTHON) -m venv --without-pip $(ROUTER_VENV)-older
	@$(INSTALL) --python $(ROUTER_VENV)-older/bin/python --require-hashes -r .ci/router.lock
	@$(INSTALL) --python $(ROUTER_VENV)-older/bin/python $(OLDER_LITELLM)
	@touch $@

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
