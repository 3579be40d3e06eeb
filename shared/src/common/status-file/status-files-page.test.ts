import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentOf } from '#testing/status-builders.ts';
import { encodeStatusFile } from './encode-status-file.ts';

const DOCS = join(import.meta.dirname, '../../../../docs');
const SESSIONS = contentOf([['appserver1:42424'], ['appserver2:42424', 'down']]);
const IMAGES = contentOf([['10.0.0.1:7401'], ['10.0.0.2:7401', 'down']]);

describe.each(['status-files.md', 'status-files.zh-CN.md'])('the page %s', (page) => {
  it('shows each form as it is written', async () => {
    const text = await readFile(join(DOCS, page), 'utf8');
    const firstBlock = (language: string) => new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1];
    expect(firstBlock('xml')).toBe(encodeStatusFile(SESSIONS, { format: 'aspnet' }));
    expect(firstBlock('json')).toBe(encodeStatusFile(SESSIONS, { format: 'json' }));
    expect(firstBlock('nginx')).toBe(encodeStatusFile(IMAGES, { format: 'nginx', upstream: 'images' }));
  });
});
