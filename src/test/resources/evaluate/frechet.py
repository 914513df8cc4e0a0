"""Writes features of two sets, and the squared Fréchet distance between them by SciPy: python3 frechet.py > frechet.json"""

import json

import numpy as np
import scipy.linalg


def distance(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    covariances = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    means = a.mean(axis=0) - b.mean(axis=0)
    return means @ means + np.trace(covariances[0] + covariances[1] - 2 * root)


if __name__ == "__main__":
    random = np.random.default_rng(1)
    mix = random.normal(size=(8, 8))
    a = (random.normal(size=(60, 8)) @ mix + 3).astype(np.float32)
    b = (random.gamma(2.0, size=(50, 8)) @ mix[::-1]).astype(np.float32)
    rows = lambda x: [[float(f"{value:.6g}") for value in row] for row in x]
    a, b = np.array(rows(a), np.float32), np.array(rows(b), np.float32)
    print(json.dumps({"a": rows(a), "b": rows(b), "distance": distance(a, b)}))
