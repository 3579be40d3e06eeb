import { describe, expect, it } from 'vitest';
import { formatLink, LINK_FORMATS } from './link-formats.ts';

const LINK = 'http://i-1.example.com/2026/3/9/5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1.jpg';

describe('a link in its forms', () => {
  it('is what the other side pastes', () => {
    expect(LINK_FORMATS.map((format) => formatLink(format, { link: LINK, name: '春天.jpg' }))).toEqual([
      LINK,
      `![春天.jpg](${LINK})`,
      `<img src="${LINK}" alt="春天.jpg">`,
      `[img]${LINK}[/img]`,
    ]);
  });

  it('cannot be ended by a name', () => {
    const image = { link: LINK, name: 'a](x) "b" <c>\n& d.png' };
    expect(formatLink('markdown', image)).toBe(String.raw`![a\](x) "b" \<c\> \& d.png](${LINK})`);
    expect(formatLink('html', image)).toBe(`<img src="${LINK}" alt="a](x) &quot;b&quot; &lt;c&gt; &amp; d.png">`);
  });

  it('cannot be ended by a path', () => {
    const image = { link: 'http://s1/a(1)[2].png?x="&y', name: 'n' };
    expect(formatLink('markdown', image)).toBe('![n](http://s1/a%281%29[2].png?x="&y)');
    expect(formatLink('bbcode', image)).toBe('[img]http://s1/a(1)%5B2%5D.png?x="&y[/img]');
    expect(formatLink('html', image)).toContain('src="http://s1/a(1)[2].png?x=&quot;&amp;y"');
  });
});
