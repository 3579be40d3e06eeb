import { BrowserWindow, ipcMain } from 'electron';
import { CALL_CHANNEL, NEWS_CHANNEL } from '#bridge/channels.ts';
import type { DesktopNews } from '#bridge/desktop-bridge.ts';
import { answerBridgeCall, type BridgeCallsDeps } from '#main/bridge-calls.ts';

/** Answers what pages ask; the only door there is. */
export function answerPages(deps: BridgeCallsDeps): void {
  ipcMain.handle(CALL_CHANNEL, (event, message: unknown) => {
    // The frame is gone when its page has left meanwhile.
    const { senderFrame: frame } = event;
    const sender = { url: frame?.url ?? null, isMainFrame: frame !== null && frame.parent === null };
    return answerBridgeCall({ sender, message }, deps);
  });
}

/** Tells every page that is there. */
export function tellPages(news: DesktopNews): void {
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.isDestroyed()) window.webContents.send(NEWS_CHANNEL, news);
  }
}
