#!/usr/bin/env bash
# Sees to the Debian packages: packages.sh [run] [test] [bench] [shots]; installs what is missing when root, else names it and stops.
set -euo pipefail

declare -A groups=(
  [run]="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig"   # WeasyPrint's libraries
  [test]="postgresql chromium libatomic1 poppler-utils ghostscript qpdf"    # a second database, a browser, readers of PDF
  [bench]="postgresql chromium libatomic1 libreoffice-writer-nogui fonts-noto-cjk"   # others to be measured against
  [shots]="chromium libatomic1 poppler-utils fonts-noto-cjk"                # a browser that can write Chinese
)

wanted=()
for group in "${@:-run}"; do read -ra names <<<"${groups[$group]}"; wanted+=("${names[@]}"); done
"${PYTHON:-python3}" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  wanted+=(python3 python3-venv)

if ! command -v dpkg-query >/dev/null; then
  echo "本机不是 Debian 系统，请自行确认已安装与下列软件包相当的程序：${wanted[*]}"
  exit 0
fi

missing=()
for name in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}\n' "$name" 2>/dev/null | grep -qx 'install ok installed' || missing+=("$name")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "缺少 Debian 软件包，请先以管理员身份运行：apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

mkdir -p var
log=var/packages.log
echo "安装 Debian 软件包：${missing[*]}（详情见 $log）"
export DEBIAN_FRONTEND=noninteractive
options=(-y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)

# PostgreSQL's package would start a server on port 5432; the tests start their own elsewhere.
quiet=/etc/postgresql-common/createcluster.d/screening-tests.conf
if [[ " ${missing[*]} " == *" postgresql "* && ! -e $quiet ]]; then
  mkdir -p "${quiet%/*}"
  echo 'create_main_cluster = false' >"$quiet"
  trap 'rm -f "$quiet"' EXIT
fi

: >"$log"
fresh=yes
for name in "${missing[@]}"; do apt-cache show "$name" >/dev/null 2>&1 || fresh=no; done
install() { apt-get "${options[@]}" install --no-install-recommends "${missing[@]}" </dev/null >>"$log" 2>&1; }
update() { apt-get "${options[@]}" update </dev/null >>"$log" 2>&1; }
if { [ $fresh = yes ] && install; } || { update && install; }; then exit 0; fi
tail -n 20 "$log" >&2
echo "Debian 软件包没有装上，原因见上；可手工运行：apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
exit 1
