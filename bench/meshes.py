#!/usr/bin/python3
"""Meshes that KneeSeg writes are read by VTK: closed, with the volume of the voxels, in LPS, with thickness and region.

Needs python3-vtk9 and python3-nibabel of Debian. Run from a clone: bench/meshes.py LABELS.nii.gz [PROFILE]
KNEESEG names another program than the clone's launcher.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import nibabel
import numpy
import vtk
from vtk.util.numpy_support import vtk_to_numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("KNEESEG", ROOT / "kneeseg")
READERS = {"vtk": vtk.vtkPolyDataReader, "ply": vtk.vtkPLYReader, "stl": vtk.vtkSTLReader}


def read(path):
    reader = READERS[path.suffix[1:]]()
    reader.SetFileName(str(path))
    if path.suffix == ".vtk":
        reader.ReadAllScalarsOn()
    reader.Update()
    return reader.GetOutput()


def open_edges(mesh):
    edges = vtk.vtkFeatureEdges()
    edges.SetInputData(mesh)
    edges.BoundaryEdgesOn()
    edges.FeatureEdgesOff()
    edges.ManifoldEdgesOff()
    edges.NonManifoldEdgesOff()
    edges.Update()
    return edges.GetOutput().GetNumberOfCells()


def volume(mesh):
    mass = vtk.vtkMassProperties()
    mass.SetInputData(mesh)
    return mass.GetVolume()


def main(labels, *profile):
    image = nibabel.load(labels)
    voxels, voxel = numpy.asarray(image.dataobj), abs(numpy.linalg.det(image.affine[:3, :3]))
    with tempfile.TemporaryDirectory() as folder:
        for ending in READERS:
            out = pathlib.Path(folder, ending)
            flags = ["--profile", *profile] if profile else []
            subprocess.run([PROGRAM, "measure", labels, "--out", out, "--meshes", ending, *flags], check=True,
                           stdout=subprocess.DEVNULL)
            case = json.loads((out / "measurements.json").read_text())["cases"][0]
            for one in case["labels"]:
                name = f"{case['id']}_{one['name'].replace(' ', '-')}"
                body, bone = (read(out / "meshes" / f"{name}{part}.{ending}") for part in ("", "_bone"))
                counted = int((voxels == one["label"]).sum()) * voxel
                assert open_edges(body) == 0, name
                assert abs(volume(body) / counted - 1) < 0.06, (name, volume(body), counted)
                middle = numpy.array(body.GetCenter())
                places = numpy.argwhere(voxels == one["label"])
                low, high = places.min(0), places.max(0)
                expected = image.affine @ [*((low + high) / 2), 1]
                assert numpy.abs(middle - expected[:3] * [-1, -1, 1]).max() < 5, (name, middle, expected)
                if ending == "vtk":
                    assert body.GetFieldData().GetAbstractArray("SPACE").GetValue(0) == "LPS"
                    values = {key: vtk_to_numpy(bone.GetPointData().GetArray(key)) for key in ("thickness", "region", "area")}
                    whole = one["morphometry"]["regions"][0]
                    # The table's area has a margin more, which is thinner than a voxel.
                    mean = (values["thickness"] * values["area"]).sum() / whole["tAB"]
                    assert abs(mean - whole["ThCtAB"]) < 0.05, (name, mean, whole)
                    print(f"{name}: {body.GetNumberOfPolys()} triangles, volume {volume(body):.0f} of {counted:.0f} mm³, "
                          f"thickness {mean:.3f} of {whole['ThCtAB']:.3f} mm, regions {sorted(set(values['region']))}")


main(*sys.argv[1:])
