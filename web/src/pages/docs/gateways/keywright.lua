-- Asks Keywright about each request, and answers in its place those that may not pass.
-- The route rules decide. To name what is needed here instead: …/v1/authorize/permission=view_customer/production
local url = "http://127.0.0.1:4000/v1/authorize/production"
-- Where Keywright listens, if not at the host of the URL.
local destination = nil
-- On another machine than Keywright: a key that holds keywright.verify.
local gateway_key = nil

local identity = {
  "x-key-id", "x-key-name", "x-key-permissions", "x-key-scopes", "x-key-signature", "x-service-account-id",
}
local passed_on = { "content-type", "www-authenticate", "retry-after", "ratelimit", "ratelimit-policy" }
local left_out = {
  ["host"] = true, ["connection"] = true, ["content-length"] = true, ["transfer-encoding"] = true,
  ["te"] = true, ["upgrade"] = true, ["expect"] = true, ["keep-alive"] = true,
  ["x-forwarded-method"] = true, ["x-forwarded-uri"] = true, ["x-gateway-key"] = true,
}

-- Tokens of the service's own in Authorization are not told to Keywright; one of its keys there is, to be refused.
local function is_told(name, value)
  if name ~= "authorization" then return true end
  local text = value:lower()
  return text:find("_live_", 1, true) or text:find("_stag_", 1, true) or text:find("_dev_", 1, true)
end

local function question(txn, sent)
  local headers = {}
  for name, values in pairs(sent) do
    if not left_out[name] then
      local told = {}
      for i = 0, #values do
        if is_told(name, values[i]) then told[#told + 1] = values[i] end
      end
      if #told > 0 then headers[name] = told end
    end
  end
  local host = sent["host"] and sent["host"][0] or ""
  headers["x-original-method"] = { txn.f:method() }
  headers["x-original-uri"] = { txn.f:pathq() }
  headers["x-forwarded-for"] = { txn.f:src() }
  headers["x-forwarded-proto"] = { txn.f:ssl_fc() == 1 and "https" or "http" }
  if host ~= "" then headers["x-forwarded-host"] = { host } end
  if gateway_key then headers["x-gateway-key"] = { gateway_key } end
  return headers
end

local function refuse(txn, status, headers, body)
  local reply = txn:reply()
  reply:set_status(status)
  for _, name in ipairs(passed_on) do
    for _, value in pairs(headers[name] or {}) do reply:add_header(name, value) end
  end
  reply:add_header("cache-control", "no-store")
  reply:set_body(body)
  txn:done(reply)
end

core.register_action("keywright", { "http-req" }, function(txn)
  local sent = txn.http:req_get_headers()
  local answer = core.httpclient():get({ url = url, dst = destination, headers = question(txn, sent), timeout = 5000 })
  local status = answer and answer.status
  if status ~= 204 then
    if status == 401 or status == 403 or status == 429 then
      return refuse(txn, status, answer.headers, answer.body)
    end
    local body = '{"title":"Not available","status":503,"code":"UNAVAILABLE"}'
    return refuse(txn, 503, { ["content-type"] = { "application/problem+json" } }, body)
  end
  for _, name in ipairs(identity) do
    txn.http:req_del_header(name)
    local values = answer.headers[name]
    if values then txn.http:req_set_header(name, values[0]) end
  end
end, 0)
