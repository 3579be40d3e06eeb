import { z } from 'zod';

const MAX_PATH = 4096;
const path = z.string().min(1).max(MAX_PATH);
const MAX_SERVERS = 20;
const MAX_KEY = 1000;
const nothing = z.object({});

/** What the desktop app keeps of itself; the key is elsewhere, in the keychain. */
export const desktopSettings = z.object({
  /** Starts of the servers' addresses. */
  servers: z.array(z.string().min(1).max(500)).max(MAX_SERVERS),
  language: z.enum(['system', 'zh', 'en']),
  /** Starts with the session of the operator, in the tray. */
  startsAtLogin: z.boolean(),
  /** Closing the window leaves the app in the tray. */
  staysInTray: z.boolean(),
  notifies: z.boolean(),
});
export type DesktopSettings = z.output<typeof desktopSettings>;

const settingsState = z.object({
  settings: desktopSettings,
  /** `locked`: there is one, and the keychain does not give it out: it has to be typed again. */
  key: z.enum(['none', 'kept', 'locked']),
  /** The system keeps secrets in the clear here (Linux without a keyring). */
  isKeyUnprotected: z.boolean(),
  version: z.string(),
});

/**
 * Every call of the app around the console: dialogs, settings, the keychain, the system. Answered by the main process. Errors
 * go over as `{ code, message, hint }`.
 */
export const SHELL_API = {
  readSettings: { input: nothing, output: settingsState },
  /** What is not named stays. Takes effect at once. Errors: CFG_INVALID for an address that is none. */
  changeSettings: { input: desktopSettings.partial(), output: settingsState },
  /** Into the keychain; an empty one takes it out. */
  keepKey: { input: z.object({ key: z.string().max(MAX_KEY) }), output: settingsState },
  /** Settings without the key, into a file of the operator's choice; false when the dialog was closed. */
  exportSettings: { input: nothing, output: z.object({ isDone: z.boolean() }) },
  /** From a file that `exportSettings` wrote, or the servers of an old `servers.xml`. */
  importSettings: { input: nothing, output: settingsState.extend({ isDone: z.boolean() }) },
  /** Empty when the dialog was closed. */
  chooseFolders: { input: nothing, output: z.object({ paths: z.array(path) }) },
  chooseFiles: { input: nothing, output: z.object({ paths: z.array(path) }) },
  /** Where something is to be written; null when the dialog was closed. */
  chooseTarget: { input: z.object({ name: z.string().min(1).max(200) }), output: z.object({ path: path.nullable() }) },
  copyText: { input: z.object({ text: z.string().max(50_000_000) }), output: nothing },
  /** In the system's browser. Only http and https, of the fleet's servers and of the product's own pages. */
  openLink: { input: z.object({ url: z.string().max(4000) }), output: nothing },
  /** In the file manager. */
  showFile: { input: z.object({ path }), output: nothing },
} as const satisfies Record<string, { readonly input: z.ZodType; readonly output: z.ZodType }>;

export type ShellApi = typeof SHELL_API;
export type ShellMethodName = keyof ShellApi;
export type ShellInput<M extends ShellMethodName> = z.output<ShellApi[M]['input']>;
export type ShellOutput<M extends ShellMethodName> = z.output<ShellApi[M]['output']>;
export type ShellHandlers = {
  readonly [M in ShellMethodName]: (input: ShellInput<M>) => Promise<ShellOutput<M>>;
};
export type ShellClient = {
  readonly [M in ShellMethodName]: (input: z.input<ShellApi[M]['input']>) => Promise<ShellOutput<M>>;
};
