"""Trains the reference on Fashion-MNIST as the seed does, and writes the network as SampleJob takes it.

train.py FOLDER [--seed 0] [--epochs 1] [--batch 256]    Run it through pytorch.sh, which sets PyTorch up well.
"""
import argparse
import gzip
import hashlib
import json
import pathlib
import time

import numpy
import torch

from seed_unet import Unet

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
MODEL = {"image": {"channels": 1, "height": 28, "width": 28}, "channels": [32, 64, 128], "mid-channels": [128, 64],
         "time-embedding": 128, "down-sample": [True, True], "attention": [False, True], "heads": 4, "groups": 8}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch", type=int, default=256)
    return parser.parse_args()


def training_images():
    with gzip.open(DATA / "train-images-idx3-ubyte.gz") as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
    return torch.from_numpy(pixels.reshape(-1, 1, 28, 28).astype(numpy.float32) / 127.5 - 1)


def loss_of(unet, images):
    t, z = torch.rand(len(images)), torch.randn_like(images)
    part = t[:, None, None, None]
    return torch.nn.functional.mse_loss(unet(part * images + (1 - part) * z, t), images - z)


def write(unet, folder):
    """A safetensors file: the length of a header in JSON, the header, and the tensors one after the other."""
    header, values = {}, b""
    for name, tensor in unet.state_dict().items():
        data = tensor.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(values), len(values) + len(data)]}
        values += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file = len(text).to_bytes(8, "little") + text + values
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(file)
    weights = {"bytes": len(file), "sha256": hashlib.sha256(file).hexdigest()}
    parameters = sum(tensor.numel() for tensor in unet.parameters())
    (folder / "model.json").write_text(json.dumps(
        {"format_version": 1, "model": MODEL, "parameters": parameters, "weights": weights}))


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    images, unet = training_images(), Unet()
    adam = torch.optim.Adam(unet.parameters(), 1e-3)
    steps, losses, start = len(images) // args.batch, [], time.time()
    for epoch in range(args.epochs):
        order = torch.randperm(len(images))
        for step in range(steps):
            adam.zero_grad()
            loss = loss_of(unet, images[order[step * args.batch:(step + 1) * args.batch]])
            loss.backward()
            adam.step()
            losses.append(loss.item())
            if step % 20 == 19 or step == steps - 1:
                print(f"epoch {epoch + 1} step {step + 1} loss {numpy.mean(losses[-20:]):.4f} "
                      f"{len(losses) * args.batch / (time.time() - start):.1f} images/s", flush=True)
    write(unet, args.folder)


if __name__ == "__main__":
    main()
