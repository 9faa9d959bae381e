"""Calls an API as the published recipe of Cyware has it: an expiry and a signature in the query."""
import base64
import hashlib
import hmac
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

url, access_id, secret_key, encoding = sys.argv[1:5]


def sign(expires):
    to_sign = "%s\n%s" % (access_id, expires)
    return base64.b64encode(hmac.new(secret_key.encode("utf-8"), to_sign.encode("utf-8"), hashlib.sha1).digest()).decode("utf-8")


expires = int(time.time()) + 20
if encoding == "plus":
    # A signature with a plus sign, sent as it is: whoever reads the query as a form makes a space of it.
    while "+" not in sign(expires):
        expires += 1
signature = sign(expires)
if encoding == "encoded":
    signature = urllib.parse.quote(signature, safe="")
answer = None
try:
    answer = urllib.request.urlopen("%s?AccessID=%s&Expires=%s&Signature=%s" % (url, access_id, expires, signature))
except urllib.error.HTTPError as error:
    answer = error
print(answer.status)
print(answer.read().decode())
