import type { ShellClient, ShellOutput } from '#bridge/shell-api.ts';

type State = ShellOutput<'readSettings'>;

/** The app around the page: its dialogs choose what the test says. */
export class FakeShell implements ShellClient {
  state: State = {
    settings: {
      ...{ servers: ['http://10.0.0.1:7401'], language: 'system' },
      ...{ startsAtLogin: false, staysInTray: true, notifies: true },
    },
    ...{ key: 'kept', isKeyUnprotected: false, version: '1.2.3' },
  };
  chosen: string[] = ['/home/anna/假期'];
  target: string | null = '/home/anna/out.txt';
  copied: string | null = null;

  readonly readSettings: ShellClient['readSettings'] = async () => this.state;
  readonly changeSettings: ShellClient['changeSettings'] = async (part) => {
    const named = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
    this.state = { ...this.state, settings: { ...this.state.settings, ...named } };
    return this.state;
  };
  readonly keepKey: ShellClient['keepKey'] = async ({ key }) => {
    this.state = { ...this.state, key: key === '' ? 'none' : 'kept' };
    return this.state;
  };
  readonly exportSettings: ShellClient['exportSettings'] = async () => ({ isDone: true });
  readonly importSettings: ShellClient['importSettings'] = async () => ({ ...this.state, isDone: true });
  readonly chooseFolders: ShellClient['chooseFolders'] = async () => ({ paths: this.chosen });
  readonly chooseFiles: ShellClient['chooseFiles'] = async () => ({ paths: this.chosen });
  readonly chooseTarget: ShellClient['chooseTarget'] = async () => ({ path: this.target });
  readonly copyText: ShellClient['copyText'] = async ({ text }) => {
    this.copied = text;
    return {};
  };
  readonly openLink: ShellClient['openLink'] = async () => ({});
  readonly showFile: ShellClient['showFile'] = async () => ({});
}
