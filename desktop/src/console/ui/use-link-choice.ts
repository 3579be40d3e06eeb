import { useState } from 'react';
import {
  DEFAULT_TEMPLATE,
  TEXT_FORMATS,
  type LinkChoice,
  type TextFormat,
} from '@imagefleet/shared/common/links/link-formats.ts';
import { useRemembered } from './use-remembered.ts';

const TEMPLATE = 'imagefleet.upload-template';

export interface RememberedChoice extends LinkChoice {
  readonly setFormat: (format: TextFormat) => void;
  readonly setTemplate: (template: string) => void;
}

/** How links are wanted, kept in this browser. */
export function useLinkChoice(): RememberedChoice {
  const [format, setFormat] = useRemembered('upload-format', TEXT_FORMATS);
  const [template, setState] = useState(() => localStorage.getItem(TEMPLATE) ?? DEFAULT_TEMPLATE);
  const setTemplate = (next: string): void => {
    localStorage.setItem(TEMPLATE, next);
    setState(next);
  };
  return { format, template, setFormat, setTemplate };
}
