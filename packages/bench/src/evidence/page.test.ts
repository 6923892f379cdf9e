import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { domainPairs, domains } from './measures/lora-sum.ts'
import { evidencePage } from './page.ts'
import { parts } from './parts.ts'
import type { Cell, Values } from './row.ts'
import { EvidenceRows } from './rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-evidence-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What each measure leaves in a row; figures that occur nowhere else. */
const values: Record<string, (cell: Cell) => Values> = {
  'held-out score': ({ settings }) =>
    /^(style|format)/.test(String(settings.task))
      ? { perplexity: 41.25, base_perplexity: 61.5, foreign: 1.07, parameters: 1, stored_bytes: 1 }
      : { accuracy: 0.837, majority: 0.519, foreign: 1.07, parameters: 1, stored_bytes: 1 },
  'method cost': () => ({ parameters: 12_345, stored_bytes: 54_321, step_cpu_ms: 777, peak_mb: 333, inference: { ttft_cpu: 1.23, per_token_cpu: null } }),
  'prompt ensemble': () => ({ each: [0.611, 0.713], vote: 0.729, averaged: 0.733 }),
  composition: ({ settings }) => ({
    ...(typeof settings.tasks === 'string' && {
      ...(settings.tasks.split(', ').length === 4 ? { four_at_once: 0.944 } : { all_at_once: 0.923 }),
      // Of the places the worst is that of everything at once, and not that of a pair.
      retention: {
        'era in era + list': 0.11,
        [`era in ${settings.tasks.replaceAll(', ', ' + ')}`]: 0.913,
        [`yaml in ${settings.tasks.replaceAll(', ', ' + ')}`]: 0.93,
      },
      price_alone: { era: 0.971, yaml: 0.963, list: null },
    }),
    ...{
      mean_retention: 0.87,
      worst: -0.41,
      three_at_once: 0.66,
      ratio_to_joint: 0.59,
      auto: { mean_of_oracle: 0.98, right: { speech: 0.97 }, beginnings: { speech: { right: 0.91, alone: 0.83 } }, left_alone: 0.925 },
    },
    scores: { base: { A: 0.5, B: -5 }, B: { B: -4.3 }, 'A + B': { A: 0.75, B: -4.5 } },
    joint: { 'A + B': { A: 0.85, B: -4.4 } },
  }),
  'lora sum': () => ({
    ...Object.fromEntries(domains.map((name) => [name, { base: 98.76, alone: 87.65 }])),
    ...Object.fromEntries(domainPairs.map(([a, b]) => [`${a} + ${b}`, { sum: 76.54, joint: 65.43, change: 0.1698, cosine: 0.1234 }])),
  }),
  'text or training': () => ({ score: 0.651, calibrated: 0.672, tokens: 412, calls: 256 }),
  'lora merge': () => ({
    sum: { strength: 1, pairs: 0.33, worst: 0.11, three: 0.22 },
    'task arithmetic': { strength: 0.5, pairs: 0.44, worst: 0.12, three: 0.23 },
    ties: { strength: 0.7, pairs: 0.46, worst: 0.13, three: 0.24 },
  }),
}

test('without rows every table says that nothing was run, and there are no pictures', () => {
  const { text, pictures } = evidencePage(join(folder, 'none'))
  expect(pictures).toEqual([])
  for (const part of parts) expect(text).toContain(`## ${part.title}`)
  expect(text).toContain('not run')
  expect(text).not.toMatch(/\| +\||In short/)
})

test('with every row every figure is shown, each part has its pictures, and nothing is said to be missing', () => {
  const rows = new EvidenceRows(folder)
  for (const part of parts)
    for (const cell of part.cells('long')) rows.add(part.name, { ...cell, commit: 'abc', seconds: 30, values: values[String(cell.settings.measure)]!(cell) })
  const { text, pictures } = evidencePage(folder)
  const [page] = text.split('## What was not run')
  expect(page.match(/\| not run|not run \|/g)).toBeNull()
  expect(text).not.toMatch(/\| +\||NaN|undefined|of 3 seeds/)
  for (const shown of [
    '83.7 %',
    '51.9 %',
    '41.3',
    '61.5',
    '12,345',
    '54.3 kB',
    '777 ms',
    '333 MB',
    '1.23 ×',
    '71.3 %',
    '72.9 %',
    '0.87 (0.87 to 0.87)',
    '-0.41',
    '0.59',
    '0.71 (0.71 to 0.71)',
    '0.98',
    '| 4: `era`, `list`, `speech`, `yaml` | settled together | 0.87 (0.87 to 0.87) | -0.41 (-0.41 to -0.41) | 0.66 (0.66 to 0.66) | 0.94 (0.94 to 0.94) | 0.91 (0.91 to 0.91) | 0.96 (0.96 to 0.96) | 0.98 (0.98 to 0.98) | 0.93 (0.93 to 0.93) | `abc` |',
    '| 4: `era`, `list`, `speech`, `yaml` | each alone | 0.87 (0.87 to 0.87) | -0.41 (-0.41 to -0.41) | 0.66 (0.66 to 0.66) | 0.94 (0.94 to 0.94) | 0.91 (0.91 to 0.91) | – | 0.98 (0.98 to 0.98) | 0.93 (0.93 to 0.93) | `abc` |',
    '| 6: `era`, `json`, `list`, `novel`, `speech`, `yaml` | settled together | 0.87 (0.87 to 0.87) | -0.41 (-0.41 to -0.41) | – | 0.92 (0.92 to 0.92) |',
    '65.1 %',
    '412',
    '0.46',
    '87.7',
    '17.0 %',
    '0.123',
    '- [What adapters keep when composed](#what-adapters-keep-when-composed): A label, a style and a format, settled together and composed by `experts`, keep 0.87 (0.87 to 0.87)',
    '- [More tasks at once](#more-tasks-at-once): Four tasks, settled together: 0.87 (0.87 to 0.87) in pairs, -0.41 (-0.41 to -0.41) in the worst place, 0.94 (0.94 to 0.94) all at once; alone 0.96',
    '`auto` keeps 0.98 (0.98 to 0.98) of what the right choice would. Six tasks, each alone: 0.87 (0.87 to 0.87) in pairs, -0.41 (-0.41 to -0.41) in the worst place, 0.92 (0.92 to 0.92) all at once; `auto` keeps 0.98',
    '- [Two LoRAs added, beside one for both](#two-loras-added-beside-one-for-both): Perplexity of two LoRAs added, against that of one that was trained for both: 17.0 % to 17.0 % more on bundled',
  ])
    expect(text, shown).toContain(shown)
  expect(pictures.map(({ file }) => file)).toEqual([
    ...['bundled', 'all-minilm-l6-v2', 'smollm2-135m-instruct', 'qwen2.5-coder-0.5b-instruct'].map((model) => `methods-${model}.svg`),
    ...['composition-bundled.svg', 'composition-smollm2-135m-instruct.svg', 'model-size.svg', 'prefix-length.svg', 'prompt-depth.svg'],
  ])
  for (const { alt, svg } of pictures) {
    expect(alt.length).toBeGreaterThan(20)
    expect(svg).not.toMatch(/NaN|undefined/)
  }
  expect(text.match(/all run/g)).toHaveLength(parts.length)
})
