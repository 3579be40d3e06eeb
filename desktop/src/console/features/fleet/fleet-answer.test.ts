import { describe, expect, it } from 'vitest';
import type { Language } from '#console/i18n/language.ts';
import { speak } from '#console/i18n/testing/speak.ts';
import { answerSentence } from './answer-sentence.ts';
import { ANSWER_TEXTS } from './answer-texts.ts';
import type { Evidence } from './evidence.ts';
import { fleetAnswer, movingCopies, topicOf, type FleetFacts } from './fleet-answer.ts';
import { anAgent, open } from './testing/an-agent.ts';

const at = (clock: string): number => new Date(`2026-03-09T${clock}`).getTime();
const NOW = at('15:00:00');
const AT = at('03:12:00');
const PROOF: Evidence = { kind: 'proof', result: 'same', at: AT, madeAt: AT, images: 100, servers: [] };
const WELL: FleetFacts = {
  servers: [anAgent('s1'), anAgent('s2'), anAgent('s3')],
  silent: [],
  evidence: PROOF,
  etaSeconds: null,
};

function told(overrides: Partial<FleetFacts>, language: Language = 'en'): string {
  return answerSentence(fleetAnswer({ ...WELL, ...overrides }).parts, speak(language, ANSWER_TEXTS), {
    now: NOW,
    language,
  });
}

const servers = (...entries: FleetFacts['servers'][number][]): Partial<FleetFacts> => ({ servers: entries });
const DOWN = { state: 'down', since: at('14:02:00') } as const;

/** Facts, and what both languages make of them. */
const CASES: readonly (readonly [string, Partial<FleetFacts>, string, string])[] = [
  [
    'all well and proved',
    {},
    '3 of 3 servers hold all 100 images, proved as of 03:12:00.',
    '3 台服务器全部持有 100 张图片，03:12:00 已证明一致。',
  ],
  [
    'proved, and more has come since',
    servers(anAgent('s1', { images: 1204 }), anAgent('s2', { images: 1204 })),
    '2 of 2 servers hold all 100 images, proved as of 03:12:00. 1,104 images have come since; nothing waits.',
    '2 台服务器全部持有 100 张图片，03:12:00 已证明一致。此后新增 1,104 张，也都同步完了。',
  ],
  [
    'one image, proved',
    { ...servers(anAgent('s1', { images: 1 }), anAgent('s2', { images: 1 })), evidence: { ...PROOF, images: 1 } },
    '2 of 2 servers hold the same 1 image, proved as of 03:12:00.',
    '2 台服务器全部持有 1 张图片，03:12:00 已证明一致。',
  ],
  [
    'compared by a run of verify',
    { evidence: { ...PROOF, kind: 'verify', images: null } },
    'Nothing waits: 3 of 3 servers with 100 images each, compared and equal at 03:12:00.',
    '没有待同步副本：3 台服务器各有 100 张图片，03:12:00 核对一致。',
  ],
  [
    'nothing waits and nothing is proved',
    { evidence: undefined },
    'Nothing waits: 3 servers with 100 images each. Not proved yet.',
    '没有待同步副本：3 台服务器各有 100 张图片，尚未证明一致。',
  ],
  [
    'not proved, and a number is not known',
    { evidence: undefined, ...servers(anAgent('s1'), anAgent('s2', { images: null })) },
    'Nothing waits. Not proved yet.',
    '没有待同步副本，尚未证明一致。',
  ],
  [
    'nothing waits, but the numbers differ',
    { evidence: undefined, ...servers(anAgent('s1'), anAgent('s2', { images: 99 })) },
    'Nothing waits, but the numbers of images differ: s1 100, s2 99. “Verify now” finds out why.',
    '没有待同步副本，但图片数不同：s1 100、s2 99。点“立即核对”查明原因。',
  ],
  [
    'a proof that says they differ',
    { evidence: { ...PROOF, result: 'differs', servers: ['s3'] } },
    'The servers do not hold the same: s3 differed at 03:12:00. “Verify now” brings what is missing.',
    '各服务器不一致：03:12:00 时 s3 有差异。点“立即核对”补上缺的图片。',
  ],
  [
    'a proof without an answer of one server',
    { evidence: { ...PROOF, result: 'incomplete', servers: ['s2'] } },
    'Nothing waits, but the proof of 03:12:00 is incomplete: s2 did not answer.',
    '没有待同步副本，但 03:12:00 的证明不完整：s2 没有应答。',
  ],
  [
    'a server alone',
    { evidence: undefined, ...servers(anAgent('s1', { images: 1 })) },
    'This is the only server: its 1 image has no copy elsewhere.',
    '只有这一台服务器，1 张图片在别处没有副本。',
  ],
  [
    'copies on their way, with a pace',
    { ...servers(anAgent('s1'), anAgent('s2'), anAgent('s3', { backlog: open(412) })), etaSeconds: 40 },
    '2 of 3 servers hold everything; missing on s3: 412 copies, there in about 40 s.',
    '3 台服务器中 2 台已全部同步；s3 还缺 412 个副本，约 40 s 后到齐。',
  ],
  [
    'one copy on its way to each',
    servers(anAgent('s1', { backlog: open(1) }), anAgent('s2', { backlog: open(0) })),
    '1 of 2 servers hold everything; missing on s1: 1 copy.',
    '2 台服务器中 1 台已全部同步；s1 还缺 1 个副本。',
  ],
  [
    'every server behind',
    servers(anAgent('s1', { backlog: open(2) }), anAgent('s2', { backlog: open(3) })),
    'Copies are on their way to s1, s2: 5 copies.',
    '正在同步到 s1、s2：还有 5 个副本。',
  ],
  [
    'one down with copies that wait, and silent of course',
    { ...servers(anAgent('s1'), anAgent('s2'), anAgent('s3', { ...DOWN, backlog: open(412) })), silent: ['s3'] },
    's3 is down since 14:02:00; 412 copies wait for it. 2 of 3 servers are up; uploads go on.',
    's3 自 14:02:00 起离线，有 412 个副本在等它。其余 2 台（共 3 台）在线，上传不受影响。',
  ],
  [
    'one down, and nothing waits yet',
    servers(anAgent('s1'), anAgent('s2', DOWN)),
    's2 is down since 14:02:00. 1 of 2 servers are up; uploads go on.',
    's2 自 14:02:00 起离线。其余 1 台（共 2 台）在线，上传不受影响。',
  ],
  [
    'one silent though it is up',
    { silent: ['s2'] },
    's2 did not answer: what is missing there is not known.',
    's2 没有应答，那里缺什么暂时不清楚。',
  ],
  [
    'one filling itself again',
    servers(anAgent('s1'), anAgent('s2', { reseed: { total: 5000, done: 1200, bytesDone: 9, etaSeconds: 200 } })),
    's2 fills itself again: 1,200 of 5,000 images, done in about 3 min 20 s.',
    's2 正在补齐：1,200 / 5,000 张图片，约 3 min 20 s 后完成。',
  ],
  [
    'states that are no trouble for images',
    servers(
      anAgent('s1', { state: 'unknown' }),
      anAgent('s2', { state: 'warming' }),
      anAgent('s3', { state: 'maintenance' }),
    ),
    '3 of 3 servers hold all 100 images, proved as of 03:12:00. s1: state not known yet. s2: warming up. s3: in maintenance.',
    '3 台服务器全部持有 100 张图片，03:12:00 已证明一致。s1 状态未知。s2 处于预热期。s3 维护中。',
  ],
];

