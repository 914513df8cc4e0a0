#!/usr/bin/env bash
# Prints this machine's GPUs in the form that Spark's GPU scheduling expects: {"name": "gpu", "addresses": ["0", "1"]}.
#
# Addresses are nvidia-smi's indices or, if CUDA_VISIBLE_DEVICES is set, the devices that it names: set in a worker's
# environment, it limits the worker to them. For spark.{driver,executor,worker}.resource.gpu.discoveryScript.
set -euo pipefail
set -f # addresses are not globs

if [[ ${1:-} == --help ]]; then
  sed -n '2,/^set /{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit
fi

fail() {
  printf '%s\n' "$1" >&2
  exit 3
}

if [[ ${CUDA_VISIBLE_DEVICES+set} ]]; then
  found=$CUDA_VISIBLE_DEVICES source=CUDA_VISIBLE_DEVICES
else
  command -v nvidia-smi >/dev/null ||
    fail "No NVIDIA driver was found, because there is no nvidia-smi on the PATH: install the driver, or do not ask Spark for GPUs here."
  found=$(nvidia-smi --query-gpu=index --format=csv,noheader) ||
    fail "nvidia-smi failed, and said: $found"
  source=nvidia-smi
fi

addresses=''
for address in ${found//,/ }; do
  [[ $address =~ ^([0-9]+|GPU-[0-9a-fA-F-]+)$ ]] ||
    fail "$source names '$address', which is not a GPU: it must be an index or a UUID (a part of a GPU, MIG, is not supported)."
  addresses+="${addresses:+, }\"$address\""
done
[[ $addresses ]] || fail "$source names no GPU: check nvidia-smi on this machine, or do not ask Spark for GPUs here."
printf '{"name": "gpu", "addresses": [%s]}\n' "$addresses"
