import type { DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';

/** Copies of s1 that are parked because s3 cannot be reached. */
export function aGroup(overrides: Partial<DeliveryGroup> = {}): DeliveryGroup {
  return {
    ...{ source: 's1', server: 's3', state: 'parked', code: 'PEER_UNREACHABLE', message: 'connection refused' },
    ...{ count: 1, bytes: 10, oldestQueuedAt: 0, autoRetry: true },
    ...overrides,
  };
}
