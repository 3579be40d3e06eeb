import type { MessagePort } from './message-port.ts';

/** What a utility process of Electron has in `process.parentPort` and a Node of ours has not. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', hear: (event: { readonly data: unknown }) => void): void;
}

/** The way to whoever started this process: Electron, or a Node that forked it. Undefined when nobody is there. */
export function processPort(): MessagePort | undefined {
  const { parentPort } = process as unknown as { readonly parentPort?: ParentPort };
  if (parentPort !== undefined) {
    return {
      post: (message) => parentPort.postMessage(message),
      onMessage: (hear) => parentPort.on('message', ({ data }) => hear(data)),
    };
  }
  if (process.send === undefined) return undefined;
  return {
    // Whoever started it may have died; `disconnect` tells that, and nobody reads what is sent until then.
    post: (message) => {
      if (process.connected) process.send?.(message);
    },
    onMessage: (hear) => void process.on('message', hear),
  };
}
