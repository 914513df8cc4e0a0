#!/usr/bin/env bash
# Prints the GPUs of this machine as Spark's GPU scheduling takes them: {"name": "gpu", "addresses": ["0", "1"]}.
#
# Addresses are nvidia-smi's indices, or what CUDA_VISIBLE_DEVICES names where it is set: with it in a worker's environment
# the worker has those alone. For spark.{driver,executor,worker}.resource.gpu.discoveryScript.
set -euo pipefail
set -f # what is found is no pattern of file names

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
    fail "No NVIDIA driver was found, since there is no nvidia-smi on the PATH: install the driver, or ask Spark for no GPUs here."
  found=$(nvidia-smi --query-gpu=index --format=csv,noheader) ||
    fail "nvidia-smi failed, and said: $found"
  source=nvidia-smi
fi

addresses=''
for address in ${found//,/ }; do
  [[ $address =~ ^([0-9]+|GPU-[0-9a-fA-F-]+)$ ]] ||
    fail "$source names '$address', which is no GPU: it must be an index or a UUID (a part of a GPU, MIG, is not supported)."
  addresses+="${addresses:+, }\"$address\""
done
[[ $addresses ]] || fail "$source names no GPU: see nvidia-smi on this machine, or ask Spark for no GPUs here."
printf '{"name": "gpu", "addresses": [%s]}\n' "$addresses"
