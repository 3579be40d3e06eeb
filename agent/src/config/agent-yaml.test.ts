import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toAgentYaml } from './agent-yaml.ts';
import { ConfigFolder } from './testing/config-folder.ts';

let folder: ConfigFolder;
beforeEach(async () => {
  folder = await ConfigFolder.make();
});
afterEach(() => folder.remove());

describe('agent.yaml made from a configuration', () => {
  it('reads back to the same configuration, from the old one', async () => {
    const { config } = await folder.load({
      webConfig: join(import.meta.dirname, '../../test/fixtures/legacy/web.config'),
    });
    await folder.write('agent.yaml', toAgentYaml(config));
    expect((await folder.load()).config).toEqual(config);
  });

  it('reads back to the same configuration, with every setting and with keys that YAML could take for something else', async () => {
    const written = {
      name: 's1',
      listen: '[::1]:0',
      publicUrl: 'http://i/',
      dataDir: '/srv/# data: "x"',
      imagesDir: '/srv/images',
      logDir: '/var/log/imagefleet',
      timeZone: 'Asia/Shanghai',
      securityKey: '0123456789012345: # \' "',
      peerKey: '0xdeadbeefdeadbeef1',
      keys: [{ name: 'yes', key: '1e5', roles: ['read', 'upload'] }],
      peers: [
        { name: '007', url: 'http://s2', securityKey: '~' },
        { name: '008', url: 'http://s3', peerKey: 'null' },
      ],
      limits: { fileSize: '1536B', filesPerRequest: 2, freeSpaceFloor: '0B', concurrentUploads: 3, svg: true },
      replication: {
        ...{ autoRetry: false, backoff: { first: '1500ms', cap: '90s' } },
        ...{ replayEvery: '1h', trashPeriod: '7d', verifyEvery: '30m' },
      },
      monitor: {
        ...{ interval: '5s', fastInterval: '250ms', timeout: '1500ms', fall: 2, rise: 4, warmUp: '1m' },
        address: '[2001:db8::1]:7401',
        servers: [
          '10.0.0.9:42424',
          { name: 'shop', address: 'shop:80', weight: 3 },
          { address: 'web:443', http: { path: '/up', tls: true, statuses: ['200-299', 404], body: 'OK: # yes' } },
        ],
        statusFiles: [
          { path: '/srv/status.xml', format: 'aspnet' },
          { path: '/srv/up.conf', format: 'nginx', upstream: 'u' },
        ],
        hooks: [
          { on: ['incident'], exec: ['/bin/tell', '--no', '1'], timeout: '3s' },
          { servers: ['shop', '007'], webhook: 'https://hooks/?token=a', secret: '~' },
        ],
      },
    };
    await folder.write('agent.json', JSON.stringify(written));
    const { config } = await folder.load({ file: 'agent.json' });
    await folder.write('elsewhere/agent.yaml', toAgentYaml(config));
    expect((await folder.load({ file: 'elsewhere/agent.yaml' })).config).toEqual(config);
  });

  it('says above each setting what it does, and writes quantities with their units', async () => {
    await folder.write('agent.yaml', 'name: s1\npublicUrl: http://i\n');
    const text = toAgentYaml((await folder.load()).config);
    expect(text).toMatch(/^# Configuration of an Imagefleet agent/);
    expect(text).toMatch(/# Start of every link\.\npublicUrl: http:\/\/i\n/);
    expect(text).toContain('fileSize: 200MB\n');
    expect(text).toContain('cap: 10m\n');
    expect(text).not.toContain('securityKey:');
  });
});
