-- wrk: one file under every token in turn. Arguments: the file of tokens, then what follows a
-- token in the path. The last line printed is JSON.

local requests = {}
local turn = 0

function init(args)
  for token in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", "/v1/" .. token .. args[2])
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "bytes": %d, "seconds": %.3f, "p50_ms": %.3f, "p99_ms": %.3f, "bad": %d}',
    summary.requests, summary.bytes, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
