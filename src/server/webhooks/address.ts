import { BlockList, isIP } from 'node:net';
import { fail, ok, type Result } from '../../core/index.ts';

/** Which addresses messages may go to. */
export interface AddressRules {
  /** True: also to this machine and its private networks, and to loopback without TLS. For trials. */
  readonly allowPrivate: boolean;
}

/** Longer than any address that browsers take. */
const urlLengthMax = 2048;

/** What is not the public internet (IANA's registries of special-purpose addresses), and ways through to it. */
const specialAddresses: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
];

/**
 * Says whether messages may be sent to an address, and reads it. A name is not looked up here: where it leads may
 * change, so that is checked at each connection. The answer never repeats the address.
 */
export function checkWebhookUrl(text: string, { allowPrivate }: AddressRules): Result<URL> {
  if (!URL.canParse(text)) return fail('wrong-input', 'The address is none. Write https://host/path.');
  if (text.length > urlLengthMax) {
    return fail('wrong-input', `The address is longer than ${urlLengthMax} characters.`);
  }
  const url = new URL(text);
  const isTrial = allowPrivate && url.protocol === 'http:' && isLoopbackName(hostOf(url));
  if (url.protocol !== 'https:' && !isTrial) {
    return fail(
      'wrong-input',
      'The address must begin with https://: what is sent is not for others to read.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    return fail('wrong-input', 'The address may hold no name and password: messages are signed instead.');
  }
  if (!allowPrivate && isPrivateHost(hostOf(url))) {
    return fail('wrong-input', 'The address is on this machine or a private network. Name a public host.');
  }
  return ok(url);
}

/** Says whether an IP address belongs to the public internet. */
export function isPublicAddress(text: string): boolean {
  // A zone (`fe80::1%eth0`) says which network card, not which network.
  const address = text.replace(/%.*$/, '');
  const family = isIP(address);
  if (family === 0) return false;
  const special = new BlockList();
  for (const [network, bits] of specialAddresses) {
    if (isIP(network) === family) special.addSubnet(network, bits, family === 6 ? 'ipv6' : 'ipv4');
  }
  return !special.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** IPv6 without brackets, and no last dot. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isPrivateHost(host: string): boolean {
  return isIP(host) === 0 ? isLoopbackName(host) : !isPublicAddress(host);
}

function isLoopbackName(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}
