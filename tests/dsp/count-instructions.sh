#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# count-instructions.sh PROGRAM: instructions a frame of the fused stereo pass, beside the scalar meters and libebur128
# counted in the same way in the same run (callgrind; the difference of a long and a short run over the frames between).
# Ends with 1 when the pass takes more than its share of theirs, with 77 (skipped) where valgrind is not installed.
# The shares hold for the instruction set that the pass chose under valgrind, which knows no AVX-512. They are what was
# counted with g++ 12 (92 and 40; 297 and 130 with four lanes) and a tenth on top.
set -euo pipefail
program=$1
command -v valgrind >/dev/null || { echo "skipped: valgrind is not installed (scripts/install-packages test)"; exit 77; }

frames=$((4 * 9600))
collected() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 | awk '/Collected/ { print $4 }'; }
per_frame() { # prints hundredths of an instruction, or nothing if the meter is not there
  local short long
  short=$(collected "$1" 1)
  long=$(collected "$1" 5)
  echo $(((long - short) * 100 / frames))
}

set_name=$(valgrind --tool=none "$program" fused 1 2>/dev/null)
fused=$(per_frame fused)
scalar=$(per_frame scalar)
peer=
if "$program" peer 1 >/dev/null; then peer=$(per_frame peer); fi

show() { printf '%d.%02d' $(($1 / 100)) $(($1 % 100)); }
beside="libebur128 not installed"
if [ -n "$peer" ]; then beside="libebur128 true peak with its weighting $(show "$peer")"; fi
echo "$set_name: fused $(show "$fused"), scalar meters $(show "$scalar"), $beside instructions a frame"

# per thousand of the scalar meters' and of libebur128's
case $set_name in
  AVX*) of_scalar=102 of_peer=44 ;;
  SSE4 | SSSE3 | NEON*) of_scalar=330 of_peer=145 ;;
  *) echo "skipped: no share is known for $set_name"; exit 77 ;;
esac
failed=0
if [ $((fused * 1000)) -gt $((scalar * of_scalar)) ]; then
  echo "the fused pass takes more than $of_scalar thousandths of the scalar meters' instructions" >&2
  failed=1
fi
if [ -n "$peer" ] && [ $((fused * 1000)) -gt $((peer * of_peer)) ]; then
  echo "the fused pass takes more than $of_peer thousandths of libebur128's instructions" >&2
  failed=1
fi
exit $failed
