import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, startRawServer } from '#testing/probe-servers.ts';
import { dial, isOwnEcho } from './dial.ts';
import { readEphemeralPorts } from './ephemeral-ports.ts';
import { judgeBrokenAnswer, judgeConnectError } from './probe-outcome.ts';

describe('a connection to itself', () => {
  it('is known from one to a server', async () => {
    const port = await freePort();
    const echo = createConnection({ host: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: port });
    onTestFinished(() => void echo.destroy());
    await once(echo, 'connect');
    expect(isOwnEcho(echo)).toBe(true);
    const server = await startRawServer((socket) => socket.resume());
    onTestFinished(() => server.close());
    const real = createConnection(server.port, '127.0.0.1');
    onTestFinished(() => void real.destroy());
    await once(real, 'connect');
    expect(isOwnEcho(real)).toBe(false);
  });

  it('can begin at the ports of the system only', () => {
    const folder = mkdtempSync(join(tmpdir(), 'imagefleet-ports-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'range');
    writeFileSync(file, '32768\t60999\n');
    expect(readEphemeralPorts(file)).toEqual({ from: 32_768, to: 60_999 });
    writeFileSync(file, 'none');
    expect(readEphemeralPorts(file)).toEqual({ from: 1024, to: 65_535 });
    expect(readEphemeralPorts(join(folder, 'missing'))).toEqual({ from: 1024, to: 65_535 });
  });
});

describe('a connection that does not come about', () => {
  it('tells whether a packet was sent', async () => {
    const failed = (address: string, port: number) =>
      new Promise<readonly [string, boolean]>((resolve) => {
        const socket = dial(
          { address, port, isEphemeral: false },
          {
            connected: () => resolve(['connected', true]),
            failed: (errno, isSent) => {
              socket.destroy();
              resolve([errno, isSent]);
            },
          },
        );
      });
    expect(await failed('127.0.0.1', await freePort())).toEqual(['ECONNREFUSED', true]);
    // Linux has no route to the broadcast address for TCP.
    expect((await failed('255.255.255.255', 80))[1]).toBe(false);
  });

  it.each([
    ['ECONNREFUSED', true, 'failure', 'PROBE_REFUSED'],
    ['ECONNRESET', true, 'failure', 'PROBE_REFUSED'],
    ['EHOSTUNREACH', true, 'silence', 'PROBE_UNREACHABLE'],
    ['ENETUNREACH', true, 'silence', 'PROBE_UNREACHABLE'],
    ['ETIMEDOUT', true, 'silence', 'PROBE_TIMEOUT'],
    ['EHOSTUNREACH', false, 'ownFailure', 'PROBE_NOT_MADE'],
    ['ENETUNREACH', false, 'ownFailure', 'PROBE_NOT_MADE'],
    ['EMFILE', false, 'ownFailure', 'PROBE_NOT_MADE'],
    ['ENFILE', true, 'ownFailure', 'PROBE_NOT_MADE'],
    ['EADDRNOTAVAIL', true, 'ownFailure', 'PROBE_NOT_MADE'],
    ['ENOBUFS', true, 'ownFailure', 'PROBE_NOT_MADE'],
  ] as const)('with %s (sent: %s) is %s', (errno, isSent, kind, code) => {
    expect(judgeConnectError(errno, isSent, 's1:80')).toMatchObject({ kind, cause: { code } });
  });

  it.each([
    ['ECONNRESET', 'PROBE_REFUSED'],
    ['HPE_HEADER_OVERFLOW', 'PROBE_ANSWER_INVALID'],
    ['EPROTO', 'PROBE_ANSWER_INVALID'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'PROBE_ANSWER_INVALID'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'PROBE_CERTIFICATE'],
    ['CERT_HAS_EXPIRED', 'PROBE_CERTIFICATE'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'PROBE_CERTIFICATE'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'PROBE_CERTIFICATE'],
  ])('after it was taken with %s is %s', (errno, code) => {
    expect(judgeBrokenAnswer(errno, 's1:80')).toMatchObject({ kind: 'failure', cause: { code } });
  });
});

describe('a process that may open no more files', () => {
  it.runIf(existsSync('/proc/self/limits'))('says so of every probe, and lives', async () => {
    const prober = join(import.meta.dirname, 'prober.ts');
    const script = `
      const { Prober } = await import(${JSON.stringify(prober)});
      const { open } = await import('node:fs/promises');
      const { createServer } = await import('node:net');
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const prober = new Prober();
      const target = (host) => ({ name: 's1', host, port: server.address().port, timeoutMs: 5000 });
      await prober.probe(target('127.0.0.1'));
      const files = [];
      try { for (;;) files.push(await open('/dev/null')); } catch {}
      const seen = [];
      for (const host of ['127.0.0.1', 'nobody.invalid']) seen.push((await prober.probe(target(host))).cause?.code);
      const http = { path: '/', isTls: true, statuses: [] };
      seen.push((await prober.probe({ ...target('127.0.0.1'), http })).cause?.code);
      for (const file of files.splice(0)) await file.close();
      seen.push((await prober.probe(target('127.0.0.1'))).kind);
      console.log(JSON.stringify(seen));
      process.exit();`;
    const shell = `ulimit -n 60 && exec "$0" --input-type=module -e "$1"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', shell, process.execPath, script]);
    expect(JSON.parse(stdout)).toEqual(['PROBE_NOT_MADE', 'NAME_UNRESOLVED', 'PROBE_NOT_MADE', 'success']);
  });
});
