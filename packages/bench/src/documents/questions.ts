import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { issuesText, jsonFault } from '@weft/adapters'
import * as z from 'zod/mini'
import { questionUnusable } from '../errors.ts'

const filled = z.string().check(z.regex(/\S/, 'is empty'))
const questionSchema = z.strictObject({ prompt: z.string(), completion: filled })

/** What is asked after a document, and the answer that it holds. */
export type Question = z.infer<typeof questionSchema>

/** The questions that come along: about the README of lru-cache. */
export const bundledQuestions = fileURLToPath(new URL('./lru-cache-questions.jsonl', import.meta.url))

/** Rows of `{prompt, completion}`, and no other fields. Error 400 `question_unusable`. */
export function readQuestions(path: string): Question[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .map((text, i) => ({ text, line: i + 1 }))
    .filter(({ text }) => text.trim())
  if (lines.length === 0) throw questionUnusable(path, 1, 'the file has no rows')
  return lines.map(({ text, line }) => {
    let row: unknown
    try {
      row = JSON.parse(text)
    } catch (error) {
      throw questionUnusable(path, line, `it is not JSON (${(error as Error).message})`)
    }
    const fault = jsonFault(text, row)
    if (fault !== undefined) throw questionUnusable(path, line, fault)
    const { data, error } = questionSchema.safeParse(row)
    if (!data) throw questionUnusable(path, line, issuesText(error.issues))
    return data
  })
}
