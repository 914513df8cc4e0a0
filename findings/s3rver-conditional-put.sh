#!/usr/bin/env bash
# s3rver 3.7.1 (an S3 server for tests): it ignores "If-None-Match: *".
#
# Expected: a put with this header creates an object only if there is none, and is answered 412 otherwise, as Amazon documents it
# for S3; or a server that cannot do this refuses the header.
# Observed: the second put is answered 200 and replaces the object of the first.
# Why it matters: two writers that each try to create the object are both told that they did. A program that relies on it must
# probe the store: put twice, and read back.
set -euo pipefail

for tool in node npm curl; do
  command -v "$tool" >/dev/null || {
    echo "This needs $tool on the PATH (curl 7.75 or later)." >&2
    exit 3
  }
done
work=$(mktemp -d)
server=''
trap '[[ -z $server ]] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund s3rver@3.7.1
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
mkdir data
node node_modules/s3rver/bin/s3rver.js --directory data --address 127.0.0.1 --port "$port" --configure-bucket images >log 2>&1 &
server=$!
curl --silent --output answer --retry 20 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$port/"

# The key and the secret are those that s3rver documents for everyone.
request() {
  curl --silent --show-error --aws-sigv4 aws:amz:us-east-1:s3 --user S3RVER:S3RVER --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$@" \
    "http://127.0.0.1:$port/images/identity"
}

echo 's3rver 3.7.1'
for writer in first second; do
  status=$(request --output answer --write-out '%{http_code}' --request PUT --header 'If-None-Match: *' --data-binary "$writer")
  echo "the $writer put is answered $status"
done
content=$(request)
echo "the object is that of the $content put"
[[ $status == 200 && $content == second ]] || {
  echo "The behaviour has changed." >&2
  exit 1
}
