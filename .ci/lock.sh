#!/usr/bin/env bash
# Writes requirements.lock: every package that use and development need, pinned and hashed, without any address.
# Run by Debian 12's own Python 3.11.2, the oldest that is served: some packages already refuse it in their newest version.
set -euo pipefail
cd "$(dirname "$0")/.."

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
"${PYTHON:-/usr/bin/python3}" -m venv "$room"
"$room/bin/python" -m pip install -q --disable-pip-version-check pip-tools
"$room/bin/pip-compile" -q --extra dev --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --upgrade --output-file "$room/lock" pyproject.toml
{
  echo "# Every package that use and development need, pinned and hashed; written by \`make lock\`."
  cat "$room/lock"
} >requirements.lock
