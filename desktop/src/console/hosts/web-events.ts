import type { LiveEvent, LiveListener } from '#console/api/host.ts';

const KINDS = ['server', 'delivery', 'image', 'progress', 'incident'] as const satisfies readonly LiveEvent['kind'][];
/** A browser gives up on some answers; then a new stream is begun. */
const AGAIN_MS = 2000;

/** The server's event stream. The browser comes back by itself and names the last event that it had. */
export function listenToEvents(url: string, { onEvent, onState }: LiveListener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    const stream = new EventSource(url);
    source = stream;
    stream.addEventListener('open', () => onState('live'));
    stream.addEventListener('error', () => {
      onState('lost');
      if (stream.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, AGAIN_MS);
    });
    for (const kind of KINDS) {
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
