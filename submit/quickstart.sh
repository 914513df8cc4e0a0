#!/usr/bin/env bash
# From a fresh machine to images: builds the project, gets Fashion-MNIST, trains with conf/quickstart.conf and draws samples.
#
#   quickstart.sh [--download] [PATH=VALUE]...
#
# --download   get the images from their authors' site if they are not on this machine (30 MB, into
#              ${XDG_CACHE_HOME:-~/.cache}/fashion-mnist); FASHION_MNIST_URL names another site
# PATH=VALUE   a setting for both jobs, such as train.epochs=2; data.path=FOLDER trains on other images
#
# Works from any folder and needs a JDK 17 and Maven. A second run continues from what the first one made.
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null) || script=${BASH_SOURCE[0]}
# shellcheck source=submit/common.sh
source "${script%/*}/common.sh"

installed=/usr/share/datasets/fashion-mnist
downloaded=${XDG_CACHE_HOME:-~/.cache}/fashion-mnist
site=${FASHION_MNIST_URL:-http://fashion-mnist.s3-website.eu-central-1.amazonaws.com}
files=({train,t10k}-{images-idx3,labels-idx1}-ubyte)
# Digests of the uncompressed files.
declare -A sha256=(
  [train-images-idx3-ubyte]=c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888
  [train-labels-idx1-ubyte]=bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9
  [t10k-images-idx3-ubyte]=5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b
  [t10k-labels-idx1-ubyte]=0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34
)
install='apt-get update && apt-get install -y dataset-fashion-mnist'

check_tools() {
  local javac=${JAVA_HOME:+$JAVA_HOME/bin/}javac
  check_java
  command -v "$javac" >/dev/null ||
    environment_failure "There is a Java 17 but no compiler '$javac': install a JDK 17 (on Debian: openjdk-17-jdk-headless), and set JAVA_HOME to it."
  command -v mvn >/dev/null ||
    environment_failure "No Maven was found: install Maven 3.8 or later (on Debian: apt-get install maven), and put mvn on the PATH."
}

has_data() {
  local file
  for file in "${files[@]}"; do
    [[ -f $1/$file || -f $1/$file.gz ]] || return 1
  done
}

# fetch URL FILE
fetch() {
  if command -v curl >/dev/null; then
    run_to_end curl --connect-timeout 20 --speed-limit 1000 --speed-time 60 --fail --silent --show-error --location --retry 2 --output "$2" "$1"
  elif command -v wget >/dev/null; then
    run_to_end wget --no-verbose --tries=3 --output-document="$2" "$1"
  else
    run_to_end "${JAVA_HOME:+$JAVA_HOME/bin/}jshell" -s -R-Durl="$1" -R-Dfile="$2" - <<'JAVA'
import java.net.http.*;
int code = 0;
try {
  var client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
  var request = HttpRequest.newBuilder(URI.create(System.getProperty("url"))).build();
  var file = HttpResponse.BodyHandlers.ofFile(Path.of(System.getProperty("file")));
  int status = client.send(request, file).statusCode();
  if (status != 200) throw new IOException("HTTP status " + status);
} catch (Exception e) {
  System.err.println(e);
  code = 1;
}
/exit code
JAVA
  fi
}

# Creates the folder complete or not at all.
download() {
  local file
  [[ ! -e $downloaded ]] ||
    environment_failure "$downloaded is there, but not all of Fashion-MNIST is in it: remove the folder, and run this again."
  part=$(mkdir -p "${downloaded%/*}" && mktemp -d "$downloaded.part-XXXXXX") ||
    environment_failure "The images cannot be written to $downloaded: set XDG_CACHE_HOME to a folder that this user can write to."
  trap 'rm -rf "$part"' EXIT
  chmod 755 "$part"
  for file in "${files[@]}"; do
    echo "Downloading $site/$file.gz"
    if ! { fetch "$site/$file.gz" "$part/$file.gz" && gzip --test "$part/$file.gz"; }; then
      environment_failure "$site/$file.gz could not be downloaded whole, and nothing was kept: run this again, or as root on Debian: $install"
    fi
    [[ $(gzip --decompress --stdout "$part/$file.gz" | sha256sum) == "${sha256[$file]} "* ]] ||
      environment_failure "$site/$file.gz is not Fashion-MNIST's, by its SHA-256, and nothing was kept: unset FASHION_MNIST_URL, or as root on Debian: $install"
  done
  mv -T "$part" "$downloaded"
  trap - EXIT
}

# Sets data to a folder that contains Fashion-MNIST.
get_data() {
  for data in "$installed" "$downloaded"; do
    if has_data "$data"; then
      return
    fi
  done
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "Installing Debian's package dataset-fashion-mnist"
    if apt-get update >&2 && apt-get install -y dataset-fashion-mnist >&2 && has_data "$installed"; then
      data=$installed
      return
    fi
  fi
  [[ $allow_download ]] ||
    environment_failure "Fashion-MNIST is not on this machine. Get it with one of
  as root on Debian:  $install
  as anyone:          $0 --download"
  download
  data=$downloaded
}

build() {
  local jar build log
  set_jar
  if [[ -f $jar && -z $(find "$project/pom.xml" "$project/src/main" -newer "$jar" -print -quit) ]]; then
    return
  fi
  echo "Building; the first time, Maven downloads some 600 MB of libraries"
  log=$(mktemp) ||
    environment_failure "A file for the build's output cannot be created in ${TMPDIR:-/tmp}: set TMPDIR to a folder that this user can write to."
  # An interrupted build may leave a jar without libraries that is newer than all sources.
  trap 'rm -f "$log" "$jar"' EXIT
  if ! run_to_end env --chdir="$project" "${build[@]}" --batch-mode --quiet >"$log" 2>&1; then
    cat "$log" >&2
    environment_failure "The build failed, see above: fix that, and run this again."
  fi
  trap - EXIT
  rm -f "$log"
}

allow_download='' data='' train=$project/runs/quickstart samples=$project/runs/samples date=$(date +%F)
settings=()
for argument in "$@"; do
  case $argument in
    --help)
      print_help
      exit
      ;;
    --download) allow_download=yes ;;
    data.path=*) data=${argument#*=} ;;
    train.output=*) train=${argument#*=} ;;
    sample.output=*) samples=${argument#*=} ;;
    sample.run-date=*) date=${argument#*=} ;;
    [a-z]*=*) settings+=("$argument") ;;
    *)
      usage_failure "'$argument' is neither --download nor a setting of the form path=value." ;;
  esac
done

check_tools
[[ $data ]] || get_data
build

settings=(--config "$project/conf/quickstart.conf" "data.path=$data" "train.output=$train" "sample.output=$samples"
  "sample.run-date=$date" "${settings[@]}")
run_to_end "$project/submit/train.sh" "${settings[@]}"
run_to_end "$project/submit/sample.sh" "${settings[@]}"

echo "model: $train/model"
echo "contact-sheet: $samples/run-date=$date/contact-sheet.png"
printf 'next:'
printf ' %q' "$project/submit/sample.sh" --config "$project/conf/quickstart.conf" \
  "sample.model=$train/model" "sample.output=$samples-of-another-seed" sample.seed=2
echo
