import { describe, expect, it } from 'vitest';
import { agentConfigSchema } from '@imagefleet/shared/common/config/agent-config.ts';
import { monitorConfigSchema } from '@imagefleet/shared/common/config/monitor-config.ts';
import { applyEnvironment as apply, variableNames, type Environment } from './environment-overrides.ts';

const applyEnvironment = (raw: unknown, env: Environment) => apply(raw, env, variableNames(agentConfigSchema));

describe('a setting from the environment', () => {
  it.each([
    ['IMAGEFLEET_LISTEN', { listen: 'v' }],
    ['IMAGEFLEET_PUBLICURL', { publicUrl: 'v' }],
    ['IMAGEFLEET_PUBLIC_URL', { publicUrl: 'v' }],
    ['IMAGEFLEET_publicUrl', { publicUrl: 'v' }],
    ['imagefleet_securitykey', { securityKey: 'v' }],
    ['IMAGEFLEET_PEERKEY', { peerKey: 'v' }],
    ['IMAGEFLEET_TIMEZONE', { timeZone: 'v' }],
    ['IMAGEFLEET_IMAGESDIR', { imagesDir: 'v' }],
    ['IMAGEFLEET_LIMITS__FILESIZE', { limits: { fileSize: 'v' } }],
    ['IMAGEFLEET_LIMITS__FILE_SIZE', { limits: { fileSize: 'v' } }],
    ['IMAGEFLEET_REPLICATION__AUTORETRY', { replication: { autoRetry: 'v' } }],
    ['IMAGEFLEET_REPLICATION__BACKOFF__FIRST', { replication: { backoff: { first: 'v' } } }],
    ['IMAGEFLEET_MONITOR__INTERVAL', { monitor: { interval: 'v' } }],
    ['IMAGEFLEET_MONITOR__WARM_UP', { monitor: { warmUp: 'v' } }],
  ])('is put into its place: %s', (variable, raw) => {
    expect(applyEnvironment({}, { [variable]: 'v' })).toMatchObject({ raw, problems: [], warnings: [] });
  });

  it('leaves the rest of the file, and what it was given, alone', () => {
    const file = { name: 's1', limits: { svg: true, fileSize: '1MB' } };
    const { raw, variables } = applyEnvironment(file, { IMAGEFLEET_LIMITS__FILESIZE: '2MB', PATH: '/bin', OTHER: 'x' });
    expect(raw).toEqual({ name: 's1', limits: { svg: true, fileSize: '2MB' } });
    expect(file.limits.fileSize).toBe('1MB');
    expect([...variables]).toEqual([['limits.fileSize', 'IMAGEFLEET_LIMITS__FILESIZE']]);
  });

  it('is not set by an empty variable', () => {
    expect(applyEnvironment({ name: 's1' }, { IMAGEFLEET_NAME: '', IMAGEFLEET_LISTEN: undefined }).raw).toEqual({
      name: 's1',
    });
  });

  it('leaves a section of the wrong type for the schema to refuse', () => {
    expect(applyEnvironment({ limits: 5 }, { IMAGEFLEET_LIMITS__FILESIZE: '2MB' }).raw).toEqual({ limits: 5 });
    expect(applyEnvironment('text', { IMAGEFLEET_NAME: 's1' }).raw).toBe('text');
  });

  it('is a problem when its section is known and its name is not, when it names a list, or when two name it', () => {
    const { problems } = applyEnvironment(
      {},
      {
        IMAGEFLEET_LIMITS__FILESIZES: '1MB',
        IMAGEFLEET_REPLICATION: 'x',
        IMAGEFLEET_PEERS: '[]',
        IMAGEFLEET_PEERS__0__NAME: 's2',
        IMAGEFLEET_PUBLIC_URL: 'http://a',
        IMAGEFLEET_PUBLICURL: 'http://b',
      },
    );
    expect(problems).toEqual([
      'IMAGEFLEET_LIMITS__FILESIZES: names no known setting',
      'IMAGEFLEET_REPLICATION: names no known setting',
      'IMAGEFLEET_PEERS: lists can stand in the configuration file only',
      'IMAGEFLEET_PEERS__0__NAME: lists can stand in the configuration file only',
      'IMAGEFLEET_PUBLICURL: sets publicUrl, and so does IMAGEFLEET_PUBLIC_URL',
    ]);
  });

  it('is a warning when it may be somebody else’s, and nothing when the command line reads it', () => {
    const { warnings, problems } = applyEnvironment(
      {},
      {
        IMAGEFLEET_PORT: 'tcp://10.0.0.1:80',
        IMAGEFLEET_SERVER: 'http://a',
        IMAGEFLEET_KEY: 'k',
        IMAGEFLEET_NODE: 'n',
      },
    );
    expect(problems).toEqual([]);
    expect(warnings).toEqual(['The environment variable IMAGEFLEET_PORT names no setting and is ignored.']);
  });
});

describe('a setting of a monitor without an agent', () => {
  const names = variableNames(monitorConfigSchema, { alias: 'monitor' });

  it('has the name that it has in an agent as well', () => {
    for (const variable of ['IMAGEFLEET_WARMUP', 'IMAGEFLEET_MONITOR__WARM_UP']) {
      expect(apply({}, { [variable]: '3s' }, names)).toMatchObject({
        raw: { warmUp: '3s' },
        problems: [],
        warnings: [],
      });
    }
    const both = apply({}, { IMAGEFLEET_WARMUP: '3s', IMAGEFLEET_MONITOR__WARMUP: '4s' }, names);
    expect(both.problems).toEqual(['IMAGEFLEET_MONITOR__WARMUP: sets warmUp, and so does IMAGEFLEET_WARMUP']);
  });

  it('is refused where it is a list or a mistake in the section', () => {
    const env = { IMAGEFLEET_SERVERS: 'a:1', IMAGEFLEET_MONITOR__HOOKS__0: 'x', IMAGEFLEET_MONITOR__INTERVALL: '1s' };
    expect(apply({}, env, names).problems).toEqual([
      'IMAGEFLEET_SERVERS: lists can stand in the configuration file only',
      'IMAGEFLEET_MONITOR__HOOKS__0: lists can stand in the configuration file only',
      'IMAGEFLEET_MONITOR__INTERVALL: names no known setting',
    ]);
  });
});
