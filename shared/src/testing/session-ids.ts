/** What ASP.NET makes session ids of: 24 characters of 32, five random bits each. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz012345';
const LENGTH = 24;

export function sessionId(random: () => number): string {
  let id = '';
  for (let index = 0; index < LENGTH; index += 1) id += ALPHABET[Math.floor(random() * ALPHABET.length)] ?? '';
  return id;
}
