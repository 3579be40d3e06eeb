import type { IncidentsState } from '@imagefleet/shared/common/health/incidents.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';

/** The same incidents with one server under another key: it is no other server for that. Pure. */
export function renamedIncidents(state: IncidentsState, from: string, to: string): IncidentsState {
  const rename = (keys: readonly string[]): string[] => [...new Set(keys.map((key) => (key === from ? to : key)))];
  const renamed = (incident: StoredIncident): StoredIncident => ({
    ...incident,
    servers: rename(incident.servers),
    missing: rename(incident.missing),
  });
  return {
    ...state,
    open: state.open.map((one) => ({ ...one, incident: renamed(one.incident) })),
    recent: state.recent.map((one) => ({ ...one, incident: renamed(one.incident) })),
  };
}
