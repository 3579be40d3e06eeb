import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { basename } from 'node:path';
import type { SetImage } from './image-set.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface LoadTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoadResult {
  readonly seconds: number;
  /** One per upload, sorted. */
  readonly latenciesMs: readonly number[];
  readonly failures: readonly string[];
}

/** Uploads every image once with a fixed number of connections; the same lean client for whatever is measured. */
export async function load(images: readonly SetImage[], target: LoadTarget, concurrency: number): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const latenciesMs: number[] = [];
  const failures: string[] = [];
  const queue = images.values();
  const startedAt = performance.now();
  const work = async (): Promise<void> => {
    for (const image of queue) {
      const sentAt = performance.now();
      try {
        await send(image, target, agent);
        latenciesMs.push(performance.now() - sentAt);
      } catch (error) {
        failures.push(`${image.file}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return { seconds, latenciesMs: latenciesMs.sort((a, b) => a - b), failures };
}

async function send(image: SetImage, target: LoadTarget, agent: Agent): Promise<void> {
  const boundary = randomBytes(12).toString('hex');
  const name = basename(image.file).replaceAll('"', '%22');
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const content = await readFile(image.file);
  await new Promise<void>((resolve, reject) => {
    const call = request(
      target.url,
      {
        agent,
        method: 'POST',
        headers: {
          ...target.headers,
          'Content-Type': `multipart/form-data; boundary=${boundary}`,
          'Content-Length': head.length + content.length + tail.length,
        },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      },
      (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (answer.length < MAX_ANSWER_BYTES) answer += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 201) resolve();
          else reject(new Error(`HTTP ${String(response.statusCode)}: ${answer.slice(0, 300)}`));
        });
      },
    );
    call.on('error', reject);
    call.write(head);
    call.write(content);
    call.end(tail);
  });
}
