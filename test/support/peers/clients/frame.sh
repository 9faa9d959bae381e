#!/bin/sh
# Calls an API with openssl and curl: sign the time and the id, and send both with the signature.
set -eu
url=$1 id=$2 secret=$3
timestamp=$(date +%s)
signature=$(printf '%s%s' "$timestamp" "$id" | openssl dgst -sha256 -hmac "$secret" -hex | sed 's/^.* //')
curl --silent --show-error --write-out '\n%{http_code}\n' \
  --header "X-Client-Id: $id" --header "X-Timestamp: $timestamp" --header "X-Signature: $signature" \
  "$url"
