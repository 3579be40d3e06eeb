import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { StatusFileProblem } from './status-problem.ts';

/** The present problem of one path: logged when it comes, when its cause changes, and when it is over; never in between. */
export class ProblemLog {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #now: () => number;
  #problem: StatusFileProblem | null = null;

  constructor(path: string, { logger, now }: { readonly logger: Logger; readonly now: () => number }) {
    this.#path = path;
    this.#logger = logger;
    this.#now = now;
  }

  get problem(): StatusFileProblem | null {
    return this.#problem;
  }

  failed({ code, message, hint, cause }: FleetError): void {
    if (this.#problem?.code === code && this.#problem.message === message) return;
    this.#problem = { path: this.#path, code, message, since: this.#now() };
    this.#logger.error('statusFile.notWritten', { path: this.#path, code, message, hint, error: cause });
  }

  succeeded(): void {
    if (this.#problem === null) return;
    this.#logger.info('statusFile.healed', { path: this.#path, code: this.#problem.code });
    this.#problem = null;
  }
}
