import { describe, expect, it } from 'vitest';
import { agentConfigSchema } from './agent-config.ts';
import { monitorConfigSchema } from './monitor-config.ts';
import { agentTargets, healthSettingsOf, inStatusFiles, listedTargets } from './watch-targets.ts';

const agent = (rest: object = {}) =>
  agentConfigSchema.parse({
    ...{ name: 's1', publicUrl: 'http://i', listen: '0.0.0.0:0' },
    peers: [
      { name: 's2', url: 'https://i-2.example.com', securityKey: 'k' },
      { name: 's3', url: 'http://[::1]:7403', securityKey: 'k' },
    ],
    ...rest,
  });

describe('what is watched', () => {
  it('are the agents of the fleet over HTTP, the own one first and on its own machine', () => {
    const live = (isTls: boolean) => ({ path: '/health/live', isTls, statuses: [{ from: 200, to: 299 }] });
    expect(agentTargets(agent(), 7499)).toEqual([
      { name: 's1', host: '127.0.0.1', port: 7499, weight: 1, isAgent: true, isOwn: true, http: live(false) },
      { name: 's2', host: 'i-2.example.com', port: 443, weight: 1, isAgent: true, isOwn: false, http: live(true) },
      { name: 's3', host: '::1', port: 7403, weight: 1, isAgent: true, isOwn: false, http: live(false) },
    ]);
  });

  it('is the own agent where others reach it, when that is said', () => {
    expect(agentTargets(agent({ monitor: { address: '10.0.0.1:80' } }), 7499)[0]).toMatchObject({
      host: '10.0.0.1',
      port: 80,
    });
    expect(agentTargets(agent({ listen: '10.0.0.7:7401' }), 7401)[0]).toMatchObject({ host: '10.0.0.7', port: 7401 });
  });

  it('are listed servers by a connection, or by what is asked of them', () => {
    const { servers } = monitorConfigSchema.parse({
      servers: ['[::1]:42424', { name: 'shop', address: 'shop:80', weight: 2, http: { statuses: [204], body: 'OK' } }],
    });
    expect(listedTargets({ servers })).toEqual([
      { name: '[::1]:42424', host: '::1', port: 42424, weight: 1, isAgent: false, isOwn: false },
      {
        ...{ name: 'shop', host: 'shop', port: 80, weight: 2, isAgent: false, isOwn: false },
        http: { path: '/', isTls: false, statuses: [{ from: 204, to: 204 }], body: 'OK' },
      },
    ]);
  });

  it('is well over HTTP with every answer that is no error, unless statuses are given', () => {
    const { servers } = monitorConfigSchema.parse({ servers: [{ address: 'a:1', http: {} }] });
    expect(listedTargets({ servers })[0]?.http).toEqual({
      path: '/',
      isTls: false,
      statuses: [{ from: 200, to: 399 }],
    });
  });

  it('stands in status files: the listed servers where there are some, else the agents', () => {
    const names = (config: ReturnType<typeof agent>) => inStatusFiles(agentTargets(config, 1)).map(({ name }) => name);
    expect(names(agent())).toEqual(['s1', 's2', 's3']);
    expect(names(agent({ monitor: { servers: ['a:1', 'b:1'] } }))).toEqual(['a:1', 'b:1']);
  });

  it('is judged by the settings', () => {
    const settings = monitorConfigSchema.parse({ servers: [], interval: '5s', fall: 2, warmUp: '1m' });
    expect(healthSettingsOf(settings)).toEqual({
      ...{ intervalMs: 5000, fastIntervalMs: 400, timeoutMs: 1000, fall: 2, rise: 2, warmUpMs: 60_000 },
    });
  });
});
