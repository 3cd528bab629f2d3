#!/usr/bin/env bash
# Networks of other programs give the same logits after they are imported: bench/import.sh
# Needs python3-torch of Debian, which makes networks with random weights under the names of each program.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
/usr/bin/python3 "$root/bench/peers/import_networks.py" "$folder"
cd "$root/bench/peers"
while read -r name spec; do
  "$root/kneeseg" import "$folder/$name.pth" --spec "$spec" --labels background,a,b,c,d \
    --set spacing=1x1x1 --run "$folder/$name"
  "$root/bench/run" logits "$folder/$name" "$folder/$name.logits.pth"
done <"$folder/cases.txt"
