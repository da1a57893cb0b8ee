# Two commands do all the set-up: `make demo` and `make test`.
# Each keeps a virtual environment of its own; nothing is written outside this folder.

PYTHON ?= python3
TRANSCRIPTS ?=
DEMO := .venv-demo
DEV := .venv-dev
CLIENTS := .clients
PINNED := @anthropic-ai/claude-code@2.1.330 @openai/codex@0.169.0
MORE := @github/copilot@1.0.102 @google/gemini-cli@0.61.0 @qwen-code/qwen-code@0.15.10 opencode-ai@1.18.33
MINI := mini-swe-agent==2.4.6 mcp aiohttp

.PHONY: demo test test-clients test-more-clients lint bench clean

demo: $(DEMO)/.installed  ## Run the main job: on TRANSCRIPTS=path, else on the sample sessions
	@$(DEMO)/bin/python examples/demo.py $(if $(TRANSCRIPTS),"$(TRANSCRIPTS)")

test: $(DEV)/.installed  ## Check style and types, then run the whole suite but for the real agents
	@$(DEV)/bin/ruff check --quiet . && $(DEV)/bin/ruff format --check --quiet . && $(DEV)/bin/mypy --no-error-summary
	@$(DEV)/bin/pytest -n auto -q --ignore=tests/clients

test-clients: $(DEV)/.installed  ## Drive the real agents, offline, against a scripted model (770 MB from npm)
	@if command -v npm >/dev/null; \
	then npm install --prefix $(CLIENTS) --no-audit --no-fund --loglevel=error $(PINNED) >/dev/null \
	  || echo "The agents could not be installed: their tests are skipped."; \
	else echo "npm is not here: the tests of real agents are skipped."; fi
	@$(DEV)/bin/pytest -n 2 -q -rs tests/clients --ignore=tests/clients/test_others.py \
	  || $(DEV)/bin/pytest -q -rs --last-failed tests/clients  # real programs on a busy machine: once more, alone

test-more-clients: $(DEV)/.installed  ## The same with Copilot, Gemini, Qwen, OpenCode, mini-swe-agent (1.4 GB)
	@if command -v npm >/dev/null; \
	then npm install --prefix $(CLIENTS) --no-audit --no-fund --loglevel=error $(MORE) >/dev/null \
	  || echo "The agents could not be installed: their tests are skipped."; \
	else echo "npm is not here: the tests of its agents are skipped."; fi
	@{ $(PYTHON) -m venv $(CLIENTS)/python \
	  && $(CLIENTS)/python/bin/pip install --quiet --disable-pip-version-check $(MINI); } \
	  || echo "mini-swe-agent could not be installed: its test is skipped."
	@$(DEV)/bin/pytest -n 2 -q -rs tests/clients/test_others.py

bench: $(DEV)/.installed  ## Measure: ratios within one run; TRANSCRIPTS=path adds the real-data halves
	@$(DEV)/bin/python bench/run.py $(if $(TRANSCRIPTS),--transcripts "$(TRANSCRIPTS)")

$(DEMO)/.installed: pyproject.toml
	@$(call venv,$(DEMO))
	@$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(DEV)/.installed: pyproject.toml
	@$(call venv,$(DEV))
	@$(DEV)/bin/python -m pip install --quiet --disable-pip-version-check -e ".[all,dev]"
	@touch $@

# Debian ships Python without venv: name the one line that mends it.
define venv
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { echo "Holdfast needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }; \
$(PYTHON) -m venv $(1) 2>/dev/null \
  || { rm -rf $(1); echo "Python's venv is missing. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
endef

clean:  ## Remove both virtual environments and the agents that were installed
	rm -rf $(DEMO) $(DEV) $(CLIENTS)
