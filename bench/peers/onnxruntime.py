"""Just enough of ONNX Runtime's Python package for docs/how-to/export.md, over the C library of the NuGet package."""

import ctypes
import glob
import os
import re
from types import SimpleNamespace

import numpy as np

PACKAGE = sorted(glob.glob(os.path.expanduser("~/.nuget/packages/microsoft.ml.onnxruntime/*")))[-1]
HEADER = open(os.path.join(PACKAGE, "build/native/include/onnxruntime_c_api.h")).read()
TABLE = HEADER[HEADER.index("struct OrtApi {") :]
# Functions are in the order in which the header declares them.
NAMES = [
    next(name for name in found if name)
    for found in re.findall(
        r"^\s*(?:ORT_API2_STATUS\(\s*(\w+)|ORT_CLASS_RELEASE\((\w+)\)|\w[\w* ]*\(\s*ORT_API_CALL\s*\*\s*(\w+)\))",
        TABLE,
        re.MULTILINE,
    )
]


class ApiBase(ctypes.Structure):
    _fields_ = [("get_api", ctypes.CFUNCTYPE(ctypes.POINTER(ctypes.c_void_p), ctypes.c_uint32)), ("version", ctypes.c_void_p)]


library = ctypes.CDLL(os.path.join(PACKAGE, "runtimes/linux-x64/native/libonnxruntime.so"))
library.OrtGetApiBase.restype = ctypes.POINTER(ApiBase)
API = library.OrtGetApiBase().contents.get_api(17)


def call(name, *arguments):
    status = ctypes.CFUNCTYPE(ctypes.c_void_p, *[type(one) for one in arguments])(API[NAMES.index(name)])(*arguments)
    if status:
        message = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)(API[NAMES.index("GetErrorMessage")])
        raise RuntimeError(f"{name}: {message(status).decode()}")


def made(name, *arguments):
    found = ctypes.c_void_p()
    call(name, *arguments, ctypes.pointer(found))
    return found


ENVIRONMENT = made("CreateEnv", ctypes.c_int(3), ctypes.c_char_p(b"page"))
MEMORY = made("CreateCpuMemoryInfo", ctypes.c_int(0), ctypes.c_int(0))
ALLOCATOR = made("GetAllocatorWithDefaultOptions")


class InferenceSession:
    def __init__(self, path):
        self.session = made("CreateSession", ENVIRONMENT, ctypes.c_char_p(path.encode()), made("CreateSessionOptions"))

    def get_modelmeta(self):
        metadata = made("SessionGetModelMetadata", self.session)
        text = made("ModelMetadataLookupCustomMetadataMap", metadata, ALLOCATOR, ctypes.c_char_p(b"kneeseg"))
        return SimpleNamespace(custom_metadata_map={"kneeseg": ctypes.string_at(text).decode()})

    def run(self, outputs, inputs):
        arrays = [np.ascontiguousarray(array, np.float32) for array in inputs.values()]
        values = (ctypes.c_void_p * len(arrays))(*[self.value(array).value for array in arrays])
        names = (ctypes.c_char_p * len(arrays))(*[name.encode() for name in inputs])
        wanted = (ctypes.c_char_p * 1)(outputs[0].encode())
        results = (ctypes.c_void_p * 1)()
        count = ctypes.c_size_t
        call("Run", self.session, ctypes.c_void_p(), names, values, count(len(arrays)), wanted, count(1), results)
        result = ctypes.c_void_p(results[0])
        shape = made("GetTensorTypeAndShape", result)
        rank = count()
        call("GetDimensionsCount", shape, ctypes.pointer(rank))
        lengths = (ctypes.c_int64 * rank.value)()
        call("GetDimensions", shape, lengths, rank)
        data = made("GetTensorMutableData", result)
        numbers = np.ctypeslib.as_array(ctypes.cast(data, ctypes.POINTER(ctypes.c_float)), tuple(lengths)).copy()
        for name, one in [("Value", result), *[("Value", ctypes.c_void_p(value)) for value in values]]:
            ctypes.CFUNCTYPE(None, ctypes.c_void_p)(API[NAMES.index(name)])(one)
        return [numbers]

    @staticmethod
    def value(array):
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        return made(
            "CreateTensorWithDataAsOrtValue",
            MEMORY,
            ctypes.c_void_p(array.ctypes.data),
            ctypes.c_size_t(array.nbytes),
            shape,
            ctypes.c_size_t(array.ndim),
            ctypes.c_int(1),
        )
