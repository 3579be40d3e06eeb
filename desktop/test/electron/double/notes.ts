export interface NotedMenuItem {
  readonly type?: string;
  readonly label?: string;
  readonly enabled?: boolean;
  readonly click?: () => void;
}

export interface NotedNotice {
  readonly title: string;
  readonly body: string;
  readonly click: () => void;
}

/** What the app has asked of the system, for the test to look at. */
export const notes = {
  isSandboxed: false,
  appUserModelId: '',
  loginItem: null as unknown,
  schemes: [] as unknown[],
  windows: [] as unknown[],
  hasPermissionHandlers: { request: false, check: false, device: false },
  tray: null as { image: string; toolTip: string; menu: readonly NotedMenuItem[] } | null,
  notices: [] as NotedNotice[],
  opened: [] as string[],
  copied: [] as string[],
  /** What the next dialog is answered with. */
  chosen: [] as string[],
  isKeychainLocked: false,
  engines: [] as number[],
};
