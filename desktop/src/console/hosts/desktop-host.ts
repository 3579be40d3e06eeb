import { DESKTOP_APIS, type DesktopAnswer, type DesktopApiName, type DesktopBridge } from '#bridge/desktop-bridge.ts';
import type { EngineClient } from '#bridge/engine-api.ts';
import type { ShellClient } from '#bridge/shell-api.ts';
import { isErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { LiveListener } from '@imagefleet/shared/common/operator/live-events.ts';
import { ROLES, type OperatorClient } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { ConsoleHost, Session } from '#console/api/host.ts';

/** The program itself: which servers there are, and who answers, is the engine's to know. */
const SESSION: Session = { server: '', keyName: null, roles: [...ROLES], servers: [] };

/** The console in the desktop app: every call goes over the bridge that the preload has put into the page. */
export function createDesktopHost(bridge: DesktopBridge): ConsoleHost {
  const engine = clientOf(bridge, 'engine') as EngineClient;
  return {
    api: clientOf(bridge, 'operator') as OperatorClient,
    capabilities: {
      hasLogin: false,
      desktop: {
        engine,
        shell: clientOf(bridge, 'shell') as ShellClient,
        listen: (hear) => bridge.listen(hear),
        pathOf: (file) => bridge.pathOf(file),
      },
    },
    session: () => Promise.resolve(SESSION),
    login: () => Promise.resolve(SESSION),
    logout: () => Promise.resolve(),
    takeToken: () => null,
    listen: (listener) => listenTo(bridge, engine, listener),
    upload: () => Promise.reject(new FleetError('INTERNAL', 'the desktop uploads from the disk, by its queue')),
    imageUrl: (path) => `/image/${path.split('/').map(encodeURIComponent).join('/')}`,
  };
}

/** One method for each name of the table, which is what the client's type says; who answers judges what is asked. */
function clientOf(bridge: DesktopBridge, api: DesktopApiName): unknown {
  const methods = Object.keys(DESKTOP_APIS[api]).map((method) => [
    method,
    (input: unknown) => call(bridge, { api, method, input }),
  ]);
  return Object.fromEntries(methods);
}

async function call(bridge: DesktopBridge, asked: Parameters<DesktopBridge['call']>[0]): Promise<unknown> {
  const answer = await answerOf(bridge, asked);
  if (answer.isOk) return answer.output;
  const { code, message, hint } = answer.error;
  throw new FleetError(isErrorCode(code) ? code : 'INTERNAL', message, hint === undefined ? {} : { hint });
}

async function answerOf(bridge: DesktopBridge, asked: Parameters<DesktopBridge['call']>[0]): Promise<DesktopAnswer> {
  try {
    return await bridge.call(asked);
  } catch (cause) {
    throw new FleetError('INTERNAL', `the app did not answer ${asked.api}.${asked.method}`, { cause });
  }
}

/** The engine tells changes only: what is now, a page that was just loaded has to ask for. */
function listenTo(bridge: DesktopBridge, engine: EngineClient, listener: LiveListener): () => void {
  let isTold = false;
  const end = bridge.listen((news) => {
    if (news.kind === 'liveEvent') listener.onEvent(news.event);
    if (news.kind !== 'liveState') return;
    isTold = true;
    listener.onState(news.state);
  });
  listener.onState('connecting');
  const tell = (state: Parameters<LiveListener['onState']>[0]): void => {
    if (!isTold) listener.onState(state);
  };
  engine.readFleet({}).then(
    ({ live }) => tell(live),
    // An engine that cannot be asked hears nothing either.
    () => tell('lost'),
  );
  return () => {
    isTold = true;
    end();
  };
}
