import { net, protocol } from 'electron';
import { serveApp, type AppProtocolDeps } from '#main/app-protocol.ts';
import { APP_SCHEME } from '#main/trusted-sender.ts';

/** Before the app is ready: pages of the scheme have an origin of their own, as those of https have. */
export function declareAppScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true };
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges }]);
}

/** Once the app is ready. Images are fetched without cookies and without the key: they are public. */
export function serveAppScheme(deps: Omit<AppProtocolDeps, 'fetch'>): void {
  const fetch: AppProtocolDeps['fetch'] = (url, init) => net.fetch(url, { ...init, credentials: 'omit' });
  protocol.handle(APP_SCHEME, (request) => serveApp(request, { ...deps, fetch }));
}
