import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { questionUnusable } from '../errors.ts'

/** What is asked after a document, and the answer that it holds. */
export interface Question {
  prompt: string
  completion: string
}

/** The questions that come along: about the README of lru-cache. */
export const bundledQuestions = fileURLToPath(new URL('./lru-cache-questions.jsonl', import.meta.url))

/** Rows of `{prompt, completion}`. Error 400 `question_unusable`. */
export function readQuestions(path: string): Question[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .map((text, i) => ({ text, line: i + 1 }))
    .filter(({ text }) => text.trim())
  if (lines.length === 0) throw questionUnusable(path, 1, 'the file has no rows')
  return lines.map(({ text, line }) => {
    let row: Partial<Question>
    try {
      row = JSON.parse(text)
    } catch (error) {
      throw questionUnusable(path, line, `it is not JSON (${(error as Error).message})`)
    }
    if (typeof row?.prompt !== 'string' || typeof row.completion !== 'string' || !row.completion.trim())
      throw questionUnusable(path, line, 'it has no prompt, or no completion')
    return { prompt: row.prompt, completion: row.completion }
  })
}
