import { expect, it } from 'vitest';
import { serverEntry, type ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { ServerNames } from './server-names.ts';

const A = 'http://i-1.example.com';
const B = 'http://10.0.0.2:7401/';

function entry(name: string, url: string): ServerEntry {
  const unknown = { lagSeconds: null, backlog: null, disk: null, images: null, cause: null };
  return serverEntry.parse({ name, url, state: 'up', unencrypted: true, ...unknown });
}

it('believes a server itself, whatever address its peers use, and asks no more once it knows', async () => {
  const asked: string[] = [];
  const names = new ServerNames({
    ask: async (server) => {
      asked.push(server);
      return Promise.resolve(server === A ? 's1' : undefined);
    },
  });
  names.use([A, B]);
  await names.learn();
  names.learnFrom([entry('s1', 'http://10.0.0.1:7401'), entry('s2', 'http://10.0.0.2:7401')]);
  await names.learn();
  expect(asked).toEqual([A, B]);
  expect([names.nameOf(A), names.nameOf(B)]).toEqual(['s1', 's2']);
  expect([names.serverOf('s2'), names.serverOf('s3')]).toEqual([B, undefined]);
});

it('knows a server under one key before and after it has a name, and calls it by the best that it knows', async () => {
  const names = new ServerNames({ ask: async () => Promise.resolve(undefined) });
  names.use([B]);
  const before = names.keyOf('s2');
  names.learnFrom([entry('s2', 'http://10.0.0.2:7401'), entry('s9', 'http://10.0.0.9:7401')]);
  const key = names.keyOf('s2');
  expect([before, key, names.labelOf(key)]).toEqual(['s2', 'http://10.0.0.2:7401', 's2']);
  expect([names.keyOf('s9'), names.labelOf('s9')]).toEqual(['s9', 's9']);
  const unheard = new ServerNames({ ask: async () => Promise.resolve(undefined) });
  unheard.use([B]);
  await unheard.learn();
  expect(unheard.labelOf(key)).toBe('10.0.0.2:7401');
});

it('asks anew when the name that it knows is listed no more, and keeps it until it hears another one', async () => {
  let told: string | undefined = 's1';
  const names = new ServerNames({ ask: async () => Promise.resolve(told) });
  names.use([A]);
  await names.learn();
  names.learnFrom([entry('s7', 'http://10.0.0.1:7401')]);
  told = undefined;
  await names.learn();
  expect(names.nameOf(A)).toBe('s1');
  told = 's7';
  await names.learn();
  expect([names.nameOf(A), names.serverOf('s1')]).toEqual(['s7', undefined]);
  names.learnFrom([entry('s7', 'http://10.0.0.1:7401')]);
  told = 'nobody asks';
  await names.learn();
  expect(names.nameOf(A)).toBe('s7');
});

it('tells servers apart that share an address, and takes none of them for the other', () => {
  const names = new ServerNames({ ask: async () => Promise.resolve(undefined) });
  const [one, two] = ['https://i.example.com/one', 'https://i.example.com/two'] as const;
  names.use([one, two]);
  names.learnFrom([entry('s1', 'https://i.example.com'), entry('s2', 'https://i.example.com/two/')]);
  expect([names.nameOf(one), names.nameOf(two)]).toEqual([undefined, 's2']);
  expect([names.isUnnamed('https://i.example.com:443/one'), names.isUnnamed('https://i.example.com:443/two')]).toEqual([
    true,
    false,
  ]);
});

it('forgets the names of servers that leave', () => {
  const names = new ServerNames({ ask: async () => Promise.resolve(undefined) });
  names.use([B]);
  names.learnFrom([entry('s2', 'http://10.0.0.2:7401')]);
  names.use([A]);
  expect([names.nameOf(B), names.serverOf('s2')]).toEqual([undefined, undefined]);
});
