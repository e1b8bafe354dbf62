# The two commands are `make demo` and `make test`; both install what they need into .venv first.

.DEFAULT_GOAL := help
.PHONY: help demo test quick check faults bench lock load audit test-kafka test-long
.PHONY: all-tests quick-tests style types imports
MAKEFLAGS += --no-print-directory
# What Python compiled is kept, whatever the environment says: half of the time that imports take.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
INSTALLED := .venv/installed

help: ## What can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(INSTALLED) ## A domain from source to dashboard and UI [DOMAIN=name|all SERVE=0 CSV=path LAYOUT=name]
	@if [ -n "$$CSV" ]; then set -- spend demo --csv "$$CSV" $${LAYOUT:+--layout "$$LAYOUT"}; \
	else set -- demo $${DOMAIN:+--domain "$$DOMAIN"}; fi; \
	$(BIN)/txplatform "$$@" $(if $(filter 0,$(SERVE)),--no-serve)

test: style imports ## Every check and every test, on real servers [ARGS="-k name"]
	@$(MAKE) --jobs 2 types all-tests

all-tests: $(INSTALLED)
	@$(BIN)/python -m pytest --numprocesses 2 --no-loadscope-reorder $(ARGS)

quick: $(INSTALLED) ## Every check, and the tests that need no server, Spark or real data: under a minute
	@$(MAKE) --jobs 2 check quick-tests

quick-tests: $(INSTALLED)
	@$(BIN)/python -m pytest --quick --numprocesses 2 --quiet $(ARGS)

test-kafka: $(INSTALLED) ## The tests that need a Kafka broker, one of our own [ARGS=...]
	@$(BIN)/python -m pytest -m kafka $(ARGS)

test-long: $(INSTALLED) ## The tests that take a minute or more each [ARGS=...]
	@$(BIN)/python -m pytest -m long $(ARGS)

check: style types imports ## Style, types and the rules on imports

style: $(INSTALLED)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(INSTALLED)
	@$(BIN)/mypy

imports: $(INSTALLED)
	@$(BIN)/lint-imports --no-logo

faults: $(INSTALLED) ## Real faults against the promises of docs/guarantees.md [FAULTS=100 SEED=1]
	@$(BIN)/python -m txplatform_tests.faults --faults $(or $(FAULTS),100) --seed $(or $(SEED),1) \
		$(if $(ONLY),--only $(ONLY),--ledger $(or $(LEDGER),txplatform_tests/faults/ledger.jsonl))

bench: $(INSTALLED) ## Every benchmark, and benchmarks/README.md [SIZE=200k|2m|10m CSV=path ARGS=...]
	@$(BIN)/python benchmarks/run.py --size $(or $(SIZE),200k) $${CSV:+--file "$$CSV"} $(ARGS)

load: $(INSTALLED) ## 200 readers of the API during backfills: errors, p95, memory [SECONDS=600]
	@$(BIN)/python -m txplatform_tests.end_to_end.load $(or $(SECONDS),600)

audit: ## Known weaknesses of the locked packages (needs pip-audit and its service)
	@command -v pip-audit > /dev/null || { \
		echo "pip-audit is not installed: install it in an environment of its own." >&2; exit 1; }
	@found=$$(pip-audit --strict --disable-pip --no-deps -r requirements.lock 2>&1) && echo "$$found" || { \
		case "$$found" in *vulnerabilit*) echo "$$found" >&2;; \
		*) echo "The audit cannot say anything:" \
			"$$(echo "$$found" | tail -1 | cut -c1-200)" >&2;; esac; exit 1; }

lock: ## Write requirements.lock from pyproject.toml (needs uv, installing does not) [ARGS=--upgrade]
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		--all-extras --quiet $(ARGS) pyproject.toml -o requirements.lock

# --- Installation ---------------------------------------------------------------------------
# The stamp is written last, so a folder without it is an interrupted installation: begin anew.

$(INSTALLED): requirements.lock pyproject.toml
	@[ -e $@ ] || { $(find_python); $(require_space); "$$python" -m venv --clear .venv; }
	@rm -f $@
	@echo "Installing into .venv: 2.8 GB, three minutes or so."
	@$(install) || { \
		echo "The installation stopped for the reason above; the next make begins it anew." >&2; \
		exit 1; }
	@touch $@

define find_python
python=; without_pip=; \
for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || continue; \
	"$$candidate" -c 'import ensurepip, venv' 2> /dev/null && python=$$candidate && break; \
	without_pip=$${without_pip:-$${candidate##*/}}; \
done; \
if [ -z "$$python" ] && [ -n "$$without_pip" ]; then \
	echo "$$without_pip cannot make a virtual environment: install its venv package" \
		"(on Debian: apt install $$without_pip-venv)." >&2; exit 1; \
elif [ -z "$$python" ]; then \
	echo "Python 3.11 or newer is not on the path: install it (on Debian 12 or newer:" \
		"apt install python3-venv), or name it: make PYTHON=/path/to/python3." >&2; exit 1; \
fi
endef

# Half of it is temporary: PySpark is unpacked and built.
define require_space
for folder in . "$${TMPDIR:-/tmp}"; do \
	free=$$(df -Pk "$$folder" | awk 'NR == 2 { print int($$4 / 1024) }'); \
	if [ "$$free" -lt 5500 ]; then \
		echo "The installation takes 5500 MB, half of it in TMPDIR for a minute, and only" \
			"$$free MB are free in $$folder: make room there." >&2; exit 1; \
	fi; \
done
endef

export PIP_USER := 0
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --no-input --no-deps --no-compile

# PySpark alone is published as source: it is built with the setuptools of the same lock, not with
# one that pip would fetch without a hash. All others come as wheels, so nothing needs a compiler.
# Python's own is faster afterwards, on all cores; what some packages bring for Python 2 it leaves.
define install
{ [ -t 1 ] || quiet=--quiet; \
sed '/^pyspark==/,/# via/d' requirements.lock > .venv/wheels.lock && \
sed -n '/^pyspark==/,/# via/p' requirements.lock > .venv/source.lock && \
$(PIP_INSTALL) $$quiet --require-hashes --only-binary :all: -r .venv/wheels.lock && \
$(PIP_INSTALL) $$quiet --require-hashes --use-pep517 --no-build-isolation -r .venv/source.lock && \
$(PIP_INSTALL) --quiet --no-build-isolation -e . && \
{ $(BIN)/python -m compileall -qq -j 0 .venv/lib || true; } && \
{ [ ! -d txplatform/orchestration ] || $(BIN)/python -m txplatform.orchestration.training; }; }
endef

-include txplatform/airflow_dags/airflow.mk
-include txplatform/bi/bi.mk
-include txplatform_tests/fuzzing/fuzz.mk
