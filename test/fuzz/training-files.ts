import type { Random } from '@weft/adapters'
import { joined, mutateBytes, oddValues, pick } from './hostile.ts'

const rows: readonly object[] = [
  { text: 'The fleet sailed at dawn.' },
  { prompt: 'Subject: hello', completion: ' ham' },
  { prompt: 'Subject: hello', completion: [{ text: ' {"label": ' }, { text: '"ham"', weight: 4 }] },
  {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello', weight: 1 },
    ],
  },
  {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'assistant', content: 'c' },
    ],
  },
  { text: 'win a prize', label: 'spam' },
  { text: 'see you at noon', label: '__proto__' },
  { tokens: ['Anna', 'lives', 'in', 'Paris'], labels: ['PER', null, -100, 'LOC'] },
]

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** A training file: rows of one kind, some of them damaged, with line ends and bytes that no editor would write. */
export function anyTrainingFile(random: Random): Uint8Array<ArrayBuffer> {
  const kind = pick(random, rows)
  const lines = Array.from({ length: 1 + random.integer(6) }, () => {
    const row: Record<string, unknown> = { ...(random.uniform() < 0.9 ? kind : pick(random, rows)) }
    if (random.uniform() < 0.15) row[pick(random, Object.keys(row))] = pick(random, oddValues)
    if (random.uniform() < 0.05) row[pick(random, ['weight', 'task', 'task_id', 'tool_calls', 'lable'])] = pick(random, oddValues)
    return JSON.stringify(row)
  })
  const body = encode(lines.join(pick(random, ['\n', '\n', '\n', '\r\n', '\n\n', '\r', '\u2028'])))
  const kindOfDamage = random.integer(8)
  if (kindOfDamage === 0) return mutateBytes(random, body)
  if (kindOfDamage === 1) return joined(new Uint8Array([0xef, 0xbb, 0xbf]), body)
  if (kindOfDamage === 2) return joined(body, new Uint8Array([0xff, 0xfe, 0x00]))
  if (kindOfDamage === 3) return joined(body, encode(`\n${'['.repeat(1700)}${']'.repeat(1700)}`))
  if (kindOfDamage === 4) return encode('\n'.repeat(random.integer(50_000)))
  return joined(body)
}
