# Functions that the scripts in this folder share; they source this file.
# shellcheck shell=bash

# Prints a message and exits with the code for wrong arguments.
usage_failure() {
  printf '%s\n' "$1 See $0 --help." >&2
  exit 2
}

# Prints a message and exits with the code for a machine that is not set up for the run.
environment_failure() {
  printf '%s\n' "$1" >&2
  exit 3
}

command -v readlink >/dev/null ||
  environment_failure "PATH is '$PATH', and there is no readlink on it: add the folders of the system's commands, such as /usr/bin and /bin."
pwd -P >/dev/null 2>&1 ||
  environment_failure "The current folder no longer exists: change to another one, for example with cd, and start the command again."
project=$(readlink -f "${BASH_SOURCE[0]%/*}/..")

# Java decodes arguments and file names by the locale: under LC_ALL=C, which cron and containers set, runs/über would be
# another folder. If this machine lacks C.UTF-8, the jobs refuse such names.
if [[ $(locale charmap 2>/dev/null) != UTF-8 && $(LC_ALL=C.UTF-8 locale charmap 2>/dev/null) == UTF-8 ]]; then
  export LC_ALL=C.UTF-8
fi

# check_path WHAT FOLDER
# Java splits class paths at ':', Spark reads a jar's path as a glob, and quotes end a Java option.
check_path() {
  local unusable='[]:*?{}"\[:cntrl:][]'
  [[ ! $2 =~ $unusable ]] ||
    environment_failure "$1 is in $2, and Java or Spark cannot read files in a path with '${BASH_REMATCH[0]}': move or rename the folder so that its path contains none of : * ? [ ] { } \" \\ and no control character."
}

