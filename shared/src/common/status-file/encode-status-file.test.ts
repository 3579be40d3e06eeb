import { describe, expect, it } from 'vitest';
import { FleetError } from '#common/errors/fleet-error.ts';
import { contentOf } from '#testing/status-builders.ts';
import { encodeStatusFile } from './encode-status-file.ts';
import type { StatusFormat } from './status-content.ts';

const THREE = contentOf([
  ['b.example:42424', 'down', 2],
  ['a.example:42424', 'up'],
  ['[::1]:42424', 'warming'],
]);

function refusal(format: StatusFormat, addresses: readonly string[]): FleetError {
  try {
    encodeStatusFile(contentOf(addresses.map((address) => [address])), { format });
  } catch (error) {
    if (error instanceof FleetError) return error;
  }
  throw new Error('it was not refused');
}

describe('the form for ASP.NET', () => {
  it('is the section to the letter, with our own facts in a comment inside the root', () => {
    expect(encodeStatusFile(THREE, { format: 'aspnet' })).toBe(`<SessionStateServers>
  <!-- Written by imagefleet; generation 42; 2026-03-09T01:02:03.004Z; hash 0040d7be -->
  <Servers>
    <add Host="[::1]" Port="42424" Online="false" />
    <add Host="a.example" Port="42424" Online="true" />
    <add Host="b.example" Port="42424" Online="false" />
  </Servers>
</SessionStateServers>
`);
  });

  it('has the wrapper also without a server', () => {
    expect(encodeStatusFile(contentOf([]), { format: 'aspnet' })).toMatch(/<Servers>\s*<\/Servers>/);
  });

  it('escapes what has a meaning in XML', () => {
    expect(encodeStatusFile(contentOf([['a&b<c>"d\'--:1']]), { format: 'aspnet' })).toContain(
      'Host="a&amp;b&lt;c&gt;&quot;d\'--"',
    );
  });

  it('refuses two ports of one host by the names of both, and only in this form', () => {
    const error = refusal('aspnet', ['a:42424', 'b:1', 'a:42425']);
    expect(error.code).toBe('STATUS_HOST_TWICE');
    expect(error.message).toContain('a:42424 and a:42425');
    const content = contentOf([['a:42424'], ['a:42425']]);
    expect(encodeStatusFile(content, { format: 'json' })).toContain('42425');
    expect(encodeStatusFile(content, { format: 'nginx' })).toContain('42425');
  });
});

it('writes JSON with one server a line', () => {
  expect(encodeStatusFile(THREE, { format: 'json' })).toBe(`{
  "generation": 42,
  "servers": [
    { "host": "::1", "port": 42424, "online": false, "state": "warming", "weight": 1 },
    { "host": "a.example", "port": 42424, "online": true, "state": "up", "weight": 1 },
    { "host": "b.example", "port": 42424, "online": false, "state": "down", "weight": 2 }
  ]
}
`);
  expect(JSON.parse(encodeStatusFile(contentOf([]), { format: 'json' }))).toEqual({ generation: 42, servers: [] });
});

describe('the form for nginx', () => {
  it('is an upstream block in which nobody is missing', () => {
    expect(encodeStatusFile(THREE, { format: 'nginx', upstream: 'images' }))
      .toBe(`# Written by imagefleet; generation 42; 2026-03-09T01:02:03.004Z; hash 0040d7be
upstream images {
    server [::1]:42424 weight=1 down;
    server a.example:42424 weight=1;
    server b.example:42424 weight=2 down;
}
`);
  });

  it('has a server that is down where there is none, since nginx refuses an empty block', () => {
    expect(encodeStatusFile(contentOf([]), { format: 'nginx' })).toContain(
      'upstream imagefleet {\n    server 0.0.0.0:1 down;\n}',
    );
  });

  it('makes whole numbers of weights, which keep their proportions', () => {
    const text = encodeStatusFile(
      contentOf([
        ['a:1', 'up', 0.5],
        ['b:1', 'up', 2],
        ['c:1', 'up', 1e-9],
        ['d:1', 'up', 1e9],
      ]),
      { format: 'nginx' },
    );
    expect([...text.matchAll(/weight=(\d+)/g)].map((match) => match[1])).toEqual(['500', '2000', '1', '100000']);
  });

  it('quotes what would end a word', () => {
    const text = encodeStatusFile(contentOf([['a;b{}"\\#:1']]), { format: 'nginx', upstream: 'my images' });
    expect(text).toContain('upstream "my images" {\n    server "a;b{}\\"\\\\#:1" weight=1;\n}');
  });
});

it.each([' a', 'a b', 'a\nb', 'a\u0000b', '', 'a\ud800', '\ufffe', '[a]', 'x'.repeat(256), 'a\u200bb'])(
  'refuses %j as a host in every form',
  (host) => {
    for (const format of ['aspnet', 'json', 'nginx'] as const) {
      const content = { ...contentOf([['a:1']]), servers: [{ host, port: 1, online: true, state: 'up', weight: 1 }] };
      expect(() => encodeStatusFile(content as typeof THREE, { format })).toThrow(
        expect.objectContaining({ code: 'STATUS_HOST_INVALID' }),
      );
    }
  },
);

it('has one hash for all who say the same, and another one when somebody turns', () => {
  const hashOf = (text: string) => /hash (\w{8})/.exec(text)?.[1];
  const aspnet = hashOf(encodeStatusFile(contentOf([['a:1']], 1), { format: 'aspnet' }));
  expect(hashOf(encodeStatusFile(contentOf([['a:1']], 2), { format: 'nginx' }))).toBe(aspnet);
  expect(hashOf(encodeStatusFile(contentOf([['a:1', 'down']]), { format: 'aspnet' }))).not.toBe(aspnet);
});
