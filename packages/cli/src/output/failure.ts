import { exitCodeOf } from './exit-code.ts'

/** Tells an error in one line on stderr. @param more told people, behind the message @returns what the process ends with */
export const printFailure = (error: unknown, json: boolean, { message, more = '' }: { message?: string; more?: string } = {}): 1 | 2 => {
  const { code = 'internal_error', message: said = String(error), param } = error as { code?: string; message?: string; param?: string }
  const text = message ?? said
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, message: text, ...(param ? { param } : {}) } })}\n`)
  else process.stderr.write(`weft: ${text}${more}\n`)
  return exitCodeOf(error)
}
