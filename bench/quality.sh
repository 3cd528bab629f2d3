#!/usr/bin/env bash
# Whether quality flags find bad predictions, and what the anatomical rule repairs: bench/quality.sh FOLDER
# Trains one network well and one too little on 36 of 60 generated knees, about 20 minutes on two cores, and resumes.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
folder=${1:?usage: bench/quality.sh FOLDER}
mkdir -p "$folder"
"$root/kneeseg" phantom "$folder/knees" --count 60 --size 32x64x64
for run in early:4 late:18; do
    "$root/kneeseg" train "$root/examples/lean.fsx" --data "$folder/knees" --run "$folder/${run%:*}" \
        --recipe "$root/examples/recipes/generated-knees.json" \
        --set patch=24x48x48 --set validateEvery=4 --epochs "${run#*:}"
done
exec "$root/bench/run" quality "$folder"
