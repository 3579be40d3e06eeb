import { useEffect, useState, type ReactNode } from 'react';
import { formatBytes } from '@imagefleet/shared/common/text/quantities.ts';
import { useLine } from '#console/api/host-context.tsx';
import { useTexts } from '#console/i18n/language-context.tsx';
import { SHELL_TEXTS } from './shell-texts.ts';

const LOOK_MS = 1000;

/** How fast images go out, wherever the operator looks; nothing while none do. */
export function UploadSpeed(): ReactNode {
  const t = useTexts('shell', SHELL_TEXTS);
  const line = useLine();
  const [speed, setSpeed] = useState(() => line.bytesPerSecond());
  useEffect(() => {
    const timer = setInterval(() => setSpeed(line.bytesPerSecond()), LOOK_MS);
    return () => clearInterval(timer);
  }, [line]);
  return speed === null ? null : <span>{t('speed', { speed: formatBytes(speed) })}</span>;
}
