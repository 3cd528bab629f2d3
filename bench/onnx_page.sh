#!/usr/bin/env bash
# Runs the Python program of docs/how-to/export.md on a generated knee, and compares its labels with kneeseg's.
# Usage: bench/onnx_page.sh RUN (a 3D run of one channel); needs python3 with numpy, scipy and nibabel.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kneeseg=${KNEESEG_PROGRAM:-$root/kneeseg}
run=${1:?usage: bench/onnx_page.sh RUN}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$kneeseg" phantom "$work/knees" --count 1 --size 40x90x80 --seed 77
"$kneeseg" export "$run" --onnx "$work/knee.onnx"
"$kneeseg" predict "$run" "$work/knees/images" --out "$work/labels" --precision fp32
sed -n '/^```python$/,/^```$/p' "$root/docs/how-to/export.md" | sed '1d;$d' >"$work/predict.py"
image=$(ls "$work"/knees/images/*)
PYTHONPATH=$root/bench/peers python3 "$work/predict.py" "$work/knee.onnx" "$image" "$work/page.nii.gz"
python3 - "$work/page.nii.gz" "$work"/labels/*.nii.gz <<'PYTHON'
import sys
import nibabel as nib
import numpy as np

page, ours = (np.asarray(nib.load(path).dataobj) for path in sys.argv[1:3])
same = (page == ours).mean()
print(f"{100 * same:.3f} % of {page.size:,} voxels have the same label")
sys.exit(0 if same >= 0.999 else 1)
PYTHON
