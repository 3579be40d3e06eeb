/**
 * The double of the module `electron`, for the built and unmodified main bundle in a plain Node: windows are pages of a real
 * Chromium, what the system would show is noted, and the test looks at it and clicks on it from its own process.
 */
export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { ipcMain } from './ipc-main.ts';
export { net, protocol, session } from './network.ts';
export { clipboard, dialog, Menu, nativeImage, Notification, safeStorage, shell, Tray } from './system.ts';
export { utilityProcess } from './utility-process.ts';
import './remote-control.ts';
