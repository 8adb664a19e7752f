#!/usr/bin/env bash
# The whole set-up: setup.sh [--tests] [--bench] [--shots]; the second time it only looks and takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."

groups=(run)
bench=no
for word in "$@"; do
  case $word in
    --tests) groups+=(test) ;;
    --bench) bench=yes ;;
    --shots) groups+=(shots) ;;
    *) echo "setup.sh: unknown word $word" >&2; exit 2 ;;
  esac
done

mkdir -p var
exec 9>var/setup.lock
flock 9   # two commands started at once wait for each other

step() { # NUMBER WORDS COMMAND...: says what begins, and how long it took if that was noticeable
  local number=$1 words=$2 began=$SECONDS
  shift 2
  echo "[$number/3] $words"
  "$@"
  if [ $((SECONDS - began)) -gt 1 ]; then echo "      用时 $((SECONDS - began)) 秒"; fi
}
step 1 "Debian 软件包" bash .ci/packages.sh "${groups[@]}"
if [ $bench = yes ]; then
  bash .ci/packages.sh bench || echo "      测速照常进行，没有装上的程序不参加比较，结果中写明 not installed"
fi
step 2 "Python 软件包" bash .ci/python.sh
step 3 "公文字体" env -u PYTHON bash .ci/fonts.sh
