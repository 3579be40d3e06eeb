import { Button, PasswordInput, Textarea } from '@mantine/core';
import { useState, type ReactNode, type SyntheticEvent } from 'react';
import type { SettingsState } from '#console/api/use-settings.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { ConnectionAnswer } from './connection-answer.tsx';
import { MAX_SERVERS, readServerLines } from './server-lines.ts';
import type { ConnectionField } from './try-connection.ts';
import { useConnection, type Connection } from './use-connection.ts';
import { useSettingsTexts, type SettingsTranslate } from './use-settings-texts.ts';
import styles from './settings.module.css';

/** The two fields without which nothing works; saving them tests them, and what is wrong is said at its field. */
export function ConnectionForm({ state }: { readonly state: SettingsState }): ReactNode {
  const t = useSettingsTexts();
  // Null while nothing is typed: then it is what is kept, also after an import.
  const [edited, setEdited] = useState<string | null>(null);
  const servers = edited ?? state.settings.servers.join('\n');
  const [key, setKey] = useState('');
  const connection = useConnection();
  const [typed, setTyped] = useState<string | null>(null);
  const wrongKey = wrongAt('key', connection, t);
  const save = (event: SyntheticEvent): void => {
    event.preventDefault();
    const lines = readServerLines(servers);
    setTyped('problem' in lines ? problemOf(lines, t) : null);
    if (!('servers' in lines)) return;
    void connection.save({ servers: lines.servers, key }).then((isKept) => {
      if (!isKept) return;
      setEdited(null);
      setKey('');
    });
  };
  return (
    <form className={styles['section']} onSubmit={save} aria-label={t('connection')}>
      <h2 className={styles['heading']}>{t('connection')}</h2>
      <Textarea
        label={t('servers')}
        description={t('serversHint')}
        rows={3}
        spellCheck={false}
        autoFocus={state.settings.servers.length === 0}
        value={servers}
        error={typed ?? wrongAt('servers', connection, t)}
        onChange={({ currentTarget }) => setEdited(currentTarget.value)}
      />
      <PasswordInput
        label={t('key')}
        description={keyHint(state, t)}
        autoComplete="off"
        value={key}
        error={wrongKey}
        aria-invalid={wrongKey === null ? undefined : true}
        onChange={({ currentTarget }) => setKey(currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t('showKey') }}
      />
      {state.isKeyUnprotected && <p className={styles['warning']}>{t('keyUnprotected')}</p>}
      <div className={styles['buttons']}>
        <Button type="submit" loading={connection.isBusy}>
          {t('save')}
        </Button>
        {state.key !== 'none' && (
          <Button variant="default" onClick={() => void connection.forgetKey()}>
            {t('forgetKey')}
          </Button>
        )}
      </div>
      <ConnectionAnswer connection={connection} />
      {connection.error !== null && <FailureNote error={connection.error} />}
    </form>
  );
}

function problemOf(
  lines: Extract<ReturnType<typeof readServerLines>, { problem: string }>,
  t: SettingsTranslate,
): string {
  switch (lines.problem) {
    case 'notAnAddress':
      return t('notAnAddress', { line: lines.line });
    case 'tooMany':
      return t('tooMany', { max: MAX_SERVERS });
    default:
      return t('noServer');
  }
}

function wrongAt(field: ConnectionField, { finding, sentenceOf }: Connection, t: SettingsTranslate): string | null {
  if (finding === null || finding.isFine || finding.field !== field) return null;
  return t('why', { ...sentenceOf(finding.code), code: finding.code });
}

function keyHint({ key }: SettingsState, t: SettingsTranslate): string {
  if (key === 'locked') return t('keyLocked');
  return key === 'kept' ? t('keyKept') : t('keyNone');
}
