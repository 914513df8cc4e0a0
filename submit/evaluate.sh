#!/usr/bin/env bash
# Evaluates images: evaluate.sh [SPARK-SUBMIT-OPTION... --] [--config FILE-OR-URI]... [PATH=VALUE]...
# MASTER is the Spark master (default local[*]), SPARK_HOME a Spark 3.5 home (default: the one that the build assembles).
# Paths are relative to the current folder. evaluate.sh --help explains the application's arguments.
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null) || script=${BASH_SOURCE[0]}
# shellcheck source=submit/common.sh
source "${script%/*}/common.sh"
submit_job EvaluateJob sample.properties "$@"
