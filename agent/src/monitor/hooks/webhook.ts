import { createHmac, randomUUID } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import axios, { isAxiosError, type AxiosInstance } from 'axios';
import { nextDelayMs } from '@imagefleet/shared/common/delivery/backoff.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { HookEvent } from './hook-event.ts';
import { shortened, type HookAction, type HookReport } from './hook.ts';

const MAX_ATTEMPTS = 4;
const BACKOFF = { firstMs: 1000, capMs: 10_000 };
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_OUTPUT_CHARACTERS = 1000;

export interface WebhookOptions {
  readonly url: string;
  /** Signs each body; null: it goes unsigned. */
  readonly secret: string | null;
  /** Limit of one attempt. */
  readonly timeoutMs: number;
  readonly random: () => number;
}

interface Attempt extends HookReport {
  readonly isFinal: boolean;
}

/**
 * An HTTP address that gets each event as a POST with a JSON body. The body is signed as GitHub does it:
 * `X-Imagefleet-Signature: sha256=<hex HMAC of the body>`. A delivery has the same `X-Imagefleet-Delivery` in all its
 * attempts. 2xx is success; what may pass is tried again a few times.
 */
export class Webhook implements HookAction {
  readonly name: string;
  readonly #options: WebhookOptions;
  readonly #http: AxiosInstance;

  constructor(options: WebhookOptions) {
    this.#options = options;
    // Paths and queries of such addresses carry tokens.
    this.name = new URL(options.url).host;
    this.#http = axios.create({
      // Events are rare: a connection that is kept open is closed when it is needed.
      ...{ httpAgent: new HttpAgent({ keepAlive: false }), httpsAgent: new HttpsAgent({ keepAlive: false }) },
      // A redirect or a proxy from the environment would hand the secret's signature to somebody else.
      ...{ maxRedirects: 0, proxy: false, validateStatus: () => true },
      ...{ responseType: 'text', transformResponse: (text: unknown) => text, maxContentLength: MAX_ANSWER_BYTES },
    });
  }

  async run(event: HookEvent, signal: AbortSignal): Promise<HookReport> {
    const body = JSON.stringify(event);
    const delivery = randomUUID();
    for (let attempts = 1; ; attempts += 1) {
      const attempt = await this.#attempt(body, delivery, signal);
      if (attempt.isFinal || attempts >= MAX_ATTEMPTS) return attempt;
      const waitMs = nextDelayMs({ ...BACKOFF, attempts, random: this.#options.random });
      try {
        await delay(waitMs, undefined, { signal });
      } catch {
        return attempt;
      }
    }
  }

  async #attempt(body: string, delivery: string, signal: AbortSignal): Promise<Attempt> {
    const { url, timeoutMs, secret } = this.#options;
    const deadline = AbortSignal.timeout(timeoutMs);
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'imagefleet',
      'X-Imagefleet-Delivery': delivery,
      ...(secret === null ? {} : { 'X-Imagefleet-Signature': signatureOf(body, secret) }),
    };
    try {
      const answer = await this.#http.post<string>(url, body, { headers, signal: AbortSignal.any([signal, deadline]) });
      return this.#judge(answer.status, shortened(answer.data.trim(), MAX_OUTPUT_CHARACTERS));
    } catch (error) {
      if (signal.aborted) return this.#failed('it was given up because the monitor stops', true);
      if (deadline.aborted) {
        const message = `${this.name} did not answer within ${String(timeoutMs)} ms`;
        return { output: '', failure: new FleetError('HOOK_TIMEOUT', message), isFinal: false };
      }
      // Not the error itself: it holds the whole request, with the address and its tokens.
      return this.#failed(isAxiosError(error) ? (error.code ?? error.message) : String(error), false);
    }
  }

  #judge(status: number, output: string): Attempt {
    if (status >= 200 && status < 300) return { output, failure: null, isFinal: true };
    const mayPass = status >= 500 || status === 429 || status === 408;
    return { ...this.#failed(`it answered ${String(status)}`, !mayPass), output };
  }

  #failed(reason: string, isFinal: boolean): Attempt {
    return { output: '', failure: new FleetError('HOOK_FAILED', `${this.name} failed: ${reason}`), isFinal };
  }
}

export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
