"""Exported modules give the logits that KneeSeg gave: python3 pytorch_modules.py FOLDER, see bench/pytorch.sh."""

import importlib.util
import json
import struct
import sys
from pathlib import Path

import torch


def tensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__")
    return {
        name: torch.frombuffer(bytearray(data[slice(*about["data_offsets"])]), dtype=torch.float32).reshape(about["shape"])
        for name, about in header.items()
    }


worst = 0
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    spec = importlib.util.spec_from_file_location("module", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.load(path.with_suffix(".safetensors"))
    io = tensors(path.with_suffix(".io.safetensors"))
    expected = io.pop("logits")
    with torch.no_grad():
        difference = ((network(**io) - expected).abs().max() / expected.std()).item()
    print(f"{path.stem:32} {len(path.read_text().splitlines()):5} lines  {difference:.1e}", flush=True)
    worst = max(worst, difference)
print(f"largest difference: {worst:.1e} deviations")
sys.exit(0 if worst <= 1e-4 else 1)
