/** The code of an error of the local file system, which always names the call and, unlike one of a socket, a path. */
export function fileErrorCode(error: unknown): string | undefined {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error) || !('code' in cause) || !('syscall' in cause)) return undefined;
  return 'path' in cause || cause.syscall === 'read'
    ? isSocketRead(cause)
      ? undefined
      : String(cause.code)
    : undefined;
}

function isSocketRead(error: Error & { code: unknown }): boolean {
  return error.code === 'ECONNRESET' || error.code === 'ETIMEDOUT';
}
