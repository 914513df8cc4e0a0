#!/usr/bin/env bash
# Samples a day's images, for cron or any other scheduler: nightly.sh FOLDER [sample.sh's arguments]...
#
#   RUN_DATE   the day that the run is for, such as 2026-11-24 (default: today, when it starts)
#
# The seed of the images is the digits of the date, from conf/schedule.conf; your own sample.seed overrides it.
#
# FOLDER gets one log per day, sample-DATE.log, to which each start for that day appends, and a lock: a start while another
# run has the lock does nothing. The exit code is SampleJob's, or 75 if another run has the lock. Starting again is safe
# after any of them: finished work is not repeated.
#   0 done   1, 3 start it again, after fixing what the log names   2, 4 fix the configuration or the model first
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null) || script=${BASH_SOURCE[0]}
# shellcheck source=submit/common.sh
source "${script%/*}/../common.sh"

if [[ $# == 0 || $1 == --help ]]; then
  print_help
  exit $(($# == 0 ? 2 : 0))
fi
folder=$1
[[ $folder != -* ]] || usage_failure "The folder for logs comes first, not '$folder'."
shift
if [[ " $* " =~ (\ --deploy-mode[\ =]|spark\.submit\.deployMode=)cluster\  ]]; then
  usage_failure "nightly.sh waits for the driver, but in deploy mode cluster it could only wait for the submission: leave the option out."
fi
date=${RUN_DATE:-$(date +%F)}
[[ $date =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] ||
  usage_failure "RUN_DATE is '$date': it must be a day, such as 2026-11-24."
mkdir -p "$folder" || environment_failure "The folder $folder for logs cannot be made: give one that this user can write to."
log=$folder/sample-$date.log

(: >>"$folder/lock") || environment_failure "$folder cannot be written to: give a folder that this user can write to."
exec 9>>"$folder/lock"
command -v flock >/dev/null || environment_failure "No flock was found, which keeps two runs from working at once: install util-linux."
code=0
flock --nonblock --conflict-exit-code 75 9 || code=$?
((code == 0 || code == 75)) ||
  environment_failure "$folder/lock cannot be locked: give a folder on a file system that supports locks."
if ((code == 75)); then
  printf '%s  Another run has the lock %s: nothing was done.\n' "$(date -u +%FT%TZ)" "$folder/lock" | tee -a "$log" >&2
  exit 75
fi

# Options for spark-submit come before "--". conf/schedule.conf is the first of the job's arguments, so that the user's
# override it; the date is the last.
options=()
for ((i = 1; i <= $#; i++)); do
  if [[ ${!i} == -- ]]; then
    options=("${@:1:i}")
    shift "$i"
    break
  fi
done
printf '%s  Samples for %s\n' "$(date -u +%FT%TZ)" "$date" >>"$log"
run_to_end "$project/submit/sample.sh" "${options[@]}" --config "$project/conf/schedule.conf" "$@" "sample.run-date=$date" \
  >>"$log" 2>&1 9>&- || code=$?
printf '%s  Ended with exit code %d\n' "$(date -u +%FT%TZ)" "$code" >>"$log"
# If the run failed, cron mails what is printed.
((code == 0)) || tail -n 5 "$log" >&2
exit "$code"
