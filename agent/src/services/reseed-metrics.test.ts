import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ReadThroughMetrics } from './read-through-metrics.ts';
import { measureReseed } from './reseed-metrics.ts';

describe('what Prometheus reads of a server that lacks images', () => {
  it('is how many are missing, and nothing once they are here', async () => {
    const registry = new Registry();
    let status: Parameters<typeof measureReseed>[1] = () =>
      Promise.resolve({ total: 300, done: 120, bytesDone: 5000, etaSeconds: null });
    measureReseed(registry, () => status());
    expect(await registry.metrics()).toMatch(/reseed_images_missing 180\n[^]*reseed_bytes_done 5000\n/);
    status = () => Promise.resolve(null);
    expect(await registry.metrics()).toMatch(/reseed_images_missing 0\n[^]*reseed_bytes_done 0\n/);
  });

  it('is how often visitors made it look elsewhere, by outcome', async () => {
    const registry = new Registry();
    const metrics = new ReadThroughMetrics(registry);
    metrics.fetched('kept', 700);
    metrics.fetched('kept', 300);
    metrics.fetched('absent', 0);
    const text = await registry.metrics();
    expect(text).toContain('imagefleet_read_through_total{outcome="kept"} 2');
    expect(text).toContain('imagefleet_read_through_total{outcome="absent"} 1');
    expect(text).toContain('imagefleet_read_through_bytes_total 1000');
  });
});
