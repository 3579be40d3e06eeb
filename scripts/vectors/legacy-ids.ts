import { seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { sessionId } from '@imagefleet/shared/testing/session-ids.ts';

const SEED = 4;
const SESSION_IDS = 64;

/** The ids that the old resolver is asked for: as ASP.NET makes them, at the edges of an int32, and all kinds of wrong. */
export function legacyIds(): readonly string[] {
  const random = seededRandom(SEED);
  return [
    ...Array.from({ length: SESSION_IDS }, () => sessionId(random)),
    ...[0, 1, -1, 7, -7, 8, -8, 0x7fffffff, -0x80000000, -0x7fffffff].map(idOfInt32),
    ...RIGHT_IDS,
    ...WRONG_IDS,
  ];
}

function idOfInt32(value: number): string {
  const bytes = Buffer.alloc(18, 0xa5);
  bytes.writeInt32LE(value);
  return bytes.toString('base64');
}

/** Odd, and yet .NET decodes them. */
const RIGHT_IDS = [
  'AQIDBA==',
  'AQIDBAU=',
  'AQIDBP==',
  ' AQID BA== ',
  'AQ\tID\r\nBAUG',
  'AQIDBA= =',
  'AQIDBA=\n=\n',
  '+/+/+/+/',
];

/** No session of ours; .NET refuses them, or finds fewer than four bytes. */
const WRONG_IDS = [
  '',
  ' ',
  'a',
  'abcd',
  'AQI=',
  'AQID',
  'AQIDBAU',
  'AQIDB===',
  'AQIDBA=',
  'AQID=BAU',
  'AQ==AQIDBAUG',
  'AQIDBA==A',
  'AQIDBA==AQID',
  'AQIDBAU==',
  '====',
  'AQID====',
  'AQID-_AB',
  'AQIDBA\u00a0==',
  'AQIDBA\v==',
  'AQIDBAU\u2003',
  '会话会话会话会话',
  'AQIDBAU\0',
  'abcdefghijklmnopqrstuvw',
  'abcdefghijklmnopqrstuvwxy',
];
