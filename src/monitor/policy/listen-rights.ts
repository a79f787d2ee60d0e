import type { ListenAddress } from '../../net/address.js';

/**
 * Whether an address is among those that were allowed. One without a host allows its port on every address; port 0 allows
 * no port. Hosts are numeric, paths absolute.
 */
export function isAllowed(address: ListenAddress, allowed: readonly ListenAddress[]): boolean {
  return allowed.some((each) => {
    if ('path' in each || 'path' in address) return 'path' in each && 'path' in address && each.path === address.path;
    return each.port !== 0 && each.port === address.port && (each.host === undefined || each.host === address.host);
  });
}
