import { useState } from 'react';
import { useRemembered } from '#console/ui/use-remembered.ts';
import { DEFAULT_TEMPLATE, TEXT_FORMATS, type LinkChoice, type TextFormat } from './link-text.ts';

const TEMPLATE = 'imagefleet.upload-template';
const [FIRST, ...OTHERS] = TEXT_FORMATS;

export interface RememberedChoice extends LinkChoice {
  readonly setFormat: (format: TextFormat) => void;
  readonly setTemplate: (template: string) => void;
}

/** How links are wanted, kept in this browser. */
export function useLinkChoice(): RememberedChoice {
  const [format, setFormat] = useRemembered<TextFormat>('upload-format', [FIRST, ...OTHERS]);
  const [template, setState] = useState(() => localStorage.getItem(TEMPLATE) ?? DEFAULT_TEMPLATE);
  const setTemplate = (next: string): void => {
    localStorage.setItem(TEMPLATE, next);
    setState(next);
  };
  return { format, template, setFormat, setTemplate };
}
