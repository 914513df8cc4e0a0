"""Writes golden values of the reference U-Net, for UNetParityTest: golden.py FOLDER [--down 16,32,64] ...

FOLDER gets weights/ and gradients/ (NAME.npy), the inputs x1, z, t and xt, the target and its loss's ten Adam steps,
the outputs velocity and euler10, and facts.json. Then: mvn test -Dtest=UNetParityTest -Dparity.dir=FOLDER
"""
import argparse
import json
import pathlib

import numpy
import torch

from seed_unet import Unet, time_embedding


def integers(text):
    return [int(word) for word in text.split(",")]


def truths(text):
    return [{"true": True, "false": False}[word] for word in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--image", type=integers, default=[1, 28, 28], help="channels,height,width of an image")
    parser.add_argument("--down", type=integers, default=[32, 64, 128], help="channels between down blocks")
    parser.add_argument("--mid", type=integers, default=[128, 64], help="channels between middle blocks")
    parser.add_argument("--temb", type=int, default=128, help="length of the time embedding")
    parser.add_argument("--sample", type=truths, default=[True, True], help="whether each down block halves the size")
    parser.add_argument("--attend", type=truths, default=[False, True], help="whether each down block attends")
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def network(config):
    """The reference with PyTorch's initial weights, and with noise where they are constant: a constant hides mistakes."""
    unet = Unet(**config)
    with torch.no_grad():
        for parameter in unet.parameters():
            if parameter.min() == parameter.max():
                parameter += 0.1 * torch.randn_like(parameter)
    return unet


def euler(unet, z, steps):
    x = z
    with torch.no_grad():
        for i in range(steps):
            x = x + unet(x, torch.full((len(z),), i / steps)) / steps
    return x


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    config = {"im": args.image[0], "down": args.down, "mid": args.mid, "temb": args.temb,
              "sample": args.sample, "attend": args.attend}
    unet = network(config)

    def save(name, tensor):
        file = args.folder / (name + ".npy")
        file.parent.mkdir(parents=True, exist_ok=True)
        numpy.save(file, tensor.detach().numpy())

    x1 = 2 * torch.rand(args.images, *args.image) - 1
    z, t = torch.randn_like(x1), torch.rand(args.images)
    part = t[:, None, None, None]
    xt, target = part * x1 + (1 - part) * z, x1 - z
    for name, tensor in {"x1": x1, "z": z, "t": t, "xt": xt, "target": target}.items():
        save(name, tensor)
    save("time_embedding", time_embedding(t, args.temb))
    save("euler10", euler(unet, z, 10))

    velocity = unet(xt, t)
    save("velocity", velocity)
    loss = torch.nn.functional.mse_loss(velocity, target)
    loss.backward()
    for name, parameter in unet.named_parameters():
        save("weights/" + name, parameter)
        save("gradients/" + name, parameter.grad)

    adam, losses = torch.optim.Adam(unet.parameters(), lr=1e-3), []
    for _ in range(10):
        adam.zero_grad()
        step = torch.nn.functional.mse_loss(unet(xt, t), target)
        step.backward()
        adam.step()
        losses.append(step.item())
    facts = {"config": config, "loss": loss.item(), "adam_losses": losses,
             "parameters": sum(parameter.numel() for parameter in unet.parameters())}
    (args.folder / "facts.json").write_text(json.dumps(facts, indent=1))


main()
