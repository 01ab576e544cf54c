const written = /^[0-9a-f]{2}([:-]?[0-9a-f]{2}){5}$/i;

/** Why what was typed is no address of a network card that can be woken, in words fit for a prompt; undefined when it is one. */
export function macProblem(typed: string): string | undefined {
  if (!written.test(typed.trim())) return 'must be six pairs of hexadecimal digits, e.g. 3c:7c:3f:12:ab:90';
  const [first = 0, ...rest] = octets(typed).map((octet) => Number.parseInt(octet, 16));
  // IEEE 802: the lowest bit of the first octet marks an address of a group.
  if (first % 2 === 1) return 'is an address of a group, not of one network card';
  return first === 0 && rest.every((octet) => octet === 0) ? 'is an address that no network card has' : undefined;
}

/** Small letters and colons, as Linux writes it, for any way in which it was typed. */
export function normaliseMac(typed: string): string {
  return octets(typed).join(':');
}

function octets(typed: string): readonly string[] {
  return typed.toLowerCase().match(/[0-9a-f]{2}/g) ?? [];
}
