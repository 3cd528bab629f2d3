#!/usr/bin/python3
"""What KneeSeg writes is read by nibabel, and what nibabel and h5py write is read by KneeSeg, voxel for voxel.

Needs python3-nibabel and python3-h5py of Debian. Run from a clone: bench/formats.py
"""
import hashlib
import itertools
import json
import pathlib
import subprocess
import tempfile

import h5py
import nibabel
import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent


def kneeseg(*words):
    return subprocess.run([ROOT / "kneeseg", *map(str, words)], check=True, capture_output=True, text=True).stdout


def understood(path):
    return json.loads(kneeseg("info", path, "--json"))[0]


def sha256(voxels):
    return hashlib.sha256(voxels.astype("<f4").tobytes(order="F")).hexdigest()


def same(path, voxels, affine):
    info = understood(path)
    assert info["shape"] == list(voxels.shape), (path, info["shape"], voxels.shape)
    assert info["sha256"] == sha256(voxels), f"{path}: other voxels"
    off = numpy.abs(numpy.array(info["affine"]) - affine).max()
    assert off < 1e-4, f"{path}: affine off by {off}"


def turned(degrees, spacing, origin):
    x, y, z = numpy.radians(degrees)
    about_x = [[1, 0, 0], [0, numpy.cos(x), -numpy.sin(x)], [0, numpy.sin(x), numpy.cos(x)]]
    about_z = [[numpy.cos(z), -numpy.sin(z), 0], [numpy.sin(z), numpy.cos(z), 0], [0, 0, 1]]
    affine = numpy.eye(4)
    affine[:3, :3] = numpy.array(about_z) @ about_x @ numpy.diag(spacing)
    affine[:3, 3] = origin
    return affine


def ours_by_nibabel(folder):
    kneeseg("phantom", folder / "knees", "--count", 3, "--size", "20x48x40")
    files = sorted((folder / "knees").rglob("*.nii.gz"))
    for path in files:
        image = nibabel.load(path)
        same(path, numpy.asanyarray(image.dataobj), image.affine)
        assert numpy.allclose(image.get_qform(), image.get_sform(), atol=1e-4), path
    return len(files)


def nibabels_by_us(folder):
    random = numpy.random.default_rng(1)
    kinds = itertools.product(
        (nibabel.Nifti1Image, nibabel.Nifti2Image, nibabel.Nifti1Pair),
        ("u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8", "i8", "u8"),
        "<>",
        ((0, 0, 0), (20, 0, -35)),
    )
    count = 0
    for kind, dtype, order, degrees in kinds:
        voxels = random.integers(0, 100, (5, 7, 6)).astype(order + dtype)
        affine = turned(degrees, (0.5, 0.75, 2), (-20, 13, 4.5))
        header = kind.header_class(endianness=order)
        header.set_data_dtype(order + dtype)
        image = kind(voxels, affine, header)
        image.set_qform(affine, code=1)
        image.set_sform(affine, code=1)
        for ending in (".img",) if kind is nibabel.Nifti1Pair else (".nii", ".nii.gz"):
            path = folder / f"{count}{ending}"
            nibabel.save(image, path)
            same(path, voxels, affine)
            count += 1
    return count


def h5pys_by_us(folder):
    random = numpy.random.default_rng(2)
    count = 0
    for dtype, options in itertools.product(
        (">f4", "<i2", "u1"),
        ({}, {"chunks": (4, 4, 4)}, {"chunks": (4, 4, 4), "compression": "gzip", "shuffle": True, "fletcher32": True}),
    ):
        voxels = random.integers(0, 100, (384, 384, 160) if not options and dtype == "u1" else (8, 6, 5)).astype(dtype)
        if voxels.shape != (384, 384, 160):
            voxels = numpy.resize(voxels, (384, 384, 160))
        path = folder / f"train_{count:03}_V00.im"
        with h5py.File(path, "w") as file:
            file.create_dataset("data", data=voxels, **({**options, "chunks": (32, 32, 32)} if options else {}))
        info = understood(path)
        assert info["sha256"] == sha256(voxels), f"{path}: other voxels"
        path.unlink()
        count += 1
    return count


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    print(f"{ours_by_nibabel(folder)} files of ours are read by nibabel")
    print(f"{nibabels_by_us(folder)} files of nibabel's are read by us")
    print(f"{h5pys_by_us(folder)} files of h5py's are read by us")
