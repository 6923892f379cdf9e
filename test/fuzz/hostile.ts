import type { Random } from '@weft/adapters'

/** Values that have broken servers before: wrong kinds, edges of number ranges, names of object prototypes, odd Unicode, depth and length. */
export const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e308,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e-320,
  '',
  ' ',
  '\u0000',
  '\ufeff',
  '\ud800',
  '🧵'.repeat(50),
  'é\u0301',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '%2e%2e%2f',
  "'; DROP TABLE adapters; --",
  '<script>alert(1)</script>',
  '{{ 7 * 7 }}',
  'a'.repeat(5000),
  '(([a-z]+)+)+!',
  [],
  [[]],
  [null],
  {},
  { __proto__: null },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
]

/** JSON text that no schema describes: cut off, nested without end, with numbers and strings beyond any bound. */
export const oddBodies: readonly string[] = [
  '',
  ' ',
  'null',
  '[]',
  '"text"',
  '{',
  '{"model":',
  '{"model":"base","prompt":"a"',
  '{"model":"base","model":"base","prompt":"a"}',
  '{"model":"base","prompt":1e999}',
  '{"model":"base","prompt":"a","max_tokens":99999999999999999999999}',
  '{"model":"base","prompt":"a","temperature":NaN}',
  `${'['.repeat(2000)}${']'.repeat(2000)}`,
  `{"model":"base","prompt":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}`,
  `{"model":"base","prompt":"a","metadata":${'['.repeat(1700)}${']'.repeat(1700)}}`,
  `{"model":"${'('.repeat(5000)}","prompt":"a"}`,
  `{"model":"base","prompt":"${'x'.repeat(200_000)}"}`,
  `{"model":"base","messages":[${'{"role":"user","content":"a"},'.repeat(3000)}{"role":"user","content":"a"}]}`,
  '{"__proto__":{"admin":true},"model":"base","prompt":"a"}',
  '\ufeff{"model":"base","prompt":"a"}',
]

export const pick = <T>(random: Random, values: readonly T[]): T => values[random.integer(values.length)]

/** A copy of some bytes with a few of them changed, dropped, repeated or cut off. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let copy = new Uint8Array(bytes)
  for (let n = 1 + random.integer(3); n > 0; n--) {
    if (copy.length === 0) return copy
    const at = random.uniform() < 0.6 ? random.integer(Math.min(copy.length, 600)) : random.integer(copy.length)
    const kind = random.integer(5)
    if (kind === 0) copy[at] ^= 1 << random.integer(8)
    else if (kind === 1) copy[at] = random.integer(256)
    else if (kind === 2) copy = copy.slice(0, at)
    else if (kind === 3) copy = joined(copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + random.integer(16))))
    else copy = joined(copy.subarray(0, at), copy.subarray(Math.max(0, at - random.integer(32)), at), copy.subarray(at))
  }
  return copy
}

export const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts))
