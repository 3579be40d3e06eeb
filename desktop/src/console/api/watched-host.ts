import type { OperatorClient } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { ConsoleHost } from './host.ts';
import type { Line } from './line.ts';

/** The same host, with all its calls seen by the line. */
export function watchedHost(host: ConsoleHost, line: Line): ConsoleHost {
  return {
    capabilities: host.capabilities,
    takeToken: () => host.takeToken(),
    listen: (listener) => host.listen(listener),
    imageUrl: (path) => host.imageUrl(path),
    api: watchedApi(host.api, line),
    session: () => line.watch(host.session()),
    login: (by) => line.watch(host.login(by)),
    logout: () => line.watch(host.logout()),
    upload: (upload) => {
      const meter = line.meter();
      const onProgress = (sentBytes: number): void => {
        meter(sentBytes);
        upload.onProgress(sentBytes);
      };
      return line.watch(host.upload({ ...upload, onProgress }));
    },
  };
}

function watchedApi(api: OperatorClient, line: Line): OperatorClient {
  const calls = Object.entries(api).map(([name, call]) => {
    const ask = call as (input: never) => Promise<unknown>;
    return [name, (input: never) => line.watch(ask(input))] as const;
  });
  // One call for each that there was, which is all that the type says.
  return Object.fromEntries(calls) as unknown as OperatorClient;
}
