// `npm run docs -- --pictures`: the pictures of the pages, drawn by code.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './pages.ts'

const text = (x: number, y: number, words: string, more = ''): string => `<text x="${x}" y="${y}" ${more}>${words}</text>`
const box = (x: number, y: number, width: number, height: number, fill: string, more = ''): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" ${more}/>`

const grey = '#8a8f98'
const warp = '#7c5cff'
const weft = '#e0803a'

/** Legible on a light page and on a dark one. */
const picture = (width: number, height: number, title: string, parts: string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="15" fill="${grey}">`,
    ...parts.map((part) => `  ${part}`),
    '</svg>',
    '',
  ].join('\n')

/** Where adapters act: the frozen model down the middle, a place at each side. */
export function sites(): string {
  const layers: [name: string, site: string, what: string][] = [
    ['token embeddings', 'inputsEmbeds', 'soft prompt: rows before the text'],
    ['attention', 'keyValue', 'prefix: keys and values'],
    ['linear layers', 'linear', 'branch: LoRA, IA3'],
    ['output', 'head', 'head: labels'],
  ]
  const parts = layers.flatMap(([name, site, what], i) => {
    const y = 20 + i * 80
    return [
      box(40, y, 220, 50, 'none', `stroke="${warp}" stroke-width="2"`),
      text(150, y + 31, name, 'text-anchor="middle"'),
      ...(i < layers.length - 1 ? [`<path d="M150 ${y + 50}v30" stroke="${warp}" stroke-width="2"/>`] : []),
      `<path d="M330 ${y + 25}H262" stroke="${weft}" stroke-width="2"/>`,
      box(330, y, 330, 50, 'none', `stroke="${weft}" stroke-width="2"`),
      text(345, y + 21, what),
      text(345, y + 41, site, 'font-family="ui-monospace, monospace" font-size="13"'),
    ]
  })
  return picture(700, 330, 'The sites of a frozen model', [...parts])
}

/** Attention over a prefix of three positions and a text of three, with log(strength) added to the scores of the prefix. */
export function strength(): string {
  const scores = [1.2, 0.7, 0.4, 0.9, 0.3, 0.6]
  const own = 3
  const parts = [1, 0.5, 0].flatMap((weight, i) => {
    const raw = scores.map((score, at) => Math.exp(score) * (at < own ? weight : 1))
    const sum = raw.reduce((total, each) => total + each, 0)
    const x = 20 + i * 225
    return [
      ...raw.map((each, at) => {
        const high = Math.round((260 * each) / sum)
        return box(x + at * 32, 190 - high, 26, Math.max(high, 1), at < own ? weft : warp)
      }),
      text(x + 93, 214, `strength ${weight}`, 'text-anchor="middle"'),
      text(
        x + 93,
        234,
        `prefix ${Math.round((100 * raw.slice(0, own).reduce((total, each) => total + each, 0)) / sum)} %`,
        'text-anchor="middle" font-size="13"',
      ),
    ]
  })
  return picture(690, 290, 'Attention at three strengths', [
    ...parts,
    box(20, 258, 16, 16, weft),
    text(44, 271, 'positions of the prefix'),
    box(230, 258, 16, 16, warp),
    text(254, 271, 'positions of the text'),
  ])
}

export const pictures: Readonly<Record<string, () => string>> = { 'sites.svg': sites, 'strength.svg': strength }

export function drawPictures(): void {
  mkdirSync(join(root, 'docs', 'pictures'), { recursive: true })
  for (const [name, draw] of Object.entries(pictures)) writeFileSync(join(root, 'docs', 'pictures', name), draw())
}
