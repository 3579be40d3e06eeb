import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useDesktop } from '#console/api/host-context.tsx';
import { useNoteSettings } from '#console/api/use-settings.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { useSettingsTexts } from './use-settings-texts.ts';
import styles from './settings.module.css';

interface Told {
  readonly word: 'saved' | 'imported' | null;
  readonly error: unknown;
}

/** Settings into a file and back, and the document for whoever helps. */
export function KeepingActions({ version }: { readonly version: string }): ReactNode {
  const t = useSettingsTexts();
  const { engine, shell } = useDesktop();
  const note = useNoteSettings();
  const [told, setTold] = useState<Told>({ word: null, error: null });
  /** The work answers what was done; null where the dialog was closed. */
  const tell = async (work: () => Promise<Told['word']>): Promise<void> => {
    try {
      setTold({ word: await work(), error: null });
    } catch (error) {
      setTold({ word: null, error });
    }
  };
  const exportSettings = (): Promise<void> =>
    tell(async () => ((await shell.exportSettings({})).isDone ? 'saved' : null));
  const importSettings = (): Promise<void> =>
    tell(async () => {
      const { isDone, ...state } = await shell.importSettings({});
      if (!isDone) return null;
      note(state);
      return 'imported';
    });
  const saveDiagnostics = (): Promise<void> =>
    tell(async () => {
      const { path } = await shell.chooseTarget({ name: 'imagefleet-diagnostics.json' });
      if (path === null) return null;
      await engine.writeDiagnostics({ file: path });
      return 'saved';
    });
  return (
    <section className={styles['section']} aria-label={t('keeping')}>
      <h2 className={styles['heading']}>{t('keeping')}</h2>
      <div className={styles['buttons']}>
        <Button variant="default" onClick={() => void exportSettings()}>
          {t('exportSettings')}
        </Button>
        <Button variant="default" onClick={() => void importSettings()}>
          {t('importSettings')}
        </Button>
      </div>
      <p className={styles['hint']}>{t('importHint')}</p>
      <div className={styles['buttons']}>
        <Button variant="default" onClick={() => void saveDiagnostics()}>
          {t('diagnostics')}
        </Button>
      </div>
      <p className={styles['hint']}>{t('diagnosticsHint')}</p>
      <span role="status" className={styles['works']}>
        {told.word !== null && `✓ ${t(told.word)}`}
      </span>
      {told.error !== null && <FailureNote error={told.error} />}
      <p className={styles['hint']}>{t('version', { version })}</p>
    </section>
  );
}
