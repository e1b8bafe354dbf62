# Fuzzing: never part of installation or tests; its kept corpus is.

.PHONY: fuzz
FUZZING := txplatform_tests/fuzzing

fuzz: $(INSTALLED) .venv/fuzz ## Every parser under hypothesis and atheris [CASES=100000 SEED=1 SECONDS=3600]
	@$(BIN)/python -m txplatform_tests.fuzzing.campaign \
		--cases $(or $(CASES),100000) --seed $(or $(SEED),1) --seconds $(or $(SECONDS),3600)

.venv/fuzz: $(FUZZING)/atheris.lock $(INSTALLED)
	@$(PIP_INSTALL) --quiet --require-hashes --only-binary :all: -r $< || \
		echo "atheris cannot be installed here: hypothesis works alone."
	@touch $@
