import { request } from 'node:http';

export interface BrowserAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: unknown;
}

export interface BrowserRequest {
  readonly method?: string;
  /** Origin of the page that sends it; default: the one that is asked. Null: a navigation, such as a typed address. */
  readonly page?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
}

/**
 * What a browser does of its own: it keeps cookies by host whatever the port, sends them with every request of the same
 * site, and says from which page a request comes.
 */
export class Browser {
  readonly #jar = new Map<string, Map<string, string>>();

  /** `Name=value` of every cookie for the host of the address. */
  cookies(url: string): readonly string[] {
    return [...(this.#jar.get(new URL(url).hostname) ?? [])].map(([name, value]) => `${name}=${value}`);
  }

  async send(url: string, options: BrowserRequest = {}): Promise<BrowserAnswer> {
    const { method = 'GET', body, headers = {} } = options;
    const { origin, hostname } = new URL(url);
    const page = options.page === undefined ? origin : options.page;
    const isSameSite = page === null || (URL.canParse(page) && new URL(page).hostname === hostname);
    const cookie = isSameSite ? this.cookies(url).join('; ') : '';
    const site = page === null ? 'none' : page === origin ? 'same-origin' : isSameSite ? 'same-site' : 'cross-site';
    const sent = {
      ...(cookie !== '' && { Cookie: cookie }),
      ...(page !== null && (method !== 'GET' || page !== origin) && { Origin: page }),
      'Sec-Fetch-Site': site,
      ...(typeof body === 'object' && { 'Content-Type': 'application/json' }),
      ...headers,
    };
    const answer = await exchange(url, { method, headers: sent, body: textOf(body) });
    this.#keep(hostname, answer.headers['set-cookie']);
    return answer;
  }

  #keep(hostname: string, lines: string | readonly string[] | undefined): void {
    const jar = this.#jar.get(hostname) ?? new Map<string, string>();
    this.#jar.set(hostname, jar);
    for (const line of [lines ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0(?:;|$)/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}

/** One request with exactly these headers; `fetch` would forbid some and add others. */
export function exchange(
  url: string,
  sent: { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
): Promise<BrowserAnswer> {
  const { method = 'GET', headers = {}, body } = sent;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.startsWith('application/json') === true && text !== '';
        const json: unknown = isJson ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function textOf(body: object | string | undefined): string {
  return typeof body === 'object' ? JSON.stringify(body) : (body ?? '');
}
