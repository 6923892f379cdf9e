import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isGitLfsPointer, issuesText } from '@weft/adapters'
import { z } from 'zod'
import { gitLfsPointer, invalidConfig, missingFile } from './errors.ts'

/** What every architecture's config.json has. The rest is read by the architecture's own schema. */
const common = z.looseObject({
  model_type: z.string('a string expected'),
  architectures: z.array(z.string()).nullish(),
  quantization_config: z.looseObject({ quant_method: z.string().optional() }).nullish(),
})

export interface RawConfig {
  modelType: string
  /** How the checkpoint's weights are quantized, where they are. */
  quantization?: string
  json: Record<string, unknown>
}

/** Reads a Hugging Face config.json. */
export async function readConfig(file: string): Promise<RawConfig> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw Object.assign(missingFile(dirname(file), 'config.json'), { cause })
  }
  if (isGitLfsPointer(new TextEncoder().encode(text.slice(0, 64)))) throw gitLfsPointer(file)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw invalidConfig(file, `not JSON (${(cause as Error).message}).`)
  }
  return rawConfig(json, file)
}

export function rawConfig(json: unknown, where = 'config.json'): RawConfig {
  const { model_type, quantization_config: quantized } = parseWith(common, json, where)
  return { modelType: model_type, ...(quantized && { quantization: quantized.quant_method ?? 'unnamed' }), json: json as Record<string, unknown> }
}

/** Parses with a schema; an error names the file and every field that is wrong. */
export function parseWith<T>(schema: z.ZodType<T>, json: unknown, where: string): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw invalidConfig(where, `${issuesText(parsed.error.issues, 'the whole file')}.`)
}