describe('the first line of the fleet', () => {
  it.each(CASES)('%s', (_, facts, english, chinese) => {
    expect(told(facts)).toBe(english);
    expect(told(facts, 'zh')).toBe(chinese);
  });

  it('does not say of a server that warms up that it is up', () => {
    const [down, warming] = [anAgent('s1', DOWN), anAgent('s2', { state: 'warming' })];
    expect(told(servers(down, warming))).toBe('s1 is down since 14:02:00. s2: warming up.');
  });

  it('is green only when something shows that all is well', () => {
    const tone = (overrides: Partial<FleetFacts>): string => fleetAnswer({ ...WELL, ...overrides }).tone;
    expect(tone({})).toBe('good');
    expect(tone({ evidence: undefined })).toBe('plain');
    expect(tone({ silent: ['s2'] })).toBe('warn');
    expect(tone(servers(anAgent('s1', { state: 'unknown' }), anAgent('s2')))).toBe('warn');
    expect(tone(servers(anAgent('s1'), anAgent('s2', DOWN)))).toBe('bad');
  });

  it('does not count servers that are only watched', () => {
    const watched = anAgent('web', { isAgent: false, images: null, backlog: null, state: 'down' });
    expect(told({ servers: [...WELL.servers, watched] })).toBe(told({}));
  });
});

describe('the copies that a time can be told for', () => {
  const moving = (count: number) => ({ ...open(0), pending: count });

  it('are those for servers that take them', () => {
    const down = anAgent('s3', { state: 'down', backlog: open(500) });
    expect(movingCopies([anAgent('s1', { backlog: moving(3) }), anAgent('s2', { backlog: moving(4) }), down])).toBe(7);
  });

  it('are none as soon as one waits for somebody', () => {
    const [parked, dead] = [open(1), { ...open(0), dead: 1 }];
    for (const backlog of [parked, dead])
      expect(movingCopies([anAgent('s1', { backlog: moving(3) }), anAgent('s2', { backlog })])).toBeNull();
  });
});

it('is read out again when something else is the matter, not when a number has moved on', () => {
  const topic = (facts: Partial<FleetFacts>): string => topicOf(fleetAnswer({ ...WELL, ...facts }).parts);
  const behind = (count: number, etaSeconds: number | null) => ({
    ...servers(anAgent('s1'), anAgent('s2', { backlog: open(count) })),
    etaSeconds,
  });
  expect(topic(behind(100, null))).toBe(topic(behind(90, 12)));
  expect(topic(behind(90, 12))).not.toBe(topic({}));
  expect(topic(servers(anAgent('s1', DOWN), anAgent('s2')))).not.toBe(
    topic(servers(anAgent('s1'), anAgent('s2', DOWN))),
  );
});
