# Two commands: `make demo` sets everything up and serves; `make test` sets up and tests.
# Only python3 (3.11 or newer) and make are assumed; the rest comes from the package indexes.

PYTHON ?= python3
PORT ?= 8000
SERVE ?= 1
DATA_DIR ?= $(CURDIR)/.data

export DATA_DIR
export UV_PYTHON_DOWNLOADS = never
export UV_LINK_MODE = copy
export npm_config_update_notifier = false
export UV_PROJECT_ENVIRONMENT = $(CURDIR)/.venv

UV := .tools/bin/uv
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
NPM := cd frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm
CODE := config ledger accounts annotations tests bench mutation
TEMPLATES := config/templates ledger/templates accounts/templates annotations/templates
FRONTEND := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print)

.PHONY: setup demo test check faults load bench mutation stop clean
.DELETE_ON_ERROR:

setup: .venv/.stamp frontend/dist/.stamp

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@echo "Installing the tools…"
	@rm -rf .tools
	@$(PYTHON) -m venv .tools 2>/dev/null \
		|| $(PYTHON) -m virtualenv --quiet .tools 2>/dev/null \
		|| { rm -rf .tools && $(PYTHON) -m venv --without-pip .tools \
			&& $(PYTHON) -m pip --python .tools/bin/python install --quiet pip; } \
		|| { echo "This python3 can make no virtual environment: install its venv package (python3-venv) or pip." >&2; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'

.venv/.stamp: pyproject.toml uv.lock | $(UV)
	@echo "Installing the Python packages…"
	@$(UV) sync --locked --quiet --extra embedded \
		--python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@touch $@

frontend/node_modules/.stamp: frontend/package.json frontend/package-lock.json | .venv/.stamp
	@echo "Installing the front end's packages…"
	@$(NPM) ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

frontend/dist/.stamp: frontend/node_modules/.stamp $(FRONTEND)
	@echo "Building the front end…"
	@$(NPM) run --silent build -- --logLevel error
	@touch $@

demo: export TEST_AUTHORITY ?= 1
demo: export SECURITY_CONTACTS ?= security@example.org
demo: setup
	@$(BIN)/python -m config.postgres start
	@$(MANAGE) update_database
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@$(MANAGE) fill_demo
ifneq ($(SERVE),0)
	@echo "Serving on http://127.0.0.1:$(PORT) until Ctrl-C; “make stop” then stops the database."
	@exec $(BIN)/gunicorn config.wsgi --bind 127.0.0.1:$(PORT) --worker-class gthread \
		--workers 2 --threads 4 --log-level warning
endif

check: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/djlint --check --quiet $(wildcard $(TEMPLATES))
	$(BIN)/djlint --lint --quiet $(wildcard $(TEMPLATES))
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-cache
	$(NPM) run --silent check
	$(BIN)/pytest -q tests/architecture

test: check
	$(NPM) test --silent
	@$(BIN)/python -m tests.browser
	$(BIN)/pytest --numprocesses auto --dist loadscope

# Too long for `make test`, which does a few of each: every fault in numbers, one line of JSON a
# case. FAULT_CYCLES, HONEST_RUNS and the like (tests/README.md) ask for more or fewer.
faults: setup
	@$(BIN)/python -m tests.faults.machine
	FAULTS=1 $(BIN)/pytest tests/faults -n0 -s
	BYTE_FLIPS=10000 $(BIN)/pytest tests/ledger/verifier/test_flips.py -n0 -q

load: setup
	@$(BIN)/python -m tests.load.measure

# The peers live in an environment of their own: nothing of theirs gets into the product's.
.bench-venv/.stamp: pyproject.toml uv.lock | .venv/.stamp
	@echo "Installing the peers…"
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.bench-venv $(UV) sync --locked --quiet --extra embedded \
		--no-default-groups --group bench --python .venv/bin/python
	@touch $@

# Against the named peers, on a server of its own; about ten minutes on an idle machine.
bench: .bench-venv/.stamp
	@.bench-venv/bin/python -m bench

.mutation-venv/.stamp: pyproject.toml uv.lock | .venv/.stamp
	@echo "Installing what makes mutants…"
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.mutation-venv $(UV) sync --locked --quiet \
		--no-default-groups --group mutation --group dev --python .venv/bin/python
	@touch $@

# Both verifiers, each half told even where the other falls short; hours long on a busy machine.
mutation: .mutation-venv/.stamp
	@rm -rf mutants
	@python=0; .mutation-venv/bin/python -m mutation || python=1; \
	cd frontend/mutation && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund \
		--ignore-scripts --loglevel=error && PATH="$(CURDIR)/$(BIN):$$PATH" npm run mutation \
		&& exit $$python

stop:
	@test ! -x $(BIN)/python || $(BIN)/python -m config.postgres stop

clean:
	@test ! -x $(BIN)/python || $(BIN)/python -m config.postgres clean
	@cd "$(DATA_DIR)" 2>/dev/null && rm -rf keys blobs signer anchors bundles mail demo-accounts.json postgres.lock && rmdir "$$PWD" || true
	rm -rf .venv .bench-venv .mutation-venv mutants .tools .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf frontend/node_modules frontend/mutation/node_modules frontend/dist staticfiles ci-output
