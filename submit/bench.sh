#!/usr/bin/env bash
# Measures the article's network on this machine, in images per second, with the code that trains and samples.
#
#   bench.sh [--precision float32|bfloat16|auto] [THREADS [BATCH [STEPS [REPLICAS]]]]
#   bench.sh --compare CHECKOUT [the same]
#
# REPLICAS (default 1) run at once, each with THREADS (1) threads and STEPS (8) steps of BATCH (64) images. The figures
# are medians, summed over the replicas. The limit is what the same threads reach with the network's convolutions and
# products with weights alone. src/test/resources/reference/pytorch.sh bench.py measures PyTorch the same way.
#
# --compare runs this and another checkout, which must be built, five times in turns, and prints the medians of both and
# of their ratios. The other one computes in float32 if it has no --precision.
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null) || script=${BASH_SOURCE[0]}
# shellcheck source=submit/common.sh
source "${script%/*}/common.sh"

if [[ ${1:-} == --help ]]; then
  print_help
  exit
fi

# The value of a figure in the output of a benchmark: figure NAME OUTPUT
figure() {
  awk -v name="$1" '$1 == name { print $2 }' <<<"$2"
}

median() {
  sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

if [[ ${1:-} == --compare ]]; then
  other=${2:-}
  [[ $other ]] || usage_failure "--compare has no folder: give that of another checkout, built, after it."
  [[ -x $other/submit/bench.sh ]] || usage_failure "$other has no submit/bench.sh: give the folder of another checkout, built."
  shift 2
  arguments=("$@")
  grep -q -- --precision "$other/submit/bench.sh" || [[ ${1:-} != --precision ]] || shift 2
  rounds=5
  here=() there=()
  for ((round = 1; round <= rounds; round++)); do
    here+=("$("$script" "${arguments[@]}")")
    there+=("$("$other/submit/bench.sh" "$@")")
    echo "round $round of $rounds: $(figure train_images_per_s "${here[-1]}") and $(figure train_images_per_s "${there[-1]}") images/s in training" >&2
  done
  for name in train_images_per_s forward_images_per_s peak_resident_mb; do
    [[ $(figure "$name" "${there[0]}") ]] || continue
    for ((round = 0; round < rounds; round++)); do
      echo "$(figure "$name" "${here[round]}") $(figure "$name" "${there[round]}")"
    done >"${pairs:=$(mktemp)}"
    echo "$name: $(awk '{ print $1 }' "$pairs" | median) here, $(awk '{ print $2 }' "$pairs" | median) in $other, ratio $(awk '{ printf "%.2f\n", $1 / $2 }' "$pairs" | median)"
  done
  rm -f "$pairs"
  exit
fi

check_java
check_jar
check_spark_home
# The bounds of conf/train.properties, with the heap and array memory that many replicas need.
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g -Dorg.bytedeco.javacpp.maxbytes=8G -Dorg.bytedeco.javacpp.maxphysicalbytes=9G \
  "-Dlog4j2.configurationFile=$project/conf/log4j2.properties" -cp "$jar:$spark_home/jars/*" Bench "$@"
