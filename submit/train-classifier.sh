#!/usr/bin/env bash
# Trains the classifier by whose features evaluate.sh compares images: train-classifier.sh train.output=FOLDER [data.path=FOLDER]
# The file that it writes there is what src/main/resources/flowmatching/work/evaluate/ ships.
set -euo pipefail
# shellcheck source=submit/common.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"
submit_job TrainClassifier train.properties "$@"
