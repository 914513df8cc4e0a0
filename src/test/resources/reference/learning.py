"""Losses of the reference on the minibatches that LearningIT exported: learning.py FOLDER

100 steps of Adam at learning rate 1e-3 from the golden weights of parity/seed; prints a JSON list.
"""
import json, os, sys
import numpy as np, torch
from seed_unet import Unet

here = os.path.dirname(os.path.abspath(__file__))
weights = os.path.join(here, '..', 'parity', 'seed', 'weights')
folder, batch = sys.argv[1], 64

model = Unet()
model.load_state_dict({f[:-4]: torch.from_numpy(np.load(os.path.join(weights, f))) for f in os.listdir(weights)})
adam = torch.optim.Adam(model.parameters(), 1e-3)
xt, t, target = (torch.from_numpy(np.load(os.path.join(folder, f'{name}.npy'))) for name in ('xt', 't', 'target'))
losses = []
for i in range(0, len(xt), batch):
    adam.zero_grad()
    loss = torch.nn.functional.mse_loss(model(xt[i:i + batch], t[i:i + batch, 0]), target[i:i + batch])
    loss.backward()
    adam.step()
    losses.append(loss.item())
json.dump(losses, sys.stdout)
