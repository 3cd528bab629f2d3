#!/usr/bin/env bash
# Imports nnU-Net results with random weights and compares with PyTorch and with nnU-Net's steps in numpy and scipy: logits of a
# window within 1e-4, and labels of a whole prediction equal in 99.9 % of voxels.
# Usage: bench/nnunet.sh; needs python3 with numpy, scipy and torch (Debian's python3-scipy, python3-torch).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kneeseg=${KNEESEG_PROGRAM:-$root/kneeseg}
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -B "$root/bench/peers/nnunet_peer.py" "$work"
for at in "$work"/*/; do
    "$kneeseg" import "$at"nnUNetTrainer__* --run "${at}run"
    first=$(dirname "$(find "${at}run" -name run.json | sort | head -n 1)")
    "$kneeseg" export "$first" --onnx "${at}fold.onnx"
    "$kneeseg" predict "${at}run" "${at}images" --out "${at}plain" --precision fp32
    "$kneeseg" predict "${at}run" "${at}images" --out "${at}mirrored" --precision fp32 --tta
done
"$python" -B "$root/bench/peers/nnunet_compare.py" "$work"/*/
