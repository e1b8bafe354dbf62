# Superset's environment and the tests that need it; included by the Makefile. It is apart from
# .venv: `txplatform bi up` makes it too, by the same module.

.PHONY: test-bi lock-bi
BI := txplatform/bi

test-bi: $(INSTALLED) ## Superset with the dashboards, in Chromium, on data of each domain [ARGS=...]
	@$(BIN)/python -m txplatform.bi.environment
	@$(BIN)/python -m pytest -m bi txplatform_tests/bi $(ARGS)

lock-bi: ## Write the lock file of Superset's environment (needs uv) [ARGS=--upgrade]
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--override $(BI)/superset.overrides \
		$(ARGS) $(BI)/superset.in -o $(BI)/superset.lock
