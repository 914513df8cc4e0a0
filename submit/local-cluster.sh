#!/usr/bin/env bash
# A standalone Spark cluster on this machine that only this machine can reach: a master and workers, each in its own JVM.
#
#   local-cluster.sh start [WORKERS [CORES]]   starts a master and WORKERS workers (default 2) of CORES cores each (default 1)
#   local-cluster.sh status                    prints what runs; exit code 0 if the cluster runs, 3 if not
#   local-cluster.sh stop                      ends the master, the workers and their executors, and no other process
#
# SPARK_MASTER_PORT    the master's port (default 7077); clusters on different ports are independent
# SPARK_WORKER_MEMORY  the limit for the sum of the heaps of a worker's executors, such as 6g (default: the machine's memory
#                      less 1 GB)
# SPARK_WORKER_GPUS    one GPU per worker, such as 0,1: each worker sees only its own, through CUDA_VISIBLE_DEVICES
# SPARK_HOME           a Spark 3.5 home (default: the one that the build assembles)
#
# Logs, including those of executors, are in target/local-cluster-PORT until the next start.
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null) || script=${BASH_SOURCE[0]}
# shellcheck source=submit/common.sh
source "${script%/*}/common.sh"

start_seconds=60 end_seconds=15

# Prints the ids of the cluster's processes, which are recognised by an environment variable that executors inherit. A file
# of ids would be lost by mvn clean, would lack executors, and could name an unrelated process that reuses an id.
processes() {
  grep -lszxF "$mark" /proc/[0-9]*/environ | cut -d/ -f3 || true
}

# Sets masters, workers and executors to process ids, and cores and worker_gpus to each worker's cores and GPU.
look() {
  local pid command
  masters=() workers=() executors=() cores=() worker_gpus=()
  for pid in $(processes); do
    command=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || continue # it has just ended
    case $command in
      *' org.apache.spark.deploy.master.Master '*) masters+=("$pid") ;;
      *' org.apache.spark.executor.CoarseGrainedExecutorBackend '*) executors+=("$pid") ;;
      *' org.apache.spark.deploy.worker.Worker '*)
        workers+=("$pid")
        command=${command##* --cores }
        cores+=("${command%% *}")
        worker_gpus+=("$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^CUDA_VISIBLE_DEVICES=//p')")
        ;;
    esac
  done
}

