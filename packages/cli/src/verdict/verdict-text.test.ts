import type { Verdict } from '@weft/adapters'
import { expect, test } from 'vitest'
import { endText, settledText, toldOf } from './verdict-text.ts'

const kind = { id: 'mail/kind@3', callable: 'mail/kind' }
const verdict: Verdict = {
  outcome: 'unclear',
  summary: 'Accuracy 95.0 % on 20 held-out rows; always the commonest class 50.0 %, a linear probe of the bare base 95.0 %: too few rows to tell.',
  score: 'accuracy',
  metrics: { accuracy: 0.95 },
  trainingLoss: 0.1,
  baselines: [],
  rows: { training: 180, heldOut: 20, truncated: 0 },
  steps: 60,
  bestStep: 45,
  stoppedEarly: true,
  findings: [
    { code: 'few_held_out_rows', level: 'warn', message: 'The score rests on 20 held-out rows.', next: 'Give more rows.' },
    { code: 'rows_not_seen', level: 'info', message: 'It saw 40 % of the 180 training rows.' },
  ],
}

test('a classifier: its score, its steps, what was found, and a command that fits it', () => {
  expect(endText({ id: 'ftjob-1', verdict }, kind).split('\n')).toEqual([
    'mail/kind@3 is published.',
    `  ${verdict.summary}`,
    '  Stopped early at step 60; step 45 was the best and was kept.',
    '  ! The score rests on 20 held-out rows.',
    '    Give more rows.',
    '  · It saw 40 % of the 180 training rows.',
    'Try: npx weft classify mail/kind "…"',
  ])
})

test('what was told on the way is not told again', () => {
  const told = new Set([toldOf({ id: 'ftjob-1' }, 'few_held_out_rows'), toldOf({ id: 'ftjob-2' }, 'rows_not_seen')])
  const text = endText({ id: 'ftjob-1', verdict }, kind, told)
  expect(text).not.toContain('The score rests on 20 held-out rows.')
  expect(text).toContain('It saw 40 %')
})

test('what generates is run', () => {
  const written = { ...verdict, score: 'loss' as const, bestStep: null, stoppedEarly: false }
  const text = endText({ id: 'ftjob-1', verdict: written }, { id: 'style/a@1', callable: 'style/a' })
  expect(text).toContain('  60 steps; the last parameters were kept.')
  expect(endText({ id: 'ftjob-1', verdict: { ...written, steps: 1, bestStep: 1 } }, { id: 'style/a@1', callable: 'style/a' })).toContain('\n  1 step.\n')
  expect(text).toContain('Try: npx weft run "base + style/a" "…"')
})

test.each([
  ['t/lora@1', 'npx weft run "base + t/lora@1 + q/on" "…"'],
  ['t/lora@2 + 0.5*tone/formal@12', 'npx weft run "base + t/lora@2 + 0.5*tone/formal@12 + q/on" "…"'],
  ['t/lora@2 + "It\'s @1."', `npx weft run 'base + t/lora@2 + "It'\\''s @1." + q/on' "…"`],
])('what was trained over %s is tried over it', (on, tried) => {
  const result = { id: 'q/on@1', callable: 'q/on' }
  expect(endText({ id: 'ftjob-1', on }, result)).toContain(`\nTry: ${tried}`)
})

test.each([
  [{ chat: true }, 'npx weft run "base + desk/calls" "…" --chat'],
  [{ chat: true, tools: 'calls.jsonl' }, 'npx weft run "base + desk/calls" "…" --chat --tools calls.jsonl'],
  [{ chat: true, tools: "my calls/it's.jsonl" }, `npx weft run "base + desk/calls" "…" --chat --tools 'my calls/it'\\''s.jsonl'`],
])('what learned from chats is tried as one, with the functions of its rows: %j', (rows, tried) => {
  expect(endText({ id: 'ftjob-1' }, { id: 'desk/calls@1', callable: 'desk/calls' }, undefined, rows).split('\n').at(-1)).toBe(`Try: ${tried}`)
})

test('a classifier that was trained over another is asked over it', () => {
  expect(endText({ id: 'ftjob-1', verdict, on: 't/lora@1' }, kind)).toContain('\nTry: npx weft classify "t/lora@1 + mail/kind" "…"')
})

test('a settlement tells how good each of its adapters is', () => {
  const loss = { ...verdict, summary: 'Loss 1.2 on 20 held-out rows.', findings: [] }
  expect(
    settledText([
      [
        { id: 'ftjob-1', verdict },
        { id: 'style/a@2', callable: 'style/a' },
      ],
      [
        { id: 'ftjob-1', verdict: loss },
        { id: 'style/b@3', callable: 'style/b' },
      ],
    ]).split('\n'),
  ).toEqual([
    'style/a@2 is published.',
    `  ${verdict.summary}`,
    '  Stopped early at step 60; step 45 was the best and was kept.',
    '  ! The score rests on 20 held-out rows.',
    '    Give more rows.',
    '  · It saw 40 % of the 180 training rows.',
    'style/b@3 is published.',
    '  Loss 1.2 on 20 held-out rows.',
    '  Stopped early at step 60; step 45 was the best and was kept.',
    'The versions before stay.',
  ])
})

test('rows that were cut are told once: by the finding, or beside the steps where that was told on the way', () => {
  const finding = { code: 'truncated_rows', level: 'warn' as const, message: '3 rows of 200 are longer than 128 tokens and were cut.' }
  const cut = { ...verdict, rows: { training: 180, heldOut: 20, truncated: 3 }, findings: [finding] }
  const [found, heard] = [new Set<string>(), new Set([toldOf({ id: 'ftjob-1' }, 'truncated_rows')])].map((told) =>
    endText({ id: 'ftjob-1', verdict: cut }, kind, told),
  )
  expect(found).toContain(`! ${finding.message}`)
  expect(found).not.toContain('3 of 200 rows were cut.')
  expect(heard).toContain('step 45 was the best and was kept. 3 of 200 rows were cut.\n')
})
