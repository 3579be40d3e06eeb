import { useMemo } from 'react';
import { useHash } from './use-hash.ts';

/** `push`: Back comes back to where it was. `replace`: for what is typed. */
export type PlaceStep = 'push' | 'replace';
type SetPlaceQuery = (query: URLSearchParams, step: PlaceStep) => void;

/** What stands behind the page's name in the address (`#/images?day=…`), and how it is changed; Back and a sent link work. */
export function usePlaceQuery(): readonly [URLSearchParams, SetPlaceQuery] {
  const hash = useHash();
  const query = useMemo(() => queryOf(hash), [hash]);
  return [query, setQuery];
}

export function queryOf(hash: string): URLSearchParams {
  return new URLSearchParams(hash.split('?').slice(1).join('?'));
}

/** The same page with another query. */
export function withQuery(hash: string, query: URLSearchParams): string {
  const page = hash.split('?')[0] ?? '';
  const text = query.toString();
  return text === '' ? page : `${page}?${text}`;
}

function setQuery(query: URLSearchParams, step: PlaceStep): void {
  const next = withQuery(location.hash, query);
  if (next === location.hash) return;
  // Both tell of the change by `hashchange`; history.replaceState would not.
  if (step === 'push') location.hash = next;
  else location.replace(next);
}
