#!/usr/bin/python3
"""DICOM segmentations that KneeSeg predicts are checked by dciodvfy and read by pydicom, voxel for voxel.

Needs python3-pydicom, python3-nibabel, dicom3tools and dcm2niix of Debian. Run from a clone: bench/dicom_seg.py
KNEESEG names another program than the clone's launcher.
"""
import json
import os
import pathlib
import subprocess
import tempfile
import time

import nibabel
import numpy
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("KNEESEG", ROOT / "kneeseg")
MR, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"


def kneeseg(*words):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shape(slices, rows, columns, seed):
    """Blobs that a network of any weights makes several structures of."""
    random = numpy.random.default_rng(seed)
    k, r, c = numpy.meshgrid(*(numpy.linspace(0, 6, n) for n in (slices, rows, columns)), indexing="ij")
    voxels = 400 + 250 * numpy.sin(k) * numpy.cos(r) + 200 * numpy.sin(2 * c) + random.normal(0, 30, k.shape)
    return voxels.clip(0, 2000).astype("<u2")


def common(uid, echo=None):
    file = FileDataset(None, {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    file.SpecificCharacterSet = "ISO_IR 100"
    file.SOPClassUID, file.SOPInstanceUID = MR, generate_uid()
    file.Modality = "MR"
    file.PatientName, file.PatientID = "Müller^Jürgen", "P1"
    file.PatientBirthDate, file.PatientSex = "19500102", "M"
    file.StudyInstanceUID, file.SeriesInstanceUID, file.FrameOfReferenceUID = uid + ".1", uid + ".2", uid + ".3"
    file.StudyDate, file.StudyTime, file.StudyID, file.AccessionNumber = "20200102", "101500", "7", "A77"
    file.SeriesNumber, file.SeriesDescription = "4", "SAG DESS"
    file.ReferringPhysicianName = ""
    file.RepetitionTime = "16.5"
    if echo:
        file.EchoTime = str(echo)
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 16, 15, 0
    return file


# A sagittal plane, tilted: rows to the back, columns to the feet.
ACROSS = numpy.array([0.05, 0.9985, -0.02])
ACROSS /= numpy.linalg.norm(ACROSS)
DOWN = numpy.array([0.03, -0.01, -0.999])
DOWN -= DOWN @ ACROSS * ACROSS
DOWN /= numpy.linalg.norm(DOWN)
NORMAL = numpy.cross(ACROSS, DOWN)
SPACING, APART = ("0.4563", "0.3906"), 1.5


def decimals(values):
    return [f"{value:.6g}" for value in values]


def position(k):
    return decimals(numpy.array([-41.7, -80.2, 66.1]) + k * APART * NORMAL)


def classic(folder, voxels, uid, syntax, echoes=(None,)):
    """A file for each slice, in an order of names that is not that of the slices."""
    folder.mkdir(parents=True)
    for number, echo in enumerate(echoes):
        for k, slice_ in enumerate(voxels):
            file = common(uid, echo)
            file.file_meta.TransferSyntaxUID = syntax
            file.is_little_endian, file.is_implicit_VR = True, syntax == ImplicitVRLittleEndian
            file.InstanceNumber = str(k + 1)
            file.ImageOrientationPatient, file.ImagePositionPatient = decimals([*ACROSS, *DOWN]), position(k)
            file.PixelSpacing, file.SliceThickness = list(SPACING), "1.2"
            file.Rows, file.Columns = slice_.shape
            file.PixelData = (slice_ // (number + 1)).astype("<u2").tobytes()
            file.save_as(folder / f"IM{(k * 37 + 11) % 1009:04}_{number}", write_like_original=False)


def enhanced(path, voxels, uid):
    file = common(uid)
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.is_little_endian, file.is_implicit_VR = True, False
    file.SOPClassUID = ENHANCED_MR
    file.NumberOfFrames = str(len(voxels))
    file.Rows, file.Columns = voxels[0].shape
    measures, plane = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = list(SPACING), "1.2"
    # Without it dcm2niix takes the thickness.
    measures.SpacingBetweenSlices = str(APART)
    plane.ImageOrientationPatient = decimals([*ACROSS, *DOWN])
    shared = Dataset()
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [plane]
    file.SharedFunctionalGroupsSequence = [shared]
    file.PerFrameFunctionalGroupsSequence = []
    for k in range(len(voxels)):
        frame, place = Dataset(), Dataset()
        place.ImagePositionPatient = position(k)
        frame.PlanePositionSequence = [place]
        file.PerFrameFunctionalGroupsSequence.append(frame)
    file.PixelData = voxels.tobytes()
    file.save_as(path, write_like_original=False)


def complaints(path):
    """What dciodvfy reports, beside the name of the IOD."""
    done = subprocess.run(["dciodvfy", path], capture_output=True, text=True)
    return [line for line in (done.stdout + done.stderr).splitlines() if line and line != "Segmentation"]


def instances(source):
    files = sorted(source.iterdir()) if source.is_dir() else [source]
    return [pydicom.dcmread(file) for file in files]


def checked(run, source, choice, folder):
    """Predicts a series as a segmentation and as NIfTI, and compares them with the source and each other."""
    start = time.time()
    kneeseg("predict", run, f"{source}{choice}", "--out", folder / "seg", "--format", "dicom-seg")
    seconds = time.time() - start
    kneeseg("predict", run, f"{source}{choice}", "--out", folder / "nifti")
    path, = (folder / "seg").glob("*.dcm")
    assert not complaints(path), complaints(path)
    seg = pydicom.dcmread(path)
    files = [file for file in instances(source) if not choice or file.EchoTime == 15]
    known = {file.SOPInstanceUID: file for file in files}
    first = files[0]
    for word in ("StudyInstanceUID", "PatientName", "PatientID", "FrameOfReferenceUID", "StudyID", "AccessionNumber"):
        assert seg[word].value == first[word].value, word
    series, = seg.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == first.SeriesInstanceUID
    assert {item.ReferencedSOPInstanceUID for item in series.ReferencedInstanceSequence} == set(known)
    shared, = seg.SharedFunctionalGroupsSequence
    plane = first if "ImageOrientationPatient" in first else first.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0]
    measures = first if "PixelSpacing" in first else first.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert shared.PlaneOrientationSequence[0].ImageOrientationPatient == plane.ImageOrientationPatient
    assert shared.PixelMeasuresSequence[0].PixelSpacing == measures.PixelSpacing

    report = json.loads(path.with_name(path.name + ".json").read_text())
    names = {segment.SegmentNumber: segment.SegmentLabel for segment in seg.SegmentSequence}
    pixels = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns)
    found = numpy.zeros((len({tuple(position_of(f)) for f in seg.PerFrameFunctionalGroupsSequence}), seg.Rows, seg.Columns), "u1")
    for frame, group in zip(pixels, seg.PerFrameFunctionalGroupsSequence):
        segment, place = group.FrameContentSequence[0].DimensionIndexValues
        assert segment == group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        origin, = group.DerivationImageSequence[0].SourceImageSequence
        file = known[origin.ReferencedSOPInstanceUID]
        of = (file.PerFrameFunctionalGroupsSequence[origin.ReferencedFrameNumber - 1].PlanePositionSequence[0]
              if "ReferencedFrameNumber" in origin else file)
        assert position_of(group) == of.ImagePositionPatient
        assert not (found[place - 1][frame > 0]).any()
        found[place - 1][frame > 0] = segment
    for segment in report["segments"]:
        assert segment["name"] == names[segment["number"]]
        assert segment["voxels"] == (found == segment["number"]).sum()
    check_places(found, seg, nibabel.load(next((folder / "nifti").glob("*.nii.gz"))))

    # A wrong number must not pass.
    seg.SegmentSequence[0].SegmentNumber = 9
    seg.save_as(folder / "wrong.dcm")
    assert complaints(folder / "wrong.dcm"), "a wrong segment number was not reported"
    return f"{len(pixels)} frames, {path.stat().st_size / 1e6:.2f} MB, predicted in {seconds:.1f} s"


def check_places(found, seg, nifti):
    """Each labeled voxel has the same label at the same place in the NIfTI file, by DICOM's own formula (PS3.3, C.7.6.2.1.1)."""
    shared = seg.SharedFunctionalGroupsSequence[0]
    direction = numpy.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float)
    down, across = numpy.array(shared.PixelMeasuresSequence[0].PixelSpacing, float)
    places = {g.FrameContentSequence[0].DimensionIndexValues[1]: numpy.array(position_of(g), float)
              for g in seg.PerFrameFunctionalGroupsSequence}
    k, row, column = numpy.nonzero(found)
    origin = numpy.array([places[place] for place in range(1, len(places) + 1)])[k]
    lps = origin + numpy.outer(column * across, direction[:3]) + numpy.outer(row * down, direction[3:])
    index = (lps * [-1, -1, 1] - nifti.affine[:3, 3]) @ numpy.linalg.inv(nifti.affine[:3, :3]).T
    assert numpy.abs(index - index.round()).max() < 0.01, "between voxels"
    labels = numpy.asanyarray(nifti.dataobj)
    assert (labels[tuple(index.round().astype(int).T)] == found[found > 0]).all(), "other places"
    assert (labels > 0).sum() == (found > 0).sum()


