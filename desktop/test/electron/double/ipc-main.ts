type Handle = (event: unknown, message: unknown) => unknown;

const handlers = new Map<string, Handle>();

export const ipcMain = {
  handle: (channel: string, handle: Handle): void => void handlers.set(channel, handle),
};

export interface CallingFrame {
  readonly url: string;
  readonly isMain: boolean;
}

export function invokeHandler(channel: string, { url, isMain }: CallingFrame, message: unknown): unknown {
  const handle = handlers.get(channel);
  if (handle === undefined) throw new Error(`nobody handles ${channel}`);
  return handle({ senderFrame: { url, parent: isMain ? null : {} } }, message);
}
