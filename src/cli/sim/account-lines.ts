import { totalInputTokens, totalOutputTokens } from '../../core/index.ts';
import type { Account, AccountBook } from '../../sim/index.ts';
import { tableLines } from '../show/table.ts';
import { count, dollars } from '../show/wording.ts';

/** Shows what a simulator billed, by model: requests, tokens by bucket, money, and what it refused. */
export function accountLines({ total, models }: AccountBook): readonly string[] {
  const head = ['', 'requests', 'input', 'read', 'write 5m', 'write 1h', 'output', 'cost'];
  const rows = Object.entries(models).map(([id, account]) => [id, ...figures(account)]);
  const sum = rows.length > 1 ? [['all', ...figures(total)]] : [];
  const refusals = Object.entries(total.requests.refused).map(([code, times]) => `${count(times)} ${code}`);
  return [
    `The simulator billed ${dollars(total.costMicroUsd)} for ${count(totalInputTokens(total.usage))} tokens in and ${count(totalOutputTokens(total.usage))} out:`,
    ...tableLines({ rows: [head, ...rows, ...sum], right: [1, 2, 3, 4, 5, 6, 7] }),
    ...(refusals.length === 0 ? [] : [`refused: ${refusals.join(', ')}`]),
    ...(total.requests.untold === 0
      ? []
      : [`broken off before any usage was told: ${count(total.requests.untold)}`]),
  ];
}

function figures({ requests, usage, costMicroUsd }: Account): readonly string[] {
  const read = usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens;
  const tokens = [usage.inputTokens, read, usage.cacheWrite5mTokens, usage.cacheWrite1hTokens];
  return [
    count(requests.answered),
    ...tokens.map(count),
    count(totalOutputTokens(usage)),
    dollars(costMicroUsd),
  ];
}
