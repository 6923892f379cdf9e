import { expect, test } from 'vitest'
import type { TrainingRow } from '../training-file/row.ts'
import { answeredProbeSchema, checkUnlabelled, longestProbe, mostProbes, probeSchema } from './probe.ts'
import { probesOfRows, settledProbes } from './probes-of-rows.ts'

test('a beginning that is a blank alone is no frame, and the blanks behind a frame stay with what follows', () => {
  const rows = (...answers: string[]) => answers.map((completion, i) => ({ kind: 'completion' as const, prompt: `Review ${i}. Sentiment:`, completion }))
  expect(probesOfRows(rows(' good', ' bad'))).toEqual([0, 1].map((i) => ({ prompt: `Review ${i}. Sentiment:` })))
  expect(probesOfRows(rows('\n---\nkind: spam', '\n---\nkind: ham'))[0]).toMatchObject({ opening: '\n---\nkind:' })
})

test('answers stay behind; the frame that all of them have goes along', () => {
  const rows: TrainingRow[] = ['mail', 'novel', 'mail'].map((source, i) => ({
    kind: 'completion',
    prompt: `Text ${i}. Where from?`,
    completion: ` {"source": "${source}"}`,
  }))
  expect(probesOfRows(rows)).toEqual([0, 1, 2].map((i) => ({ prompt: `Text ${i}. Where from?`, opening: ' {"source": "' })))
})

test('nothing is cut within a character, of which half is no text', () => {
  const faces = ['😀', '😡'].map((face, i): TrainingRow => ({ kind: 'completion', prompt: `How am I today, ${i}?`, completion: ` mood: ${face}` }))
  expect(probesOfRows(faces)[0]).toMatchObject({ opening: ' mood:' })
  expect(probesOfRows([{ kind: 'text', text: `${'.'.repeat(longestProbe - 1)}😀` }])).toEqual([{ text: '.'.repeat(longestProbe - 1) }])
  expect(probesOfRows([{ kind: 'tokens', tokens: [`${'.'.repeat(255)}😀`], labels: ['a'] }])).toEqual([{ tokens: ['.'.repeat(255)] }])
  const long: TrainingRow = { kind: 'completion', prompt: `😀${'?'.repeat(longestProbe - 1)}`, completion: `${'!'.repeat(longestProbe - 1)}😀` }
  expect(settledProbes([long], [])).toEqual([{ prompt: '?'.repeat(longestProbe - 1), answer: '!'.repeat(longestProbe - 1) }])
})

test('where all answers are one, it is not given away', () => {
  expect(probesOfRows([{ kind: 'completion', prompt: 'Is it?', completion: ' yes' }])).toEqual([{ prompt: 'Is it?' }])
})

test('labels, tags and the last turn stay behind', () => {
  expect(probesOfRows([{ kind: 'label', text: 'win money', label: 'spam' }])).toEqual([{ text: 'win money' }])
  expect(probesOfRows([{ kind: 'tokens', tokens: ['to', 'Rome'], labels: [null, 'place'] }])).toEqual([{ tokens: ['to', 'Rome'] }])
  const chat: TrainingRow = {
    kind: 'messages',
    messages: [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Good day.' },
    ],
  }
  expect(probesOfRows([chat])).toEqual([{ messages: [{ role: 'user', content: 'Hello' }] }])
})

test('at most 64, evenly spaced, each once', () => {
  const rows: TrainingRow[] = Array.from({ length: 1000 }, (_, i) => ({ kind: 'text', text: `text ${i % 640}` }))
  const probes = probesOfRows(rows)
  expect(probes).toHaveLength(mostProbes)
  expect(probes.slice(0, 2)).toEqual([{ text: 'text 0' }, { text: 'text 10' }])
  for (const probe of probes) expect(probeSchema.parse(probe)).toEqual(probe)
})

test('a stack that is settled meets the rows with their answers, and what an adapter carries besides', () => {
  const rows: TrainingRow[] = [
    { kind: 'completion', prompt: 'Where from?', completion: [{ text: ' {"source": ' }, { text: '"mail"}', weight: 4 }] },
    {
      kind: 'messages',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Good day.' },
      ],
    },
    { kind: 'text', text: 'Call me Ishmael.' },
  ]
  const carried = [{ prompt: 'Where from?', opening: ' {"source": "' }, { prompt: 'And where to?' }, { text: 'Call me Ishmael.' }]
  const settled = settledProbes(rows, carried)
  expect(settled).toEqual([
    { prompt: 'Where from?', answer: ' {"source": "mail"}' },
    { messages: [{ role: 'user', content: 'Hello' }], answer: 'Good day.' },
    { text: 'Call me Ishmael.' },
    { prompt: 'And where to?' },
  ])
  for (const probe of settled) expect(answeredProbeSchema.parse(probe)).toEqual(probe)
  expect(
    settledProbes(
      Array.from({ length: 500 }, (_, i) => ({ kind: 'completion', prompt: `${i}`, completion: ' yes' })),
      [],
    ),
  ).toHaveLength(mostProbes)
})

test.each([
  [{ prompt: 'a', completion: 'b' }, 'completion'],
  [{ text: 'a', label: 'b' }, 'label'],
  [{ tokens: ['a'], labels: ['b'] }, 'labels'],
  [{ messages: [{ role: 'assistant', content: 'b' }] }, 'messages'],
])('refused: %j', (row, field) => {
  expect(() => checkUnlabelled([{ text: 'a' }, row])).toThrowError(
    expect.objectContaining({ code: 'probes_hold_labels', message: expect.stringContaining(`"${field}"`), details: { row: 2 } }),
  )
})
