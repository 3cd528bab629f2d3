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


fine = True
print(f"{'network':32} lines  KneeSeg  PyTorch   (largest difference from float64, in largest logits)")
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    spec = importlib.util.spec_from_file_location("module", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.load(path.with_suffix(".safetensors"))
    io = tensors(path.with_suffix(".io.safetensors"))
    ours = io.pop("logits")
    with torch.no_grad():
        theirs = network(**io)
        exact = network.double()(**{name: tensor.double() for name, tensor in io.items()})
    largest = exact.abs().max()
    ours, theirs = (((logits - exact).abs().max() / largest).item() for logits in (ours, theirs))
    print(f"{path.stem:32} {len(path.read_text().splitlines()):5}  {ours:.1e}  {theirs:.1e}", flush=True)
    # Rounding of float32 grows in some networks with random weights, on both sides alike.
    fine = fine and ours <= max(1e-5, 10 * theirs)
sys.exit(0 if fine else 1)
