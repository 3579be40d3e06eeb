import { EVENT_KINDS, type LiveListener } from '#console/api/host.ts';

/** A browser gives up on some answers; then a new stream is begun. */
const AGAIN_MS = 2000;
/** EventSource.CLOSED (HTML, 9.2.2), which outside of a browser has no name. */
const CLOSED = 2;

/** The server's event stream. The browser comes back by itself and names the last event that it had. */
export function listenToEvents(
  url: string,
  { onEvent, onState }: LiveListener,
  createSource = (address: string): EventSource => new EventSource(address),
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    const stream = createSource(url);
    source = stream;
    stream.addEventListener('open', () => onState('live'));
    stream.addEventListener('error', () => {
      onState('lost');
      if (stream.readyState !== CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, AGAIN_MS);
    });
    for (const kind of EVENT_KINDS) {
      stream.addEventListener(kind, ({ data }: MessageEvent<string>) => {
        onEvent({ kind, data: JSON.parse(data) as Readonly<Record<string, unknown>> });
      });
    }
  };
  onState('connecting');
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
