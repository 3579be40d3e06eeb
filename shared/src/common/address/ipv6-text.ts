const GROUPS = 8;

/** The one spelling of an IPv6 address (RFC 5952), so that equal addresses are equal texts. Takes valid ones, without zone. */
export function canonicalIpv6(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::');
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
  const middle = Array<number>(GROUPS - left.length - right.length).fill(0);
  const groups = [...left, ...middle, ...right];
  // IPv4-mapped addresses keep the form in which people know them (section 5).
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${groups.slice(6).flatMap(bytesOf).join('.')}`;
  return written(groups);
}

function groupsOf(part: string): readonly number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => (group.includes('.') ? groupsOfIpv4(group) : [Number.parseInt(group, 16)]));
}

function groupsOfIpv4(address: string): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

function bytesOf(group: number): readonly number[] {
  return [Math.floor(group / 256), group % 256];
}

/** The longest run of zeros, of several the first, becomes `::`; a single zero stays. */
function written(groups: readonly number[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < GROUPS; start += 1) {
    const end = groups.findIndex((group, index) => index >= start && group !== 0);
    const length = (end < 0 ? GROUPS : end) - start;
    if (length > best.length) best = { start, length };
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.length === 1) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}
