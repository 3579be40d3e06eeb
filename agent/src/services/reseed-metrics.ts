import { Gauge, type Registry } from 'prom-client';
import type { ReseedStatus } from '#replication/reseed/reseed-progress.ts';

/** How far this server is with filling itself again, for /metrics; 0 when it lacks nothing that it knows of. */
export function measureReseed(registry: Registry, status: () => Promise<ReseedStatus | null>): void {
  const registers = [registry];
  new Gauge({
    name: 'imagefleet_reseed_images_missing',
    help: 'Images that this server still lacks while it fills itself again after it lost them.',
    registers,
    async collect() {
      const known = await status();
      this.set(known === null ? 0 : known.total - known.done);
    },
  });
  new Gauge({
    name: 'imagefleet_reseed_bytes_done',
    help: 'Bytes that this server has fetched while it fills itself again.',
    registers,
    async collect() {
      this.set((await status())?.bytesDone ?? 0);
    },
  });
}
