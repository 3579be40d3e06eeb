import { formatHostPort } from '../address/server-address.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetError } from '#common/errors/fleet-error.ts';
import { SERVER_STATES, type ServerState } from '#common/health/fleet-snapshot.ts';
import { contentOf, DECIDED_AT } from '#testing/status-builders.ts';
import { decodeStatusFile } from './decode-status-file.ts';
import { encodeStatusFile } from './encode-status-file.ts';
import { STATUS_FORMATS, statusContent } from './status-content.ts';

const OLD_MONITOR = `\ufeff<?xml version="1.0" encoding="utf-8"?>\r
<!-- our state servers -->\r
<SessionStateServers>\r
  <Servers>\r
    <!-- the new one -->\r
    <add Host="appserver2" Port="42424" Online="True" />\r
    <add Host='appserver1' Port='42424' Online='FALSE'></add>\r
    <add Online="true" Port="42425" Host="&#x4e3b;&amp;" />\r
  </Servers>\r
</SessionStateServers>\r
<!-- end -->`;

function refusalOf(text: string): string {
  try {
    decodeStatusFile(text);
  } catch (error) {
    if (error instanceof FleetError && error.code === 'STATUS_FILE_INVALID') return error.message;
    throw error;
  }
  throw new Error(`it was read: ${text}`);
}

