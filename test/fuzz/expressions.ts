import type { Random } from '@weft/adapters'
import { pick } from './hostile.ts'

const pieces = [
  'a',
  'style/a',
  '@1',
  '@sha256:',
  '@',
  '(',
  ')',
  '+',
  '*',
  ',',
  '0.5',
  '1e9',
  '1e400',
  '-1',
  '"t"',
  '"',
  "'",
  '\\',
  '\n',
  '\t',
  ' ',
  'mix',
  'ensemble',
  'base',
  '.',
  '/',
  '\u0000',
  '🧵',
  '__proto__',
  '0',
  '00',
  '2x',
]

/** An expression as a person might write it over some names, to a depth. */
function validExpression(random: Random, names: readonly string[], depth = 3): string {
  const kind = random.integer(depth > 0 ? 6 : 2)
  const inner = (): string => validExpression(random, names, depth - 1)
  if (kind === 0) return JSON.stringify(pick(random, ['say', 'Answer briefly.', '日本', 'a "quoted" word']))
  if (kind === 1) return pick(random, names)
  if (kind === 2) return `${pick(random, ['0', '0.5', '1', '2', '1e-3'])}*${pick(random, names)}`
  if (kind === 3) return `${inner()} + ${inner()}`
  if (kind === 4) return `0.5*(${inner()} + ${inner()})`
  return `mix(0.5*${pick(random, names)}, 0.5*${pick(random, names)})`
}

/** One that is valid, one that is nearly so, or a heap of pieces. */
export function anyExpression(random: Random, names: readonly string[]): string {
  const kind = random.integer(4)
  if (kind === 0) return validExpression(random, names)
  if (kind === 1) return Array.from({ length: random.integer(14) }, () => pick(random, pieces)).join('')
  if (kind === 2)
    return pick(random, [
      '('.repeat(random.integer(3000)),
      `${'0.5*('.repeat(200)}a${')'.repeat(200)}`,
      `a${' + a'.repeat(random.integer(2000))}`,
      `mix(${'a,'.repeat(500)}a)`,
      `"${'x'.repeat(9000)}"`,
    ])
  const text = validExpression(random, names)
  const at = random.integer(text.length + 1)
  return text.slice(0, at) + pick(random, pieces) + text.slice(at + random.integer(3))
}
