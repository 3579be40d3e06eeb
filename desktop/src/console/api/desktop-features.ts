import type { DesktopNews } from '#bridge/desktop-bridge.ts';
import type { EngineClient } from '#bridge/engine-api.ts';
import type { ShellClient } from '#bridge/shell-api.ts';

/** What a desktop app can do for a page and a browser cannot. Calls fail with FleetError. */
export interface DesktopFeatures {
  /** The queue on the disk, and the engine that works on it. */
  readonly engine: EngineClient;
  /** Dialogs, settings, keychain, clipboard. */
  readonly shell: ShellClient;
  /** Hears what nobody asked for until the returned function is called. */
  readonly listen: (hear: (news: DesktopNews) => void) => () => void;
  /** Where a dropped file or folder lies on the disk; empty for what lies nowhere. */
  readonly pathOf: (file: File) => string;
}
