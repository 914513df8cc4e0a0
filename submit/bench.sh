#!/usr/bin/env bash
# The speed of the article's network on this machine, in images a second, by the code that trains and samples.
#
#   bench.sh [THREADS [BATCH [STEPS [REPLICAS]]]]
#
# REPLICAS (default 1) run at once, with THREADS (1) threads each, STEPS (8) steps of BATCH (64) images each; the
# figures are their medians, summed over the replicas. src/test/resources/reference/pytorch.sh bench.py is PyTorch's counterpart.
set -euo pipefail
# shellcheck source=submit/common.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"

if [[ ${1:-} == --help ]]; then
  print_help
  exit
fi
check_java
check_jar
check_spark_home
# Bounds of conf/train.properties, but with a heap and arrays as the bench needs them for many replicas.
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g -Dorg.bytedeco.javacpp.maxbytes=8G -Dorg.bytedeco.javacpp.maxphysicalbytes=9G \
  "-Dlog4j2.configurationFile=$project/conf/log4j2.properties" -cp "$jar:$spark_home/jars/*" Bench "$@"
