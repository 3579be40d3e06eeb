import { join } from 'node:path';
import type { AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { withoutSlash } from '@imagefleet/shared/common/address/without-slash.ts';
import { Access } from '#http/access.ts';
import { Gatekeeper } from '#http/auth.ts';
import type { AppDeps } from '#http/app.ts';
import type { ConsoleRoutesDeps } from '#http/routes/console.ts';
import type { SessionRoutesDeps } from '#http/routes/session.ts';
import { SessionCookie } from '#http/session-cookie.ts';
import { ConsoleLogin } from '#services/console-login.ts';
import { ConsoleSessions } from '#services/console-sessions.ts';
import { LoginLimit } from '#services/login-limit.ts';
import { LoginLinks } from '#services/login-links.ts';
import { sessionFile } from '#services/session-file.ts';

export interface ConsoleModuleDeps {
  readonly config: Pick<AgentConfig, 'name' | 'publicUrl' | 'peers' | 'securityKey' | 'keys' | 'dataDir'>;
  /** The server's identity. */
  readonly serverId: string;
  /** Folder of the built console. */
  readonly consoleDir: string;
  readonly now: () => number;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
  readonly logger: Logger;
}

/** What the HTTP face needs of it. */
export type ConsoleEdge = ConsoleRoutesDeps & SessionRoutesDeps & Pick<AppDeps, 'gatekeeper'>;

/** Who may come in, by key or through the console: keys, sessions, login links. */
export class ConsoleModule {
  readonly edge: ConsoleEdge;
  readonly #gatekeeper: Gatekeeper;
  readonly #sessions: ConsoleSessions;

  constructor({ config, serverId, consoleDir, now, monotonic, logger }: ConsoleModuleDeps) {
    const { name, publicUrl, peers } = config;
    const gatekeeper = new Gatekeeper(config);
    const cookie = new SessionCookie(serverId);
    const sessions = new ConsoleSessions({ store: sessionFile(join(config.dataDir, 'sessions.json')), now, logger });
    const loginLinks = new LoginLinks(now);
    const limit = new LoginLimit(monotonic);
    this.#gatekeeper = gatekeeper;
    this.#sessions = sessions;
    this.edge = {
      ...{ gatekeeper, sessions, loginLinks, cookie, consoleDir, now },
      access: new Access({ gatekeeper, publicUrl, console: { sessions, cookie } }),
      login: new ConsoleLogin({ keys: gatekeeper, sessions, loginLinks, limit, logger }),
      server: { name, publicUrl: withoutSlash(publicUrl) },
      servers: [{ name, url: publicUrl }, ...peers].map((one) => ({
        name: one.name,
        url: withoutSlash(one.url),
      })),
    };
  }

  /** Reads the sessions that were kept. */
  start(): Promise<void> {
    return this.#sessions.start((fingerprint) => this.#gatekeeper.holderOfFingerprint(fingerprint) !== undefined);
  }

  /** Waits for what is being written. */
  stop(): Promise<void> {
    return this.#sessions.stop();
  }
}
