#!/usr/bin/env bash
# Trains the classifier whose features evaluate.sh compares: train-classifier.sh train.output=FOLDER [data.path=FOLDER]
# The jar ships a file that this wrote, from src/main/resources/flowmatching/work/evaluate/.
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null) || script=${BASH_SOURCE[0]}
# shellcheck source=submit/common.sh
source "${script%/*}/common.sh"
submit_job TrainClassifier train.properties "$@"
