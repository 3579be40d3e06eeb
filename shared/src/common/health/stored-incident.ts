import type { Incident } from '../operator/history-schemas.ts';

/** An incident as it is kept, with what its monitor needs after a restart. */
export interface StoredIncident extends Incident {
  /** Whether somebody was told of it. */
  readonly isAnnounced: boolean;
}
