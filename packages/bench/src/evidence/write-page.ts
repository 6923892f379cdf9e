import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { evidenceRowsMissing } from '../errors.ts'
import { evidencePage } from './page.ts'
import { EvidenceRows } from './rows.ts'

/** Where rows, page and pictures are in a folder of documentation. */
export const placesIn = (docs: string) => ({ rows: join(docs, 'evidence'), page: join(docs, 'evidence.md'), pictures: join(docs, 'pictures', 'evidence') })

/** Writes the page and its pictures from the rows. Pictures that no part draws any more are removed. @throws WeftError `evidence_rows_missing`, before anything is written */
export const writeEvidence = (docs: string): { page: string; pictures: string[] } => {
  const places = placesIn(docs)
  if (new EvidenceRows(places.rows).size === 0) throw evidenceRowsMissing(places.rows)
  const { text, pictures } = evidencePage(places.rows)
  mkdirSync(places.pictures, { recursive: true })
  const files = pictures.map(({ file }) => file)
  for (const file of readdirSync(places.pictures)) if (file.endsWith('.svg') && !files.includes(file)) rmSync(join(places.pictures, file))
  for (const { file, svg } of pictures) writeFileSync(join(places.pictures, file), svg)
  writeFileSync(places.page, text)
  return { page: places.page, pictures: files.map((file) => join(places.pictures, file)) }
}
