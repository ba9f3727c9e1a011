import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { type AddressRules, isPublicAddress } from './address.ts';

/** Finds the IP addresses of a host. */
export type ResolveHost = (host: string) => Promise<readonly LookupAddress[]>;

/** What a host that leads to a private network is refused with. */
export const privateAddressCode = 'INSPAN_PRIVATE_ADDRESS';

/**
 * Makes the one look-up of a connection: it connects to what was checked here, so a name that leads elsewhere a moment
 * later (DNS rebinding) leads nowhere. A host with only one private address is refused as a whole.
 * `resolve`: the system's resolver where it is absent.
 */
export function createCheckedLookup({
  allowPrivate,
  resolve = (host) => lookup(host, { all: true }),
}: AddressRules & { readonly resolve?: ResolveHost }): LookupFunction {
  return (host, { all, family }, tell) => {
    const refuse = (code: string): void => tell(Object.assign(new Error(code), { code }), '', 0);
    resolve(host).then(
      (addresses) => {
        const isPrivate = addresses.some(({ address }) => !isPublicAddress(address));
        const [first] = addresses.filter((each) => !family || each.family === family);
        if (isPrivate && !allowPrivate) refuse(privateAddressCode);
        else if (first === undefined) refuse('ENOTFOUND');
        else if (all === true) tell(null, [...addresses]);
        else tell(null, first.address, first.family);
      },
      (error: Error & { readonly code?: string }) => refuse(error.code ?? 'ENOTFOUND'),
    );
  };
}
