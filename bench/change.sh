#!/usr/bin/env bash
# How exactly a change of thickness is measured on 30 generated pairs of known change: bench/change.sh FOLDER
# Trains a network on 24 of 40 other knees. At most 20 minutes on two cores; resumes.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
folder=${1:?usage: bench/change.sh FOLDER}
mkdir -p "$folder"
kneeseg() { "$root/kneeseg" "$@"; }

kneeseg phantom "$folder/knees" --count 40 --size 96x224x224
# A patch is a whole knee: from a part of one, its side is hard to tell.
kneeseg train "$root/examples/lean.fsx+instance-norm" --data "$folder/knees" --run "$folder/run" \
    --recipe "$root/examples/recipes/generated-knees.json" --set foregroundFraction=0.8 \
    --set spacing=2.8x1.6x1.6 --set patch=40x88x88 --set validateEvery=7 --epochs 14
kneeseg phantom "$folder/pairs" --count 30 --size 96x224x224 --seed 1001 --visits 2 --thinning mixed
# All are predicted, and a trial knows the side of a knee.
sed -i 's/"split": "[a-z]*"/"split": "test"/' "$folder/pairs/dataset.json"
kneeseg measure "$folder/pairs" --visits "$folder/pairs/visits.csv" --out "$folder/reference"
kneeseg predict "$folder/run" "$folder/pairs" --out "$folder/labels" --postprocess anatomy
kneeseg measure "$folder/labels" --visits "$folder/pairs/visits.csv" --out "$folder/predicted"
kneeseg evaluate "$folder/labels" "$folder/pairs" --out "$folder/evaluated"
exec "$root/bench/run" change "$folder"
