#!/usr/bin/env bash
# Installs the Debian packages that the box needs, and nothing if they are there.
#   packaging/deps.sh run        to build and run it
#   packaging/deps.sh run test   and to test it in a browser
#   packaging/deps.sh system     and on networks of its own
set -euo pipefail

packages_run=(libsqlite3-dev ffmpeg tesseract-ocr tesseract-ocr-osd tesseract-ocr-eng tesseract-ocr-fra tesseract-ocr-swa espeak-ng ninja-build)
packages_test=(chromium fonts-dejavu-core zim-tools)
packages_system=(avahi-daemon avahi-utils dbus iproute2 util-linux)

for tool in go node npm python3 pip gcc g++ cmake git; do
  command -v "$tool" >/dev/null || missing_tools="${missing_tools:-} $tool"
done
if [ -n "${missing_tools:-}" ]; then
  echo "Needed and not found:$missing_tools" >&2
  echo "Install Go 1.26 or newer, Node 20 or newer with npm, Python 3 with pip, gcc, g++, cmake and git, then run this again." >&2
  exit 1
fi

wanted=()
for set in "$@"; do
  declare -n list="packages_$set"
  wanted+=("${list[@]}")
done
missing=()
for p in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo=$(command -v sudo) || ! sudo -n true 2>/dev/null && [ ! -t 0 ]; then
    echo "These Debian packages are needed: ${missing[*]}" >&2
    echo "Ask somebody who may: apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi
echo "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Avahi is only run by tests, on networks of their own: it is not to start here.
policy=/usr/sbin/policy-rc.d
if [[ " ${missing[*]} " == *" avahi-daemon "* ]] && [ ! -e "$policy" ]; then
  trap '$sudo rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
  $sudo chmod 755 "$policy"
fi
# One list refresh serves if the first try does not know a package.
$sudo apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null 2>&1 || {
  $sudo apt-get update -q
  $sudo apt-get install -y -q --no-install-recommends "${missing[@]}"
}
