import { useState } from 'react';

/** A choice that is kept in this browser under `imagefleet.<name>`; what is stored and no choice any more is passed over. */
export function useRemembered<T extends string>(
  name: string,
  choices: readonly [T, ...(readonly T[])],
): readonly [T, (choice: T) => void] {
  const key = `imagefleet.${name}`;
  const [choice, setChoice] = useState(() => choices.find((one) => one === localStorage.getItem(key)) ?? choices[0]);
  const choose = (next: T): void => {
    localStorage.setItem(key, next);
    setChoice(next);
  };
  return [choice, choose];
}
