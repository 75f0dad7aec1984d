-- wrk: asks for what a list says, in its order. Arguments: the list, in each line a path, or a
-- method, a path and a bearer token, whose body then is an empty object; then "again" to begin it
-- anew at its end, or "once" to stop there.
-- The last line printed is JSON, for tests/load/wrk.py.

local requests = {}
local turn = -1 -- wrk first looks at a request that it does not send
local once = false

function init(args)
  once = args[2] == "once"
  for line in io.lines(args[1]) do
    local method, path, token = line:match("^(%u+) (%S+) (%S+)$")
    if method then
      local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
      requests[#requests + 1] = wrk.format(method, path, headers, "{}")
    else
      requests[#requests + 1] = wrk.format("GET", line)
    end
  end
end

function request()
  turn = turn + 1
  if turn > #requests then
    turn = 1
    if once then wrk.thread:stop() end
  end
  return requests[math.max(turn, 1)]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "bytes": %d, "p50_ms": %.3f, "p99_ms": %.3f, "bad": %d}',
    summary.requests, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
