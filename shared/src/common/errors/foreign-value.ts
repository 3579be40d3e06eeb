/** Whether a value from somewhere else, such as a caught error or a parsed answer, has fields that can be looked at. */
export function hasFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
