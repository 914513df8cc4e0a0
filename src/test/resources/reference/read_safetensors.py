"""Reads a safetensors file as its specification says; prints name, shape and values of each tensor."""
import json
import sys

import numpy


def read(path):
    """The metadata, and the tensors by name."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        values = file.read()
    assert length % 8 == 0, length
    metadata, tensors = header.pop("__metadata__", {}), {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32", entry
        tensors[name] = numpy.frombuffer(values[begin:end], dtype="<f4").reshape(entry["shape"])
    return metadata, tensors


if __name__ == "__main__":
    metadata, tensors = read(sys.argv[1])
    print("metadata", json.dumps(metadata, sort_keys=True))
    for name, tensor in tensors.items():
        print(name, tensor.shape, tensor.tolist())
