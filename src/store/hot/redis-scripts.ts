import { tokensRounded } from './token-buckets.ts';

// Sent whole at each call: nothing to load again after a restart or a flush, and Redis compiles a text only once.

/** Keeps a copy unless a newer one is there. Keys: the copy. Arguments: version, text, ms to live. */
export const setScript = `
local kept = tonumber(redis.call('HGET', KEYS[1], 'version'))
if kept and kept > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'text', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

/**
 * Takes tokens from a bucket. Keys: the bucket. Arguments: tokens wanted, size, refill per second, now in ms.
 * Gives 1 or 0 for enough or not, and what the bucket holds then, as text: Redis cuts numbers to integers.
 */
export const takeScript = `
local want, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local refill, now = tonumber(ARGV[3]), tonumber(ARGV[4])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or size, tonumber(kept[2]) or now
if now > at then
  tokens = tokens + (now - at) / 1000 * refill
  at = now
end
tokens = math.min(size, tokens)
local price = math.min(want, size)
local enough = 0
if tokens + ${tokensRounded} >= price then
  enough = 1
  tokens = math.max(0, tokens - price)
end
local text = string.format('%.6f', tokens)
redis.call('HSET', KEYS[1], 'tokens', text, 'at', string.format('%.0f', at))
-- A bucket that nobody has used for as long as it takes to fill is as good as a new one.
redis.call('PEXPIRE', KEYS[1], math.ceil(size / refill * 1000) + 1000)
return {enough, text}`;
