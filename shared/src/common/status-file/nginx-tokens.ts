/** One directive of an nginx configuration: its words, and what ends them. At the end of the text nothing does. */
export interface NginxStatement {
  readonly words: readonly string[];
  readonly end: ';' | '{' | '}' | '';
}

/** A comment, a quoted word, a sign, or a plain word; white space is what is left. */
const TOKEN = /#([^\n]*)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([;{}])|((?:[^\s;{}"'\\#]|\\.)(?:[^\s;{}\\]|\\.)*)/gs;

/** Cuts a configuration into directives, by the rules of nginx's own reader (ngx_conf_read_token). Never fails. */
export function nginxTokens(text: string, onComment: (comment: string) => void): readonly NginxStatement[] {
  const statements: NginxStatement[] = [];
  let words: string[] = [];
  for (const [, comment, double, single, sign, plain] of text.matchAll(TOKEN)) {
    if (comment !== undefined) onComment(comment);
    else if (sign === ';' || sign === '{' || sign === '}') {
      // A bracket that closes ends no directive; one left open before it must not get lost, so that it is seen as wrong.
      statements.push({ words, end: sign });
      words = [];
    } else words.push((double ?? single ?? plain ?? '').replaceAll(/\\(.)/gs, '$1'));
  }
  return words.length === 0 ? statements : [...statements, { words, end: '' }];
}
