"""Reads a safetensors file as its specification says; prints name, shape and values of each tensor."""
import json
import sys

import numpy

with open(sys.argv[1], "rb") as file:
    length = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(length))
    values = file.read()

assert length % 8 == 0, length
print("metadata", json.dumps(header.pop("__metadata__", {}), sort_keys=True))
for name, entry in header.items():
    begin, end = entry["data_offsets"]
    assert entry["dtype"] == "F32", entry
    tensor = numpy.frombuffer(values[begin:end], dtype="<f4").reshape(entry["shape"])
    print(name, tensor.shape, tensor.tolist())
