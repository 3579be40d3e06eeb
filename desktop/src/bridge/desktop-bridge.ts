import type { LiveEvent, LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import { OPERATOR_API } from '@imagefleet/shared/common/operator/operator-api.ts';
import { ENGINE_API } from './engine-api.ts';
import { SHELL_API } from './shell-api.ts';

/** Who answers a call: `operator` and `engine` the engine's process, `shell` the main process. */
export const DESKTOP_APIS = { operator: OPERATOR_API, engine: ENGINE_API, shell: SHELL_API } as const;
export type DesktopApiName = keyof typeof DESKTOP_APIS;

/** One call over the bridge, as it goes from the page to main. */
export interface DesktopCall {
  readonly api: DesktopApiName;
  readonly method: string;
  readonly input: unknown;
}

/** Errors do not survive a process border as such. */
export type DesktopAnswer =
  | { readonly isOk: true; readonly output: unknown }
  | {
      readonly isOk: false;
      readonly error: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
    };

/** What comes to the page without being asked for. */
export type DesktopNews =
  /** The fleet's own events, and whether they are heard. */
  | { readonly kind: 'liveState'; readonly state: LiveState }
  | { readonly kind: 'liveEvent'; readonly event: LiveEvent }
  /** The queue has changed; at most ten times a second. What it is now has to be asked for. */
  | { readonly kind: 'queueChanged' }
  /** The engine's process: `restarting` after it died; calls wait meanwhile. */
  | { readonly kind: 'engineState'; readonly state: 'starting' | 'running' | 'restarting' | 'failed' }
  /** Settings have changed, perhaps by the tray's menu. */
  | { readonly kind: 'settingsChanged' }
  /** Somebody clicked on a notification or in the tray: a page of the console, and the server it is about. */
  | {
      readonly kind: 'goTo';
      readonly page: 'upload' | 'fleet' | 'errors' | 'images' | 'settings';
      readonly server: string | null;
    };

/** What the preload puts into the page as `window.imagefleet`: all that a page can reach of the program around it. */
export interface DesktopBridge {
  readonly call: (call: DesktopCall) => Promise<DesktopAnswer>;
  /** Answers its own end. */
  readonly listen: (hear: (news: DesktopNews) => void) => () => void;
  /** Where a dropped file or folder lies on the disk; empty for what lies nowhere. */
  readonly pathOf: (file: unknown) => string;
}
