-- SPDX-License-Identifier: Apache-2.0
-- What wrk sends and how it checks what comes back. Used for Regulars and for the ORM peer alike.
--
-- Arguments after "--":  plan  seconds  seed  amount
--   plan     a file with a line per account: first code, last code, and the form's fields in front of the code, tab between
--   seconds  how long to send; wrk itself must be told to run a little longer, so that every answer that is owed comes
--   seed     of the random choice of account, customer and amount
--   amount   random (1.00 to 99.99), a fixed text, or none (look-ups)
--
-- Each answer must be HTTP 200 with status="success". Counted: those, the rest, and the points the answers say were recorded.
local ffi = require("ffi")
ffi.cdef [[
    struct bench_time { long seconds; long nanoseconds; };
    int clock_gettime(int clock, struct bench_time *now);
]]
local MONOTONIC = ffi.os == "OSX" and 6 or 1
local moment = ffi.new("struct bench_time")

local function now()
    ffi.C.clock_gettime(MONOTONIC, moment)
    return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(arguments)
    accounts = {}
    for line in io.lines(arguments[1]) do
        local first, last, head = line:match("^(%d+)\t(%d+)\t(.+)$")
        table.insert(accounts, { first = tonumber(first), last = tonumber(last), head = head .. "&code=" })
    end
    seconds = tonumber(arguments[2])
    math.randomseed(tonumber(arguments[3]) * 1000 + number)
    amount = arguments[4]
    -- wrk calls request() once more than it sends, on the first thread, to see whether it pipelines.
    sent, succeeded, failed, points = number == 0 and -1 or 0, 0, 0, 0
    started_at, answered_at, stop_at = 0, 0, 0
    example = ""
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    wrk.headers["X-Forwarded-Proto"] = "https"
end

function request()
    if sent == 0 then
        started_at = now()
        stop_at = started_at + seconds
    end
    sent = sent + 1
    local account = accounts[math.random(#accounts)]
    local body = account.head .. math.random(account.first, account.last)
    if amount == "random" then
        body = body .. string.format("&amount=%d.%02d", math.random(1, 99), math.random(0, 99))
    elseif amount ~= "none" then
        body = body .. "&amount=" .. amount
    end
    return wrk.format(nil, nil, nil, body)
end

-- Called before each request: past the end nothing more is sent, and what is under way comes to its answer.
function delay()
    if sent > 0 and now() >= stop_at then
        return 3600000
    end
    return 0
end

function response(status, headers, body)
    if status == 200 and body:find('status="success"', 1, true) then
        succeeded = succeeded + 1
        if amount ~= "none" then
            points = points + (tonumber(body:match("<recorded><points>(%-?%d+)<")) or 0)
        end
    else
        failed = failed + 1
        if example == "" then
            example = status .. " " .. body:sub(1, 400)
        end
    end
    answered_at = now()
end

local function quoted(text)
    return '"' .. text:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

function done(summary, latency, requests)
    local total = { sent = 0, succeeded = 0, failed = 0, points = 0 }
    local first, last, seen = math.huge, 0, ""
    for _, thread in ipairs(threads) do
        for name in pairs(total) do
            total[name] = total[name] + thread:get(name)
        end
        first = math.min(first, thread:get("started_at"))
        last = math.max(last, thread:get("answered_at"))
        if seen == "" then seen = thread:get("example") end
    end
    local errors = summary.errors
    io.write(string.format(
        'RESULT {"sent":%d,"succeeded":%d,"failed":%d,"points":%d,"seconds":%.6f,"p50_us":%d,"p99_us":%d,"max_us":%d,' ..
        '"socket_errors":%d,"example":%s}\n',
        total.sent, total.succeeded, total.failed, total.points, last - first, latency:percentile(50), latency:percentile(99),
        latency.max, errors.connect + errors.read + errors.write + errors.timeout, quoted(seen)))
end
