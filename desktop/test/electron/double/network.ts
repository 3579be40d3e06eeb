import { notes } from './notes.ts';

type Handler = (request: Request) => Promise<Response>;

const handlers = new Map<string, Handler>();

export const protocol = {
  registerSchemesAsPrivileged: (schemes: readonly unknown[]): void => void notes.schemes.push(...schemes),
  handle: (scheme: string, handler: Handler): void => void handlers.set(scheme, handler),
};

export const net = { fetch: (url: string, init: RequestInit): Promise<Response> => fetch(url, init) };

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (): void => void (notes.hasPermissionHandlers.request = true),
    setPermissionCheckHandler: (): void => void (notes.hasPermissionHandlers.check = true),
    setDevicePermissionHandler: (): void => void (notes.hasPermissionHandlers.device = true),
  },
};

export async function askScheme(address: string, method: string): Promise<Response> {
  const scheme = address.slice(0, address.indexOf(':'));
  const handler = handlers.get(scheme);
  if (handler === undefined) throw new Error(`nobody serves ${scheme}`);
  return handler(new Request(address, { method }));
}
