#!/usr/bin/env bash
# Evaluates images: evaluate.sh [SPARK-SUBMIT-OPTION... --] [--config FILE-OR-URI]... [PATH=VALUE]...
# MASTER is the Spark master (default local[*]), SPARK_HOME a Spark 3.5 home (default: the one that the build assembles).
# Paths are relative to the current folder. evaluate.sh --help explains the application's arguments.
set -euo pipefail
# shellcheck source=submit/common.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"
submit_job EvaluateJob sample.properties "$@"
