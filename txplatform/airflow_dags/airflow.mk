# Airflow's environments and what runs on them; included by the Makefile. Each is apart from .venv
# and from the other; the stamp is written last, as in the Makefile.

.PHONY: test-airflow test-airflow3 test-airflow2 airflow-wheel lock-airflow
AIRFLOW := txplatform/airflow_dags
AIRFLOW_TESTS := txplatform_tests/airflow_dags
# What needs neither Airflow nor a Dagster that it talks to is part of `make test`. One process: an
# Airflow alone takes both cores.
AIRFLOW_2 := $(AIRFLOW_TESTS)/test_airflow_2.py
AIRFLOW_WHEEL_FILES := $(AIRFLOW)/pyproject.toml $(wildcard $(AIRFLOW)/dagster_partitions/*)

test-airflow: test-airflow3 test-airflow2 ## The Airflow side on 3.3 and on 2.11, for real

test-airflow3: $(INSTALLED) .venv-airflow3/installed
	@cd $(AIRFLOW) && ../../$(BIN)/mypy --config-file pyproject.toml \
		--python-executable ../../.venv-airflow3/bin/python
	@$(BIN)/python -m pytest -m airflow $(AIRFLOW_TESTS) --ignore=$(AIRFLOW_2) $(ARGS)

test-airflow2: $(INSTALLED) .venv-airflow2/installed
	@$(BIN)/python -m pytest -m airflow $(AIRFLOW_2) $(ARGS)

airflow-wheel: .venv-airflow3/installed ## The wheel for Airflow's environment, into dist/
	@cd $(AIRFLOW) && ../../.venv-airflow3/bin/python -m hatchling build -t wheel -d ../../dist

lock-airflow: ## Write the lock files of both Airflow environments (needs uv) [ARGS=--upgrade]
	@for airflow in airflow3 airflow2; do \
		uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
			$(ARGS) --extra $$airflow $(AIRFLOW)/pyproject.toml -o $(AIRFLOW)/$$airflow.lock; \
	done

# Airflow 2.11 ends at Python 3.12: PYTHON_AIRFLOW2 names one where python3 is newer.
.venv-airflow3/installed: airflow_python := $(BIN)/python
.venv-airflow2/installed: airflow_python := $(or $(PYTHON_AIRFLOW2),$(BIN)/python)

.venv-airflow%/installed: $(AIRFLOW)/airflow%.lock $(AIRFLOW_WHEEL_FILES) | $(INSTALLED)
	@[ -e $@ ] || { $(airflow_python) -m venv --clear $(@D) && echo '*' > $(@D)/.gitignore; }
	@rm -f $@
	@echo "Installing Airflow into $(@D): 300 MB, a minute."
	@$(install_airflow)
	@touch $@

# python-nvd3, which 2.11 needs, is published as source only: see PySpark in the Makefile.
define install_airflow
pip="$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-input --no-deps --no-compile"; \
sed '/^python-nvd3==/,/# via/d' $< > $(@D)/wheels.lock && \
sed -n '/^python-nvd3==/,/# via/p' $< > $(@D)/source.lock && \
$$pip --require-hashes --only-binary :all: -r $(@D)/wheels.lock && \
{ [ ! -s $(@D)/source.lock ] || \
	$$pip --require-hashes --no-build-isolation -r $(@D)/source.lock; } && \
$$pip --no-build-isolation --force-reinstall ./$(AIRFLOW)
endef
