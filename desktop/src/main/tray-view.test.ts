import { describe, expect, it } from 'vitest';
import { aFleet, anIncident, aStatus } from './testing/reports.ts';
import { trayView, type TrayInput } from './tray-view.ts';

const ALL_UP = aFleet({ s1: 'up', s2: 'up', s3: 'up' });

function view(input: Partial<TrayInput>) {
  return trayView({ engine: 'running', fleet: ALL_UP, status: aStatus(), language: 'en', ...input });
}

describe('the tray', () => {
  it.each([
    ['ok', {}],
    ['down', { fleet: aFleet({ s1: 'up', s2: 'down' }) }],
    ['down', { fleet: aFleet({ s1: 'unknown', s2: 'down' }) }],
    ['unknown', { fleet: aFleet({ s1: 'up', s2: 'unknown' }) }],
    ['unknown', { fleet: null }],
    ['unknown', { fleet: aFleet({}) }],
    ['unknown', { fleet: aFleet({ s1: 'down' }, [anIncident({ kind: 'ownNetwork', servers: [] })]) }],
    ['warn', { fleet: aFleet({ s1: 'up', s2: 'warming' }) }],
    ['warn', { fleet: aFleet({ s1: 'up', s2: 'maintenance' }) }],
    ['warn', { status: aStatus({ failed: 1 }) }],
    ['down', { engine: 'failed' }],
  ] as const)('shows the worst of all states: %s', (icon, input) => {
    expect(view(input).icon).toBe(icon);
  });

  it('tells the counts, in both languages', () => {
    const input = {
      fleet: aFleet({ s1: 'up', s2: 'down' }),
      status: aStatus({ queued: 5, inDoubt: 2, failed: 1 }, true),
    };
    expect(view(input).tooltip.split('\n')).toEqual([
      'Imagefleet',
      '1 of 2 servers are down',
      '7 files to upload',
      'Uploads are paused',
      '1 file failed',
    ]);
    expect(view({ ...input, language: 'zh' }).tooltip).toContain('2 台服务器中有 1 台离线\n还有 7 个文件待上传');
  });

  it('says that it is the own network, also when servers seem down', () => {
    const own = anIncident({ kind: 'ownNetwork', servers: [] });
    expect(view({ fleet: aFleet({ s1: 'down' }, [own]) }).tooltip).toContain('network is down');
    expect(view({ fleet: aFleet({ s1: 'down' }, [{ ...own, backAt: 5 }]) }).tooltip).toContain('1 of 1 servers');
  });

  it('has a menu of the servers, of uploads and of the way out', () => {
    const { menu } = view({ fleet: aFleet({ s1: 'up', s2: 'warming' }) });
    expect(menu).toEqual([
      { label: 'Open Imagefleet', action: { kind: 'open' } },
      'separator',
      { label: 's1: up', action: { kind: 'server', server: 's1' } },
      { label: 's2: warming up', action: { kind: 'server', server: 's2' } },
      'separator',
      { label: 'Pause uploads', action: { kind: 'pause' } },
      { label: 'Quit', action: { kind: 'quit' } },
    ]);
    expect(view({ status: aStatus({}, true) }).menu).toContainEqual({
      label: 'Resume uploads',
      action: { kind: 'resume' },
    });
    expect(view({ fleet: null, status: null }).menu).toContainEqual({ label: 'Pause uploads', action: null });
  });
});
