import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import { shiftDay } from './calendar.ts';
import { ALL_DAYS } from './image-place.ts';
import { IMAGE_VIEWS, type ImageView } from './image-view.ts';
import { IMAGES_TEXTS } from './images-texts.ts';
import styles from './images-page.module.css';

/** From the last key to the search. */
const PAUSE_MS = 250;
/** A whole link may be pasted. */
const MAX_LENGTH = 1000;

interface Props {
  readonly q: string;
  readonly onSearch: (q: string) => void;
  /** yyyy-MM-dd; undefined: all days. */
  readonly day: string | undefined;
  readonly today: string | undefined;
  readonly onDay: (day: string) => void;
  readonly view: ImageView;
  readonly onView: (view: ImageView) => void;
}

/** What is looked for, of which day, and how it is shown. */
export function ImageToolbar({ q, onSearch, day, today, onDay, view, onView }: Props): ReactNode {
  const t = useTexts('images', IMAGES_TEXTS);
  return (
    <div className={styles['toolbar']}>
      <SearchField q={q} onSearch={onSearch} />
      <div className={styles['days']} role="group" aria-label={t('day')}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t('previousDay')}
          disabled={today === undefined}
          onClick={() => onDay(shiftDay(day ?? today ?? '', -1))}
        >
          ‹
        </ActionIcon>
        <TextInput
          type="date"
          size="xs"
          aria-label={t('day')}
          value={day ?? ''}
          max={today}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            if (chosen !== '') onDay(chosen);
          }}
        />
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t('nextDay')}
          disabled={day === undefined || today === undefined || day >= today}
          onClick={() => onDay(shiftDay(day ?? '', 1))}
        >
          ›
        </ActionIcon>
        <Button
          size="xs"
          variant={day !== undefined && day === today ? 'light' : 'default'}
          aria-pressed={day !== undefined && day === today}
          disabled={today === undefined}
          onClick={() => onDay(today ?? ALL_DAYS)}
        >
          {t('today')}
        </Button>
        <Button
          size="xs"
          variant={day === undefined ? 'light' : 'default'}
          aria-pressed={day === undefined}
          onClick={() => onDay(ALL_DAYS)}
        >
          {t('allDays')}
        </Button>
      </div>
      <NativeSelect
        size="xs"
        aria-label={t('view')}
        value={view}
        data={IMAGE_VIEWS.map((value) => ({ value, label: t(value) }))}
        onChange={(event) => onView(IMAGE_VIEWS.find((one) => one === event.currentTarget.value) ?? 'tiles')}
      />
    </div>
  );
}

interface SearchProps {
  readonly q: string;
  readonly onSearch: (q: string) => void;
}

function SearchField({ q, onSearch }: SearchProps): ReactNode {
  const t = useTexts('images', IMAGES_TEXTS);
  const [typed, setTyped] = useState(q);
  const [known, setKnown] = useState(q);
  const [sent, setSent] = useState(q);
  if (known !== q) {
    setKnown(q);
    // Changed from elsewhere (Back, a button), and not the echo of what was typed a moment ago.
    if (q !== sent) {
      setTyped(q);
      setSent(q);
    }
  }
  const search = (): void => {
    setSent(typed);
    onSearch(typed);
  };
  useEffect(() => {
    if (typed === sent) return undefined;
    const timer = setTimeout(() => {
      setSent(typed);
      onSearch(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, sent, onSearch]);
  return (
    <TextInput
      type="search"
      size="xs"
      className={styles['search']}
      aria-label={t('search')}
      placeholder={t('searchHint')}
      maxLength={MAX_LENGTH}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') search();
      }}
    />
  );
}
