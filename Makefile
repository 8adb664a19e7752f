# The project's commands. `make` alone lists them.
# 常用：make run（准备并运行网站）、make test（准备并运行全部检查）。

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

.PHONY: help setup run test bench shots sample lock clean

help: ## list the commands / 列出命令
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)$$/  make \1|\2/' | while IFS='|' read -r name words; do printf '%-14s %s\n' "$$name" "$$words"; done

setup: ## Debian packages, .venv with the locked packages, fonts / 准备运行环境
	@bash .ci/setup.sh

run: ## set up, make or migrate the database, serve http://127.0.0.1:8000 / 准备并运行网站（PORT=、DATABASE_URL= 可改）
	@bash .ci/setup.sh
	@.venv/bin/screening init --demo
	@.venv/bin/screening serve

test: ## set up, then the whole gate: format, lint, types, imports, rules, tests / 准备并运行全部检查
	@bash .ci/setup.sh --tests
	@bash .ci/gate.sh

bench: ## speed: screening a workbook, rendering letters, pages / 测速
	@bash .ci/setup.sh --bench
	@.venv/bin/python -m tests.bench

shots: ## pictures of the pages and letters into shots/ / 页面与文书的截图，存入 shots/
	@bash .ci/setup.sh --shots
	@bash .ci/shots.sh

sample: ## make the blank template and the sample ledger again / 重新生成空白模板和样例台账
	@bash .ci/setup.sh
	@.venv/bin/python ledgers/make.py

lock: ## pin the newest allowed packages in requirements.lock / 更新锁定的软件包
	@bash .ci/lock.sh

clean: ## remove what the commands made, working data in var/ excepted / 清理生成物（不动 var/ 中的数据）
	@rm -rf .venv build dist shots *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
