import { readFile } from 'node:fs/promises'
import { parseWire } from '@weft/adapters'
import { type Policy, policySchema } from '@weft/protocol'
import { fileMissing, policyNoJson } from '../../errors.ts'

/** A policy in a file of JSON, as the wire spells it. @throws CliError `file_missing`, `invalid_json`; WeftError `invalid_request` */
export async function readPolicy(file: string): Promise<Policy> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw fileMissing(file)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw policyNoJson(file, (error as Error).message)
  }
  return parseWire(policySchema, json)
}
