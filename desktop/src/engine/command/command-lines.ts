import { ITEM_STATES } from '#bridge/engine-words.ts';
import { formatBytes, formatCount, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { EngineOutput } from '#bridge/engine-api.ts';

export interface StatusLineOptions {
  readonly isJson: boolean;
  /** False: the queue was only looked at, and nobody works on it. */
  readonly isRunning: boolean;
}

export function statusLine(
  event: string,
  status: EngineOutput<'readStatus'>,
  { isJson, isRunning }: StatusLineOptions,
): string {
  if (isJson) return JSON.stringify({ event, isRunning, ...status });
  const { counts, isPaused, holding, bytesPerSecond, secondsLeft } = status;
  const told = ITEM_STATES.filter((state) => counts[state].files > 0).map((state) => {
    return `${state} ${formatCount(counts[state].files)} (${formatBytes(counts[state].bytes)})`;
  });
  const speed = bytesPerSecond === null || isPaused ? '' : `, ${formatBytes(bytesPerSecond)}/s`;
  const left = secondsLeft === null || isPaused ? '' : `, ${formatSeconds(secondsLeft)} left`;
  const state = `${isPaused ? '; paused' : ''}${isRunning ? '' : '; no engine runs'}`;
  const why = holding === null ? '' : `; nothing goes out: ${holding.message} [${holding.code}]`;
  return `${event}: ${told.length === 0 ? 'the queue is empty' : told.join(', ')}${speed}${left}${state}${why}`;
}

export function setAsideLine(file: string, isJson: boolean): string {
  return isJson ? JSON.stringify({ event: 'setAside', file }) : `a file of the engine was damaged; it lies at ${file}`;
}

export function addedLines(added: EngineOutput<'addFolders'>, isJson: boolean): readonly string[] {
  if (isJson) return [JSON.stringify({ event: 'added', ...added })];
  const known = added.known === 0 ? '' : `, ${formatCount(added.known)} are in the queue already`;
  const passed = Object.entries(added.passedOver).map(
    ([reason, files]) => `  passed over as ${reason}: ${formatCount(files)}`,
  );
  const examples = added.examples.filter(({ reason }) => reason !== 'notImage' && reason !== 'excluded');
  return [
    `added ${formatCount(added.added)} files (${formatBytes(added.addedBytes)})${known}`,
    ...passed,
    ...examples.map(({ file, reason }) => `  ${reason}: ${file}`),
  ];
}

export function itemLine(item: EngineOutput<'listItems'>['items'][number], isJson: boolean): string {
  if (isJson) return JSON.stringify(item);
  const { state, file, image, failure } = item;
  const outcome = image?.link ?? (failure === null ? '' : `${failure.message} [${failure.code}]`);
  return [state, file, outcome].join('\t').trimEnd();
}
