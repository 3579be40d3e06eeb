import { formatInstant, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { EngineOutput } from '../api/engine-api.ts';

type Report = EngineOutput<'readFleet'>;

export function fleetLines(report: Report, { isJson, now }: { isJson: boolean; now: number }): readonly string[] {
  if (isJson) return [JSON.stringify({ event: 'fleet', ...report })];
  const { servers, heardFrom, incidents } = report;
  return [
    heardFrom === null ? 'no agent answers; this is what was found by looking' : `as ${heardFrom} tells it`,
    ...servers.map(({ server, name, state, since, code }) => {
      const when = since === null ? '' : ` since ${formatInstant(since, now)}`;
      return `  ${name ?? server}: ${state}${when}${code === null ? '' : ` [${code}]`}`;
    }),
    ...incidents.map((incident) => `  ${incidentText(incident, now)}`),
  ];
}

function incidentText(
  { kind, servers, since, lastedMs, code, reopened }: Report['incidents'][number],
  now: number,
): string {
  const what = kind === 'ownNetwork' ? 'this computer had no network' : `${servers.join(', ')} did not answer`;
  const why = code === null ? '' : ` [${code}]`;
  const end = lastedMs === null ? ', still so' : `, for ${formatSeconds(lastedMs / 1000)}`;
  const again = reopened === 0 ? '' : ', again';
  return `${formatInstant(since, now)}: ${what}${again}${why}${end}`;
}
