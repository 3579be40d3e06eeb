/** Calls of the page to main, as `invoke` with a DesktopCall; answered by a DesktopAnswer. */
export const CALL_CHANNEL = 'imagefleet:call';
/** What main tells the page: DesktopNews. */
export const NEWS_CHANNEL = 'imagefleet:news';
/** Where the page finds its DesktopBridge: `window.imagefleet`. */
export const WORLD_NAME = 'imagefleet';
