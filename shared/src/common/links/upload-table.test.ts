import { describe, expect, it } from 'vitest';
import { UPLOAD_TABLE_START, uploadTableLine, type UploadRow } from './upload-table.ts';

function row(more: Partial<UploadRow> = {}): UploadRow {
  return {
    ...{ path: 'album/a.png', name: 'a.png', sizeBytes: 5, state: 'done', sha256: 'ab' },
    ...{ image: { path: '2026/3/9/x.png', link: 'http://i/2026/3/9/x.png' }, failure: null, ...more },
  };
}

describe('the table of an upload', () => {
  it('begins with a mark for Excel and the names of its columns', () => {
    expect(UPLOAD_TABLE_START).toBe('\ufeffpath,name,sizeBytes,state,link,imagePath,sha256,error\r\n');
  });

  it('has a line for every file, whatever became of it', () => {
    expect(uploadTableLine(row())).toBe('album/a.png,a.png,5,done,http://i/2026/3/9/x.png,2026/3/9/x.png,ab,\r\n');
    const failed = row({ state: 'failed', image: null, sha256: null, failure: { code: 'NOT_AN_IMAGE' } });
    expect(uploadTableLine(failed)).toBe('album/a.png,a.png,5,failed,,,,NOT_AN_IMAGE\r\n');
  });

  it('quotes what RFC 4180 says', () => {
    expect(uploadTableLine(row({ name: 'a,"b"\n.png' }))).toContain(',"a,""b""\n.png",');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(1)', '\t=1'])('keeps %j from being run as a formula', (name) => {
    expect(uploadTableLine(row({ name }))).toContain(`,'${name},`);
  });
});
