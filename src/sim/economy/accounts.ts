import { addUsage, noUsage, type Usage } from '../../core/index.ts';
import type { Asked, Refusal, SimModel } from '../server/wire.ts';
import { costMicroUsd, type SimPrice, type Terms } from './money.ts';

/** What was asked, told and billed. */
export interface Account {
  readonly requests: {
    /** Told with a usage, in whole or in part, and billed by it. */
    readonly answered: number;
    /** Broken off before the client was told any usage: nothing is billed. */
    readonly untold: number;
    readonly refused: Readonly<Partial<Record<Refusal['code'], number>>>;
  };
  readonly usage: Usage;
  /** Input tokens that had been sent before, with an answer begun, less than the longest cache life ago. */
  readonly readableTokens: number;
  readonly costMicroUsd: number;
  /** Answered requests whose price nobody knows: they are not in the cost. */
  readonly unpriced: number;
}

/** All accounts of a simulator, as `GET /sim/accounts` tells them. */
export interface AccountBook {
  readonly total: Account;
  /** By `provider/name`. */
  readonly models: Readonly<Record<string, Account>>;
  /** By key; long ones are told by their first six and last four letters, so that real ones stay secret. */
  readonly keys: Readonly<Record<string, Account>>;
  /** Answers on their way: not billed yet. */
  readonly open: number;
}

/** Who and what a line of the accounts is about. `key` null: none was sent; `model` null: it was not yet known. */
export interface Entry {
  readonly model: SimModel | null;
  readonly key: string | null;
}

/** Keeps the accounts. The rule of all of them: what a client was told is what it is billed. */
export interface Accounts {
  refuse(entry: Entry, code: Refusal['code']): void;
  /** An answer sets out; the returned function books how it ended, with null where no usage was told. */
  open(asked: Asked): (told: Usage | null, readableTokens?: number) => void;
  bill(entry: Entry, usage: Usage, terms: Terms): void;
  read(): AccountBook;
  /** Begins new books. Answers on their way are booked in them. */
  reset(): void;
}

/** Opens empty books. `priceOf` takes `provider/name`; null: nobody knows the price. */
export function createAccounts(priceOf: (modelId: string) => SimPrice | null): Accounts {
  let book = emptyBook;
  let underWay = 0;
  const change = (entry: Entry, next: (account: Account) => Account): void => {
    book = changed(book, entry, next);
  };
  const bill = (entry: Entry, usage: Usage, terms: Terms & { readonly readableTokens?: number }): void => {
    const price = entry.model === null ? null : priceOf(idOf(entry.model));
    const cost = price === null ? null : costMicroUsd(price, usage, terms);
    const { readableTokens = 0 } = terms;
    change(entry, (account) => billed(account, usage, { cost, readableTokens }));
  };
  return {
    refuse: (entry, code) => change(entry, (account) => refused(account, code)),
    open(asked) {
      underWay += 1;
      return (told, readableTokens = 0) => {
        underWay -= 1;
        if (told === null) change(asked, untold);
        else bill(asked, told, { batch: asked.batch, tier: asked.tier, readableTokens });
      };
    },
    bill,
    read: () => ({ ...book, open: underWay }),
    reset() {
      book = emptyBook;
    },
  };
}

type Book = Omit<AccountBook, 'open'>;

const emptyAccount: Account = Object.freeze({
  requests: Object.freeze({ answered: 0, untold: 0, refused: Object.freeze({}) }),
  usage: noUsage,
  readableTokens: 0,
  costMicroUsd: 0,
  unpriced: 0,
});

const emptyBook: Book = Object.freeze({ total: emptyAccount, models: {}, keys: {} });

/** Keys beyond it are booked together: nobody tells so many apart. */
const keysMax = 1_000;

function changed(book: Book, { model, key }: Entry, next: (account: Account) => Account): Book {
  const models = model === null ? book.models : withEntry(book.models, idOf(model), next);
  return { total: next(book.total), models, keys: withEntry(book.keys, keyName(book, key), next) };
}

function withEntry(
  accounts: Readonly<Record<string, Account>>,
  name: string,
  next: (account: Account) => Account,
): Readonly<Record<string, Account>> {
  const before = Object.hasOwn(accounts, name) ? accounts[name] : undefined;
  return { ...accounts, [name]: next(before ?? emptyAccount) };
}

function keyName({ keys }: Book, key: string | null): string {
  const name = shownKey(key);
  return Object.hasOwn(keys, name) || Object.keys(keys).length < keysMax ? name : '(others)';
}

/** Names a key without giving a real one away: those are long. */
export function shownKey(key: string | null): string {
  if (key === null || key === '') return '(none)';
  return key.length <= 16 ? key : `${key.slice(0, 6)}…${key.slice(-4)}`;
}

function refused(account: Account, code: Refusal['code']): Account {
  const { requests } = account;
  const codes = { ...requests.refused, [code]: (requests.refused[code] ?? 0) + 1 };
  return { ...account, requests: { ...requests, refused: codes } };
}

function untold(account: Account): Account {
  const { requests } = account;
  return { ...account, requests: { ...requests, untold: requests.untold + 1 } };
}

function billed(
  account: Account,
  usage: Usage,
  { cost, readableTokens }: { readonly cost: number | null; readonly readableTokens: number },
): Account {
  const { requests } = account;
  return {
    requests: { ...requests, answered: requests.answered + 1 },
    usage: addUsage(account.usage, usage),
    readableTokens: account.readableTokens + readableTokens,
    costMicroUsd: account.costMicroUsd + (cost ?? 0),
    unpriced: account.unpriced + (cost === null ? 1 : 0),
  };
}

function idOf({ provider, name }: SimModel): string {
  return `${provider}/${name}`;
}
