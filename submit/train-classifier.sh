#!/usr/bin/env bash
# Trains the classifier whose features evaluate.sh compares: train-classifier.sh train.output=FOLDER [data.path=FOLDER]
# The jar ships a file that this wrote, from src/main/resources/flowmatching/work/evaluate/.
set -euo pipefail
# shellcheck source=submit/common.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"
submit_job TrainClassifier train.properties "$@"