# Ends all processes of the cluster. It lists them again each time, because a worker may have started an executor.
end_processes() {
  local kill_at=$((SECONDS + end_seconds)) signal=TERM pids
  while mapfile -t pids < <(processes) && ((${#pids[@]})); do
    if ((SECONDS >= kill_at)); then
      signal=KILL
    fi
    ((SECONDS < kill_at + end_seconds)) ||
      environment_failure "These processes of $url do not end, not even by kill -9: ${pids[*]}."
    kill -s "$signal" "${pids[@]}" 2>/dev/null || true
    sleep 0.2
  done
}

# launch NAME [VARIABLE=VALUE]... CLASS [ARGUMENT]...
# Starts a Spark class that keeps running when this script has ended. With conf/ as Spark's configuration folder, executors
# use conf/log4j2.properties: the folder is on their class path too.
launch() {
  local name=$1 variables=()
  shift
  while [[ $1 == *=* ]]; do
    variables+=("$1")
    shift
  done
  env "$mark" "${variables[@]}" SPARK_CONF_DIR="$project/conf" SPARK_LOCAL_DIRS="$folder/local" SPARK_LOCAL_IP=127.0.0.1 \
    SPARK_MASTER_OPTS="-Dspark.port.maxRetries=0 ${SPARK_MASTER_OPTS:-}" \
    nohup "$spark_home/bin/spark-class" "$@" </dev/null >"$folder/$name.log" 2>&1 &
  launched[$name]=$!
}

# await NAME MESSAGE
# Waits until the log of a launched process contains the message.
await() {
  local log=$folder/$1.log problem=''
  until grep -qsF "$2" "$log"; do
    if ! kill -0 "${launched[$1]}" 2>/dev/null; then
      problem=ended
    elif ((SECONDS >= deadline)); then
      problem="was not ready within $start_seconds s"
    fi
    [[ ! $problem ]] ||
      environment_failure "No cluster was started: its $1 $problem. The end of $log:"$'\n'"$(tail -n 20 "$log")"
    sleep 0.2
  done
}

sorted() {
  printf '%s\n' "$@" | sort
}

# Prints what look found.
describe() {
  local i ui
  for ((i = 0; i < ${#masters[@]}; i++)); do
    echo "master: $url, process ${masters[i]}"
  done
  for ((i = 0; i < ${#workers[@]}; i++)); do
    echo "worker: cores ${cores[i]}, process ${workers[i]}"
  done
  for ((i = 0; i < ${#executors[@]}; i++)); do
    echo "executor: process ${executors[i]}"
  done
  ui=$(sed -n 's/.*Bound MasterWebUI .*\(http:.*\)/\1/p' "$folder/master.log" 2>/dev/null) || true
  echo "web UI: ${ui:-unknown, its log is gone}"
  echo "logs: $folder"
}

# start WORKERS CORES
start() {
  local wanted='' deadline i gpu
  local -A launched=()
  for ((i = 1; i <= $1; i++)); do
    wanted+=" $2"
  done
  check_java
  check_spark_home
  look
  if [[ $(processes) ]]; then
    [[ ${#masters[@]} == 1 && " ${cores[*]}" == "$wanted" && (${#gpus[@]} == 0 || $(sorted "${worker_gpus[@]}") == $(sorted "${gpus[@]}")) ]] ||
      environment_failure "Another cluster runs at $url, or what is left of one: check with $0 status, and end it with $0 stop."
    echo 'This cluster runs already.'
  else
    if (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      environment_failure "Port $port is taken by a process that does not belong to this project's clusters: end that process, or set SPARK_MASTER_PORT to a free port."
    fi
    rm -rf "$folder"
    mkdir -p "$folder" ||
      environment_failure "The folder $folder cannot be made: see that this user can write to $project, and that target in it is a folder."
    trap end_processes EXIT
    deadline=$((SECONDS + start_seconds))
    launch master org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0
    await master 'New state: ALIVE'
    for ((i = 1; i <= $1; i++)); do
      gpu=()
      if ((${#gpus[@]})); then
        gpu=("CUDA_VISIBLE_DEVICES=${gpus[i - 1]}"
          "SPARK_WORKER_OPTS=-Dspark.worker.resource.gpu.amount=1 \"-Dspark.worker.resource.gpu.discoveryScript=$project/submit/gpu-discovery.sh\" ${SPARK_WORKER_OPTS:-}")
      fi
      launch "worker-$i" "${gpu[@]}" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 --cores "$2" "$url"
    done
    for ((i = 1; i <= $1; i++)); do
      await "worker-$i" 'Successfully registered with master'
    done
    trap - EXIT
    look
  fi
  describe
  printf 'train: MASTER=%s %q --config %q\n' "$url" "$project/submit/train.sh" "$project/conf/train.conf"
}

status() {
  look
  if ((${#masters[@]} && ${#workers[@]})); then
    describe
  elif [[ $(processes) ]]; then
    describe
    environment_failure "This is only what is left of a cluster: end it with $0 stop."
  else
    environment_failure "No cluster runs at $url: start one with $0 start."
  fi
}

stop() {
  if [[ $(processes) ]]; then
    end_processes
    # Each executor's folder has a copy of the application jar; only the logs are still useful.
    if [[ -d $folder/work ]]; then
      find "$folder/work" -type f ! -name stdout ! -name stderr -delete
    fi
    echo "The cluster at $url has ended."
  else
    echo "No cluster runs at $url."
  fi
}

port=${SPARK_MASTER_PORT:-7077}
[[ $port =~ ^[1-9][0-9]{3,4}$ && $port -ge 1024 && $port -le 65535 ]] ||
  usage_failure "SPARK_MASTER_PORT is '$port': it must be a port from 1024 to 65535, as Spark requires."
[[ -r /proc/self/environ ]] || environment_failure "This system shows no processes in /proc: a local cluster needs Linux."
url=spark://127.0.0.1:$port
folder=$(cd "$project" && pwd -P)/target/local-cluster-$port
mark=SPARK_WORKER_DIR=$folder/work

case "${1:-}:$#" in
  --help:1) print_help ;;
  start:[123])
    for number in "${@:2}"; do
      [[ $number =~ ^[1-9][0-9]?$ ]] ||
        usage_failure "'$number' is not a number of workers or cores: it must be a whole number from 1 to 99."
    done
    mapfile -d , -t gpus < <(printf '%s' "${SPARK_WORKER_GPUS:-}")
    for gpu in "${gpus[@]}"; do
      [[ $gpu =~ ^([0-9]+|GPU-[0-9a-fA-F-]+)$ ]] ||
        usage_failure "SPARK_WORKER_GPUS names '$gpu', which is not a GPU: it must be an index or a UUID."
    done
    [[ ${#gpus[@]} == 0 || ${#gpus[@]} == "${2:-2}" && $(sorted "${gpus[@]}" | uniq -d) == '' ]] ||
      usage_failure "SPARK_WORKER_GPUS is '$SPARK_WORKER_GPUS', which does not name a different GPU for each of ${2:-2} workers."
    start "${2:-2}" "${3:-1}"
    ;;
  status:1) status ;;
  stop:1) stop ;;
  *) usage_failure "Say start [WORKERS [CORES]], status or stop, not '$*'." ;;
esac
