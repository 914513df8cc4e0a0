#!/usr/bin/env bash
# Makes images with a trained model: sample.sh [SPARK-SUBMIT-OPTION... --] [--config FILE-OR-URI]... [PATH=VALUE]...
# MASTER names the Spark master (default local[*]), SPARK_HOME a Spark 3.5 home (default: the one that the build makes).
# Paths are relative to the folder it is called from. sample.sh --help explains the application's arguments.
set -euo pipefail
# shellcheck source=submit/common.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"
submit_job SampleJob sample.properties "$@"
