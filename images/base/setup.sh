#!/bin/sh
# Runs inside the root file system of every image after its packages are installed. $1: SOURCE_DATE_EPOCH.
set -eu
export SOURCE_DATE_EPOCH="$1"

# Pods run as this user; the name makes prompts and ssh work.
getent passwd 1000 >/dev/null || {
  groupadd --gid 1000 user
  useradd --uid 1000 --gid 1000 --no-create-home --home-dir /home/user --shell /bin/bash user
}
mkdir -p /home/user /run/streamspace/vnc
chown 1000:1000 /home/user

[ ! -e /usr/share/i18n/locales/en_US ] || localedef -i en_US -f UTF-8 en_US.UTF-8

# The cache is compared with the times of the font folders, which become the epoch in the layer.
find /usr/share/fonts -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
fc-cache --system-only --force
