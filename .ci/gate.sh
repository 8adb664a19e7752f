#!/usr/bin/env bash
# The gate, in order: format, lint, types, import contracts, rules, tests; the first failure stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
unset PYTHONDONTWRITEBYTECODE  # each program that a test starts would be compiled anew

step() { # WORDS COMMAND...
  local words=$1 began=$SECONDS
  shift
  echo "== $words: $*"
  "$@"
  echo "   $words: $((SECONDS - began)) s"
}
step format ruff format --check .
step lint ruff check .
step types mypy
step imports lint-imports
step rules screening rules check
step tests pytest -v -n 2 --dist worksteal
