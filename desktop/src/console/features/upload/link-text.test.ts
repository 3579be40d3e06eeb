import { describe, expect, it } from 'vitest';
import { csvOf } from './csv.ts';
import { linkedItems, linkText } from './link-text.ts';
import { newItem, type UploadItem } from './upload-item.ts';

const LINK = 'http://i-1.example.com/2026/3/9/x.png';

function item(name: string, change: Partial<UploadItem> = {}): UploadItem {
  const image = { path: '2026/3/9/x.png', link: LINK, replicas: [] };
  const file = new File(['12345'], name);
  return { ...newItem(1, { file, path: `folder/${name}` }), state: 'done', sha256: 'ab', image, ...change };
}

describe('the links of the queue', () => {
  it('are those of the files that are in the fleet, one a line', () => {
    const items = linkedItems([item('a.png'), item('b.png', { state: 'failed', image: null }), item('c.png')]);
    expect(linkText(items, { format: 'url', template: '' })).toBe(`${LINK}\n${LINK}`);
  });

  it('carry names that cannot end the form around them', () => {
    const items = linkedItems([item('a"]<b>.png')]);
    expect(linkText(items, { format: 'html', template: '' })).toBe(`<img src="${LINK}" alt="a&quot;]&lt;b&gt;.png">`);
    expect(linkText(items, { format: 'markdown', template: '' })).toBe(`![a"\\]\\<b\\>.png](${LINK})`);
    expect(linkText(items, { format: 'bbcode', template: '' })).toBe(`[img]${LINK}[/img]`);
  });

  it('fill a template of the operator, and nothing that stands in a name', () => {
    const template = '{name}|{path}|{size}|{sha256}|{link}|{other}|{name}';
    expect(linkText(linkedItems([item('{link}$&.png')]), { format: 'template', template })).toBe(
      `{link}$&.png|folder/{link}$&.png|5|ab|${LINK}|{other}|{link}$&.png`,
    );
  });

  it('stay one line each whatever a name holds', () => {
    const items = linkedItems([item('a\nb.png')]);
    expect(linkText(items, { format: 'template', template: '{name}' })).toBe('a b.png');
  });
});

describe('the table', () => {
  it('begins with a mark for Excel and lists every file, whatever became of it', () => {
    const failed = item('b.png', {
      ...{ state: 'failed', image: null, sha256: null },
      failure: { code: 'NOT_AN_IMAGE', message: 'text' },
    });
    expect(csvOf([item('春.png'), failed])).toBe(
      '\ufeffpath,name,sizeBytes,state,link,imagePath,sha256,error\r\n' +
        `folder/春.png,春.png,5,done,${LINK},2026/3/9/x.png,ab,\r\n` +
        'folder/b.png,b.png,5,failed,,,,NOT_AN_IMAGE\r\n',
    );
  });
});
