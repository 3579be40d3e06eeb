import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { formatInstant, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { EngineOutput } from '#bridge/engine-api.ts';

type Report = EngineOutput<'readFleet'>;

/** An agent is there, and does not take this key for this. */
const KEY_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['KEY_MISSING', 'KEY_WRONG', 'ROLE_MISSING']);
const KEY_HINT = '  the key needs the role "upload" to upload, and the role "read" to know how the fleet is';

export function fleetLines(report: Report, { isJson, now }: { isJson: boolean; now: number }): readonly string[] {
  if (isJson) return [JSON.stringify({ event: 'fleet', ...report })];
  const { servers, incidents } = report;
  return [
    ...headLines(report),
    ...servers.map(({ server, name, state, since, code }) => {
      const when = since === null ? '' : ` since ${formatInstant(since, now)}`;
      return `  ${name ?? server}: ${state}${when}${code === null ? '' : ` [${code}]`}`;
    }),
    ...incidents.map((incident) => `  ${incidentText(incident, now)}`),
  ];
}

function headLines({ heardFrom, problem }: Report): readonly string[] {
  const why = problem === null ? '' : `: ${problem.message} [${problem.code}]`;
  if (heardFrom !== null) return [`as ${heardFrom} tells it`, ...(why === '' ? [] : [`  no events are heard${why}`])];
  const isKey = problem !== null && KEY_CODES.has(problem.code);
  return [
    `${isKey ? 'the key is refused' : 'no agent answers'}${why}`,
    ...(isKey ? [KEY_HINT] : []),
    'this is what was found by looking',
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