describe('a status file', () => {
  it('of the old monitor is read in its own order, without a generation', () => {
    expect(decodeStatusFile(OLD_MONITOR)).toEqual({
      format: 'aspnet',
      servers: [
        { host: 'appserver2', port: 42424, online: true, weight: 1 },
        { host: 'appserver1', port: 42424, online: false, weight: 1 },
        { host: '主&', port: 42425, online: true, weight: 1 },
      ],
      generation: null,
      at: null,
      upstream: null,
    });
  });

  it('may list two ports of one host, which we do not write and others do', () => {
    const text =
      '<SessionStateServers><Servers><add Host="a" Port="1" Online="true"/><add Host="a" Port="2" Online="true"/></Servers></SessionStateServers>';
    expect(decodeStatusFile(text).servers.length).toBe(2);
  });

  it('in JSON is read also without what we add', () => {
    expect(decodeStatusFile('\ufeff {"servers":[{"host":"a","port":1,"online":true}],"more":1}')).toEqual({
      format: 'json',
      servers: [{ host: 'a', port: 1, online: true, weight: 1 }],
      generation: null,
      at: null,
      upstream: null,
    });
  });

  it('for nginx is read also when a hand wrote it', () => {
    const text = `# ours; {
upstream "my images" {
  zone images 64k; hash $uri consistent;
  server 10.0.0.1 max_fails=3 weight=5;
  server "[::1]:7401" down; # server 10.0.0.9;
  server 'unix:/run/a.sock';
}`;
    expect(decodeStatusFile(text)).toMatchObject({
      format: 'nginx',
      upstream: 'my images',
      servers: [
        { host: '10.0.0.1', port: 80, online: true, weight: 5 },
        { host: '::1', port: 7401, online: false, weight: 1 },
      ],
      generation: null,
    });
  });

  it.each([
    ['', 'empty'],
    [' \n', 'empty'],
    ['hello', 'upstream'],
    ['[]', 'upstream'],
    ['{"servers":[]', 'JSON'],
    ['{"generation":1.5,"servers":[]}', 'generation'],
    ['{"servers":[{"host":"a","port":0,"online":true}]}', 'port'],
    ['{"servers":[{"host":"a","port":1,"online":"true"}]}', 'online'],
    ['{"servers":[{"host":"a","port":1,"online":true,"weight":0}]}', 'weight'],
    [
      '{"servers":[{"host":"a","port":1,"online":true},{"host":"a","port":1,"online":false}]}',
      'a:1 stands in it twice',
    ],
    ['<SessionStateServers/>', 'Servers'],
    ['<Servers><add Host="a" Port="1" Online="true"/></Servers>', 'SessionStateServers'],
    ['<SessionStateServers><Servers/><Servers/></SessionStateServers>', 'Servers'],
    ['<SessionStateServers><Servers>text</Servers></SessionStateServers>', 'text'],
    ['<SessionStateServers><Servers><clear/></Servers></SessionStateServers>', '<clear>'],
    ['<SessionStateServers><Servers><add Port="1" Online="true"/></Servers></SessionStateServers>', 'no Host'],
    ['<SessionStateServers><Servers><add Host="a" Online="true"/></Servers></SessionStateServers>', 'no Port'],
    [
      '<SessionStateServers><Servers><add Host="a" Port="70000" Online="true"/></Servers></SessionStateServers>',
      'Port',
    ],
    ['<SessionStateServers><Servers><add Host="a" Port="1" Online="1"/></Servers></SessionStateServers>', 'Online'],
    ['<SessionStateServers><Servers><add host="a" Port="1" Online="true"/></Servers></SessionStateServers>', 'Host'],
    ['<SessionStateServers><Servers></SessionStateServers>', 'line 1'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><SessionStateServers><Servers/></SessionStateServers>', 'DOCTYPE'],
    ['upstream a {', 'no end'],
    ['upstream a { server b:1; ', 'no end'],
    ['upstream a { server b:1 }', 'more in it'],
    ['upstream a { server b:1; } upstream c { server d:1; }', 'more in it'],
    ['upstream a { if b { server c:1; } }', 'more in it'],
    ['upstream a { if b { server c:1; }', 'block inside'],
    ['upstream a { server b:1x; }', 'no host and port'],
    ['upstream a { server b:70000; }', 'no host and port'],
    ['upstream a { server b:1 weight=0; }', 'no weight'],
    ['upstream { server b:1; }', 'upstream block'],
  ])('is not %j', (text, why) => {
    expect(refusalOf(text)).toContain(why);
  });

  it('is not what is too large to be one', () => {
    expect(refusalOf('a'.repeat(17 * 1024 * 1024))).toContain('too large');
  });

  it('is refused when its end is missing, wherever it was cut', () => {
    const content = contentOf([['a.example:42424'], ['b.example:42424', 'down']]);
    for (const format of STATUS_FORMATS) {
      const text = encodeStatusFile(content, { format }).trimEnd();
      for (let length = 0; length < text.length; length += 1) refusalOf(text.slice(0, length));
    }
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    ...'<SessionStateServers>|</SessionStateServers>|<Servers>|</Servers>|<add |Host="a"|Port="1"|Online="true"|/>|<!--|-->'.split(
      '|',
    ),
    ...'<?xml|?>|<![CDATA[|]]>|&amp;|&#0;|&#x110000;|<!DOCTYPE|{|}|[|]|"servers"|:|,|"host"|"__proto__"|1e999'.split(
      '|',
    ),
    ...['upstream ', 'server ', 'a:1', ';', '#', '"', "'", '\\', '\n', ' ', 'weight=', 'down', '\u0000', '\ufeff'],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(fc.oneof({ weight: 5, arbitrary: pieces }, fc.string({ maxLength: 4 })), { maxLength: 40 })
      .map((all) => all.join('')),
    fc.json(),
  );

  it('is read or refused with a code, and nothing else', () => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(Array.isArray(decodeStatusFile(text).servers)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: 'FleetError', code: 'STATUS_FILE_INVALID' });
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('in place of a whole file’s part is read or refused with a code', () => {
    const files = STATUS_FORMATS.map((format) => encodeStatusFile(contentOf([['a&:1'], ['b:2', 'down']]), { format }));
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(300), fc.nat(20), texts, (file, at, count, text) => {
        try {
          decodeStatusFile(file.slice(0, at) + text + file.slice(at + count));
        } catch (error) {
          expect(error).toMatchObject({ code: 'STATUS_FILE_INVALID' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is never waited for long, however it repeats itself', () => {
    for (const piece of ['"', "'", '\\', '<', '<!--', '&amp;', '{', '#', '"\\', '<a>', '<add ']) {
      try {
        decodeStatusFile(`upstream a {${piece.repeat(20_000)}`);
        decodeStatusFile(`<${piece.repeat(20_000)}`);
      } catch (error) {
        expect(error).toMatchObject({ code: 'STATUS_FILE_INVALID' });
      }
    }
  });
});

describe('any snapshot', () => {
  const hosts = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((host) => /^[^\p{C}\p{Z}[\]:]+$/u.test(host)),
    fc.constantFrom('__proto__', 'constructor', '&amp;amp;', '&#65;', '-->', "a'b", '$x', '上海', '\\', '"', '#'),
  );
  const servers = fc.uniqueArray(
    fc.record({
      host: hosts,
      port: fc.integer({ min: 1, max: 65_535 }),
      state: fc.constantFrom<ServerState>(...SERVER_STATES),
      weight: fc.integer({ min: 1, max: 1000 }),
    }),
    { selector: ({ host }) => host, maxLength: 20 },
  );

  it.each(STATUS_FORMATS)('comes back from the %s form as it was, whatever the order it had', (format) => {
    fc.assert(
      fc.property(servers, fc.nat(), fc.boolean(), (list, generation, said) => {
        const named = list.map((server) => ({ ...server, name: formatHostPort(server) }));
        const snapshot = { generation, at: DECIDED_AT, servers: named };
        const content = statusContent(snapshot, () => said);
        const text = encodeStatusFile(content, { format, upstream: 'a"b c' });
        const reversed = statusContent({ ...snapshot, servers: named.toReversed() }, () => said);
        expect(encodeStatusFile(reversed, { format, upstream: 'a"b c' })).toBe(text);
        expect(decodeStatusFile(text)).toEqual({
          format,
          generation,
          at: format === 'json' ? null : DECIDED_AT,
          upstream: format === 'nginx' ? 'a"b c' : null,
          servers: content.servers.map(({ host, port, online, state, weight }) => ({
            host,
            port,
            online,
            weight: format === 'aspnet' ? 1 : weight,
            ...(format === 'json' ? { state } : {}),
          })),
        });
      }),
      { numRuns: 500 },
    );
  });

  it('of 10,000 servers comes back', () => {
    const content = contentOf(Array.from({ length: 10_000 }, (_, index) => [`a&<"${String(index)}:42424`]));
    for (const format of STATUS_FORMATS) {
      expect(decodeStatusFile(encodeStatusFile(content, { format })).servers.length).toBe(10_000);
    }
  });
});
