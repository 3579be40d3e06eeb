import { useState } from 'react';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { errorSentence, type ErrorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { useDesktop, useHost } from '#console/api/host-context.tsx';
import { useNoteSettings } from '#console/api/use-settings.ts';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { tryConnection, type ConnectionFinding } from './try-connection.ts';

interface Typed {
  readonly servers: readonly string[];
  /** Empty: the key that is kept stays. */
  readonly key: string;
}

export interface Connection {
  readonly isBusy: boolean;
  /** Of the last test; null before it. */
  readonly finding: ConnectionFinding | null;
  /** What is no fault of either field. */
  readonly error: unknown;
  /** Whether it is kept now, whatever the test says of it. */
  readonly save: (typed: Typed) => Promise<boolean>;
  readonly forgetKey: () => Promise<boolean>;
  readonly sentenceOf: (code: ErrorCode) => ErrorSentence;
}

/** Saves servers and key, and tests at once whether they are right. */
export function useConnection(): Connection {
  const { api } = useHost();
  const { engine, shell } = useDesktop();
  const note = useNoteSettings();
  const { language } = useLanguage();
  const [isBusy, setBusy] = useState(false);
  const [finding, setFinding] = useState<ConnectionFinding | null>(null);
  const [error, setError] = useState<unknown>(null);
  const run = async (work: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setFinding(null);
    setError(null);
    try {
      await work();
      return true;
    } catch (failure) {
      if (failure instanceof FleetError && failure.code === 'CFG_INVALID') setFinding(wrongServers(failure));
      else setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return {
    ...{ isBusy, finding, error },
    save: ({ servers, key }) =>
      run(async () => {
        // First the key: with the servers the engine begins anew, and asks by the key that is kept then.
        const afterKey = key === '' ? null : await shell.keepKey({ key });
        const state = await shell.changeSettings({ servers: [...servers] });
        note(afterKey === null ? state : { ...state, key: afterKey.key });
        setFinding(await tryConnection({ api, readStatus: () => engine.readStatus({}) }));
      }),
    forgetKey: () => run(async () => note(await shell.keepKey({ key: '' }))),
    sentenceOf: (code) => errorSentence(code, language),
  };
}

function wrongServers({ code, message }: FleetError): ConnectionFinding {
  return { isFine: false, field: 'servers', code, message };
}
