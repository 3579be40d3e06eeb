import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { decodeText, readConfigBytes } from '@imagefleet/shared/node/config-file/config-text.ts';
import { readServersXml } from '@imagefleet/shared/node/config-file/legacy-servers.ts';
import type { DesktopSettings } from '#bridge/shell-api.ts';
import { settingsOf } from './app-settings.ts';

/**
 * What a file has to give: settings that were exported, or of an old servers.xml the addresses of its servers. The keys in that
 * one are those of its servers for each other, and stay where they are. Errors: CFG_UNREADABLE, CFG_INVALID.
 */
export async function readSettingsSource(file: string): Promise<Partial<DesktopSettings>> {
  const bytes = await readConfigBytes(file);
  // What is no Unicode may be XML all the same, which says its own encoding.
  const text = decodeText(bytes) ?? Buffer.from(bytes).toString('latin1');
  if (text.trimStart().startsWith('<')) return { servers: await serversOf(file) };
  const settings = settingsOf(text);
  if (settings === undefined) {
    throw new FleetError('CFG_INVALID', `${file} holds no settings of this app`, {
      hint: 'Choose a file that was written by the export of settings, or an old servers.xml.',
    });
  }
  return settings;
}

async function serversOf(file: string): Promise<string[]> {
  const { servers, problems } = await readServersXml(file);
  if (problems.length > 0) throw new FleetError('CFG_INVALID', problems.join('\n'));
  return servers.map(({ url }) => url);
}
