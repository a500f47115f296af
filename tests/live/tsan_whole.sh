#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/live/tsan_whole.sh NORMAL_BUILD TSAN_BUILD [TEST ...]: the live tests with a daemon that was built with the
# thread sanitizer, against a simulated deck that was not: its ALSA plug-in and GPIO shim are loaded into the daemon as a
# driver would be. TEST is live_card_test when none is given. A race report fails it.
#   NORMAL_BUILD has overbias-decksim and the tests, TSAN_BUILD has overbiasd (scripts/build tsan overbiasd).
set -euo pipefail
normal=$(realpath "${1:?usage: tests/live/tsan_whole.sh NORMAL_BUILD TSAN_BUILD [TEST ...]}")
tsan=$(realpath "${2:?usage: tests/live/tsan_whole.sh NORMAL_BUILD TSAN_BUILD [TEST ...]}")
shift 2
if [ $# -eq 0 ]; then set -- live_card_test; fi

for program in "$normal/bin/overbias-decksim" "$tsan/bin/overbiasd" "${@/#/$normal/tests/live/}"; do
  if [ ! -x "$program" ]; then
    echo "tsan_whole: '$program' is missing; build it first" >&2
    exit 2
  fi
done
if ! nm -D "$tsan/bin/overbiasd" | grep __tsan_init >/dev/null; then
  echo "tsan_whole: '$tsan/bin/overbiasd' was not built with the thread sanitizer (OVERBIAS_SANITIZE=thread)" >&2
  exit 2
fi

rig=$(mktemp -d)
trap 'rm -rf "$rig"' EXIT
mkdir "$rig/bin"
ln -s "$normal/bin/overbias-decksim" "$tsan/bin/overbiasd" "$rig/bin/"
export OVERBIAS_BINARY_DIR=$rig
# a report is written when it is found, and makes the daemon's exit status 66
export TSAN_OPTIONS="log_path=$rig/race history_size=4 exitcode=66"

status=0
for test in "$@"; do
  "$normal/tests/live/$test" || status=1
done
if compgen -G "$rig/race.*" >/dev/null; then
  cat "$rig"/race.* >&2
  echo "tsan_whole: the thread sanitizer found something in overbiasd (above)" >&2
  status=1
fi
exit $status
