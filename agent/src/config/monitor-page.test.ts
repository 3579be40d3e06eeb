import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConfigFolder } from './testing/config-folder.ts';

let folder: ConfigFolder;
beforeEach(async () => {
  folder = await ConfigFolder.make();
});
afterEach(() => folder.remove());

it.each(['monitor.md', 'monitor.zh-CN.md'])('the examples of docs/%s are read as they stand there', async (page) => {
  const text = await readFile(join(import.meta.dirname, '../../../docs', page), 'utf8');
  const [agent = '', alone = ''] = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map((match) => match[1] ?? '');
  const longKeys = (yaml: string): string =>
    yaml.replace(/securityKey: (?!the-key|s[12]的).*/, 'securityKey: vT3xW9-qLm2_Zk7pR4sN');
  await folder.write('agent.yaml', longKeys(agent));
  expect((await folder.load()).config.monitor).toMatchObject({
    address: '10.0.0.1:7401',
    statusFiles: [{ path: '/srv/shop/up.json', format: 'json' }],
  });
  await folder.write('monitor.yaml', alone);
  expect((await folder.loadMonitor()).config).toMatchObject({
    servers: [
      { address: '10.0.0.1:42424' },
      { address: '10.0.0.2:42424' },
      { http: { statuses: [{ from: 200, to: 299 }] } },
    ],
    witnesses: [{ name: 's1' }],
  });
});
