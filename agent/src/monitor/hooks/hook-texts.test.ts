import { describe, expect, it } from 'vitest';
import { contextOf, publicIncidentOf, transitionOf } from '../testing/hook-builders.ts';
import { environmentOf, noticeEvent, transitionEvent } from './hook-event.ts';

const MINUTE = 60_000;
const OPENED = Date.UTC(2026, 2, 9);

describe('what people read', () => {
  it('says which server came to which state, why, and whether that is sure', () => {
    const { text } = transitionEvent(transitionOf('down', { isConfirmed: false }), contextOf());
    expect(text.en).toBe(
      's1 is down (The server did not answer in time: no answer); unconfirmed: nobody else could be asked',
    );
    expect(text.zh).toMatch(/^s1 已下线（.+：no answer）；未经确认/);
    expect(transitionEvent(transitionOf('up'), contextOf()).text).toEqual({ en: 's1 is up', zh: 's1 已上线' });
  });

  it('names who is missing, and counts the rest of a long list', () => {
    const missing = Array.from({ length: 12 }, (_, index) => `s${String(index)}`);
    const { text } = noticeEvent({ what: 'incident', incident: publicIncidentOf({ missing }) });
    expect(text.en).toBe('Down: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more');
    expect(text.zh).toBe('已下线：s0、s1、s2、s3、s4、s5、s6、s7、s8、s9 等 12 台');
  });

  it('says who is back, and how long it took', () => {
    const incident = publicIncidentOf({ missing: [], openedAt: OPENED, closedAt: OPENED + 5 * MINUTE });
    const { text, at } = noticeEvent({ what: 'recovery', incident });
    expect(text).toEqual({ en: 'Back again: s1, s2 after 5 min', zh: '已恢复：s1、s2，历时 5 分钟' });
    expect(at).toBe('2026-03-09T00:05:00.000Z');
  });

  it('tells of the own network without naming servers', () => {
    const cause = { code: 'MONITOR_ISOLATED' as const, message: 'everything fell silent at once' };
    const incident = publicIncidentOf({ servers: [], missing: [], cause });
    expect(noticeEvent({ what: 'incident', incident }).text.en).toContain('The network of the monitor itself is cut');
    const over = { ...incident, closedAt: incident.openedAt + MINUTE };
    expect(noticeEvent({ what: 'recovery', incident: over }).text.zh).toContain('网络已恢复');
  });
});

it('leaves the list of a large fleet to the status file', () => {
  const online = Array.from({ length: 201 }, (_, index) => `10.0.0.${String(index)}:80`);
  const event = transitionEvent(transitionOf('up'), contextOf({ online }));
  expect(event.online).toBeNull();
  expect(environmentOf(event)['IMAGEFLEET_ONLINE']).toBe('');
});

it('names the servers of an incident in the environment', () => {
  const environment = environmentOf(noticeEvent({ what: 'incident', incident: publicIncidentOf() }));
  expect(environment).toMatchObject({ IMAGEFLEET_EVENT: 'incident', IMAGEFLEET_SERVER: 's1,s2', IMAGEFLEET_HOST: '' });
});
