import type { HealthTransition, ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Incident } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { transitionEvent, type HookContext, type HookEvent } from '../hooks/hook-event.ts';

export function transitionOf(to: ServerState, parts: Partial<HealthTransition> = {}): HealthTransition {
  const cause = to === 'down' ? { code: 'PEER_TIMEOUT' as const, message: 'no answer' } : null;
  const at = Date.UTC(2026, 2, 9, 12);
  return { server: 's1', from: to === 'down' ? 'up' : 'down', to, at, lastedMs: 5, cause, isConfirmed: true, ...parts };
}

export function contextOf(parts: Partial<HookContext> = {}): HookContext {
  return { host: '10.1.2.1', port: 7401, generation: 7, online: ['10.1.2.2:7401', '10.1.2.3:7401'], ...parts };
}

export function eventOf(to: ServerState, parts: Partial<HealthTransition> = {}): HookEvent {
  return transitionEvent(transitionOf(to, parts), contextOf());
}

export function publicIncidentOf(parts: Partial<Incident> = {}): Incident {
  return {
    ...{ id: 'i1', openedAt: Date.UTC(2026, 2, 9), closedAt: null, cause: null, servers: ['s1', 's2'] },
    ...{ missing: ['s1', 's2'], isConfirmed: true, reopened: 0 },
    ...parts,
  };
}
