import type { Admission } from '../../core/index.ts';
import { Account, type AccountLimits, type AccountParts } from './account.ts';

/** What admission needs. */
export interface AdmissionOptions extends AccountParts {
  /** Limits set by hand, by account. */
  readonly limitsOf?: (account: string) => AccountLimits;
}

/** Makes the admission of one process. All its jobs share it, or they run into each other's limits. */
export function createAdmission({ limitsOf, ...parts }: AdmissionOptions): Admission {
  const accounts = new Map<string, Account>();

  function accountOf(name: string): Account {
    const known = accounts.get(name);
    if (known !== undefined) return known;
    if (accounts.size >= accountsMax) forgetIdle(accounts);
    const account = new Account(parts, limitsOf?.(name) ?? {});
    accounts.set(name, account);
    return account;
  }

  return { enter: (want, signal) => accountOf(want.account).enter(want, signal) };
}

/** A model behind a key makes one; where tenants bring their own keys, those that rest are forgotten. */
const accountsMax = 1_000;

function forgetIdle(accounts: Map<string, Account>): void {
  for (const [name, account] of accounts) if (account.isIdle()) accounts.delete(name);
}