# Checks for a Java 17 that can load files from the project.
check_java() {
  local java=${JAVA_HOME:+$JAVA_HOME/bin/}java version
  check_path 'This project' "$project"
  command -v "$java" >/dev/null ||
    environment_failure "No Java was found as '$java': install a JDK 17, and set JAVA_HOME to it or put its java on the PATH."
  version=$("$java" -version 2>&1) ||
    environment_failure "'$java' does not start; it says: $version"
  # Java first prints the options that it takes from the environment.
  [[ ! $version =~ [^$'\n']*version\ \"[^$'\n']* ]] || version=${BASH_REMATCH[0]}
  [[ $version == *'version "17'[.\"]* ]] ||
    environment_failure "'$java' is not Java 17 but ${version%%$'\n'*}: set JAVA_HOME to a JDK 17."
}

# Checks that Java can write temporary files: otherwise spark-submit ends with many stack traces, before the job starts.
check_temporary_folder() {
  local folder=/tmp
  [[ ! ${SPARK_SUBMIT_OPTS:-} =~ -Djava\.io\.tmpdir=([^[:space:]\"]+) ]] || folder=${BASH_REMATCH[1]}
  [[ -d $folder && -w $folder ]] ||
    environment_failure "Java's folder for temporary files is $folder, and this user cannot write there: allow it, or set SPARK_SUBMIT_OPTS=-Djava.io.tmpdir=FOLDER to another folder."
}

# Sets jar to the application jar (for processors, or for GPUs if BACKEND is set) and build to the command that builds it.
set_jar() {
  case ${BACKEND:-} in
    '' | cuda | cuda-ptx) ;;
    *) environment_failure "BACKEND is '$BACKEND': it must be cuda or cuda-ptx, for GPUs, or unset, for processors." ;;
  esac
  jar=$project/target/flow-matching${BACKEND:+-$BACKEND}.jar
  build=(mvn ${BACKEND:+"-P$BACKEND"} -DskipTests package)
}

check_jar() {
  set_jar
  [[ -f $jar ]] || environment_failure "$jar is not built: run ${build[*]} in $project."
}

# Sets spark_home to SPARK_HOME or, by default, to the Spark home that the build assembles.
check_spark_home() {
  spark_home=${SPARK_HOME:-$project/target/spark}
  [[ $spark_home != *:* ]] ||
    environment_failure "SPARK_HOME is $spark_home, and Java splits class paths at ':': move or rename the folder."
  [[ -x $spark_home/bin/spark-submit ]] ||
    environment_failure "$spark_home is not a Spark home, it has no bin/spark-submit: set SPARK_HOME to a Spark 3.5 built for Scala 2.12, or unset it and run mvn -DskipTests package in $project."
}

# Runs a command and returns its exit code. A signal that ends this script is passed on to the command first, which would
# otherwise keep running.
run_to_end() {
  local process code signal ended_by=''
  "$@" <&0 &
  process=$!
  for signal in HUP INT TERM; do
    # shellcheck disable=SC2064 # Expanded now on purpose.
    trap "ended_by=$signal; kill $process 2>/dev/null || true" "$signal"
  done
  # A signal also ends a wait.
  until
    wait "$process"
    code=$?
    ! kill -0 "$process" 2>/dev/null
  do :; done
  trap - HUP INT TERM
  [[ ! $ended_by ]] || kill -s "$ended_by" "$$"
  return "$code"
}

# Prints the comment at the top of the script that was called.
print_help() {
  sed -n '2,/^set /{s/^# \{0,1\}//p}' "${BASH_SOURCE[-1]}"
}

# Checks the form of a master URL: Spark answers a wrong one with a stack trace, or waits forever.
check_master() {
  local number='[1-9][0-9]*' port='([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])' forms
  forms="local(\[(\*|$number)( *, *$number)?\])?|local-cluster\[ *$number *, *$number *, *$number *\]"
  forms+="|spark://[^,/]+:$port(,[^,/]+:$port)*|(k8s|mesos)://.+|yarn"
  [[ $1 =~ ^($forms)$ ]] ||
    environment_failure "The master is '$1' (MASTER or --master): it must be local[*], local[THREADS], spark://HOST:PORT, k8s://URL or yarn."
  [[ ${SPARK_HOME:-} || $1 =~ ^(local|spark:) ]] ||
    environment_failure "The master is '$1' (MASTER or --master), and the Spark home that the build makes has no client for it: set SPARK_HOME to a Spark 3.5 built for Scala 2.12 that has one."
}

# Prints a path as a URI: Spark parses it as one, in which '#' ends the path, and also splits it at commas.
file_uri() {
  local character uri=$1
  for character in % ' ' '#' ',' '<' '>' '^' '`' '|'; do
    uri=${uri//"$character"/$(printf '%%%02X' "'$character")}
  done
  printf 'file:%s' "$uri"
}

# Adds the options of a properties file to filled_in, as --conf options: spark-submit takes only one properties file, which
# is the job's. Lines are read as spark-submit reads them; a line that cannot be read ends the script.
add_conf_options() {
  local line number=0
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    line=${line%$'\r'}
    if [[ $line != *\\* && $line =~ ^[[:space:]]*(spark\.[^[:space:]=:]+)[[:space:]]*[[:space:]=:][[:space:]]*(.*[^[:space:]])[[:space:]]*$ ]]; then
      filled_in+=(--conf "${BASH_REMATCH[1]}=${BASH_REMATCH[2]}")
    elif [[ ! $line =~ ^[[:space:]]*([#!]|$) ]]; then
      printf '%s\n' "$1, line $number is '$line': it must be an option and its value, such as 'spark.executor.cores 2', without a backslash; a comment begins with #." >&2
      exit 2
    fi
  done <"$1"
}

# submit_job CLASS PROPERTIES [[SPARK-SUBMIT-OPTION]... --] [APPLICATION-ARGUMENT]...
# An option that the user gives overrides the one filled in here, because spark-submit takes the last one. A properties file
# that the user gives replaces all of conf/.
submit_job() {
  local class=$1 properties=$2
  shift 2
  local options=() master=${MASTER:-local[*]} i option value own_properties='' deploy_mode=client filled_in=()

  # "$@" has both lists: arguments before the first "--" go to spark-submit.
  for ((i = 1; i <= $#; i++)); do
    if [[ ${!i} == -- ]]; then
      options=("${@:1:i-1}")
      shift "$i"
      break
    fi
  done
  for ((i = 0; i < ${#options[@]}; i++)); do
    option=${options[i]%%=*}
    case ${options[i]} in
      --config | --config=* | --explain | --check | [!-]* | '')
        usage_failure "'${options[i]}' stands before '--', where options of spark-submit do: put it after '--'."
        ;;
      --help | -h | --usage-error | --verbose | -v | --version | --supervise) continue ;;
      --*=*) value=${options[i]#*=} ;;
      *)
        ((++i < ${#options[@]})) || usage_failure "The option $option of spark-submit has no value: give one before '--'."
        value=${options[i]}
        ;;
    esac
    # spark-submit prefers an option to the --conf setting of the same meaning, and submit_job always gives the option.
    case $option in --conf | -c)
      case $value in
        spark.master=*) option=--master value=${value#*=} ;;
        spark.submit.deployMode=*) option=--deploy-mode value=${value#*=} ;;
      esac ;;
    esac
    case $option in
      --master) master=$value ;;
      --deploy-mode) deploy_mode=$value ;;
      --properties-file) own_properties=1 ;;
    esac
  done

  check_java
  check_temporary_folder
  check_jar
  check_spark_home
  check_master "$master"
  [[ $jar != *[#,]* ]] || jar=$(file_uri "$jar")

  # On one machine Spark would announce the network card's address, which a firewall or VPN may block or change.
  case $master in
    local | local\[* | spark://127.0.0.1:* | spark://localhost:*) export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1} ;;
  esac
  # Not --driver-java-options, which would replace the options of the properties file.
  export SPARK_SUBMIT_OPTS="\"-Dlog4j2.configurationFile=$project/conf/log4j2.properties\" ${SPARK_SUBMIT_OPTS:-}"

  if [[ ! $own_properties ]]; then
    add_conf_options "$project/conf/object-storage.properties"
    # In local mode Spark assigns no GPUs and would wait for them forever.
    if [[ ${BACKEND:-} && ! $master =~ ^local(\[|$) ]]; then
      add_conf_options "$project/conf/gpu.properties"
      # On another machine the script has another path.
      [[ $deploy_mode != client ]] || filled_in+=(--conf "spark.driver.resource.gpu.discoveryScript=$project/submit/gpu-discovery.sh")
    fi
  fi
  exec "$spark_home/bin/spark-submit" --master "$master" --properties-file "$project/conf/$properties" \
    "${filled_in[@]}" "${options[@]}" --class "$class" "$jar" "$@"
}
