#!/usr/bin/env bash
# Takes pictures to be looked at: the main pages by Chromium, one letter of every kind page by page; all into shots/.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p shots/letters
rm -f shots/letters/*
for kind in HALT RECTIFY RETROFIT PROCEED UPGRADE KEEP; do
  echo "文书 $kind"
  .venv/bin/screening letters sample "$kind" --seed 1 --output "shots/letters/$kind.pdf"
  pdftoppm -r 90 -png "shots/letters/$kind.pdf" "shots/letters/$kind"
done
echo "页面"
.venv/bin/python -m tests.browser.shots
echo "$(find shots -name '*.png' | wc -l) 张图片，见 shots/"
