const USER_INFO = /^(\s*[a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;

/** An address without the user and the password that may stand before its host (RFC 3986, 3.2.1), for texts that people read. */
export function withoutUserInfo(url: string): string {
  return url.replace(USER_INFO, '$1');
}