def evaluated(folder):
    """Whether evaluate finds the segmentation equal to the labels as NIfTI."""
    told = json.loads(kneeseg("evaluate", folder / "seg", folder / "nifti", "--json"))
    dice = [label["dice"] for label in told["cases"][0]["labels"] if label["dice"] is not None]
    return dice != [] and all(value == 1 for value in dice)


def position_of(group):
    return group.PlanePositionSequence[0].ImagePositionPatient


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    kneeseg("phantom", folder / "knees", "--count", 3, "--size", "16x32x32")
    kneeseg("train", "unet3d+tiny", "--data", folder / "knees", "--run", folder / "run", "--patch", "16x32x32",
            "--epochs", 2, "--set", "stepsPerEpoch=4", "--set", "batchSize=1")
    voxels = shape(17, 43, 45, seed=1)
    sources = {
        "classic, implicit": (folder / "a" / "dess", ""),
        "two echoes, explicit": (folder / "b" / "qdess", "#echo=2"),
        "enhanced, one file": (folder / "c" / "enhanced.dcm", ""),
        "classic, 160 slices of 384×384": (folder / "d" / "large", ""),
    }
    classic(sources["classic, implicit"][0], voxels, "1.2.826.1", ImplicitVRLittleEndian)
    classic(sources["two echoes, explicit"][0], voxels, "1.2.826.2", ExplicitVRLittleEndian, (5, 15))
    (folder / "c").mkdir()
    enhanced(sources["enhanced, one file"][0], voxels, "1.2.826.3")
    classic(sources["classic, 160 slices of 384×384"][0], shape(160, 384, 384, 2), "1.2.826.4", ExplicitVRLittleEndian)
    for name, (source, choice) in sources.items():
        told = checked(folder / "run", source, choice, source.parent)
        print(f"{name}: {told}; dciodvfy silent, voxels equal by pydicom and nibabel", flush=True)
        # On a large volume of blobs, distances and thickness take minutes.
        if "large" not in str(source):
            assert evaluated(source.parent), name
