#!/usr/bin/env bash
# Sees to .venv: exactly the packages of requirements.lock, each checked by its hash, and the project itself in place.
set -euo pipefail

python=${PYTHON:-python3}
if ! "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  python=/usr/bin/python3   # an older or stripped python3 stands first on the path; Debian's own is fit
fi

key=$({ cat requirements.lock pyproject.toml; "$python" -VV; pwd; } | sha256sum | cut -c1-20)
stamp=.venv/ready-$key
[ -e "$stamp" ] && .venv/bin/python -c '' 2>/dev/null && exit 0

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  [ "$(.venv/bin/python -c 'import sys; print(sys.prefix)')" != "$PWD/.venv" ]; then
  echo "建立 .venv（$("$python" -V)）"
  rm -rf .venv
  "$python" -m venv .venv
fi
echo "安装 requirements.lock 中锁定的 $(grep -c '^[a-z0-9].*==' requirements.lock) 个 Python 软件包（约一分钟）"

mkdir -p var
log=var/python.log
: >"$log"
pip() { # pip's chatter goes to the log, and to the screen only when something failed
  .venv/bin/python -m pip --disable-pip-version-check "$@" >>"$log" 2>&1 && return
  tail -n 20 "$log" >&2
  echo "Python 软件包没有装上，原因见上，全文见 $log" >&2
  return 1
}
pip install -q --progress-bar off --only-binary :all: --no-deps --require-hashes -r requirements.lock
pip install -q --no-deps --no-build-isolation -e .
pip check
rm -f .venv/ready-*
touch "$stamp"
