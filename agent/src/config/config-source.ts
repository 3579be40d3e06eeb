/** Where a setting stands, for messages. */
export interface ConfigPlace {
  /** A file's absolute path, or what else set it: `IMAGEFLEET_LISTEN`, `--listen`. */
  readonly origin: string;
  /** From 1; undefined when the setting stands nowhere, because it is missing. */
  readonly line?: number | undefined;
  /** The setting as it is called there: `peers[1].url`, or `Uri of server 2` in servers.xml. */
  readonly label: string;
}

export type ConfigPath = readonly (string | number)[];

/** A configuration as read, before it is checked. */
export interface ConfigSource {
  readonly file: string;
  /** Absolute; relative paths in the configuration start here. */
  readonly folder: string;
  readonly raw: unknown;
  /** What the reader itself found wrong, one whole line each. */
  readonly problems: readonly string[];
  /** Whole sentences. */
  readonly warnings: readonly string[];
  locate(path: ConfigPath): ConfigPlace;
}

/** `/etc/imagefleet/agent.yaml:7: peers[1].url: must not contain a path` */
export function formatProblem(place: ConfigPlace, message: string): string {
  const origin = place.line === undefined ? place.origin : `${place.origin}:${String(place.line)}`;
  return place.label === '' ? `${origin}: ${message}` : `${origin}: ${place.label}: ${message}`;
}
