import { FILE_CLASSES, type FileClass } from '#bridge/engine-words.ts';
import { formatBytes, formatCount, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { EngineOutput } from '#bridge/engine-api.ts';

type Report = EngineOutput<'checkFolders'>;

const MEANINGS: Readonly<Record<FileClass, string>> = {
  new: 'new, would be sent',
  present: 'in the fleet already',
  twin: 'the same bytes once more, sent once',
  alreadyQueued: 'in the queue already',
  unsupported: 'no image of a type that the server takes',
  empty: 'empty',
  tooLarge: "larger than the server's limit",
  unreadable: 'not readable',
  vanished: 'gone while it was looked at',
  changed: 'still being written',
};
/** Of classes that somebody has to do something about. */
const NAMED: ReadonlySet<FileClass> = new Set(['unsupported', 'empty', 'tooLarge', 'unreadable', 'changed']);
const MAX_NAMED = 5;

export function checkingLine({ files, bytes }: { files: number; bytes: number }, isJson: boolean): string {
  if (isJson) return JSON.stringify({ event: 'checking', files, bytes });
  return `looked at ${formatCount(files)} files (${formatBytes(bytes)})`;
}

export function checkLines(report: Report, isJson: boolean): readonly string[] {
  if (isJson) return [JSON.stringify({ event: 'checked', ...report })];
  const { classes, sameName, passedOver, toSend, forecastSeconds, history, hasAllTwins } = report;
  const seen = FILE_CLASSES.filter((one) => classes[one].files > 0);
  const forecast = forecastSeconds === null ? '' : `, about ${formatSeconds(forecastSeconds)}`;
  return [
    `would send ${formatCount(toSend.files)} files (${formatBytes(toSend.bytes)})${forecast}`,
    ...seen.flatMap((one) => [
      `  ${formatCount(classes[one].files)} (${formatBytes(classes[one].bytes)}): ${MEANINGS[one]}`,
      ...(NAMED.has(one) ? classes[one].examples.slice(0, MAX_NAMED).map(({ file }) => `    ${file}`) : []),
    ]),
    ...(sameName.files === 0
      ? []
      : [`  ${formatCount(sameName.files)} of the new ones have the name of another image`]),
    ...Object.entries(passedOver).map(([reason, { count }]) => `  ${formatCount(count)} passed over: ${reason}`),
    ...(hasAllTwins
      ? []
      : ['  more new files than are kept in mind: some may have the bytes of others, and are sent once']),
    ...(history.isWhole
      ? []
      : ['  more names and queued files than are kept in mind: some that are known may not be told']),
  ];
}
