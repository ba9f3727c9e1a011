import { type ApiKey, fail, type KeyScope, ok, type Result } from '../../core/index.ts';
import type { Caller } from '../../jobs/index.ts';
import { keyCommand } from '../keys/key-command.ts';
import type { ServerParts } from '../parts.ts';

/** Says who asks, and whether they may. */
export interface Door {
  /** Lets a request in that is allowed what the route is for. */
  admit(request: Pick<Request, 'headers'>, scope: KeyScope): Promise<Result<Access>>;
  /** True while no key is asked for. */
  isOpen(): Promise<boolean>;
  /** Looks again whether there are keys: one was just made. */
  forget(): void;
}

/** Who was let in. `key`: null where none was asked for. */
export interface Access {
  readonly caller: Caller;
  readonly key: ApiKey | null;
}

/** How long it is believed that there is no key yet: so long an open server may stay open after the first was made elsewhere. */
const noKeyMs = 1_000;

/** Whose everything is while no keys are asked for. */
const openCaller: Caller = Object.freeze({ tenant: 'default', by: 'local' });

/** Opens the door to a server. */
export function createDoor({ keys, store, clock, options }: ServerParts): Door {
  let closedForGood = !options.isOpen;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  const isOpen = async (): Promise<boolean> => {
    if (closedForGood) return false;
    if (clock.now() - askedAtMs < noKeyMs) return true;
    closedForGood = await store.keys.any();
    askedAtMs = clock.now();
    return !closedForGood;
  };
  return {
    isOpen,
    forget() {
      askedAtMs = Number.NEGATIVE_INFINITY;
    },
    async admit({ headers }, scope) {
      const presented = headers.get('authorization');
      if (presented === null)
        return (await isOpen()) ? ok({ caller: openCaller, key: null }) : noKey(options);
      const token = /^Bearer +([\x21-\x7e]{1,200})$/i.exec(presented)?.[1];
      if (token === undefined) return noKey(options);
      const key = await keys.check(token);
      return key.ok ? allowed(key.value, scope) : key;
    },
  };
}

function noKey({ storage }: ServerParts['options']): Result<never> {
  const next = `Send one in a header, "Authorization: Bearer ik_…". Whoever runs the server makes one: ${keyCommand(storage)}.`;
  return fail('no-key', `This server asks for an API key. ${next}`);
}

function allowed(key: ApiKey, scope: KeyScope): Result<Access> {
  if (key.scopes.includes(scope) || key.scopes.includes('admin')) {
    return ok({ caller: { tenant: key.tenant, by: key.id }, key });
  }
  const message = `Key ${key.prefix}… is not for this: it needs the scope ${scope}. Ask an admin for a key that has it.`;
  return fail('not-allowed', message);
}
