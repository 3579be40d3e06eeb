import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Errors: CFG_INVALID for what is no address of a server, which would otherwise be a server that never answers. */
export function checkServers(servers: readonly string[]): void {
  for (const server of servers) {
    const url = URL.parse(server.trim());
    if (url === null || !/^https?:$/.test(url.protocol) || url.host === '') {
      throw new FleetError('CFG_INVALID', `"${server}" is no address of a server`, {
        hint: 'Write it as http://host:port.',
      });
    }
    // It would stand in every message about this server.
    if (url.username !== '' || url.password !== '') {
      throw new FleetError('CFG_INVALID', `the address of ${url.host} has a user or a password in it`, {
        hint: 'Leave them out; the key is given by itself.',
      });
    }
  }
}
