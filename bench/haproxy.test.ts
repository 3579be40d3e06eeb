import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findHaproxy, haproxyConfig } from './haproxy.ts';
import { targetsOf } from './probe-targets.ts';

const SETTINGS = { intervalMs: 2000, timeoutMs: 1000, threads: 1 };
const LISTENERS = { ports: [21_000, 21_001, 21_002], deadPort: 21_003, stop: () => Promise.resolve() };

describe('the targets of the monitor bench', () => {
  it('are all different, and as many are in the black hole as asked', () => {
    const targets = targetsOf(5000, 1000, LISTENERS);
    expect(new Set(targets.map(({ host, port }) => `${host}:${String(port)}`)).size).toBe(5000);
    expect(targets.filter(({ port }) => port === LISTENERS.deadPort)).toHaveLength(1000);
    expect(targetsOf(5000, 0, LISTENERS).filter(({ port }) => port === LISTENERS.deadPort)).toEqual([]);
  });

  it('are all checked by HAProxy', () => {
    const config = haproxyConfig(targetsOf(250, 50, LISTENERS), SETTINGS, 18_000);
    expect(config.match(/^ {2}server \S+ 127\.1\.\d+\.\d+:\d+ check inter 2000ms/gm)).toHaveLength(250);
    expect(config.match(/^backend /gm)).toHaveLength(3);
  });

  const found = findHaproxy();
  it.runIf(found !== undefined)('are a configuration that HAProxy accepts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'imagefleet-haproxy-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'haproxy.cfg'), haproxyConfig(targetsOf(250, 50, LISTENERS), SETTINGS, 18_000));
    const { status, stderr } = spawnSync(found?.program ?? '', ['-c', '-q', '-f', join(folder, 'haproxy.cfg')], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
