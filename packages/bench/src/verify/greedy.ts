import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The tokens that end an answer, from generation_config.json or config.json. */
export const endTokens = (folder: string): number[] => {
  for (const file of ['generation_config.json', 'config.json']) {
    const path = join(folder, file)
    const eos: unknown = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { eos_token_id?: unknown }).eos_token_id : undefined
    if (typeof eos === 'number') return [eos]
    if (Array.isArray(eos)) return eos.filter((id) => typeof id === 'number')
  }
  return []
}

/**
 * The likeliest token. An answer that never ends was asked for at a fixed length, where PEFT's generation takes no end token
 * however likely it is.
 * @param answer all tokens that were generated
 */
export const greedyToken = (logits: Float32Array, answer: readonly number[], ends: readonly number[]): number => {
  const forbidden = answer.some((token) => ends.includes(token)) ? [] : ends
  return logits.reduce((best, value, token) => (!forbidden.includes(token) && (best < 0 || value > logits[best]) ? token : best), -1)
}
