import type { LiveListener } from '@imagefleet/shared/common/operator/live-events.ts';
import type { OperatorClient, Role } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { DesktopFeatures } from './desktop-features.ts';

/** Who is logged in, and where. */
export interface Session {
  /** Name of the server that answers this console. */
  readonly server: string;
  /** Null where no key is configured, and everybody may do everything. */
  readonly keyName: string | null;
  readonly roles: readonly Role[];
  /** The agents of the fleet as a browser can open them, the own one first. */
  readonly servers: readonly { readonly name: string; readonly url: string }[];
}

/** One image on its way to the server. */
export interface ImageUpload {
  readonly file: Blob;
  readonly name: string;
  /** `yyyy/M/d/<uuid>`, chosen once per image: sent again, it is stored once. */
  readonly id: string;
  readonly signal: AbortSignal;
  /** Bytes of the file that went out so far. */
  readonly onProgress: (sentBytes: number) => void;
}

/** What `listen` speaks: the engine of the desktop speaks it too. */
export type { LiveEvent, LiveListener, LiveState } from '@imagefleet/shared/common/operator/live-events.ts';

/** What this host can do beyond the pages themselves. */
interface Capabilities {
  /** It has a login of its own; a desktop keeps keys elsewhere. */
  readonly hasLogin: boolean;
  /** Null in a browser. */
  readonly desktop: DesktopFeatures | null;
}

/**
 * All that the console needs of the program around it: a browser with HTTP, or the desktop app. Calls fail with FleetError;
 * session-over.ts knows by which codes when nobody is logged in any more.
 */
export interface ConsoleHost {
  readonly api: OperatorClient;
  readonly capabilities: Capabilities;
  /** Null when nobody is logged in. */
  session(): Promise<Session | null>;
  login(by: { readonly key: string } | { readonly token: string }): Promise<Session>;
  logout(): Promise<void>;
  /** A one-time token that the page was opened with, or that was opened in it; taken out of the address when it is read. */
  takeToken(): string | null;
  /** Hears events until the returned function is called; comes back by itself, from where it was. */
  listen(listener: LiveListener): () => void;
  upload(upload: ImageUpload): Promise<StoredImage>;
  /** Where the page fetches an image by its path. */
  imageUrl(path: string): string;
}
