import { openEngine } from '#engine/open-engine.ts';
import { EngineHost } from './engine-host.ts';
import { processPort } from './process-port.ts';

/** The program of the engine's own process: it does nothing until it is told to open, and ends with whoever started it. */
const port = processPort();
if (port === undefined) throw new Error('this program is started by the desktop app');
const host = new EngineHost({ port, open: openEngine, onClosed: () => process.exit(0) });
host.start();
process.once('disconnect', () => void host.close());
