#!/usr/bin/env bash
# Prepares the fonts of the letters once: fetches two Debian packages, unpacks the few files needed, converts them.
# Needs the Python packages installed; works as root and as anybody else. The second time it only checks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python="${PYTHON:-$PWD/.venv/bin/python}"

if "$python" -m screening fonts check --quiet; then
  echo "fonts: ready"
  exit 0
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
if [ "$(id -u)" = 0 ]; then chown _apt "$work" 2>/dev/null || true; fi

echo "fonts: fetching texlive-lang-chinese and fonts-noto-cjk (106 MB)"
fetch() {
  (cd "$work" && apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 download texlive-lang-chinese fonts-noto-cjk >fetch.log 2>&1)
}
refresh() { [ "$(id -u)" = 0 ] && apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update >/dev/null 2>&1; }
fetch || { refresh && fetch; } || {
  cat "$work/fetch.log" >&2
  echo "fonts: the packages could not be fetched; run 'apt-get update' as root and try again" >&2
  exit 2
}

echo "fonts: unpacking"
mkdir "$work/x"
dpkg-deb --fsys-tarfile "$work"/texlive-lang-chinese_*.deb |
  tar -x -C "$work/x" --wildcards './usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/Fandol*-Regular.otf'
dpkg-deb --fsys-tarfile "$work"/fonts-noto-cjk_*.deb |
  tar -x -C "$work/x" --wildcards './usr/share/fonts/opentype/noto/NotoSerifCJK-*.ttc'
rm -f "$work"/*.deb

echo "fonts: converting (about 20 seconds)"
"$python" -m screening fonts build "$work/x"
