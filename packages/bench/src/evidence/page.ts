import { markdownTable } from '../markdown-table.ts'
import { commitsOf } from './figure.ts'
import type { EvidencePart, Plot } from './part.ts'
import { parts as allParts } from './parts.ts'
import { EvidenceRows, keyOf } from './rows.ts'

export interface EvidencePage {
  text: string
  pictures: Plot[]
}

/** The page and its pictures, of rows alone: equal rows give equal bytes on every machine. */
export const evidencePage = (folder: string, parts: readonly EvidencePart[] = allParts): EvidencePage => {
  const rows = new EvidenceRows(folder)
  const pictures: Plot[] = []
  const sections = parts.map((part) => {
    const plots = part.plot(rows)
    pictures.push(...plots)
    const shown = plots.map(({ file, alt }) => `![${alt}](pictures/evidence/${file})`)
    return [`## ${part.title}`, ...shown, part.table(rows), ranOf(part, rows)].join('\n\n')
  })
  const found = parts.flatMap((part) => {
    const said = part.inShort?.(rows)
    return said === undefined ? [] : [`- [${part.title}](#${anchorOf(part.title)}): ${said}`]
  })
  const inShort = found.length > 0 ? [`## In short\n\n${found.join('\n')}`] : []
  return { text: `${[head, ...inShort, ...sections, foot(parts, rows)].join('\n\n')}\n`, pictures }
}

/** As GitHub names a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

const head = `# Evidence

What Weft claims about its methods and about composing them, measured. One command runs what is missing and keeps a row for each cell; another writes this page and its pictures from the rows in
[docs/evidence](evidence). A figure about methods or composition that the README quotes stands on this page, and a test compares them; speed and memory of single parts are in [benchmarks](reference/benchmarks.md).

<!-- not run: trains for twenty minutes and more, on models of yours -->
\`\`\`bash
npx weft bench evidence --short --models DIR   # made for twenty minutes on two quiet cores; goes on where it broke off
npx weft bench evidence --models DIR           # the long form: hours
npx weft bench evidence --write                # this page, from the rows that are there
\`\`\`

\`DIR\` holds the folders \`all-minilm-l6-v2\` and \`smollm2-135m-instruct\`, and \`qwen2.5-coder-0.5b-instruct\`, a folder or a GGUF file (its rows below are of one in Q4_K_M), as far as you have them; the bundled model is always there.

How to read it: a cell that was **not run** says so, and a line of which nothing was run is named below its table. Several seeds are shown as their mean, with the lowest and the highest behind it; a lone figure is one seed. Texts are from the three corpora that come along (SpamAssassin's mails, State of the
Union addresses, Moby Dick), and documents are held out whole. Methods run at their own defaults, and none was searched for here. Some of these were chosen on other rows of the same corpora (mail/spam, mail/list, speech/era, and of \`p-tuning\` style/whale and format/json), two of them after the held-out rows had been looked at: [which method](start/which-method.md) tells which. Models are small, trainings short (64 steps), held-out sets 72 to 240 rows.`

/** How many of a part's cells have been run, by which code, and how long they took. */
const ranOf = (part: EvidencePart, rows: EvidenceRows): string => {
  const cells = [...new Map([...part.cells('short'), ...part.cells('long')].map((cell) => [keyOf(cell), cell])).values()]
  const found = cells.map((cell) => rows.find(cell)).filter((row) => row !== undefined)
  const short = part.cells('short')
  const shortFound = short.filter((cell) => rows.find(cell)).length
  const minutes = found.reduce((sum, { seconds }) => sum + seconds, 0) / 60
  const ran = `Cells run: ${shortFound} of ${short.length} of the short form, ${found.length} of ${cells.length} of the long one`
  return found.length === 0 ? `${ran}.` : `${ran}; ${minutes.toFixed(0)} minutes, at ${commitsOf(found)}.`
}

const foot = (parts: readonly EvidencePart[], rows: EvidenceRows): string => {
  const counts = parts.map((part) => {
    const left = part.cells('long').filter((cell) => !rows.find(cell))
    const byModel = [...Map.groupBy(left, ({ settings }) => settings.model)].map(([model, { length }]) => `${length} of \`${model}\``)
    return [part.title, left.length === 0 ? 'all run' : byModel.join(', ')]
  })
  return ['## What was not run', markdownTable(['part', 'cells of the long form without a row'], counts)].join('\n\n')
}
