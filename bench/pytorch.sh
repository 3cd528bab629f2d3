#!/usr/bin/env bash
# Networks of the zoo give the same logits as modules of PyTorch: bench/pytorch.sh [NETWORK]
# Needs python3-torch of Debian.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$root/bench/run" pytorch "$folder" "$@"
/usr/bin/python3 "$root/bench/peers/pytorch_modules.py" "$folder"
