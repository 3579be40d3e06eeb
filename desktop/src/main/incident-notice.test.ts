import { describe, expect, it } from 'vitest';
import { incidentNotice, type IncidentNoticeInput } from './incident-notice.ts';
import { aFleet, anIncident } from './testing/reports.ts';

const FLEET = aFleet({ s1: 'up', s2: 'down', s3: 'up' });

function notice(input: Partial<IncidentNoticeInput>) {
  const defaults = { what: 'opened' as const, incident: anIncident(), fleet: FLEET, language: 'en' as const };
  return incidentNotice({ ...defaults, clockText: () => '14:02:11', ...input });
}

describe('a notification', () => {
  it('says which server is down, since when, and what still works; its click leads there', () => {
    expect(notice({})).toEqual({
      title: 's2 is down',
      body: 'Since 14:02:11. 2 of 3 servers work; uploads and images go on there.',
      server: 's2',
    });
    expect(notice({ language: 'zh' })).toEqual({
      title: 's2 离线',
      body: '开始于 14:02:11。3 台服务器中 2 台正常，上传和图片访问不受影响。',
      server: 's2',
    });
  });

  it('is one for servers that failed together, also while the fleet still counts them as up', () => {
    const incident = anIncident({ servers: ['s1', 's2'] });
    expect(notice({ incident })).toEqual({
      title: '2 servers are down',
      body: 's1, s2. Since 14:02:11. 1 of 3 servers work; uploads and images go on there.',
      server: null,
    });
    expect(notice({ incident, language: 'zh' }).body).toMatch(/^s1、s2。/);
  });

  it('says when none works, and says nothing of the others while it is not known', () => {
    const incident = anIncident({ servers: ['s1', 's2', 's3'] });
    expect(notice({ incident }).body).toContain('No server works; uploads wait');
    expect(notice({ fleet: null }).body).toBe('Since 14:02:11.');
  });

  it('says that it is the own network, and not that servers are down', () => {
    const incident = anIncident({ kind: 'ownNetwork', servers: [] });
    const { title, body, server } = notice({ incident });
    expect([title, server]).toEqual(['This computer’s network is down', null]);
    expect(body).toContain('The servers are most likely well');
    expect(notice({ incident, language: 'zh', what: 'over' }).title).toBe('本机网络已恢复');
  });

  it('says how long it lasted, and whether it came again', () => {
    const over = notice({ what: 'over', incident: anIncident({ lastedMs: 65_000 }) });
    expect(over).toEqual({ title: 's2 is up again', body: 'It lasted 1 min 5 s.', server: 's2' });
    expect(notice({ incident: anIncident({ reopened: 1 }) }).body).toMatch(
      /^Once more, shortly after it was up again\./,
    );
  });
});
