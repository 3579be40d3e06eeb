import { FILE_CLASSES, ITEM_STATES } from '#bridge/engine-words.ts';
import { describe, expect, it } from 'vitest';
import type { EngineOutput } from '#bridge/engine-api.ts';
import { checkLines } from './check-lines.ts';
import { addedLines, itemLine, statusLine } from './command-lines.ts';
import { fleetLines } from './fleet-lines.ts';

type Classes = EngineOutput<'checkFolders'>['classes'];

const NOTHING = { files: 0, bytes: 0 };

function status(more: Partial<EngineOutput<'readStatus'>> = {}): EngineOutput<'readStatus'> {
  const counts = Object.fromEntries(
    ITEM_STATES.map((state) => [state, NOTHING]),
  ) as EngineOutput<'readStatus'>['counts'];
  return {
    ...{ counts, isPaused: false, holding: null, limits: { bytesPerSecond: 0, requests: 16 } },
    ...{ bytesPerSecond: null, secondsLeft: null, bytesUnderWay: 0, targets: [] },
    ...more,
  };
}

describe('what the engine says in a line', () => {
  it('is how the queue stands, how fast it goes and what is in the way', () => {
    const { counts } = status();
    const going = status({
      counts: { ...counts, done: { files: 1200, bytes: 2048 }, queued: { files: 3, bytes: 10 } },
      ...{ bytesPerSecond: 1024, secondsLeft: 70 },
    });
    const all = { isJson: false, isRunning: true };
    expect(statusLine('progress', going, all)).toBe(
      'progress: queued 3 (10 B), done 1,200 (2.0 KB), 1.0 KB/s, 1 min 10 s left',
    );
    expect(statusLine('status', { ...going, isPaused: true }, { isJson: false, isRunning: false })).toBe(
      'status: queued 3 (10 B), done 1,200 (2.0 KB); paused; no engine runs',
    );
    const holding = { code: 'DISK_FULL', message: 'the disk is full', since: 0 } as const;
    expect(statusLine('status', status({ holding }), all)).toBe(
      'status: the queue is empty; nothing goes out: the disk is full [DISK_FULL]',
    );
    expect(JSON.parse(statusLine('x', going, { isJson: true, isRunning: true }))).toEqual({
      ...{ event: 'x', isRunning: true },
      ...going,
    });
  });

  it('names what was passed over, but for what nobody would miss', () => {
    const added = {
      ...{ added: 2, addedBytes: 5, known: 1, passedOver: { notImage: 7, unreadable: 1 } },
      examples: [
        { file: '/a.txt', reason: 'notImage' as const },
        { file: '/b.png', reason: 'unreadable' as const },
      ],
    };
    expect(addedLines(added, false)).toEqual([
      'added 2 files (5 B), 1 are in the queue already',
      ...['  passed over as notImage: 7', '  passed over as unreadable: 1', '  unreadable: /b.png'],
    ]);
  });

  it('is a link, or why there is none', () => {
    const item = {
      ...{ key: 1, file: '/p/a.png', path: 'p/a.png', sizeBytes: 1, sha256: null, attempts: 0, retryAt: null },
      ...{ isForced: false, sentBytes: 0 },
    };
    const image = { path: 'x.png', link: 'http://i/x.png' };
    expect(itemLine({ ...item, state: 'done', failure: null, image }, false)).toBe('done\t/p/a.png\thttp://i/x.png');
    const failure = { code: 'FILE_MISSING', message: 'it is gone' } as const;
    expect(itemLine({ ...item, state: 'failed', failure, image: null }, false)).toBe(
      'failed\t/p/a.png\tit is gone [FILE_MISSING]',
    );
    expect(itemLine({ ...item, state: 'queued', failure: null, image: null }, false)).toBe('queued\t/p/a.png');
  });

  it('tells of a check what would go out, and names what somebody has to look at', () => {
    const none = { ...NOTHING, examples: [] };
    const classes = Object.fromEntries(FILE_CLASSES.map((one) => [one, none])) as unknown as Classes;
    const file = {
      path: 'e.png',
      sizeBytes: 0,
      image: null,
      hasSameName: false,
      file: '/e.png',
      class: 'empty' as const,
    };
    const report = {
      classes: {
        ...classes,
        new: { files: 4, bytes: 8, examples: [] },
        empty: { files: 1, bytes: 0, examples: [file] },
      },
      ...{ sameName: { files: 2, bytes: 4, examples: [] }, passedOver: { excluded: { count: 3, examples: [] } } },
      ...{ toSend: { files: 4, bytes: 8 }, forecastSeconds: 90, limits: null },
      ...{ history: { files: 0, isWhole: true }, hasAllTwins: true },
    };
    expect(checkLines(report, false)).toEqual([
      'would send 4 files (8 B), about 1 min 30 s',
      ...['  4 (8 B): new, would be sent', '  1 (0 B): empty', '    /e.png'],
      ...['  2 of the new ones have the name of another image', '  3 passed over: excluded'],
    ]);
    expect(checkLines({ ...report, forecastSeconds: null }, false)[0]).toBe('would send 4 files (8 B)');
    const cut = checkLines({ ...report, history: { files: 9, isWhole: false }, hasAllTwins: false }, false).slice(-2);
    expect(cut).toEqual([
      '  more new files than are kept in mind: some may have the bytes of others, and are sent once',
      '  more names and queued files than are kept in mind: some that are known may not be told',
    ]);
  });

  it('tells of the fleet how each server is, and what happened', () => {
    const server = { disk: null, backlog: null, lagSeconds: null };
    const now = new Date(2026, 10, 30, 14, 0).getTime();
    const incident = {
      id: 'a',
      code: null,
      openedAt: now - 60_000,
      since: now - 60_000,
      backAt: null,
      until: null,
      lastedMs: null,
      reopened: 0,
      servers: [],
    };
    const report = {
      servers: [
        { ...server, server: 'http://a', name: 's1', state: 'up' as const, since: now, code: null },
        {
          ...server,
          server: 'http://b',
          name: null,
          state: 'down' as const,
          since: null,
          code: 'PROBE_REFUSED' as const,
        },
      ],
      ...{ heardFrom: 's1', heardAt: now, silent: [], live: 'live' as const, followed: 'http://a', problem: null },
      incidents: [
        { ...incident, kind: 'servers' as const, servers: ['s2'], until: now, lastedMs: 60_000 },
        { ...incident, kind: 'ownNetwork' as const },
        { ...incident, kind: 'servers' as const, servers: ['s3'], backAt: now, lastedMs: 60_000, reopened: 2 },
      ],
    };
    expect(fleetLines(report, { isJson: false, now })).toEqual([
      ...['as s1 tells it', '  s1: up since 14:00:00', '  http://b: down [PROBE_REFUSED]'],
      '  13:59:00: s2 did not answer, for 1 min 0 s',
      '  13:59:00: this computer had no network, still so',
      '  13:59:00: s3 did not answer, again, for 1 min 0 s',
    ]);
    const wrong = { ...report, heardFrom: null, incidents: [], servers: [] };
    const refused = { code: 'ROLE_MISSING', message: 'the key lacks the role read' } as const;
    expect(fleetLines({ ...wrong, problem: refused }, { isJson: false, now })).toEqual([
      'the key is refused: the key lacks the role read [ROLE_MISSING]',
      '  the key needs the role "upload" to upload, and the role "read" to know how the fleet is',
      'this is what was found by looking',
    ]);
    const silent = { code: 'PEER_TIMEOUT', message: 'nothing came' } as const;
    expect(fleetLines({ ...wrong, problem: silent }, { isJson: false, now })[0]).toBe(
      'no agent answers: nothing came [PEER_TIMEOUT]',
    );
    expect(fleetLines({ ...wrong, heardFrom: 's1', problem: silent }, { isJson: false, now })).toEqual([
      'as s1 tells it',
      '  no events are heard: nothing came [PEER_TIMEOUT]',
    ]);
  });
});
