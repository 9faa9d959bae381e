"""Calls an API as the published recipe of Frame has it, with the standard library alone."""
import hashlib
import hmac
import sys
import time
import urllib.error
import urllib.request

url, client_id, client_secret = sys.argv[1:4]

timestamp = int(time.time())
to_sign = "%s%s" % (timestamp, client_id)
signature = hmac.new(client_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
headers = {
    "X-Frame-ClientId": client_id,
    "X-Frame-Timestamp": str(timestamp),
    "X-Frame-Signature": signature,
}
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers))
except urllib.error.HTTPError as error:
    answer = error
print(answer.status)
print(answer.read().decode())
