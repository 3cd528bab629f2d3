#!/usr/bin/env bash
# Tries the download that build/package makes as a new user does, in a minimal Debian 12 without .NET and without a network.
# As root, with debootstrap:  bench/download.sh artifacts/package/kneeseg-0.2.0-linux-x64.tar.gz
set -euo pipefail
tarball=$(readlink -f "$1")
system=$(mktemp -d)
trap 'umount "$system/proc" 2>/dev/null || true; rm -rf --one-file-system "$system"' EXIT
mirror=$(sed -n 's/^URIs: //p; s/^deb \(http[^ ]*\) .*/\1/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1 || true)
debootstrap --variant=minbase --include=libssl3 bookworm "$system" "$mirror" >/dev/null
tar xzf "$tarball" -C "$system/opt"
mount -t proc proc "$system/proc"
cat >"$system/srv/try.sh" <<'END'
set -eux
cd /opt/kneeseg-*
! command -v dotnet
./kneeseg doctor
./kneeseg describe examples/my-network.fsx
./kneeseg phantom /srv/knees --count 5 --size 16x32x32
./kneeseg train examples/my-network.fsx --data /srv/knees --run /srv/run --patch 16x32x32 --epochs 2 \
  --set stepsPerEpoch=4 --set batchSize=1
./kneeseg predict /srv/run /srv/knees --out /srv/labels
./kneeseg evaluate /srv/labels /srv/knees --out /srv/run
./kneeseg report /srv/run --viewer
./kneeseg export /srv/run --onnx /srv/knee.onnx
./kneeseg view /srv/knees/images/knee-0001.nii.gz --labels /srv/knees/labels/knee-0001.nii.gz --out /srv/page.html
./kneeseg demo --out /srv/demo
END
unshare --net chroot "$system" /usr/bin/env -i HOME=/srv PATH=/usr/bin:/bin bash /srv/try.sh
