/** Numeric addresses as octets: what a filter compares, and how an endpoint tells an address from a name. */

/** 4 octets of a dotted IPv4 address, or `undefined`. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const octets = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!;
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    octets[i] = Number(part);
  }
  return octets;
}

/** 16 octets of an IPv6 address without brackets and zone, or `undefined`. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 1 ? [] : parseGroups(halves[1]!, true);
  if (head === undefined || tail === undefined) return undefined;
  const known = head.length + tail.length;
  // "::" stands for one group of zeros at least.
  if (halves.length === 1 ? known !== 16 : known > 14) return undefined;
  const octets = new Uint8Array(16);
  octets.set(head);
  octets.set(tail, 16 - tail.length);
  return octets;
}

/** The octets of groups between colons; an IPv4 address may stand for the last two groups of the whole. */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const octets: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (isEnd && index === groups.length - 1 && group.includes(".")) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      octets.push(...ipv4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      octets.push(value >> 8, value & 0xff);
    }
  }
  return octets;
}

/** 4 or 16 octets, or `undefined` for what is no numeric address. */
export function parseIp(text: string): Uint8Array | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

/** The IPv4 address inside an IPv4-mapped IPv6 one (`::ffff:192.0.2.1`), or `undefined`. */
export function mappedIpv4(octets: Uint8Array): Uint8Array | undefined {
  if (octets.length !== 16 || octets[10] !== 0xff || octets[11] !== 0xff) return undefined;
  for (let i = 0; i < 10; i++) if (octets[i] !== 0) return undefined;
  return octets.subarray(12);
}
