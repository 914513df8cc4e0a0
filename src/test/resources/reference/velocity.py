"""Loads model.safetensors of a folder into the reference U-Net of its config.json; writes velocity.npy for x.npy and t.npy."""
import json
import pathlib
import sys

import numpy
import torch

from read_safetensors import read
from seed_unet import Unet

folder = pathlib.Path(sys.argv[1])
unet = Unet(**json.loads((folder / "config.json").read_text()))
_, tensors = read(folder / "model.safetensors")
unet.load_state_dict({name: torch.tensor(tensor) for name, tensor in tensors.items()}, strict=True)
x, t = (torch.from_numpy(numpy.load(folder / name)) for name in ("x.npy", "t.npy"))
with torch.no_grad():
    numpy.save(folder / "velocity.npy", unet(x, t).numpy())
