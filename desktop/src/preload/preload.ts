import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CALL_CHANNEL, NEWS_CHANNEL, WORLD_NAME } from '#bridge/channels.ts';
import type { DesktopAnswer, DesktopBridge, DesktopNews } from '#bridge/desktop-bridge.ts';

/** What stays true until the next one of its kind: a page that begins to listen later has to hear it all the same. */
const LASTING: ReadonlySet<DesktopNews['kind']> = new Set(['liveState', 'engineState', 'goTo']);

const listeners = new Set<(news: DesktopNews) => void>();
const lasting = new Map<DesktopNews['kind'], DesktopNews>();

// The event is not handed on: it holds the channel itself.
ipcRenderer.on(NEWS_CHANNEL, (_event, news: DesktopNews) => {
  if (LASTING.has(news.kind)) lasting.set(news.kind, news);
  for (const hear of listeners) tell(news, hear);
});

function tell(news: DesktopNews, hear: (news: DesktopNews) => void): void {
  hear(news);
  // It is a wish and no state: once heard it is done with.
  if (news.kind === 'goTo') lasting.delete('goTo');
}

const bridge: DesktopBridge = {
  call: (call) => ipcRenderer.invoke(CALL_CHANNEL, call) as Promise<DesktopAnswer>,
  listen: (hear) => {
    listeners.add(hear);
    for (const news of [...lasting.values()]) tell(news, hear);
    return () => void listeners.delete(hear);
  },
  pathOf: (file) => {
    try {
      return webUtils.getPathForFile(file as File);
    } catch {
      // Whatever it is, it is no file and lies nowhere.
      return '';
    }
  },
};

contextBridge.exposeInMainWorld(WORLD_NAME, bridge);
