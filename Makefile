# `make` alone lists what there is.
PYTHON ?= python3
BOT = bot/.venv/bin/python
APP = .venv/bin
# Rasa reads endpoints.yml also when it calls no action.
RASA = cd bot && RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3 PYTHONWARNINGS=ignore \
	VEIVISER_ACTION_URL=http://127.0.0.1:9/webhook VEIVISER_BOT_SECRET=only-for-these-tests .venv/bin/python -m extensions.start

# Developers' commands load onnxruntime outside the guide too; from 1.29 on it reports its use unless this stands.
export ORT_DISABLE_TELEMETRY = 1

.DEFAULT_GOAL := help
.PHONY: help run setup models train test trust audit check bot-test bench evaluate evaluate-report links compare compare-encoders encoder bot-report lock clean

help:            ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+: .*## |^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run:             ## Build what is missing, train what has changed, and start the guide on http://127.0.0.1:8000
	@$(PYTHON) tools/setup.py
	@$(PYTHON) tools/train_bot.py
	@$(APP)/veiviser run

setup:           ## Build both environments, with what the tests need
	@$(PYTHON) tools/setup.py --dev

models:          ## Add torch and sentence-transformers, to train, compare or use other encoders
	@$(PYTHON) tools/setup.py --dev --models

train:           ## Train the bot's model if what it is made of has changed
	@$(PYTHON) tools/train_bot.py

test: check bot-test  ## Everything that is checked before a change is taken in
	$(APP)/python -m pytest --ignore=tests/browser --ignore=tests/trust
	$(APP)/python -m pytest tests/browser

trust: setup train  ## Privacy, faults and security, tried on the real processes, in one table (make trust WRITE=1: into docs/trust.md)
	$(APP)/python -m pytest tests/trust $(if $(WRITE),--write-table)

audit: setup     ## Known vulnerabilities of all locked packages (needs the network; status 3 where there is none)
	$(APP)/python tools/audit.py

check: setup     ## Style, types, and all content
	$(APP)/ruff check .
	$(APP)/mypy
	$(APP)/veiviser check

bot-test: setup train  ## The bot: data, stories, intents, its own code, the real process
	$(RASA) data validate --fail-on-warnings --domain domain --data data --config config.yml
	$(RASA) test core --stories tests/stories.yml --model models --fail-on-prediction-errors --out results/core
	$(BOT) tools/report_nlu.py --least 0.85
	$(BOT) -W ignore -m pytest -p no:cacheprovider -p no:warnings --noconftest $(wildcard tests/test_bot_*.py)

bot-report: setup train  ## Measure the intents anew and write benchmarks/nlu.md
	$(BOT) tools/report_nlu.py --write

bench: setup train  ## Measure search and chat under load and write benchmarks/load.md (about five minutes, alone)
	$(APP)/python benchmarks/bench.py

evaluate: setup  ## How well the search answers the labelled questions
	$(APP)/veiviser evaluate tests/questions

compare: models  ## Veiviser and what one would pick instead, on the same questions: writes benchmarks/routing.md
	@$(PYTHON) tools/setup.py --dev --models --compare
	$(APP)/python -m benchmarks.compare

compare-encoders: models  ## Measure encoders on the questions: make compare-encoders ENCODERS="default minilm letters hub/id folder"
	$(APP)/python -m benchmarks.compare_encoders $(ENCODERS)

evaluate-report: setup  ## Measure the search anew and write benchmarks/questions.md and the table of the README
	$(APP)/veiviser evaluate tests/questions --write .

links: setup     ## Open the address of every source, slowly, and report what does not answer (uses the network)
	$(APP)/veiviser links

encoder: models  ## Make the encoder again: make encoder PARALLEL=folder WORK=folder (an hour on two cores)
	@test -n "$(PARALLEL)" -a -n "$(WORK)" || { echo "Give the folders: make encoder PARALLEL=... WORK=... (see training/README.md)"; exit 2; }
	$(APP)/python training/make_encoder.py $(PARALLEL) $(WORK) knowledge/encoder

lock:            ## Write all requirements*.lock anew (make lock UPGRADE=1: with the newest versions)
	@$(PYTHON) tools/setup.py --lock $(if $(UPGRADE),--upgrade)

clean:           ## Remove everything that the commands above have made
	rm -rf .venv bot/.venv benchmarks/.venv .tools .cache bot/models bot/.rasa bot/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
