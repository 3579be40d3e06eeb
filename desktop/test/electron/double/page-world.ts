/** Names by which the two sides of the double find each other in a page. */
export const INVOKE_BINDING = '__doubleInvoke';
export const EMIT_FUNCTION = '__doubleEmit';

/**
 * What runs in a page before its own scripts: a preload as a sandbox runs it, with a `require` that knows `electron` and
 * nothing else. Its world is the page's own, which in Electron it is not.
 */
export function pageWorld(preload: string): string {
  return `(() => {
    const listeners = new Map();
    const invoke = globalThis.${INVOKE_BINDING};
    Object.defineProperty(globalThis, '${EMIT_FUNCTION}', {
      value: (channel, message) => (listeners.get(channel) ?? []).forEach((hear) => hear({}, message)),
    });
    const electron = {
      contextBridge: {
        exposeInMainWorld: (name, value) => Object.defineProperty(globalThis, name, { value: Object.freeze(value) }),
      },
      ipcRenderer: {
        invoke: (channel, message) => invoke(channel, message),
        on: (channel, hear) => listeners.set(channel, [...(listeners.get(channel) ?? []), hear]),
      },
      webUtils: { getPathForFile: (file) => (file instanceof File ? '/dropped/' + file.name : (() => { throw new TypeError('no file'); })()) },
    };
    const require = (name) => {
      if (name === 'electron') return electron;
      throw new Error('a sandboxed preload cannot load ' + name);
    };
    const exports = {};
    const module = { exports };
    ((require, module, exports) => {
      ${preload}
    })(require, module, exports);
  })()`;
}
