import { Agent } from 'node:http';
import axios, { isAxiosError, type AxiosError } from 'axios';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { errorOfAnswer } from '@imagefleet/shared/common/operator/answer-error.ts';
import { engineClient } from '#engine/api/call-engine.ts';
import type { EngineClient, EngineMethodName } from '#bridge/engine-api.ts';

const NAME = 'the engine';
/** Of a question whether anybody is there. */
const GREETING_MS = 2000;
/** The last one: it is just ending. Should it not be, the queue is found taken. */
const NOBODY: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ECONNRESET']);

/** The engine of another process; undefined when none runs at this address. Errors: PEER_TIMEOUT when one hangs. */
export async function connectToEngine(address: string, signal: AbortSignal): Promise<EngineClient | undefined> {
  // A connection that is kept would be written to after its engine has gone.
  const httpAgent = new Agent({ keepAlive: false });
  const ask = async (method: EngineMethodName, input: unknown, timeout = 0): Promise<unknown> => {
    const { status, data } = await axios.request<unknown>({
      ...{ method: 'POST', url: `http://engine/${method}`, socketPath: address, httpAgent },
      ...{ data: input, signal, timeout },
      // Nothing of this goes over a network, whatever the environment says.
      ...{ proxy: false, maxRedirects: 0, maxContentLength: Infinity, validateStatus: () => true },
    });
    if (status !== 200) throw errorOfAnswer(status, data, NAME);
    return data;
  };
  try {
    await ask('readStatus', {}, GREETING_MS);
  } catch (error) {
    if (isAxiosError(error) && NOBODY.has(error.code)) return undefined;
    signal.throwIfAborted();
    throw isAxiosError(error) ? transportError(error, address) : error;
  }
  return engineClient(async (method, input) => {
    try {
      return await ask(method, input);
    } catch (error) {
      signal.throwIfAborted();
      throw isAxiosError(error) ? transportError(error, address) : error;
    }
  });
}

function transportError(error: AxiosError, address: string): FleetError {
  switch (error.code) {
    case 'ECONNABORTED':
    case 'ETIMEDOUT':
      return new FleetError('PEER_TIMEOUT', `${NAME} at ${address} does not answer`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new FleetError('IO_FAILED', `${NAME} at ${address} belongs to somebody else`, {
        cause: error,
        hint: 'Choose a data folder of your own by --data.',
      });
    default:
      return new FleetError('PEER_UNREACHABLE', `${NAME} has ended meanwhile`, { cause: error });
  }
}
