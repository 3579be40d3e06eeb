import { describe, expect, it } from 'vitest';
import type { DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { Language } from '#console/i18n/language.ts';
import { speak } from '#console/i18n/testing/speak.ts';
import { causesOf } from './causes.ts';
import { errorsAnswer } from './errors-answer.ts';
import { ERRORS_TEXTS } from './errors-texts.ts';
import { aGroup } from './testing/a-group.ts';

const at = (clock: string): number => new Date(`2026-03-09T${clock}`).getTime();
const SINCE = { oldestQueuedAt: at('14:02:00') };
const DEAD = aGroup({ state: 'dead', server: 's2', code: 'OWN_COPY_MISSING', count: 3 });

function told(groups: readonly DeliveryGroup[], silent: readonly string[], language: Language): string {
  const facts = { causes: causesOf(groups), silent, now: at('15:00:00'), language };
  return errorsAnswer(facts, speak(language, ERRORS_TEXTS));
}

/** What is open and who is silent, and what both languages make of it. */
const CASES: readonly (readonly [string, readonly DeliveryGroup[], readonly string[], string, string])[] = [
  ['nothing failed', [], [], 'Nothing failed: no copy is stuck.', '没有出错：没有卡住的副本。'],
  [
    'nothing failed, but one is silent',
    [],
    ['s2'],
    'No copy is stuck as far as is known.',
    '就目前所知，没有卡住的副本。',
  ],
  [
    'one cause',
    [aGroup({ count: 412, ...SINCE })],
    [],
    '412 copies wait for s3: the server cannot be reached, since 14:02:00. They go out by themselves when the server is back.',
    '412 个副本在等 s3：连接不上服务器，始于 14:02:00。服务器恢复后会自动发出，无需操作。',
  ],
  [
    'one copy',
    [aGroup({ ...SINCE, code: 'PEER_DISK_FULL' })],
    [],
    '1 copy waits for s3: the disk of the server is full, since 14:02:00. It goes out by itself when the server has room.',
    '1 个副本在等 s3：对方服务器磁盘已满，始于 14:02:00。服务器腾出空间后会自动发出。',
  ],
  [
    'a cause that is not known',
    [aGroup({ ...SINCE, code: null, count: 2 })],
    [],
    '2 copies wait for s3 since 14:02:00. They go out by themselves when the server is back.',
    '2 个副本自 14:02:00 起在等 s3。服务器恢复后会自动发出，无需操作。',
  ],
  [
    'copies that only somebody sends out',
    [aGroup({ ...SINCE, count: 2, autoRetry: false })],
    [],
    '2 copies wait for s3: the server cannot be reached, since 14:02:00. They go out only when you replay them: autoRetry is off.',
    '2 个副本在等 s3：连接不上服务器，始于 14:02:00。已关闭自动重试（autoRetry），需要手动重新同步。',
  ],
  [
    'many causes, some of which need somebody',
    [aGroup({ count: 1412 }), DEAD],
    ['s4'],
    '1,415 copies wait, for 2 causes. 3 of them wait for you.',
    '1,415 个副本没有同步，共 2 类原因。其中 3 个需要您处理。',
  ],
  [
    'many causes, all by themselves',
    [aGroup({ count: 4 }), aGroup({ count: 5, code: 'PEER_TIMEOUT', state: 'failed' })],
    [],
    '9 copies wait, for 2 causes. All go out by themselves.',
    '9 个副本没有同步，共 2 类原因。都会自动发出，无需操作。',
  ],
];

describe('the first line of the errors', () => {
  it.each(CASES)('%s', (...[, groups, silent, ...sentences]) => {
    expect([told(groups, silent, 'en'), told(groups, silent, 'zh')]).toEqual(sentences);
  });
});
