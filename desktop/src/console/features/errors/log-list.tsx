import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import type { LogLine } from './log-lines.ts';
import { LOG_TEXTS } from './log-texts.ts';
import styles from './errors.module.css';

const ROW_PX = 52;
const AHEAD = 8;

/** The lines, only those that can be seen in the document. */
export function LogList({ lines }: { readonly lines: readonly LogLine[] }): ReactNode {
  const t = useTexts('errors-log', LOG_TEXTS);
  const { language } = useLanguage();
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
  });
  return (
    <div ref={frame} className={styles['frame']} tabIndex={0} role="group" aria-label={t('list')}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          if (line === undefined) return null;
          const { at, path, server, code, message } = line;
          return (
            <li key={index} style={{ transform: `translateY(${String(start)}px)` }}>
              <div className={styles['entry']} title={message}>
                <span className={styles['path']}>{path}</span>
                <span className={styles['dimmed']}>
                  {timeOf(at)} · {t('to', { server })} · {errorSentence(code, language).title} <small>{code}</small>
                </span>
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The log writes ISO 8601 in the server's own time: `2026-03-09T14:02:11.000+08:00`, `14:02:11` of it is shown. */
function timeOf(at: string): string {
  return /T(\d{2}:\d{2}:\d{2})/.exec(at)?.[1] ?? at;
}
