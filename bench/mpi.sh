#!/usr/bin/env bash
# Two ranks by MPI train the weights of one process that accumulates the gradients of two parts, byte for byte, also after a
# rank is killed: bench/mpi.sh
# Where there is no mpirun, it installs Debian's Open MPI, as root. MPIRUN=mpiexec.mpich takes another one.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
mpirun=${MPIRUN:-mpirun}
command -v "$mpirun" >/dev/null || apt-get install --yes --no-install-recommends openmpi-bin >/dev/null
# Open MPI refuses to start as root unless it is told twice.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Time to save before mpirun kills: more than the second that it gives by default, where the machine is busy.
export OMPI_MCA_odls_base_sigkill_timeout=5
# The bytes depend on the number of threads.
export OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$root/kneeseg" phantom "$work/knees" --count 5 --size 16x32x32 2>/dev/null
train=("$root/kneeseg" train unet3d+tiny --data "$work/knees" --patch 16x32x32 --epochs 4
  --set stepsPerEpoch=6 --set batchSize=2 --set validateEvery=2)
last() { echo "$work/$1/checkpoints/last.safetensors"; }
same() {
  cmp "$(last "$1")" "$(last "$2")"
  echo "$3: the same bytes"
}

"${train[@]}" --set accumulationSteps=2 --run "$work/one" >/dev/null 2>&1
"$mpirun" -n 2 "${train[@]}" --run "$work/two" >/dev/null 2>&1
same one two "2 ranks, and one process with accumulationSteps=2"

"$mpirun" -n 2 "${train[@]}" --run "$work/killed" >"$work/log" 2>&1 &
until [ -s "$work/killed/log.jsonl" ]; do sleep 0.1; done
started=$(date +%s%N)
for process in /proc/[0-9]*; do
  if tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qE '^(OMPI_COMM_WORLD_RANK|PMI_RANK)=1$' &&
    tr '\0' ' ' <"$process/cmdline" | grep -qF "$work/killed"; then
    kill -9 "${process#/proc/}"
  fi
done
code=0
wait $! || code=$?
echo "rank 1 was killed in the second epoch: all ended after $((($(date +%s%N) - started) / 1000000)) ms with exit code $code"
show() { sed 's/\x1b\[?1h\x1b=//g; s#/tmp/[^ ]*/#…/#g; /^-*$/d; s/^/| /'; }
show <"$work/log"
cp -r "$work/killed" "$work/killed-alone"

"$mpirun" -n 2 "${train[@]}" --run "$work/killed" >/dev/null 2>&1
same one killed "resumed by 2 ranks"
"${train[@]}" --set accumulationSteps=2 --run "$work/killed-alone" >/dev/null 2>&1
same one killed-alone "resumed by one process with accumulationSteps=2"
if "$mpirun" -n 1 "${train[@]}" --run "$work/killed" >"$work/log" 2>&1; then
  echo "one rank took the run over" >&2
  exit 1
fi
grep -A 2 'error: ' "$work/log" | show
