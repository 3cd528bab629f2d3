#!/usr/bin/env bash
# Kills a training at random moments until it is through, so many times, and asks for the weights of a run that nothing
# disturbed, byte for byte: bench/kills.sh [KILLS] [SEED]
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
kills=${1:-50}
RANDOM=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$root/kneeseg" phantom "$work/knees" --count 5 --size 16x32x32 2>/dev/null
# The program itself, without the launcher: a kill must reach it.
train=("$root/artifacts/kneeseg/kneeseg" train unet3d+tiny --data "$work/knees" --patch 16x32x32 --epochs 12
  --set stepsPerEpoch=4 --set batchSize=1 --set validateEvery=2 --run)
sum() { sha256sum <"$1/checkpoints/last.safetensors"; }

started=$(date +%s%N)
"${train[@]}" "$work/whole" >/dev/null 2>&1
took=$((($(date +%s%N) - started) / 1000000))
whole=$(sum "$work/whole")
echo "undisturbed: $took ms, ${whole%% *}"

done=0 run=0
while [ "$done" -lt "$kills" ]; do
  run=$((run + 1))
  folder=$work/run-$run
  while :; do
    "${train[@]}" "$folder" >/dev/null 2>&1 &
    process=$!
    # Anywhere from before the first step to the last rename.
    sleep "$(awk -v ms=$((RANDOM * took / 32768)) 'BEGIN { print ms / 1000 }')"
    if [ "$done" -lt "$kills" ] && kill -9 "$process" 2>/dev/null; then
      wait "$process" 2>/dev/null || true
      done=$((done + 1))
    else
      # The last kill of all lets the run end.
      wait "$process"
      break
    fi
  done
  if [ "$(sum "$folder")" != "$whole" ]; then
    echo "run $run ended with other weights after $done kills" >&2
    exit 1
  fi
  echo "run $run: the same bytes, $done kills so far"
  rm -rf "$folder"
done
echo "$done kills in $run runs: always the same bytes"
