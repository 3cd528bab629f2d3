#!/usr/bin/env bash
# Whether plans keep their word and are worth it: bench/plan.sh FOLDER [SET...]
# Plans for three sets of 40 generated knees (isotropic-like, thick slices, large) within 1.5, 4 and 12 GB, measures memory and
# time of each plan, and trains it for as long as examples/lean.fsx with its recipe took on the same set. About three hours on two
# cores, an hour a set, since equal plans are trained once; resumes. The machine must do nothing else.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
folder=${1:?usage: bench/plan.sh FOLDER [iso|thick|large...]}
shift
sets=("$@")
[ $# -gt 0 ] || sets=(iso thick large)
# More epochs than the recipe's own take longer for all.
epochs=${EPOCHS:-42}
declare -A size=([iso]=48x96x96 [thick]=24x256x256 [large]=160x160x160)
kneeseg() { "$root/kneeseg" "$@"; }

# Runs a command and writes the most memory that it had at once, without mapped files, in bytes.
peak_of() {
    local file=$1 most=0 now
    shift
    kneeseg "$@" &
    local pid=$!
    while now=$(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
        [ "$now" -le "$most" ] || most=$now
        sleep 0.05
    done
    wait "$pid"
    echo $((most * 1024)) >"$file"
}

# Trains, predicts the test cases and evaluates.
finish() {
    local data=$1 run=$2
    shift 2
    kneeseg train "$@" --data "$data" --run "$run"
    [ -f "$run/evaluation.json" ] && return
    kneeseg predict "$run" "$data" --out "$run/labels"
    kneeseg evaluate "$run/labels" "$data" --out "$run"
}

for set in "${sets[@]}"; do
    at=$folder/$set
    mkdir -p "$at"
    kneeseg phantom "$at/knees" --count 40 --size "${size[$set]}"
    finish "$at/knees" "$at/lean" "$root/examples/lean.fsx" \
        --recipe "$root/examples/recipes/generated-knees.json" --epochs "$epochs"
    seconds=$(awk -F'"seconds":' '{ sum += $2 + 0 } END { printf "%d", sum }' "$at/lean/log.jsonl")
    for limit in 1.5 4 12; do
        plan=$at/$limit
        [ -f "$plan/network.fsx" ] || kneeseg plan "$at/knees" --memory "${limit}G" --time "${seconds}s" --out "$plan"
        # Three epochs, the last with a validation: seconds of a step are those of the second.
        [ -f "$plan/peak" ] || {
            rm -rf "$plan/probe"
            peak_of "$plan/peak" train "$plan" --data "$at/knees" --run "$plan/probe" \
                --epochs 3 --set stepsPerEpoch=20 --set validateEvery=3
        }
        # Plans of other limits may be the same, but for a few steps.
        key=$(cat "$plan/network.fsx" <(grep -E '"(patch|batchSize|spacing)"' "$plan/recipe.json") | sha256sum | cut -c1-12)
        [ -e "$at/plan-$key" ] || ln -s "$limit" "$at/plan-$key"
        finish "$at/knees" "$at/run-$key" "$at/plan-$key"
        ln -sfn "../run-$key" "$plan/run"
    done
done
exec "$root/bench/run" plan "$folder"
