import { jsonFault, parseWire } from '@weft/adapters'
import { type Policy, policySchema } from '@weft/protocol'
import { policyNoJson } from '../../errors.ts'
import { inputText } from '../../input/input-file.ts'

/** A policy in a file of JSON, as the wire spells it. @throws CliError `file_missing`, `not_a_file`, `invalid_json`; WeftError `invalid_request` */
export function readPolicy(file: string): Policy {
  const text = inputText(file, 'a file of JSON, as docs/operating/policies.md has it')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw policyNoJson(file, (error as Error).message)
  }
  const fault = jsonFault(text, json)
  if (fault !== undefined) throw policyNoJson(file, fault)
  return parseWire(policySchema, json)
}
